"""What a Pabulib `.pb` file holds, as records; `pb` reads them, `pb_write` writes them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from budgets.tally.election import POINTS, Election, TallyProject

OBLIGATORY = (
    *("description", "country", "unit", "instance", "num_projects", "num_votes", "budget"),
    *("vote_type", "rule", "date_begin", "date_end"),
)
TEXTS = (
    *("name", "neighborhood", "subunit", "district", "description", "proposer", "public_id"),
    *("latitude", "longitude"),
)
MONEY = re.compile(r"(\d{1,15})(?:\.(\d*))?", re.ASCII)
WHOLE = re.compile(r"\d{1,15}", re.ASCII)


class PbError(ValueError):
    """What is wrong with a file and on which line (1 for the first)."""

    def __init__(self, line_number: int, message: str) -> None:
        self.line_number, self.message = line_number, " ".join(message.split())
        super().__init__(f"line {line_number}: {self.message}")


@dataclass(frozen=True)
class PbProject:
    """One line of PROJECTS. `cost` in minor units. `selected` is 0 to 3 (2 and 3: see the file's comment) or None.
    Coordinates stay text. `extra`: the columns without a field of their own.
    """

    id: str
    cost: int
    name: str = ""
    votes: int | None = None
    score: int | None = None
    selected: int | None = None
    category: tuple[str, ...] = ()
    beneficiaries: tuple[str, ...] = ()
    neighborhood: str = ""
    subunit: str = ""
    district: str = ""
    description: str = ""
    proposer: str = ""
    public_id: str = ""
    latitude: str = ""
    longitude: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)

    def counted(self) -> TallyProject:
        """As the count sees it; the area is the first given of neighbourhood, district and subunit."""
        area = self.neighborhood or self.district or self.subunit
        return TallyProject(self.id, self.cost, self.name, area, self.category)


@dataclass(frozen=True, slots=True)
class PbBallot:
    """One line of VOTES. `points` is parallel to `vote`, and empty where the file gives none."""

    voter_id: str
    vote: tuple[str, ...]
    points: tuple[int, ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PbFile:
    """A whole file in memory. `repairs`: what was put right or looks wrong, one sentence each."""

    meta: dict[str, str]
    projects: list[PbProject]
    ballots: list[PbBallot]
    repairs: list[str]

    def election(self) -> Election:
        pointed = self.meta["vote_type"] in POINTS
        return Election.build(
            budget=minor_units(self.meta["budget"], down=True),
            projects=[project.counted() for project in self.projects],
            ballots=(zip(b.vote, b.points, strict=True) if pointed else b.vote for b in self.ballots),
            vote_type=self.meta["vote_type"],
        )


def minor_units(text: str, down: bool = False) -> int:
    """`12345.5` -> 1234550. More than two decimals are rounded so that nothing is overspent: a cost up, a budget
    (`down`) down. Refuses (ValueError) anything but a plain decimal number that is not negative.
    """
    match = MONEY.fullmatch(text.strip())
    if not match:
        raise ValueError(f"{text!r} is not a sum of money")
    decimals = match[2] or ""
    whole = int(match[1]) * 100 + int(decimals[:2].ljust(2, "0"))
    return whole + (not down and decimals[2:].strip("0") != "")


def split_list(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split(",")) if cell.strip() else ()
