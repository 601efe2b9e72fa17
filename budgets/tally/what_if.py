"""What would have changed the outcome: how many more ballots that name one project alone would have funded it.

Where the rule is monotone (more such ballots never unfund the project) doubling and halving finds the smallest number:

- greedy: the project's turn only comes earlier, when more is left; everybody else's order stays.
- sequential Phragmén: nothing before its purchase changes, and that comes earlier, when more is left.
- maximum welfare: every set with the project gains the same, every set without it nothing.

Equal Shares is not: each ballot makes every voter's share of the pot smaller. Nor is a rule with a share of the votes to
reach (others fall below it as ballots are added), with a comparison, or with limits. There the search first looks for a
number at which funding begins, then counts every smaller number, or proves whole ranges at once, as far as the effort
given allows; the result says how far that was.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from budgets.tally.count import winners
from budgets.tally.election import POINTS, Election
from budgets.tally.replay import KNOWN, is_known
from budgets.tally.rules import Rule

MONOTONE = frozenset({"greedy", "phragmen", "max-welfare"})
# Beyond this many times the voters there were, one more ballot no longer says anything about this election.
MOST_TIMES = 8


@dataclass(frozen=True)
class Needed:
    """`votes`: with so many added ballots the project is funded and with one less it is not, both counted; None if no
    such number was found. `at_least`: proven that no smaller number funds it. `how`: "smallest" (both are equal),
    "found" (a number in between might do), "never" (no number does, proven) or "not-found" (none up to `at_least`).
    """

    votes: int | None
    at_least: int
    how: str

    def as_json(self) -> dict[str, Any]:
        return {"votes": self.votes, "at_least": self.at_least, "how": self.how}


def votes_needed(election: Election, rule: Rule, project: str, effort: int = 200) -> Needed:
    """`effort`: how many recounts may be spent on proving that no smaller number would do.

    Points ballots give the project the most points anybody gave to one project.
    """
    trial = Trial(election, rule, project)
    if trial.funded(0):
        return Needed(0, 0, "smallest")
    if election.costs[trial.p] > election.budget:
        return Needed(None, 0, "never")
    found = _found(trial)
    if is_monotone(rule):
        # Beyond the search's end the project stands before all others, whatever is added.
        return Needed(found, found, "smallest") if found else Needed(None, 0, "never")
    least = 1
    while least < (found or trial.most) and least <= effort:
        if trial.funded(least):
            return Needed(least, least, "smallest")
        least += 1
    if found is None:
        return Needed(None, least, "not-found")
    return Needed(found, least, "smallest" if least == found else "found")


def is_monotone(rule: Rule) -> bool:
    return rule.method in MONOTONE and not rule.cost_share and rule.comparison == "none" and is_known(rule, KNOWN)


class Trial:
    """The same election with ballots for one project added."""

    def __init__(self, election: Election, rule: Rule, project: str) -> None:
        self.election, self.rule, self.p = election, rule, election.ids.index(project)
        value = 1
        if election.vote_type in POINTS and election.values is not None and len(election.values):
            value = int(election.values.max())
        self.members = np.append(election.members, np.int32(self.p))
        self.starts = np.append(election.starts, len(self.members))
        self.values = None if election.values is None else np.append(election.values, value)
        self.most = MOST_TIMES * max(election.n_ballots, 1)
        self.known: dict[int, bool] = {}

    def plus(self, k: int) -> Election:
        """With `k` more ballots. For counting only: a ballot like it that was there already stays a group of its own."""
        if not k:
            return self.election
        was, weights = self.election, np.append(self.election.weights, k)
        return Election(
            was.budget, was.projects, was.vote_type, was.unit, self.starts, self.members, self.values, weights
        )

    def funded(self, k: int) -> bool:
        if k not in self.known:
            self.known[k] = self.p in winners(self.plus(k), self.rule)
        return self.known[k]


def _found(trial: Trial) -> int | None:
    """Some k that funds the project while k - 1 does not."""
    unfunded, k = 0, 1
    while not trial.funded(k):
        if k > trial.most:
            return None
        unfunded, k = k, 2 * k
    while k - unfunded > 1:
        middle = (k + unfunded) // 2
        if trial.funded(middle):
            k = middle
        else:
            unfunded = middle
    return k
