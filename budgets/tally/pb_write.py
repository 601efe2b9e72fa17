"""Writing Pabulib `.pb` files that `pb` reads back to the same election."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, TextIO

from budgets.tally.election import POINTS
from budgets.tally.pb_records import OBLIGATORY, TEXTS, PbBallot, PbProject

# The order of the format; keys and columns of a file's own come last.
META_KEYS = (
    *("description", "country", "unit", "district", "subunit", "instance", "num_projects", "num_votes", "budget"),
    *("vote_type", "rule", "date_begin", "date_end", "min_length", "max_length", "min_sum_cost", "max_sum_cost"),
    *("min_points", "max_points", "min_sum_points", "max_sum_points", "default_score", "min_project_cost"),
    *("max_project_cost", "min_project_score_threshold", "neighborhoods", "subdistricts", "categories", "edition"),
    *("language", "currency", "fully_funded", "experimental", "comment", "acknowledgments", "leftover_budget"),
    *("budget_per_category", "budget_per_neighborhood", "min_length_per_category", "max_length_per_category"),
    *("min_sum_cost_per_category", "max_sum_cost_per_category"),
)
COLUMNS = (
    *("project_id", "cost", "votes", "score", "name", "category", "beneficiaries", "selected", "neighborhood"),
    *("subunit", "district", "description", "proposer", "public_id", "latitude", "longitude"),
)

VOTE_COLUMNS = ("voter_id", "vote", "points")


def money_text(minor: int) -> str:
    """1234550 -> `12345.50`, 1200 -> `12`."""
    whole, rest = divmod(minor, 100)
    return f"{whole}.{rest:02d}" if rest else str(whole)


def write_pb(file: TextIO, meta: Mapping[str, str], projects: Iterable[PbProject], ballots: Iterable[PbBallot]) -> None:
    """Write UTF-8 text (open the file with newline=""). `num_projects`, `num_votes` and, for ballots without points, the
    `votes` of a project that gives any are counted here. Refuses (ValueError) meta without an obligatory key, and ids
    that a list in a cell cannot hold.
    """
    projects, ballots = list(projects), list(ballots)
    complete = {**meta, "num_projects": str(len(projects)), "num_votes": str(len(ballots))}
    missing = [key for key in OBLIGATORY if not complete.get(key)]
    if missing:
        raise ValueError(f"META lacks {missing[0]}")
    writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
    writer.writerows([["META"], ["key", "value"]])
    keys = [key for key in META_KEYS if key in complete] + [key for key in complete if key not in META_KEYS]
    writer.writerows([key, complete[key]] for key in keys)
    pointed = complete["vote_type"] in POINTS
    named = Counter(project for ballot in ballots for project in dict.fromkeys(ballot.vote))
    rows = [_project(project, project.votes if pointed else named[project.id]) for project in projects]
    _table(writer, "PROJECTS", rows, ("project_id", "cost"), COLUMNS)
    needed = VOTE_COLUMNS if pointed else VOTE_COLUMNS[:2]
    _table(writer, "VOTES", [_ballot(ballot) for ballot in ballots], needed, VOTE_COLUMNS)


def _table(writer: Any, name: str, rows: list[dict[str, str]], always: tuple[str, ...], known: tuple[str, ...]) -> None:
    """A section with the columns that hold anything, the known ones first."""
    used = dict.fromkeys(column for row in rows for column, cell in row.items() if cell != "")
    header = [c for c in known if c in used or c in always] + [c for c in used if c not in known]
    writer.writerows([[name], header])
    writer.writerows([row.get(column, "") for column in header] for row in rows)


def _project(project: PbProject, votes: int | None) -> dict[str, str]:
    given = None if project.votes is None else votes
    numbers = {"votes": given, "score": project.score, "selected": project.selected}
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
