"""Exact Equal Shares, one run: what is bought at one endowment, and the next endowment at which that changes.

The method is declared in `exact_shares.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from budgets.tally.limits import Limits
from budgets.tally.payers import Paid
from budgets.tally.prepare import Stage

# Far above the relative error of the one float product that proposes.
MARGIN = 1e-12

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Purchase:
    """`payers` voters paid `price` minor units each; `tied`: the exactly equal projects, this one included."""

    project: int
    payers: int
    price: Fraction
    tied: tuple[int, ...]


@dataclass
class Moment:
    """What the run knew before a purchase: the limits, and for each project the most payers it could have at `horizon`.
    `changes`: the least endowments up to the horizon at which another project, or this one with more payers, is bought
    here, each with that project.
    """

    limits: Limits
    most: NDArray[np.int64]
    changes: tuple[tuple[Fraction, int], ...] = ()


class ExactShares:
    """A run at one endowment, `share`, which can be raised. It ends when nothing can be bought, or as soon as more than
    `budget` is spent. `moments` has one entry for each purchase and, when the run has ended by itself, one for its end.
    """

    # Fewer places only make the count slower, never different: the tests lower this.
    most_places = 60

    def __init__(self, stage: Stage, utility: list[int], share: Fraction) -> None:
        ground = stage.ground
        self.who, self.order, self.utility, self.budget = ground.who, ground.order, utility, stage.budget
        self.eligible, self.limits, self.share = stage.eligible, stage.limits.copy(), share
        self.costs = stage.election.costs
        # No endowment, and nothing a voter pays, comes near four times the budget and the first endowment.
        most = 4 * (stage.budget + int(share) + 1) + max(self.costs, default=0)
        self.paid = Paid(self.who, min(self.most_places, 61 - most.bit_length()))
        if self.paid.bits < 0:
            raise OverflowError("more money than the count can hold")
        self.horizon: Fraction = share
        self.purchases: list[Purchase] = []
        self.moments: list[Moment] = []
        self.spent = 0
        costs = np.array(self.costs, dtype=np.float64)
        with np.errstate(divide="ignore"):
            self.worth: Floats = np.array(utility, dtype=np.float64) / costs
        self.most = np.zeros(len(costs), dtype=np.int64)
        self.most[stage.eligible] = [self.who.votes[p] for p in stage.eligible]
        # The same at the present endowment: what it was at the stages before.
        self.now = self.most.copy()

    def open(self) -> list[int]:
        bought = {purchase.project for purchase in self.purchases}
        return [p for p in self.eligible if p not in bought and p not in self.limits.barred]

    def advance(self) -> None:
        """Buy until the run ends."""
        while self.spent <= self.budget:
            moment = Moment(self.limits.copy(), self.most.copy())
            self.moments.append(moment)
            found = self._first()
            moment.changes = tuple(self._next(found))
            if found is None:
                return
            self._buy(found)

    # -- what is bought

    def _key(self, p: int, payers: int) -> tuple[Fraction, int]:
        """The least is bought: the price of a unit of utility, then the place in the tie order."""
        return Fraction(self.costs[p], payers * self.utility[p]), self.order[p]

    def _first(self) -> Purchase | None:
        """The purchase that comes next, if any: floats propose the projects whose payers are counted exactly."""
        most, fresh = self.now, dict[int, int]()
        most[list(self.limits.barred)] = 0
        while True:
            value = np.where(most > 0, most * np.where(most > 0, self.worth, 0.0), -1.0)
            best = float(value.max(initial=-1.0))
            if best < 0:
                return None
            near = np.flatnonzero(value >= best * (1 - MARGIN)).tolist()
            stale = [p for p in near if p not in fresh]
            for p in stale:
                most[p] = fresh[p] = self.paid.payers(p, self.share, int(most[p]))
            if not stale:
                break
        keys = sorted((self._key(p, fresh[p]), p) for p in near)
        tied = tuple(p for (price, _), p in keys if price == keys[0][0][0])
        chosen = tied[0]
        return Purchase(chosen, fresh[chosen], Fraction(self.costs[chosen], fresh[chosen]), tied)

    def _buy(self, purchase: Purchase) -> None:
        p = purchase.project
        mask = self.paid.at_most(p, self.share - purchase.price)
        self.paid.pay(self.who.groups[p][mask], purchase.price)
        self.purchases.append(purchase)
        self.spent += self.costs[p]
        self.most[p] = self.now[p] = 0
        self.limits.buy(p)

    def _undo(self) -> None:
        """Back to before the last purchase."""
        self.paid.take_back()
        self.spent -= self.costs[self.purchases.pop().project]

    # -- what would change it

    def _next(self, found: Purchase | None) -> Iterator[tuple[Fraction, int]]:
        """For each project, the least endowment up to the horizon at which it comes before `found` here."""
        if self.horizon <= self.share:
            return
        bought = None if found is None else self._key(found.project, found.payers)
        floor = -1.0 if found is None else found.payers * float(self.worth[found.project]) * (1 - MARGIN)
        with np.errstate(invalid="ignore"):
            near = np.flatnonzero((self.most > 0) & (np.where(self.most > 0, self.most * self.worth, 0.0) >= floor))
        for p in near.tolist():
            if p in self.limits.barred:
                continue
            least = self._enough(p, found, bought)
            self.most[p] = most = self.paid.payers(p, self.horizon, int(self.most[p]))
            if most >= least and (at := self.paid.least_share(p, least)) is not None:
                yield at, p

    def _enough(self, p: int, found: Purchase | None, bought: tuple[Fraction, int] | None) -> int:
        """The fewest payers with whom p comes before what was found (for that itself: more payers)."""
        if found is None or bought is None:
            return 1
        if p == found.project:
            return found.payers + 1
        if not self.costs[p]:
            return 1 if self._key(p, 1) < bought else self.who.votes[p] + 1
        if not bought[0]:
            return self.who.votes[p] + 1
        equal = Fraction(self.costs[p]) / (bought[0] * self.utility[p])
        same = equal.denominator == 1 and self.order[p] < bought[1]
        return int(equal) if same else int(equal) + 1

    def change(self, new: bool = False) -> Fraction | None:
        """The least endowment up to the horizon at which this run is another; with `new`, at which a project that is not
        bought comes before one that is, as long as all others are paid by the same voters as now.
        """
        kept = {purchase.project for purchase in self.purchases} if new else set()
        found = (at for moment in self.moments for at, p in moment.changes if p not in kept)
        return min(found, default=None)

    def raise_to(self, share: Fraction) -> None:
        """The run at a larger endowment, not beyond the horizon: again from the first stage where it changes."""
        self.share = share
        for stage, moment in enumerate(self.moments):
            if any(at <= share for at, _ in moment.changes):
                self._again(stage)
                return

    def look(self, share: Fraction, horizon: Fraction) -> None:
        """The run at a larger endowment, all of it again, with the changes up to the horizon."""
        self.share, self.horizon = share, horizon
        self._again(0)

    def _again(self, stage: int) -> None:
        while len(self.purchases) > stage:
            self._undo()
        if self.moments:
            self.limits, self.most = self.moments[stage].limits, self.moments[stage].most
            del self.moments[stage:]
        if not stage:
            self.most[:] = 0
            self.most[self.eligible] = [self.who.votes[p] for p in self.eligible]
        self.now = self.most.copy()
        self.advance()
