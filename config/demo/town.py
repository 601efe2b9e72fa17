"""Larkmoor's wards, postcodes and people. It lies in the Irish Sea, where nobody can mistake it for home."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from participation.postcodes import Row

TOWN = "Larkmoor"
TOWN_CODE = "E07999900"  # no council has this code
WEST, SOUTH = -5.06, 53.60  # degrees
DEGREES_EAST, DEGREES_NORTH = 0.0011, 0.00065  # of one unit of the plan below, so that a unit is square

# Corners of the wards on a plan of 100 by 100, y to the south.
CORNERS = {
    "a": (0, 18), "b": (30, 4), "c": (62, 0), "d": (96, 14), "e": (100, 52), "f": (88, 92), "g": (52, 100),
    "h": (14, 90), "i": (-2, 54), "j": (34, 34), "k": (62, 28), "l": (70, 58), "m": (46, 70), "n": (24, 58),
}  # fmt: skip
WARDS = {
    "Old Harbour": "abjni",
    "Mill Lane": "bckj",
    "Fernhill": "cdelk",
    "Castle": "jklmn",
    "Saltmarsh": "inmh",
    "Station Road": "hmlg",
    "Larkrise": "lefg",
}
OUTLINE = "abcdefghi"


@dataclass(frozen=True, slots=True)
class DemoWard:
    name: str
    code: str
    geometry: dict[str, object]  # GeoJSON Polygon
    postcodes: list[str]
    centre: tuple[float, float]  # longitude, latitude


def wards() -> list[DemoWard]:
    return [
        DemoWard(
            name=name,
            code=f"E059999{number:02d}",
            geometry=polygon(corners),
            postcodes=[f"ZZ{number} {digit}{letters}" for digit in range(1, 4) for letters in ("AA", "AB", "BD", "DE")],
            centre=_degrees(
                sum(CORNERS[c][0] for c in corners) / len(corners), sum(CORNERS[c][1] for c in corners) / len(corners)
            ),
        )
        for number, (name, corners) in enumerate(WARDS.items(), start=1)
    ]


def polygon(corners: str) -> dict[str, object]:
    """The outline through these corners. Two areas that share an edge share its bends."""
    ring = []
    for start, end in zip(corners, corners[1:] + corners[0], strict=True):
        bends = list(_bends(*sorted((start, end))))
        ring += bends if start < end else bends[::-1]
    closed = [ring[0]]
    for point in [*ring[1:], ring[0]]:
        if point != closed[-1]:
            closed.append(point)
    return {"type": "Polygon", "coordinates": [[list(_degrees(*point)) for point in closed]]}


def _bends(start: str, end: str) -> Iterator[tuple[float, float]]:
    """The corner, some bends of a lane or a stream, the other corner: always the same ones."""
    chance = Random(f"{TOWN} {start}{end}")
    (x1, y1), (x2, y2) = CORNERS[start], CORNERS[end]
    for part in range(7):
        share = part / 6
        wobble = 0 if part in (0, 6) else 1.6
        yield (
            x1 + (x2 - x1) * share + chance.uniform(-wobble, wobble),
            y1 + (y2 - y1) * share + chance.uniform(-wobble, wobble),
        )


def _degrees(x: float, y: float) -> tuple[float, float]:
    return round(WEST + x * DEGREES_EAST, 6), round(SOUTH + (100 - y) * DEGREES_NORTH, 6)


def postcode_rows() -> list[Row]:
    """Postcodes like those of the Office for National Statistics. No real one begins with ZZ."""
    return [
        Row(code.replace(" ", ""), TOWN_CODE, ward.code, "", ward.centre[1], ward.centre[0])
        for ward in wards()
        for code in ward.postcodes
    ]


@dataclass(frozen=True, slots=True)
class Person:
    email: str
    name: str
    ward: str
    roles: tuple[str, ...] = ()
    is_administrator: bool = False
    signs_in: bool = True  # with the demo's password; the others only by an e-mailed code


NAMED = [
    Person("admin@larkmoor.example", "Alex Administrator", "Castle", ("organiser", "moderator", "commissioner"), True),
    Person("organiser@larkmoor.example", "Olive Organiser", "Mill Lane", ("organiser",)),
    Person("organiser2@larkmoor.example", "Oscar Organiser", "Fernhill", ("organiser",)),
    Person("commissioner@larkmoor.example", "Cora Commissioner", "Fernhill", ("commissioner",)),
    Person("moderator@larkmoor.example", "Mo Moderator", "Saltmarsh", ("moderator",)),
    Person("resident@larkmoor.example", "Robin Resident", "Castle"),
]


def residents() -> list[Person]:
    names = list(WARDS)
    return [
        Person(f"resident{n:02d}@larkmoor.example", f"Resident {n:02d}", names[n % len(names)], signs_in=False)
        for n in range(1, 31)
    ]
