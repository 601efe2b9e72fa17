"""What the voters have paid, where everybody who pays for a project pays the same and the others pay nothing."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from budgets.tally.election import Ints
from budgets.tally.incidence import Incidence, Positions


class Paid:
    """What every group of voters has paid so far. Groups that paid for the same winners form one class: only a class has
    an exact sum, found when asked for. Beside it stands the sum in fixed point, each payment rounded up, so that it is
    above the exact one by less than `error`. The last payment can be taken back.
    """

    def __init__(self, who: Incidence, bits: int) -> None:
        self.who, self.bits = who, bits
        self.state: Ints = np.zeros(len(who.election.weights), dtype=np.int64)
        self.fixed: Ints = np.zeros(1, dtype=np.int64)
        # For each payment: the first class it made, the classes those come from, and what each of its voters paid.
        self.marks: list[int] = []
        self.parents: list[Ints] = []
        self.prices: list[Fraction] = []
        self.sums: list[Fraction | None] = [Fraction(0)]

    @property
    def error(self) -> int:
        return len(self.prices)

    def pay(self, groups: Positions, price: Fraction) -> None:
        """Each voter of these groups pays that many minor units."""
        old, fresh = np.unique(self.state.take(groups), return_inverse=True)
        mark = len(self.fixed)
        self.state[groups] = fresh.reshape(-1) + mark
        due = -((-price.numerator << self.bits) // price.denominator)
        self.fixed = np.concatenate([self.fixed, self.fixed.take(old) + due])
        self.marks.append(mark)
        self.parents.append(old)
        self.prices.append(price)
        self.sums += [None] * len(old)

    def take_back(self) -> None:
        mark, parents = self.marks.pop(), self.parents.pop()
        self.prices.pop()
        payers = (self.state >= mark).nonzero()[0]
        self.state[payers] = parents.take(self.state.take(payers) - mark)
        self.fixed = self.fixed[:mark]
        del self.sums[mark:]

    def exact(self, of: int) -> Fraction:
        """What a voter of this class has paid, in minor units."""
        known = self.sums[of]
        if known is not None:
            return known
        last = int(np.searchsorted(self.marks, of, side="right")) - 1
        total = self.exact(int(self.parents[last][of - self.marks[last]])) + self.prices[last]
        self.sums[of] = total
        return total

    def by_voters(self, p: int) -> Ints:
        """What each group of p has paid, in fixed point."""
        return self.fixed.take(self.state.take(self.who.groups[p]))

    def at_most(self, p: int, limit: Fraction) -> NDArray[np.bool_]:
        """Which groups of p have paid at most `limit` minor units, exactly."""
        return self._within(p, self.by_voters(p), limit.numerator, limit.denominator)

    def _within(self, p: int, paid: Ints, numerator: int, denominator: int) -> NDArray[np.bool_]:
        """The same for a limit as two whole numbers; `paid`: what `by_voters` says."""
        bound = (numerator << self.bits) // denominator
        sure = paid <= bound
        unclear = (~sure & (paid <= bound + 1 + self.error)).nonzero()[0]
        if len(unclear):
            classes, limit = self.state.take(self.who.groups[p].take(unclear)), Fraction(numerator, denominator)
            known = {of: self.exact(of) <= limit for of in np.unique(classes).tolist()}
            sure[unclear] = [known[of] for of in classes.tolist()]
        return sure

    def payers(self, p: int, share: Fraction, most: int) -> int:
        """The greatest number k, up to `most`, of voters of p who each have cost / k left of `share`: 0 if there is none.

        Whoever cannot pay cost / k cannot pay the larger share among fewer either, so those are left out until all can.
        """
        cost, weights, paid = self.who.election.costs[p], self.who.weights[p], self.by_voters(p)
        numerator, denominator = share.numerator, share.denominator
        while most:
            can = self._within(p, paid, numerator * most - cost * denominator, denominator * most)
            count = int(weights @ can)
            if count >= most:
                return most
            most = count
        return 0

    def least_share(self, p: int, least: int) -> Fraction | None:
        """The least endowment at which at least `least` voters of p can share its cost equally; None if it has fewer.

        Among the first k voters, in the order of what they have paid, that is cost / k and what the k-th has paid.
        """
        paid, weights, cost = self.by_voters(p), self.who.weights[p], self.who.election.costs[p]
        order = np.argsort(paid, kind="stable")
        paid, classes = paid[order], self.state.take(self.who.groups[p])[order]
        # Who comes within the error of a voter may count with the voter or not: first as if all did.
        ends = np.searchsorted(paid, paid + self.error, side="right") - 1
        voters = np.cumsum(weights[order])[ends]
        never = 1 << 62
        low = np.where(voters >= least, (cost << self.bits) // voters + paid - self.error, never)
        best: Fraction | None = None
        while True:
            i = int(low.argmin())
            if low[i] == never or (best is not None and int(low[i]) * best.denominator > best.numerator << self.bits):
                return best
            total = self.exact(int(classes[i]))
            count = int(weights[self.at_most(p, total)].sum())
            if count >= least and (best is None or Fraction(cost, count) + total < best):
                best = Fraction(cost, count) + total
            low[classes == classes[i]] = never
