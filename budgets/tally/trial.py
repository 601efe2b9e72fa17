"""The same election with ballots for one project added, counted again as often as a question needs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from budgets.tally.completion import Sharing
from budgets.tally.count import compared, decide
from budgets.tally.election import POINTS, Election
from budgets.tally.incidence import Incidence
from budgets.tally.limits import Limits
from budgets.tally.prepare import Prepared, Stage
from budgets.tally.rules import Rule

T = TypeVar("T")
# What a run spends on a project whatever its votes is worth so many entries of ballots.
PROJECT = 1000
# How often a method goes through the ballots, as against one run of Equal Shares; greedy only needs the sums.
PASSES = {"greedy": 0, "max-welfare": 0, "phragmen": 3}


@dataclass
class Effort:
    """How much counting a question may cost, in entries of ballots gone through: the same on every machine, unlike
    seconds (of which one buys 15 million or so)."""

    left: int

    def spend(self, entries: int) -> bool:
        """False, and nothing spent, where not so much is left."""
        if entries > self.left:
            return False
        self.left -= entries
        return True


class Trial:
    """`steps`: how often Equal Shares raised the money in the real count. `who`: the incidence of the election, made for
    the rule. Points ballots give the project the most points anybody gave to one project; ranked ones name it alone.
    """

    def __init__(
        self, election: Election, rule: Rule, project: str, steps: int = 0, who: Incidence | None = None
    ) -> None:
        self.election, self.rule, self.steps = election, rule, steps
        self.who = who or Incidence.of(election, by_value=rule.utility == "points")
        self.p = election.ids.index(project)
        best = 1 if election.values is None or not len(election.values) else int(election.values.max())
        # What the ballot says, and what it counts: the first rank gets as many points as the longest ballot has ranks.
        self.value = best if election.vote_type in POINTS else 1
        self.points = best if election.values is not None else 1
        self.members = np.append(election.members, np.int32(self.p))
        self.starts = np.append(election.starts, len(self.members))
        self.values = None if election.values is None else np.append(election.values, self.value)
        # What one run costs, and one recount, which makes a run for each step.
        self.entries = (len(self.members) + len(self.starts)) * PASSES.get(rule.method, 1) + PROJECT * len(
            election.costs
        )
        self.cost = self.entries * (steps + 1)
        self.known: dict[int, bool] = {}

    def ground(self, k: int) -> Prepared:
        """Made ready with `k` ballots more, as a group of their own, not merged with others like it."""
        if not k:
            return Prepared(self.election, self.rule, self.who)
        was, base, p = self.election, self.who, self.p
        weights = np.append(was.weights, k)
        more = Election(
            was.budget, was.projects, was.vote_type, was.unit, self.starts, self.members, self.values, weights
        )
        share = self.points if base.values is not None else 1
        who = replace(
            base,
            election=more,
            groups=_with(base.groups, p, np.append(base.groups[p], len(was.weights))),
            weights=_with(base.weights, p, np.append(base.weights[p], k)),
            shares=_with(base.shares, p, np.append(base.shares[p], k * share)),
            values=None if base.values is None else _with(base.values, p, np.append(base.values[p], share)),
            member_values=None if base.member_values is None else np.append(base.member_values, share),
            votes=_with(base.votes, p, base.votes[p] + k),
            score=_with(base.score, p, base.score[p] + k * self.points),
            parts=_with(base.parts, p, base.parts[p] + k * share),
        )
        return Prepared(more, self.rule, who)

    def winners(self, k: int) -> list[int]:
        """By a whole count."""
        ground = self.ground(k)
        outcome = decide(ground, self.rule.method, None, explained=False)
        return (outcome if self.rule.comparison == "none" else compared(ground, outcome)[0]).selected

    def funded(self, k: int) -> bool:
        if k not in self.known:
            self.known[k] = self.p in self.winners(k)
        return self.known[k]

    def stage(self, k: int) -> Stage:
        """What the method is given, under a rule without guaranteed sums."""
        ground = self.ground(k)
        limits = Limits(ground.election, self.rule)
        return Stage(ground, ground.election.budget, [p for p in ground.eligible if p not in limits.barred], limits)

    def sharing(self, k: int) -> Sharing:
        return Sharing(self.stage(k))


def _with(parts: list[T], p: int, part: T) -> list[T]:
    return [*parts[:p], part, *parts[p + 1 :]]
