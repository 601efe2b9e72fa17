"""Two counts of the same ballots side by side: which projects and which voters gain by the other rule."""

from __future__ import annotations

from typing import Any

import numpy as np

from budgets.tally.count import Tally
from budgets.tally.election import Election, Ints


def compare(election: Election, tally: Tally, other: Tally) -> dict[str, Any]:
    """Refuses (ValueError) tallies of different elections.

    {"rule": the other's name, "common" | "lost" | "gained": [ids: in both, in `tally` alone, in `other` alone, each in
    purchase order], "cost": {area: [minor units under `tally`, under `other`]}, "winners" | "worth": {"more" | "fewer" |
    "same": voters who under `other` have more winners than under `tally`, fewer, or as many; by their number and by the sum
    of their costs}}
    """
    if {tally.election_digest, other.election_digest} != {election.digest}:
        raise ValueError("the tallies are not of this election")
    mine, theirs = set(tally.selected), set(other.selected)
    ones = [1] * len(election.costs)
    return {
        "rule": other.rule,
        "common": [project for project in tally.selected if project in theirs],
        "lost": [project for project in tally.selected if project not in theirs],
        "gained": [project for project in other.selected if project not in mine],
        "cost": _by_area(tally, other),
        "winners": _voters(election, served(election, tally, ones), served(election, other, ones)),
        "worth": _voters(election, served(election, tally, election.costs), served(election, other, election.costs)),
    }


def served(election: Election, tally: Tally, value: list[int]) -> Ints:
    """For each group of ballots, the value of the winners it names."""
    selected = set(tally.selected)
    worth = np.array([value[p] if project in selected else 0 for p, project in enumerate(election.ids)], dtype=np.int64)
    running = np.concatenate(([0], np.cumsum(worth[election.members])))
    return np.asarray(running[election.starts[1:]] - running[election.starts[:-1]], dtype=np.int64)


def _voters(election: Election, mine: Ints, theirs: Ints) -> dict[str, int]:
    more, fewer = (int(election.weights[mask].sum()) for mask in (theirs > mine, theirs < mine))
    return {"more": more, "fewer": fewer, "same": election.n_ballots - more - fewer}


def _by_area(tally: Tally, other: Tally) -> dict[str, list[int]]:
    spent = [each.statistics["areas"] for each in (tally, other)]
    return {area: [part.get(area, {}).get("cost", 0) for part in spent] for area in sorted({*spent[0], *spent[1]})}
