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
from dataclasses import dataclass
from fractions import Fraction
from math import gcd

import numpy as np
from numpy.typing import NDArray

from budgets.tally.election import Ints
from budgets.tally.incidence import Incidence, Positions
from budgets.tally.limits import Limits

# True division of integers is correctly rounded; this widens a float bound past that rounding.
WIDER = 1e-15
# More money than any purse or price.
OUT_OF_REACH = (1 << 63) - 1


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


@dataclass(frozen=True, eq=False)
class ExactPrice:
    """numerator / (divisor x ledger denominator); `full`: which of the project's groups hold it whole."""

    numerator: int
    divisor: int
    full: NDArray[np.bool_]


@dataclass(frozen=True)
class Purse:
    """A group within the error of a price: one voter's exact money (numerator), value, voters, place in the project."""

    money: int
    value: int
    voters: int
    index: int


class Ledger:
    """Exact prices over one common denominator; what any set of voters has left follows from whole-number counts."""

    def __init__(self, share: Fraction) -> None:
        self.denominator = share.denominator
        self.share = share.numerator
        self.prices: list[int] = []

    def money(self, voters: int, paid: Ints) -> int:
        """Numerator of what `voters` have left who paid `paid[q]` full prices of the q-th purchase between them."""
        slots = np.flatnonzero(paid)
        spent: int = sum(self.prices[q] * n for q, n in zip(slots.tolist(), paid[slots].tolist(), strict=True))
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
    `order[p]`: the place of p when exactly equal projects are ordered by the tie rule. `limits` is changed by the run.
    """

    # Fewer places only make the count slower, never different: the tests lower this.
    most_places = 61

    def __init__(
        self,
        who: Incidence,
        share: Fraction,
        eligible: list[int],
        utility: list[int],
        order: list[int],
        limits: Limits,
    ) -> None:
        self.who, self.utility, self.order, self.limits = who, utility, order, limits
        self.costs = who.election.costs
        self.share, self.ledger = share, Ledger(share)
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
        self.priced: dict[int, tuple[int, bool, int, int]] = {}
        self.queue: list[tuple[float, int]] = []
        for p in eligible:
            if self.who.parts[p]:
                self.high[p] = -(-(self.costs[p] << self.bits) // self.who.parts[p])
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
            price = exact if self.who.kin[p] == self.who.kin[chosen] else self.exact_price(p)
            left = price.numerator * exact.divisor * self.utility[chosen]
            right = exact.numerator * price.divisor * self.utility[p]
            if left == right:
                tied += (p,)
            if left < right or (left == right and self.order[p] < self.order[chosen]):
                tied = tied if left == right else (p,)
                chosen, exact = p, price
        for p in found:
            if p != chosen:
                heapq.heappush(self.queue, (self._lower(p), p))
        return self._buy(chosen, exact, tuple(sorted(tied, key=lambda p: self.order[p])))

    def follows(self, earlier: EqualShares) -> bool:
        """Make the purchases of a run with less money; False as soon as they are not certain to be the same at every
        endowment between the two.

        After the same purchases every voter has at least as much left under the larger endowment, so prices fall as
        endowments rise: where each purchase was no dearer in the earlier run than every rival is in this one, it comes
        first everywhere in between; and who cannot pay here cannot pay there. Ties recorded are the earlier run's.
        """
        for bought in earlier.purchases:
            price = bought.price / self.utility[bought.project]
            found = self._contenders((price.numerator << self.bits) / price.denominator * (1 + WIDER))
            rivals = [p for p in found if p != bought.project]
            if len(rivals) == len(found) or any(self._ahead_of(p, bought.project, price) for p in rivals):
                return False
            for p in rivals:
                heapq.heappush(self.queue, (self._lower(p), p))
            self._buy(bought.project, self.exact_price(bought.project), bought.tied)
        return not self._contenders()

    def _ahead_of(self, rival: int, p: int, price: Fraction) -> bool:
        exact = self.exact_price(rival)
        theirs = Fraction(exact.numerator, exact.divisor * self.ledger.denominator * self.utility[rival])
        return theirs < price or (theirs == price and self.order[rival] < self.order[p])

    def _contenders(self, within: float | None = None) -> list[int]:
        """All projects whose price per utility may be the least (or at most `within`), taken off the queue, each
        priced against the present money."""
        stage, found, bound = len(self.purchases), [], float("inf") if within is None else within
        while self.queue and self.queue[0][0] <= bound:
            _, p = heapq.heappop(self.queue)
            if p in self.limits.barred:
                continue
            if self.seen[p] == stage:
                found.append(p)
                bound = min(bound, self._upper(p)) if within is None else within
            elif self._priced(p, stage):
                self.seen[p] = stage
                heapq.heappush(self.queue, (self._lower(p), p))
        return found

    def _priced(self, p: int, stage: int) -> bool:
        """As `_price`, once a stage for all projects that are priced alike."""
        kin = self.who.kin[p]
        known = self.priced.get(kin)
        if known and known[0] == stage:
            _, payable, self.low[p], self.high[p] = known
            return payable
        payable = self._price(p)
        self.priced[kin] = (stage, payable, self.low[p], self.high[p])
        return payable

    def _price(self, p: int) -> bool:
        """Bring low[p] and high[p] (fixed-point) up to the present money; False if its voters cannot pay it."""
        price = self.high[p]
        if not self.purchases and price * self.who.greatest_value <= self.full_purse:
            return True
        money, weights, shares = self.money.take(self.who.groups[p]), self.who.weights[p], self.who.shares[p]
        values = None if self.who.values is None else self.who.values[p]
        need, rich, poor_voters = self.costs[p] << self.bits, self.who.parts[p], 0
        total = int(weights @ money)
        if total < need:
            return total + self.who.votes[p] * self.error >= need and self._price_at_the_edge(p)
        while True:
            poor = (money < (price if values is None else values * price)).nonzero()[0]
            if not len(poor):
                break
            voters = weights.take(poor)
            need -= int(voters @ money.take(poor))
            rich -= int(shares.take(poor).sum())
            poor_voters += int(voters.sum())
            if need <= rich * price:
                # Rounded up times a value, the price passed some purses already, and it suffices.
                break
            price = -(-need // rich)
            money[poor] = OUT_OF_REACH
        self.high[p] = price
        if rich:
            self.low[p] = price - 1 + (-poor_voters * self.error) // rich
        return True

    def _price_at_the_edge(self, p: int) -> bool:
        """Whether the voters of p hold its cost to the last fraction; if so bounds its price exactly."""
        if self.money_behind(p) < self.costs[p]:
            return False
        self.high[p] = self.full_purse + self.error
        exact = self.exact_price(p)
        fixed = (exact.numerator << self.bits) // (exact.divisor * self.ledger.denominator)
        self.low[p], self.high[p] = fixed, fixed + 1
        return True

    # -- exact counting

    def _paid(self, groups: Positions, weights: Ints) -> Ints:
        """How many full prices of each purchase these (solvent) groups paid between them."""
        positions, index = self.who.rows(groups)
        slots = self.slot[self.who.election.members[positions]]
        bought = slots >= 0
        counts = weights[index[bought]]
        if self.who.member_values is not None:
            counts = counts * self.who.member_values[positions[bought]]
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

    def exact_price(self, p: int) -> ExactPrice:
        """The price of p against the present money; its voters must hold the cost."""
        groups, weights, shares = self.who.groups[p], self.who.weights[p], self.who.shares[p]
        values = None if self.who.values is None else self.who.values[p]
        money = self.money.take(groups)
        full = money >= (self.high[p] if values is None else values * self.high[p])
        rest = (~full).nonzero()[0]
        least = self.low[p] if values is None else values.take(rest) * self.low[p]
        unclear = (money.take(rest) >= least - self.error) & self.solvent.take(groups.take(rest))
        poor, divisor = rest[~unclear], self.who.parts[p] - int(shares.take(rest).sum())
        need = self.costs[p] * self.ledger.denominator - self._exact_money(groups.take(poor), weights.take(poor))
        near = [self._purse(p, i) for i in rest[unclear].tolist()]
        near.sort(key=lambda purse: Fraction(purse.money, purse.value), reverse=True)
        divisor += sum(purse.value * purse.voters for purse in near)
        while near and near[-1].money * divisor < need * near[-1].value:
            purse = near.pop()
            need -= purse.money * purse.voters
            divisor -= purse.value * purse.voters
        full[[purse.index for purse in near]] = True
        return ExactPrice(need, divisor, full)

    def _purse(self, p: int, index: int) -> Purse:
        group, value = self.who.groups[p][index : index + 1], 1
        if self.who.values is not None:
            value = int(self.who.values[p][index])
        money = self.ledger.money(1, self._paid(group, np.ones(1, dtype=np.int64)))
        return Purse(money, value, int(self.who.weights[p][index]), index)

    # -- buying

    def _buy(self, p: int, exact: ExactPrice, tied: tuple[int, ...]) -> Purchase:
        groups, weights = self.who.groups[p], self.who.weights[p]
        payers, others = exact.full.nonzero()[0], (~exact.full).nonzero()[0]
        paying, broke = groups.take(payers), groups.take(others)
        part = int(weights.take(others)[self.solvent.take(broke)].sum())
        full = int(weights.take(payers).sum())
        numerator = self.ledger.enter(exact.numerator, exact.divisor)
        fixed = self._fixed(numerator) + 1
        due = fixed if self.who.values is None else self.who.values[p].take(payers) * fixed
        self.money[paying] = np.maximum(self.money.take(paying) - due, 0)
        self.money[broke] = 0
        self.solvent[broke] = False
        self.error += self.who.greatest_value
        self.slot[p] = len(self.purchases)
        self.spent += self.costs[p]
        price = Fraction(numerator, self.ledger.denominator)
        purchase = Purchase(p, price, full, part, self.who.votes[p] - full - part, tied)
        self.purchases.append(purchase)
        self.limits.buy(p)
        return purchase
