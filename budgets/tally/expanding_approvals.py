"""Expanding approvals for participatory budgeting (PB-EAR): voters pay together for what all of them rank high.

Haris Aziz and Barton E. Lee, "Proportionally Representative Participatory Budgeting with Ordinal Preferences" (AAAI
2021). Every voter starts with an equal share of the budget. At rank j a voter approves the projects that fewer than j
others are preferred to. While there are open projects whose approvers at rank j hold their cost together, one of them
is bought, and its approvers pay for it; when there is none, j rises by one. It ends behind the last rank of any ballot.

What the paper leaves open is fixed here:

- which is bought, if several can be: the one with the most money of its approvers above its cost or, with score
  "votes-per-cost", for each unit of its cost; equals by the tie order;
- how its approvers pay: each the same proportion of what is left to the voter (coins.py has the rounding);
- a ballot approves what it names and no more, where the paper's orders rank every project;
- ballots of points are orders with ties (more points are preferred), plain ballots have one rank;
- after the last rank, completion "utilitarian" goes through the others by score and buys what fits what is left.

Whichever of these choices is made, voters who rank the same projects highest can spend their part of the budget on them;
the paper proves it (inclusion PSC) for every such rule over orders of all projects.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from budgets.tally.coins import Purses, add_up
from budgets.tally.completion import Progress
from budgets.tally.election import Election, Ints
from budgets.tally.exact import ratio
from budgets.tally.greedy import turn_reason, turn_ties, turns
from budgets.tally.incidence import points_of
from budgets.tally.outcome import Outcome, reason
from budgets.tally.prepare import Stage


def ranks_of(election: Election) -> Ints:
    """Parallel to `election.members`: one more than the number of projects that the ballot prefers to this one."""
    points = points_of(election)
    lengths = np.diff(election.starts)
    if points is None or not len(points):
        return np.ones(len(election.members), dtype=np.int64)
    owner = np.repeat(np.arange(len(lengths)), lengths)
    order = np.lexsort((-points, owner))
    falls = np.ones(len(order), dtype=bool)
    falls[1:] = (owner[order][1:] != owner[order][:-1]) | (points[order][1:] != points[order][:-1])
    # The place of the first of its equals, counted from the beginning of the ballot.
    first = np.maximum.accumulate(np.where(falls, np.arange(len(order)), 0))
    ranks = np.empty(len(order), dtype=np.int64)
    ranks[order] = first - election.starts[owner[order]] + 1
    return ranks


class Expanding(Purses):
    """A run in progress, at rank `reach`. `held[p]`: coins of those who approve p at this rank, `voters[p]` their number."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self.members, self.ranks = stage.election.members, ranks_of(stage.election)
        self.reach, self.last = 0, int(self.ranks.max(initial=0))
        self.owner = np.repeat(np.arange(len(self.weights)), self.who.lengths)
        # Flat positions rank by rank, and project by project.
        self.by_rank = np.argsort(self.ranks, kind="stable")
        self.ends = np.searchsorted(self.ranks[self.by_rank], np.arange(self.last + 1), side="right")
        self.by_project = np.argsort(self.members, kind="stable")
        self.bounds = np.searchsorted(self.members[self.by_project], np.arange(len(self.costs) + 1))
        self.held, self.voters = [0] * len(self.costs), [0] * len(self.costs)

    def expand(self) -> None:
        """Let every ballot approve one rank more."""
        rows = self.by_rank[self.ends[self.reach] : self.ends[self.reach + 1]]
        self.reach += 1
        groups, projects = self.owner[rows], self.members[rows]
        add_up(self.held, projects, self.weights[groups] * self.money[groups])
        add_up(self.voters, projects, self.weights[groups])

    def affordable(self) -> list[int]:
        return [p for p in self.open if self.voters[p] and self.held[p] >= self.need[p]]

    def part(self, p: int) -> Fraction:
        """What its approvers pay of all they hold."""
        return Fraction(self.need[p], self.held[p]) if self.held[p] else Fraction(0)

    def take(self, p: int) -> None:
        """Buy p from those who approve it by now."""
        rows = self.by_project[self.bounds[p] : self.bounds[p + 1]]
        groups = self.owner[rows[self.ranks[rows] <= self.reach]]
        paid = self.weights[groups] * self.pay(groups, self.part(p))
        positions, index = self.who.rows(groups)
        seen = self.ranks[positions] <= self.reach
        add_up(self.held, self.members[positions[seen]], -paid[index[seen]])
        self.buy(p)


def expanding_approvals(stage: Stage, progress: Progress | None) -> Outcome:
    outcome = Outcome(log={"method": "expanding-approvals", "ranks": 0})
    run = Expanding(stage)
    while run.open:
        if able := run.affordable():
            _buy(run, outcome, run.best(able, run.held))
        elif run.reach < run.last:
            run.expand()
        else:
            break
    outcome.log["ranks"] = run.reach
    _complete(run, outcome)
    return outcome


def _buy(run: Expanding, outcome: Outcome, tied: list[int]) -> None:
    p, ground = tied[0], run.stage.ground
    held, ranked = run.held[p], run.last > 1
    outcome.reasons[p] = reason(
        "bought_at_rank", rank=run.reach, ranked=ranked, held=held // run.coin, voters=run.voters[p]
    )
    line = {"project": run.stage.election.ids[p], "rank": run.reach, "part": ratio(run.part(p))}
    outcome.record.append({"type": "purchase", **line})
    if len(tied) > 1:
        outcome.ties.append(ground.tie(tied))
    outcome.selected.append(p)
    run.take(p)


def _complete(run: Expanding, outcome: Outcome) -> None:
    """Reasons of what could not be paid, and what the completion buys of it."""
    stage, rest = run.stage, list(run.open)
    outcome.reasons |= {p: run.short(p, run.held[p]) for p in rest}
    if stage.ground.rule.completion != "utilitarian":
        return
    seen = turns(stage, rest, run.left)
    for turn in seen:
        if turn.taken:
            outcome.reasons[turn.project] = turn_reason(stage.ground, turn, "bought_completion")
            outcome.selected.append(turn.project)
        elif not turn.barred:
            outcome.reasons[turn.project]["params"]["left"] = turn.left
    outcome.ties += turn_ties(stage.ground, seen)
