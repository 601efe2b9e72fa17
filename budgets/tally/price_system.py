"""Priceability: could the winners have been bought by voters who all hold the same money?

D. Peters and P. Skowron, "Proportionality and the limits of welfarism" (EC 2020); for costs as in M. Brill, S. Forster,
M. Lackner, J. Maly and J. Peters, "Proportionality in approval-based participatory budgeting" (AAAI 2023). An outcome is
priceable if there is a sum b, the same for every voter, and payments such that voters pay only for winners they name and
no more than b each, every winner's payments sum to its cost, and the voters of no other project have more than its cost
left between them.

A "yes" is a price system that was checked: the purchases of the count itself, or of a run of Equal Shares among the winners
alone. A "no" is a contradiction that was checked: money that some winners need of the voters who name them, against the
most that leaves the voters of another project unable to pay for it. In small elections a linear program in exact fractions
decides what is left open.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from budgets.tally.election import Election, Ints
from budgets.tally.exact import ratio
from budgets.tally.incidence import Incidence
from budgets.tally.limits import Limits
from budgets.tally.phragmen import Phragmen
from budgets.tally.prepare import Prepared, Stage
from budgets.tally.replay import Replay, purchases
from budgets.tally.rules import Rule
from budgets.tally.shares import EqualShares
from budgets.tally.simplex import feasible

# A run is tried at so many sums, halving the gap between what is too little and what is enough.
HALVINGS = 24
# Rows times columns of the largest linear program that is solved.
MOST_CELLS = 8000


@dataclass(frozen=True)
class Priceable:
    """`holds` None: not decided. `how`: "purchases" (of the count itself), "run" (Equal Shares among the winners),
    "program" (linear program), "refuted" or "not-decided". `share`: b, where one was found, in minor units. `refutation`:
    the contradiction, where that is how."""

    holds: bool | None
    how: str
    share: Fraction | None = None
    refutation: Refutation | None = None


@dataclass(frozen=True)
class Refutation:
    """The voters of `winners` need at least `least` each to pay for them; with more than `most` each, `voters` of those of
    `project` could pay for it as well. `least` > `most`."""

    least: Fraction
    winners: tuple[int, ...]
    most: Fraction
    project: int
    voters: int


def priceable(election: Election, rule: Rule, selected: Iterable[int], replay: Replay | None) -> Priceable:
    """`replay`: of the count, where its winners were bought with equal shares."""
    winners, who = frozenset(selected), Incidence.of(election)
    if share := _own_share(election, rule, winners, replay):
        return Priceable(True, "purchases", share)
    case = _Case(election, rule, who, winners)
    least, most = case.least(), case.most()
    if most and least[0] > most.money:
        return Priceable(False, "refuted", None, Refutation(*least, most.money, most.project, most.voters))
    if share := case.run(least[0], most.money if most else None):
        return Priceable(True, "run", share)
    return case.program()


# -- the count's own purchases


def _own_share(election: Election, rule: Rule, winners: frozenset[int], replay: Replay | None) -> Fraction | None:
    if replay:
        run = replay.run()
        return run.share if _supports(run, winners) else None
    return _earned(election, rule, winners) if rule.method == "phragmen" else None


def _supports(run: EqualShares, winners: frozenset[int]) -> bool:
    """Run to the end: whether it buys just the winners and leaves nobody's voters more than their project's cost."""
    if frozenset(bought.project for bought in purchases(run)) != winners:
        return False
    others = (p for p in range(len(run.costs)) if p not in winners and run.who.votes[p])
    return all(run.money_behind(p) <= run.costs[p] for p in others)


def _earned(election: Election, rule: Rule, winners: frozenset[int]) -> Fraction | None:
    """Sequential Phragmén: what every voter had earned at the last purchase."""
    ground, limits = Prepared(election, rule), Limits(election, rule)
    stage = Stage(ground, election.budget, [p for p in ground.eligible if p not in limits.barred], limits)
    run, left = Phragmen(stage), election.budget
    while moment := run.step(left):
        left -= election.costs[moment.project]
    if not run.moments or frozenset(moment.project for moment in run.moments) != winners:
        return None
    time, votes = run.moments[-1].time, ground.who.votes
    others = [p for p in range(len(votes)) if p not in winners and votes[p]]
    if any(votes[p] * time > Fraction(run.needed(p), run.denominator) for p in others):
        return None
    return time


@dataclass(frozen=True)
class Bound:
    """With more than `money` each, so many `voters` of `project` keep more than its cost whatever they pay for."""

    money: Fraction
    project: int
    voters: int


class _Case:
    def __init__(self, election: Election, rule: Rule, who: Incidence, winners: frozenset[int]) -> None:
        self.election, self.rule, self.who, self.winners = election, rule, who, winners
        self.losers = [p for p in range(len(who.votes)) if p not in winners and who.votes[p]]

    # -- the contradiction

    def least(self) -> tuple[Fraction, tuple[int, ...]]:
        """The most that any of some sets of winners needs of each of its voters: those with the dearest votes, together."""
        costs, votes, weights = self.election.costs, self.who.votes, self.election.weights
        dearest = sorted(self.winners, key=lambda p: (-Fraction(costs[p], max(votes[p], 1)), p))
        named, cost, best = np.zeros(len(weights), dtype=bool), 0, (Fraction(0), tuple[int, ...]())
        for i, p in enumerate(dearest):
            named[self.who.groups[p]] = True
            cost += costs[p]
            needed = Fraction(cost, max(int(weights[named].sum()), 1))
            if needed > best[0]:
                best = (needed, tuple(dearest[: i + 1]))
        return best

    def most(self) -> Bound | None:
        """What each voter may hold: some voters of a loser spend no more than the cost of all the winners they name, and
        keep no more than the cost of the loser. Tried for each loser: its voters whose winners cost least, so many."""
        value = np.zeros(len(self.who.votes), dtype=np.int64)
        value[sorted(self.winners)] = [self.election.costs[p] for p in sorted(self.winners)]
        found = [self._most(p, value) for p in self.losers]
        return min(found, default=None, key=lambda bound: (bound.money, bound.project))

    def _most(self, p: int, value: Ints) -> Bound:
        groups = self.who.groups[p]
        positions, index = self.who.rows(groups)
        members = self.election.members[positions]
        served = np.bincount(index, weights=value[members], minlength=len(groups))
        order = np.argsort(served, kind="stable")
        positions, index = self.who.rows(groups[order])
        named, first = np.unique(self.election.members[positions], return_index=True)
        spent = np.zeros(len(groups), dtype=np.int64)
        np.add.at(spent, index[first], value[named])
        spent, voters = spent.cumsum(), self.who.weights[p][order].cumsum()
        # Floats pick the group; the bound it gives is exact, whichever is picked.
        best = int(np.argmin((self.election.costs[p] + spent) / voters))
        money = Fraction(self.election.costs[p] + int(spent[best]), int(voters[best]))
        return Bound(money, p, int(voters[best]))

    # -- a run among the winners alone

    def run(self, least: Fraction, most: Fraction | None) -> Fraction | None:
        """The smallest sum found with which a run of Equal Shares buys all the winners, if that is a price system."""
        low, high = least, most if most is not None else 2 * least + self.election.budget
        if not self._buys(high):
            return None
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            low, high = (low, middle) if self._buys(middle) else (middle, high)
            if self._supported(high):
                return high
        return None

    def _begin(self, share: Fraction) -> EqualShares:
        order, unit = list(range(len(self.who.votes))), [1] * len(self.who.votes)
        none = Limits(self.election, replace(self.rule, caps=(), incompatible=()))
        return EqualShares(self.who, share, sorted(self.winners), unit, order, none)

    def _buys(self, share: Fraction) -> bool:
        return len(list(purchases(self._begin(share)))) == len(self.winners)

    def _supported(self, share: Fraction) -> bool:
        return _supports(self._begin(share), self.winners)

    # -- the linear program

    def program(self) -> Priceable:
        """Variables: b, what each group pays for each winner it names, what it keeps, what each loser's voters lack."""
        election, groups = self.election, len(self.election.weights)
        pairs = [(g, p) for p in sorted(self.winners) for g in self.who.groups[p].tolist()]
        rows = groups + len(self.winners) + len(self.losers)
        variables = 1 + len(pairs) + groups + len(self.losers)
        if rows * variables > MOST_CELLS:
            return Priceable(None, "not-decided")
        place = {p: i for i, p in enumerate(sorted(self.winners))}
        of_group: list[dict[int, int]] = [
            {0: -weight, 1 + len(pairs) + g: 1} for g, weight in enumerate(election.weights.tolist())
        ]
        of_winner: list[dict[int, int]] = [{} for _ in place]
        for column, (g, p) in enumerate(pairs, start=1):
            of_group[g][column] = of_winner[place[p]][column] = 1
        of_loser: list[dict[int, int]] = [
            {**{1 + len(pairs) + g: 1 for g in self.who.groups[p].tolist()}, variables - len(self.losers) + i: 1}
            for i, p in enumerate(self.losers)
        ]
        right = [0] * groups + [election.costs[p] for p in (*place, *self.losers)]
        found = feasible([*of_group, *of_winner, *of_loser], right, variables)
        return Priceable(True, "program", found[0]) if found else Priceable(False, "program")


def as_json(found: Priceable, ids: tuple[str, ...]) -> dict[str, Any]:
    """The shape is that of `analysis.analyse` under "representation", "priceability"."""
    entry: dict[str, Any] = {"holds": found.holds, "how": found.how}
    if found.share is not None:
        entry["share"] = ratio(found.share)
    if against := found.refutation:
        entry["refutation"] = {
            "least": ratio(against.least),
            "winners": [ids[p] for p in against.winners],
            "most": ratio(against.most),
            "project": ids[against.project],
            "voters": against.voters,
        }
    return entry
