"""Cumulative single transferable vote (CSTV): points are money, and what a project does not need flows on.

Piotr Skowron, Arkadii Slinko, Stanisław Szufa and Nimrod Talmon, "Participatory Budgeting with Cumulative Votes" (2020).
Every voter holds an equal share of the budget and splits it over the open projects of the ballot in proportion to the
points given to them; a project's support is the sum of these parts, and it is eligible if that reaches its cost.

1. While a project is eligible, one of them is bought: the one with the most support above its cost (greedy by excess)
   or, with score "votes-per-cost", for each unit of its cost. Each supporter pays the same proportion of the part; what
   is over stays the supporter's and is split over the other open projects of the ballot in proportion to their points.
2. While none is, the rule's `transfers` decide:
   - "minimal": among the projects whose supporters hold the cost altogether, one is chosen by the same order. Its
     supporters raise what they pay for it in one proportion, each up to all that is left, until it is paid exactly.
     (The paper raises it in rounds, again and again by the ratio that is lacking; this is where the rounds lead.) If
     there is no such project, the count of points is over.
   - "elimination": the open project with the least support above its cost (mostly: the furthest below) is given up, of
     equals the last in the tie order, and its points count no more, so that its support flows on.
3. With completion "utilitarian" what is left then buys whatever fits: after minimal transfers the projects still open,
   in the order of step 1 (acceptance of undereligible projects); after eliminations what was given up, last first
   (reverse eliminations). Without it the rule ends at step 2.

These are the paper's MT and MTC, EwT and EwTC. Projects that a cap or a winner bars are treated as given up, but cannot
come back. With a utility other than points every naming counts 1. A voter all of whose projects are gone keeps the rest,
and nobody else gets it. Parts and payments are whole coins (coins.py): a part is rounded up, a payment down.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from budgets.tally.coins import Coins, Purses, Rank, add_up
from budgets.tally.completion import Progress
from budgets.tally.election import Ints
from budgets.tally.exact import ratio
from budgets.tally.incidence import Positions
from budgets.tally.outcome import Outcome, reason
from budgets.tally.prepare import Stage


class Points(Purses):
    """A run in progress. `total[g]`: points a ballot of group g gives to open projects; `support[p]`, `held[p]`: coins that
    the voters of p have for it, and have at all; `given_up`: (project, its support then) in that order.
    """

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        who, self.members = self.who, stage.election.members
        ones = np.ones(len(self.members), dtype=np.int64)
        self.values: Ints = ones if who.member_values is None else who.member_values
        self.is_open = np.zeros(len(self.costs), dtype=bool)
        self.is_open[self.open] = True
        self.total = np.zeros(len(self.weights), dtype=np.int64)
        self.support, self.held = [0] * len(self.costs), [0] * len(self.costs)
        self.given_up: list[tuple[int, int]] = []
        everyone = np.arange(len(self.weights))
        positions, index = self._open_rows(everyone)
        np.add.at(self.total, index, self.values[positions])
        self._count(everyone, 1)

    def _open_rows(self, groups: Positions) -> tuple[Ints, Positions]:
        positions, index = self.who.rows(groups)
        is_open = self.is_open[self.members[positions]]
        return positions[is_open], index[is_open]

    def _count(self, groups: Positions, sign: int) -> None:
        """Add what these groups have for each open project to its sums, or take it away."""
        positions, index = self._open_rows(groups)
        rows = groups[index]
        projects, weights, money = self.members[positions], sign * self.weights[rows], self.money[rows]
        parts = -(-money * self.values[positions].astype(object) // self.total[rows].astype(object))
        add_up(self.support, projects, weights * parts)
        add_up(self.held, projects, weights * money)

    def eligible(self) -> list[int]:
        return [p for p in self.open if self.support[p] >= self.need[p]]

    def within_reach(self) -> list[int]:
        return [p for p in self.open if self.held[p] >= self.need[p]]

    def worst(self) -> list[int]:
        """The open projects with the least support above their cost, exactly equal, in tie order."""
        above = {p: self.above(p, self.support[p]) for p in self.open}
        least = min(above.values())
        return sorted((p for p in above if above[p] == least), key=lambda p: self.order[p])

    def take(self, p: int) -> Fraction:
        """Buy p from its supporters; returns the multiple of its part that each pays, who does not pay all that is left."""
        groups = self.who.groups[p]
        values = self.values_of(p).astype(object)
        price = self.price(p)
        due = self.money[groups] * values * price.numerator // (self.total[groups].astype(object) * price.denominator)
        self._drop([p, *self.buy(p)], groups, np.minimum(due, self.money[groups]))
        return price

    def give_up(self, p: int) -> None:
        self.given_up.append((p, self.support[p]))
        self.open.remove(p)
        self._drop([p], self.who.groups[p], np.zeros(len(self.who.groups[p]), dtype=object))

    def _drop(self, gone: list[int], payers: Positions, due: Coins) -> None:
        """Take what is due from the payers, and the points of the projects `gone` out of all ballots."""
        groups = np.unique(np.concatenate([self.who.groups[q] for q in gone]))
        self._count(groups, -1)
        self.money[payers] -= due
        for q in gone:
            self.is_open[q] = False
            self.total[self.who.groups[q]] -= self.values_of(q)
        self._count(groups, 1)

    def values_of(self, p: int) -> Ints:
        values = self.who.values
        return np.ones(len(self.who.groups[p]), dtype=np.int64) if values is None else values[p]

    def price(self, p: int) -> Fraction:
        """The multiple of its part for p that each supporter pays, at most all that is left to the supporter, so that
        they pay its cost exactly. They hold it altogether.
        """
        if self.support[p] >= self.need[p]:
            return Fraction(self.need[p], self.support[p]) if self.need[p] else Fraction(0)
        able = self.money[self.who.groups[p]] > 0
        groups, values = self.who.groups[p][able], self.values_of(p)[able].astype(object)
        total, money, weights = self.total[groups].astype(object), self.money[groups], self.weights[groups]
        parts, paying, due = -(-money * values // total), np.ones(len(groups), dtype=bool), self.need[p]
        while True:
            price = Fraction(due, int((weights * parts)[paying].sum()))
            poor = paying & (values * price.numerator >= total * price.denominator)
            if not poor.any():
                return price
            paying &= ~poor
            due -= int((weights * money)[poor].sum())
            if not paying.any():  # all of them give all they have
                return max(Fraction(t, v) for t, v in zip(total.tolist(), values.tolist(), strict=True))


class Count:
    """The steps of one stage, and what is said about each."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.ground, self.ids = stage, stage.ground, stage.election.ids
        self.run = Points(stage)
        self.minimal = stage.ground.rule.transfers == "minimal"
        self.outcome = Outcome(log={"method": "cumulative-stv", "transfers": stage.ground.rule.transfers})

    def go(self) -> Outcome:
        while self.run.open:
            if able := self.run.eligible():
                self._buy(able)
            elif not self.minimal:
                self._give_up()
            elif able := self.run.within_reach():
                self._buy(able)
            else:
                break
        self._complete()
        return self.outcome

    def _line(self, kind: str, p: int, **more: Any) -> None:
        self.outcome.record.append({"type": kind, "project": self.ids[p], **more})

    def _tie(self, tied: list[int]) -> None:
        if len(tied) > 1:
            self.outcome.ties.append(self.ground.tie(tied))

    def _buy(self, able: list[int]) -> None:
        run = self.run
        tied = run.best(able, run.support)
        p = tied[0]
        support = run.support[p] // run.coin
        more, votes = max(0, run.costs[p] - support), run.who.votes[p]
        self.outcome.reasons[p] = reason("bought_with_points", support=support, more=more, votes=votes)
        self.outcome.selected.append(p)
        self._tie(tied)
        self._line("purchase", p, price=ratio(run.take(p)))

    def _give_up(self) -> None:
        run = self.run
        tied = run.worst()
        p = tied[-1]
        support, cost = run.support[p] // run.coin, run.costs[p]
        self.outcome.reasons[p] = reason("given_up", support=support, cost=cost, short=cost - support)
        self._tie(tied)
        self._line("elimination", p)
        run.give_up(p)

    def _complete(self) -> None:
        """Reasons of what the points did not pay, and what is bought of it with the money left."""
        run = self.run
        self.outcome.reasons |= {p: run.short(p, run.held[p]) for p in run.open}
        if self.ground.rule.completion != "utilitarian":
            return
        ranks: dict[int, Rank] = {p: run.rank(p, run.support[p]) for p in run.open}
        rest = sorted(run.open, key=lambda p: (ranks[p], -run.order[p]), reverse=True)
        taken = self._accept(rest + [p for p, _ in reversed(run.given_up)])
        for p in rest:
            equal = [q for q in rest if ranks[q] == ranks[p]]
            if p == equal[0] and 0 < len(taken.intersection(equal)) < len(equal):
                self._tie(equal)

    def _accept(self, rest: list[int]) -> set[int]:
        """Buy what fits of `rest`, in that order; returns what was bought."""
        run, limits, taken = self.run, self.stage.limits, set[int]()
        for p in rest:
            if p in limits.barred:
                continue
            if run.costs[p] > run.left:
                why = self.outcome.reasons[p]
                code = "given_up" if why["code"] == "given_up" else "out_of_reach"
                self.outcome.reasons[p] = reason(code, **why["params"], left=run.left)
                continue
            self.outcome.reasons[p] = reason("bought_from_rest", left=run.left, votes=run.who.votes[p])
            self.outcome.selected.append(p)
            self._line("acceptance", p)
            limits.buy(p)
            run.left -= run.costs[p]
            taken.add(p)
        return taken


def cumulative_stv(stage: Stage, progress: Progress | None) -> Outcome:
    return Count(stage).go()
