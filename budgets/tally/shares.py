"""The Method of Equal Shares, one run: every voter holds the same money and the projects are bought by their voters.

How it stays exact and fast. A voter who is not broke has paid the full price of every winner on the ballot, so the
money of any set of voters is a whole-number count for each winner times that winner's exact price: no fraction is
ever stored for a voter. Beside it each group carries its money rounded down to a fixed number of binary places, in
63-bit integers, with one bound on the error. The rounded money gives each project's price to within a proven
interval; only where intervals overlap, or a voter stands within the error of being broke, is the exact count made.
Prices only rise during a run, so the last price found for a project bounds it from below (a lazy queue).
"""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from math import gcd

import numpy as np

from budgets.tally.election import Ints
from budgets.tally.incidence import Incidence, Positions

# True division of integers is correctly rounded; this widens a float bound past that rounding.
WIDER = 1e-15


@dataclass(frozen=True)
class Purchase:
    """`price`: minor units for one unit of value (for an approval: what a full payer paid). `full`: voters who paid
    it whole, `part`: voters who gave all they had left, `broke`: supporters who had nothing. `tied`: the projects,
    this one included, that were exactly equal when it was chosen.
    """

    project: int
    price: Fraction
    full: int
    part: int
    broke: int
    tied: tuple[int, ...]


class Ledger:
    """Exact prices over one common denominator; what any set of voters has left follows from whole-number counts."""

    def __init__(self, share: Fraction) -> None:
        self.denominator = share.denominator
        self.share = share.numerator
        self.prices: list[int] = []

    def money(self, voters: int, paid: Ints) -> int:
        """Numerator of what `voters` have left who paid `paid[q]` full prices of the q-th purchase between them."""
        slots = np.flatnonzero(paid)
        spent = sum(self.prices[q] * n for q, n in zip(slots.tolist(), paid[slots].tolist(), strict=True))
        return voters * self.share - spent

    def enter(self, numerator: int, divisor: int) -> int:
        """Record the price numerator / (divisor x denominator); returns its numerator over the new denominator."""
        common = gcd(numerator, divisor)
        factor = divisor // common
        self.denominator *= factor
        self.share *= factor
        self.prices = [price * factor for price in self.prices]
        self.prices.append(numerator // common)
        return numerator // common


class EqualShares:
    """A run in progress. `utility[p]`: what one unit of value of project p is worth (its cost, or 1), above 0.
    `order[p]`: the place of p when exactly equal projects are ordered by the tie rule.
    """

    # Fewer places only make the count slower, never different: the tests lower this.
    most_places = 61

    def __init__(
        self, who: Incidence, share: Fraction, eligible: list[int], utility: list[int], order: list[int]
    ) -> None:
        self.who, self.utility, self.order = who, utility, order
        self.costs = who.election.costs
        self.ledger = Ledger(share)
        self.purchases: list[Purchase] = []
        self.slot = np.full(len(self.costs), -1, dtype=np.int64)
        most = share * max(who.election.n_ballots, who.greatest_value)
        self.bits = min(61 - max(int(most) + 1, *self.costs, 1).bit_length(), self.most_places)
        if self.bits < 0:
            raise OverflowError("more money than the count can hold")
        self.full_purse = self._fixed(self.ledger.share)
        self.money: Ints = np.full(len(who.election.weights), self.full_purse, dtype=np.int64)
        self.solvent = np.ones(len(self.money), dtype=bool)
        self.error = 1
        self.spent = 0
        self._start(eligible)

    def _start(self, eligible: list[int]) -> None:
        m = len(self.costs)
        self.low, self.high, self.seen = [0] * m, [0] * m, [-1] * m
        self.queue: list[tuple[float, int]] = []
        for p in eligible:
            if self.who.points[p]:
                self.high[p] = -(-(self.costs[p] << self.bits) // self.who.points[p])
                self.low[p] = self.high[p] - 1
                self.queue.append((self._lower(p), p))
        heapq.heapify(self.queue)

    def _fixed(self, numerator: int) -> int:
        return (numerator << self.bits) // self.ledger.denominator

    def _lower(self, p: int) -> float:
        return self.low[p] / self.utility[p] * (1 - WIDER)

    def _upper(self, p: int) -> float:
        return self.high[p] / self.utility[p] * (1 + WIDER)

    # -- finding the next project

    def step(self) -> Purchase | None:
        """Buy the project with the least price per utility; None when nobody can afford any more."""
        found = self._contenders()
        if not found:
            return None
        chosen = found[0]
        tied: tuple[int, ...] = (chosen,)
        exact = self.exact_price(chosen)
        for p in found[1:]:
            price = self.exact_price(p)
            left = price[0] * exact[1] * self.utility[chosen]
            right = exact[0] * price[1] * self.utility[p]
            if left == right:
                tied += (p,)
            if left < right or (left == right and self.order[p] < self.order[chosen]):
                tied = tied if left == right else (p,)
                chosen, exact = p, price
        for p in found:
            if p != chosen:
                heapq.heappush(self.queue, (self._lower(p), p))
        return self._buy(chosen, exact, tuple(sorted(tied, key=lambda p: self.order[p])))

    def _contenders(self) -> list[int]:
        """All projects whose price may be the least, taken off the queue, each priced against the present money."""
        stage, found, bound = len(self.purchases), [], float("inf")
        while self.queue and self.queue[0][0] <= bound:
            _, p = heapq.heappop(self.queue)
            if self.seen[p] == stage:
                found.append(p)
                bound = min(bound, self._upper(p))
            elif self._price(p):
                self.seen[p] = stage
                heapq.heappush(self.queue, (self._lower(p), p))
        return found

    def _price(self, p: int) -> bool:
        """Bring low[p] and high[p] (fixed-point) up to the present money; False if its voters cannot pay it."""
        price = self.high[p]
        if not self.purchases and price * self.who.greatest_value <= self.full_purse:
            return True
        money, weights, shares = self.money[self.who.groups[p]], self.who.weights[p], self.who.shares[p]
        values = None if self.who.values is None else self.who.values[p]
        worth = weights * money
        need, rich, poor_voters = self.costs[p] << self.bits, self.who.points[p], 0
        total = int(worth.sum())
        if total < need:
            return total + self.who.votes[p] * self.error >= need and self._price_at_the_edge(p)
        while True:
            poor = money < (price if values is None else values * price)
            if not poor.any():
                break
            need -= int(worth[poor].sum())
            rich -= int(shares[poor].sum())
            poor_voters += int(weights[poor].sum())
            if need <= rich * price:
                # Rounded up times a value, the price passed some purses already, and it suffices.
                break
            price = -(-need // rich)
            kept = ~poor
            money, weights, worth, shares = money[kept], weights[kept], worth[kept], shares[kept]
            values = None if values is None else values[kept]
        self.high[p] = price
        if rich:
            self.low[p] = price - 1 + (-poor_voters * self.error) // rich
        return True

    def _price_at_the_edge(self, p: int) -> bool:
        """Whether the voters of p hold its cost to the last fraction; if so bounds its price exactly."""
        if self.money_behind(p) < self.costs[p]:
            return False
        self.high[p] = self.full_purse + self.error
        numerator, divisor = self.exact_price(p)
        fixed = (numerator << self.bits) // (divisor * self.ledger.denominator)
        self.low[p], self.high[p] = fixed, fixed + 1
        return True

    # -- exact counting

    def _paid(self, groups: Positions, weights: Ints) -> Ints:
        """How many full prices of each purchase these (solvent) groups paid between them."""
        positions, index = self.who.rows(groups)
        slots = self.slot[self.who.election.members[positions]]
        bought = slots >= 0
        counts = weights[index[bought]]
        if self.who.values is not None and self.who.election.values is not None:
            counts = counts * self.who.election.values[positions[bought]]
        # bincount adds in float64: exact, as every sum is a whole number far below 2 to the 53.
        sums = np.bincount(slots[bought], weights=counts, minlength=len(self.purchases))
        return sums.astype(np.int64)

    def _exact_money(self, groups: Positions, weights: Ints) -> int:
        solvent = self.solvent[groups]
        groups, weights = groups[solvent], weights[solvent]
        if not len(groups):
            return 0
        return self.ledger.money(int(weights.sum()), self._paid(groups, weights))

    def money_behind(self, p: int) -> Fraction:
        """What the voters of p have left between them, in minor units."""
        return Fraction(self._exact_money(self.who.groups[p], self.who.weights[p]), self.ledger.denominator)

    def exact_price(self, p: int) -> tuple[int, int]:
        """(numerator, divisor): the price of p is numerator / (divisor x ledger denominator)."""
        groups, weights, shares = self.who.groups[p], self.who.weights[p], self.who.shares[p]
        money = self.money[groups]
        values: Ints | int = 1 if self.who.values is None else self.who.values[p]
        rich = money >= self.high[p] * values
        unclear = ~rich & (money + self.error >= self.low[p] * values) & self.solvent[groups]
        poor = ~rich & ~unclear
        need = self.costs[p] * self.ledger.denominator - self._exact_money(groups[poor], weights[poor])
        divisor = int(shares[rich].sum())
        near = self._near(p, np.flatnonzero(unclear))
        divisor += sum(value * weight for (_, value), weight in near)
        while near and near[-1][0][0] * divisor < need * near[-1][0][1]:
            (purse, value), weight = near.pop()
            need -= purse * weight
            divisor -= value * weight
        return need, divisor

    def _near(self, p: int, unclear: Positions) -> list[tuple[tuple[int, int], int]]:
        """((exact money of one voter, value), voters) of the groups within the error of the price, poorest last."""
        found: Counter[tuple[int, int]] = Counter()
        for i in unclear:
            group = self.who.groups[p][i : i + 1]
            value = 1 if self.who.values is None else int(self.who.values[p][i])
            purse = self.ledger.money(1, self._paid(group, np.ones(1, dtype=np.int64)))
            found[purse, value] += int(self.who.weights[p][i])
        return sorted(found.items(), key=lambda item: Fraction(*item[0]), reverse=True)

    # -- buying

    def _buy(self, p: int, exact: tuple[int, int], tied: tuple[int, ...]) -> Purchase:
        groups, weights = self.who.groups[p], self.who.weights[p]
        full = self._payers(p, *exact)
        part = ~full & self.solvent[groups]
        numerator = self.ledger.enter(*exact)
        fixed = self._fixed(numerator) + 1
        values: Ints | int = 1 if self.who.values is None else self.who.values[p][full]
        self.money[groups[full]] = np.maximum(self.money[groups[full]] - fixed * values, 0)
        self.money[groups[~full]] = 0
        self.solvent[groups[~full]] = False
        self.error += self.who.greatest_value
        self.slot[p] = len(self.purchases)
        self.spent += self.costs[p]
        paid, cut = int(weights[full].sum()), int(weights[part].sum())
        price = Fraction(numerator, self.ledger.denominator)
        purchase = Purchase(p, price, paid, cut, self.who.votes[p] - paid - cut, tied)
        self.purchases.append(purchase)
        return purchase

    def _payers(self, p: int, numerator: int, divisor: int) -> np.ndarray:
        """Which groups of p hold the full price; those within the error of it are decided exactly."""
        groups = self.who.groups[p]
        money = self.money[groups]
        values: Ints | int = 1 if self.who.values is None else self.who.values[p]
        fixed = (numerator << self.bits) // (divisor * self.ledger.denominator)
        full: np.ndarray = money >= (fixed + 1) * values
        unclear = ~full & (money + self.error >= fixed * values) & self.solvent[groups]
        for i in np.flatnonzero(unclear):
            value = 1 if self.who.values is None else int(self.who.values[p][i])
            purse = self.ledger.money(1, self._paid(groups[i : i + 1], np.ones(1, dtype=np.int64)))
            full[i] = purse * divisor >= numerator * value
        return full
