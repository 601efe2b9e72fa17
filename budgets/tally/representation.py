"""Whether an outcome represents groups of voters: EJR+ up to any project, checked exactly.

M. Brill and J. Peters, "Robust and verifiable proportionality axioms for multiwinner voting" (EC 2023). With shares of
budget / voters each, let t voters all name a project p that was not funded. They could pay for what is worth t x share to
each. The axiom asks that one of them has winners which, together with p, are worth more than that: value of the winners +
value of p > t x share x (value of p / cost of p). The value of a project is its cost, or 1 for each (both are checked).
Only the voters least served need to be looked at: for every project and every t, the t supporters with the least value.
Plain Equal Shares satisfies it; with limits, thresholds or after a completion an outcome need not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from budgets.tally.election import PLAIN, Ints
from budgets.tally.exact import ratio
from budgets.tally.incidence import Incidence


@dataclass(frozen=True)
class Violation:
    """`voters` who all name `project` (a position), hold `entitled` minor units between them, and of whom none names
    winners worth more than `most` (minor units, or winners where each counts 1)."""

    project: int
    voters: int
    entitled: Fraction
    most: int


def ejr_plus(who: Incidence, selected: Iterable[int], by_cost: bool) -> list[Violation]:
    """One violation, that of the largest group, for each project that has any; the largest groups first."""
    election, winners = who.election, frozenset(selected)
    if not election.n_ballots:
        return []
    value = [cost if by_cost else 1 for cost in election.costs]
    served = _served(who, winners, value)
    share = Fraction(election.budget, election.n_ballots)
    found = []
    for p, cost in enumerate(election.costs):
        if p not in winners and who.votes[p] and 0 < cost <= election.budget:
            found += _violation(p, served[who.groups[p]], who.weights[p], share, Fraction(value[p], cost), value[p])
    return sorted(found, key=lambda violation: (-violation.voters, violation.project))


def _served(who: Incidence, winners: frozenset[int], value: list[int]) -> Ints:
    """For each group, the value of the winners it names."""
    worth = np.array([value[p] if p in winners else 0 for p in range(len(value))], dtype=np.int64)
    running = np.concatenate(([0], np.cumsum(worth[who.election.members])))
    starts = who.election.starts
    return np.asarray(running[starts[1:]] - running[starts[:-1]], dtype=np.int64)


def _violation(p: int, served: Ints, weights: Ints, share: Fraction, worth: Fraction, value: int) -> list[Violation]:
    """`worth`: value of p per minor unit."""
    order = np.argsort(served, kind="stable")
    levels, first = np.unique(served[order], return_index=True)
    voters = np.add.reduceat(weights[order], first).cumsum()
    for most, t in zip(reversed(levels.tolist()), reversed(voters.tolist()), strict=True):
        if most + value <= t * share * worth:
            return [Violation(p, t, t * share, most)]
    return []


def as_json(who: Incidence, selected: Iterable[int]) -> dict[str, Any] | None:
    """The shape is that of `analysis.analyse` under "representation", "ejr_plus"; None for points and ranks."""
    if who.election.vote_type not in PLAIN:
        return None
    winners = frozenset(selected)
    ids = who.election.ids
    return {
        name: [
            {
                "project": ids[violation.project],
                "voters": violation.voters,
                "entitled": int(violation.entitled),
                "exact": ratio(violation.entitled),
                "most": violation.most,
            }
            for violation in ejr_plus(who, winners, by_cost)
        ]
        for name, by_cost in (("cost", True), ("cardinality", False))
    }
