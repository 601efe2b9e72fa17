"""Writing Pabulib `.pb` files that `pb` reads back to the same election."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from typing import Any, TextIO

from budgets.tally.election import POINTS
from budgets.tally.pb_records import OBLIGATORY, TEXTS, PbBallot, PbProject

COLUMNS = (
    *("project_id", "cost", "votes", "score", "name", "category", "beneficiaries", "neighborhood", "subunit"),
    *("district", "selected", "description", "proposer", "public_id", "latitude", "longitude"),
)

VOTE_COLUMNS = ("voter_id", "vote", "points")


def money_text(minor: int) -> str:
    """1234550 -> `12345.50`, 1200 -> `12`."""
    whole, rest = divmod(minor, 100)
    return f"{whole}.{rest:02d}" if rest else str(whole)


def write_pb(file: TextIO, meta: Mapping[str, str], projects: Iterable[PbProject], ballots: Iterable[PbBallot]) -> None:
    """Write UTF-8 text (open the file with newline=""). `num_projects` and `num_votes` are counted here. Refuses
    (ValueError) meta without an obligatory key, and ids that a list in a cell cannot hold.
    """
    projects, ballots = list(projects), list(ballots)
    complete = {**meta, "num_projects": str(len(projects)), "num_votes": str(len(ballots))}
    missing = [key for key in OBLIGATORY if not complete.get(key)]
    if missing:
        raise ValueError(f"META lacks {missing[0]}")
    writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
    writer.writerows([["META"], ["key", "value"]])
    writer.writerows([key, complete[key]] for key in [*OBLIGATORY, *(k for k in complete if k not in OBLIGATORY)])
    _table(writer, "PROJECTS", [_project(project) for project in projects], ("project_id", "cost"), COLUMNS)
    needed = VOTE_COLUMNS if complete["vote_type"] in POINTS else VOTE_COLUMNS[:2]
    _table(writer, "VOTES", [_ballot(ballot) for ballot in ballots], needed, VOTE_COLUMNS)


def _table(writer: Any, name: str, rows: list[dict[str, str]], always: tuple[str, ...], known: tuple[str, ...]) -> None:
    """A section with the columns that hold anything, the known ones first."""
    used = dict.fromkeys(column for row in rows for column, cell in row.items() if cell != "")
    header = [c for c in known if c in used or c in always] + [c for c in used if c not in known]
    writer.writerows([[name], header])
    writer.writerows([row.get(column, "") for column in header] for row in rows)


def _project(project: PbProject) -> dict[str, str]:
    numbers = {"votes": project.votes, "score": project.score, "selected": project.selected}
    return {
        **project.extra,
        "project_id": _listable(project.id),
        "cost": money_text(project.cost),
        **{name: "" if number is None else str(number) for name, number in numbers.items()},
        "category": ",".join(map(_listable, project.category)),
        "beneficiaries": ",".join(map(_listable, project.beneficiaries)),
        **{name: getattr(project, name) for name in TEXTS},
    }


def _ballot(ballot: PbBallot) -> dict[str, str]:
    return {
        **ballot.extra,
        "voter_id": ballot.voter_id,
        "vote": ",".join(map(_listable, ballot.vote)),
        "points": ",".join(map(str, ballot.points)),
    }


def _listable(item: str) -> str:
    if "," in item or not item or item != item.strip():
        raise ValueError(f"{item!r} cannot stand in a list")
    return item
