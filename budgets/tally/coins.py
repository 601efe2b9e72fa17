"""What voters hold, in whole coins far smaller than a minor unit: for rules that take from each a part of what is left.

Such rules (cumulative STV, expanding approvals) multiply every voter's money at every purchase by a fraction that
depends on all the purchases before. As exact fractions these double in length with each purchase: twenty winners would
need numbers of millions of digits. Laws on counting by single transferable vote meet the same and fix the decimal
places (five in Scotland, nine in New Zealand); so does this rule, with more of them. It is therefore defined, and
counted, in whole numbers:

- a coin is one minor unit / (ballots x 10 to the 18): an equal share of any budget is whole, and every payment is
  rounded down to whole coins, so that what a voter keeps is never less than the exact fraction would leave;
- a project can be bought if its voters hold its cost, in coins. What they hold is too much by less than ballots x
  purchases coins, so that even all the roundings together cannot buy for one minor unit more than the budget;
- to compare projects (`rank`) coins are cut to the millionth of a minor unit, or to twelve places as a ratio to the cost.
  Equal exact sums are equal there too, though their coins may differ by a rounding, so that ties remain ties.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from budgets.tally.exact import ratio
from budgets.tally.incidence import Positions
from budgets.tally.outcome import Reason, reason
from budgets.tally.prepare import Stage

SHARES = 10**18
PLACES = 10**12
GRAINS = 10**6

Coins = NDArray[np.object_]  # whole numbers of any size
Rank = tuple[int, int]


class Purses:
    """`money[g]`: coins of one voter of group g, at first an equal share of the stage's budget. `coin`: coins in one minor
    unit; `need[p]`: the cost of project p in coins; `open`: the positions neither bought nor barred nor given up.
    """

    def __init__(self, stage: Stage) -> None:
        self.stage, self.who, self.order = stage, stage.ground.who, stage.ground.order
        self.costs, self.weights = stage.election.costs, stage.election.weights.astype(object)
        self.coin = stage.election.n_ballots * SHARES
        self.need = [cost * self.coin for cost in self.costs]
        self.money: Coins = np.full(len(self.weights), stage.budget * SHARES, dtype=object)
        self.per_cost = stage.ground.rule.score == "votes-per-cost"
        self.open = list(stage.eligible)
        self.left = stage.budget

    def rank(self, p: int, coins: int) -> Rank:
        """The higher is bought first: the most above the cost or, with score "votes-per-cost", the most for each unit of
        it, what is free before everything else.
        """
        if self.per_cost and self.costs[p]:
            return 0, coins * PLACES // self.need[p]
        return int(self.per_cost), self.above(p, coins)

    def above(self, p: int, coins: int) -> int:
        """The coins above the cost, cut to the millionth of a minor unit."""
        grain = self.coin // GRAINS
        return coins // grain - self.need[p] // grain

    def best(self, among: Iterable[int], coins: list[int]) -> list[int]:
        """The projects of the highest rank, exactly equal, in tie order. `coins[p]`: what p is ranked by."""
        ranks = {p: self.rank(p, coins[p]) for p in among}
        highest = max(ranks.values())
        return sorted((p for p in ranks if ranks[p] == highest), key=lambda p: self.order[p])

    def pay(self, groups: Positions, part: Fraction) -> Coins:
        """Take that part of what each voter of the groups holds, rounded down; returns what was taken."""
        taken: Coins = self.money[groups] * part.numerator // part.denominator
        self.money[groups] -= taken
        return taken

    def buy(self, p: int) -> list[int]:
        """Count p as bought; returns the projects which that bars."""
        self.left -= self.costs[p]
        self.stage.limits.buy(p)
        self.open.remove(p)
        barred = [q for q in self.open if q in self.stage.limits.barred]
        self.open = [q for q in self.open if q not in self.stage.limits.barred]
        return barred

    def short(self, p: int, held: int) -> Reason:
        """The reason of a project whose voters hold less than its cost, also rounded down to whole minor units."""
        have, cost = held // self.coin, self.costs[p]
        money, votes = ratio(Fraction(held, self.coin)), self.who.votes[p]
        return reason("not_affordable", money=money, have=have, cost=cost, short=cost - have, votes=votes)


def add_up(sums: list[int], projects: Any, coins: Coins) -> None:
    """Add each of `coins` to the sum of its project."""
    total = np.zeros(len(sums), dtype=object)
    np.add.at(total, projects, coins)
    for p in np.unique(projects).tolist():
        sums[p] += int(total[p])
