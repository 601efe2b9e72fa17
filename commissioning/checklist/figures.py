"""The figures of the rules as rows with the day from which they hold, and the facts of a case that they are held against.

A list can be made as of any day; where no row holds, nothing is claimed.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from commissioning.rules import Route

POUND = 100


class Kind(StrEnum):
    """What a contract is mainly for."""

    GOODS = "goods"
    SERVICES = "services"
    WORKS = "works"
    LIGHT = "light-touch"  # social, health, education and other services to people


class Region(StrEnum):
    ENGLAND = "england"
    WALES = "wales"
    SCOTLAND = "scotland"
    NORTHERN_IRELAND = "northern-ireland"
    UNKNOWN = ""


class Authority(StrEnum):
    COUNCIL = "council"
    NHS = "nhs"  # has the thresholds of central government
    OTHER = ""


class Band(StrEnum):
    ABOVE = "above"  # at the threshold or above it
    BELOW = "below"
    UNKNOWN = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """An amount in pence that holds from `since` until the day before `until`, in these parts of the UK."""

    name: str
    amount: int
    since: date
    regions: frozenset[Region]
    source: str
    until: date | None = None

    def holds(self, on: date, region: Region) -> bool:
        return region in self.regions and self.since <= on and (self.until is None or on < self.until)


_ACT = date(2025, 2, 24)  # the Procurement Act 2023 begins
_2026 = date(2026, 1, 1)
LOCAL_RESERVATION = date(2026, 2, 4)
_ENGLAND = frozenset({Region.ENGLAND})
_OUTSIDE_SCOTLAND = frozenset({Region.ENGLAND, Region.WALES, Region.NORTHERN_IRELAND})
_ENGLAND_NI = frozenset({Region.ENGLAND, Region.NORTHERN_IRELAND})
_ALL = frozenset(Region)
_FIRST = "Procurement Act 2023, Schedule 1; thresholds until 31 December 2025 (incl. VAT)"
_SECOND = "Procurement Act 2023, Schedule 1; thresholds from 1 January 2026 (incl. VAT)"
_PART_6 = "Procurement Act 2023, section 87 (incl. VAT)"
_CODE = "Local Government Transparency Code 2015, part 2"


def _thresholds(name: str, first: int, second: int) -> tuple[Figure, Figure]:
    """Wales has had a column of its own since 2026, which is not in this table."""
    return (
        Figure(name, first * POUND, _ACT, _OUTSIDE_SCOTLAND, _FIRST, until=_2026),
        Figure(name, second * POUND, _2026, _ENGLAND_NI, _SECOND),
    )


FIGURES: tuple[Figure, ...] = (
    *_thresholds("goods-services", 214_904, 207_720),
    *_thresholds("goods-services-central", 139_688, 135_018),
    *_thresholds("works", 5_372_609, 5_193_000),
    *_thresholds("light-touch", 663_540, 663_540),
    Figure("notice-below", 30_000 * POUND, _ACT, _ENGLAND, _PART_6),
    Figure("notice-below-central", 12_000 * POUND, _ACT, _ENGLAND, _PART_6),
    Figure("pipeline", 2_000_000 * POUND, _ACT, _OUTSIDE_SCOTLAND, "Procurement Act 2023, section 93"),
    Figure("indicators", 5_000_000 * POUND, _ACT, _OUTSIDE_SCOTLAND, "Procurement Act 2023, section 52"),
    Figure("publish-contract", 5_000 * POUND, date(2015, 2, 27), _ENGLAND, _CODE),
    Figure("publish-spend", 500 * POUND, date(2015, 2, 27), _ENGLAND, _CODE),
    Figure("minimal-assistance", 315_000 * POUND, date(2023, 1, 4), _ALL, "Subsidy Control Act 2022, section 36"),
    Figure("subsidy-database", 100_000 * POUND, date(2023, 1, 4), _ALL, "Subsidy Control Act 2022, sections 32 to 34"),
    Figure("undervalue", 2_000_000 * POUND, date(2003, 8, 4), _ENGLAND, "General Disposal Consent (England) 2003"),
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What decides. `gross` in pence with VAT: the whole contract with its extensions, the grant, the worth of an asset,
    or the contract as it will be after a change. `own_limit`: the value in pence from which the body's own rules ask for
    more, where it has given one."""

    route: Route
    kind: Kind | None  # None where nothing is bought, or it is not known yet
    gross: int
    on: date
    region: Region
    authority: Authority = Authority.COUNCIL
    own_limit: int | None = None

    def figure(self, name: str) -> int | None:
        """The amount in force in pence, or None where it is not known."""
        return next((row.amount for row in FIGURES if row.name == name and row.holds(self.on, self.region)), None)

    @property
    def threshold(self) -> int | None:
        if self.kind is None:
            return None
        name = self.kind.value if self.kind in {Kind.WORKS, Kind.LIGHT} else "goods-services"
        central = self.authority == Authority.NHS and name == "goods-services"
        return self.figure(f"{name}-central" if central else name)

    @property
    def band(self) -> Band:
        if self.threshold is None:
            return Band.UNKNOWN
        return Band.ABOVE if self.gross >= self.threshold else Band.BELOW
