"""A published result as files: CSV, JSON and Pabulib `.pb`. Pure: they read the snapshot that was frozen, nothing else.

The snapshot's shape is in `budgets.actions.results.snapshot`. Money in files is in whole units of the currency with
pence only where there are some (`12`, `12.50`), as in Pabulib.
"""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TextIO

from budgets.tally.election import POINTS
from budgets.tally.explain import ENGLISH, Translation, sentence
from budgets.tally.pb import write_pb
from budgets.tally.pb_records import PbBallot, PbProject
from budgets.tally.pb_write import money_text

Snapshot = Mapping[str, Any]

COLUMNS = ("project_id", "name", "cost", "votes", "funded", "order", "points", "pot", "area", "currency", "why")


def why(row: Mapping[str, Any], currency: str, translation: Translation = ENGLISH) -> str:
    """The plain sentence of one project of a snapshot; in files it stays English."""
    return sentence({**row, "id": row["code"], "selected": row["funded"]}, currency, translation)


def write_csv(file: TextIO, snapshots: Sequence[Snapshot]) -> None:
    """One line a project. A cell that a spreadsheet would take for a formula gets an apostrophe in front."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    for snapshot in snapshots:
        for row in snapshot["projects"]:
            writer.writerow(
                [
                    _text(row["code"]),
                    _text(row["name"]),
                    money_text(row["cost"]),
                    row["votes"],
                    "yes" if row["funded"] else "no",
                    row["order"] or "",
                    points_of(row),
                    _text(snapshot["pot"]["name"]),
                    _text(row["area"]),
                    snapshot["currency"],
                    _text(why(row, snapshot["currency"])),
                ]
            )


def points_of(row: Mapping[str, Any]) -> int | str:
    """The points of a project, or nothing where ballots carry none (and in snapshots from before they could)."""
    score = row.get("score")
    return "" if score is None else int(score)


def _text(cell: str) -> str:
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def write_json(file: TextIO, snapshots: Sequence[Snapshot], states: Sequence[str]) -> None:
    """Everything the snapshots hold, with each project's sentence; money here is in minor units."""
    document = {
        "format": "good-local-outcome",
        "version": 1,
        "results": [
            {
                **snapshot,
                "state": state,
                "projects": [{**row, "why": why(row, snapshot["currency"])} for row in snapshot["projects"]],
            }
            for snapshot, state in zip(snapshots, states, strict=True)
        ],
    }
    json.dump(document, file, ensure_ascii=False, indent=2)
    file.write("\n")


def write_pabulib(file: TextIO, snapshot: Snapshot, ballots: Iterable[tuple[str, int]]) -> None:
    """One pot with its ballots, as they were counted: (canonical selections, how many cast it), in canonical order.

    The voters' numbers are only line numbers: they say nothing about who voted when.
    """
    pot, funders = snapshot["pot"], snapshot["pot"]["funders"]
    meta = {
        "description": snapshot["title"],
        "country": "United Kingdom",
        "unit": snapshot["place"],
        "subunit": pot["name"],
        "instance": snapshot["closed"][:4],
        "budget": money_text(pot["amount"]),
        "vote_type": snapshot["format"],
        "rule": snapshot["counting"]["name"],
        "date_begin": _day(snapshot["opened"]),
        "date_end": _day(snapshot["closed"]),
        **_limits(snapshot),
        "currency": snapshot["currency"],
        "comment": f"#1: Paid in by {', '.join(name for name, _amount in funders)}" if funders else "",
    }
    write_pb(file, {key: value for key, value in meta.items() if value}, map(_project, snapshot["projects"]),
             _ballots(ballots, pot["key"], snapshot["format"]))  # fmt: skip


def _limits(snapshot: Snapshot) -> dict[str, str]:
    """What a ballot could hold, by the names of Pabulib."""
    names = {"approval": "max_length", "ordinal": "max_length", "cumulative": "max_sum_points", "scoring": "max_points"}
    name = names.get(snapshot["format"])
    if name is None:
        return {}
    number = snapshot["max_choices"] if name == "max_length" else snapshot.get("points")
    return {name: str(number or "")}


def _day(moment: str) -> str:
    return datetime.fromisoformat(moment).strftime("%d.%m.%Y")


def _project(row: Mapping[str, Any]) -> PbProject:
    return PbProject(
        id=row["code"],
        cost=row["cost"],
        name=row["name"],
        votes=row["votes"],
        score=row.get("score"),
        selected=int(row["funded"]),
        neighborhood=row["area"],
        latitude=row["latitude"] or "",
        longitude=row["longitude"] or "",
    )


def _ballots(ballots: Iterable[tuple[str, int]], pot: str, vote_type: str) -> Iterable[PbBallot]:
    number = 0
    for selections, weight in sorted(ballots):
        chosen = json.loads(selections).get(pot)
        if chosen is None:
            continue
        pointed = vote_type in POINTS
        vote = tuple(pair[0] for pair in chosen) if pointed else tuple(chosen)
        points = tuple(pair[1] for pair in chosen) if pointed else ()
        for _again in range(weight):
            number += 1
            yield PbBallot(str(number), vote, points)


def as_text(kind: str, snapshots: Sequence[Snapshot], states: Sequence[str], ballots: Iterable[tuple[str, int]]) -> str:
    """The file of this kind (csv, json, pb) as text. Refuses (ValueError) a `.pb` of more than one pot."""
    file = io.StringIO(newline="")
    if kind == "csv":
        write_csv(file, snapshots)
    elif kind == "json":
        write_json(file, snapshots, states)
    elif len(snapshots) != 1:
        raise ValueError("a .pb file holds one pot")
    else:
        write_pabulib(file, snapshots[0], ballots)
    return file.getvalue()
