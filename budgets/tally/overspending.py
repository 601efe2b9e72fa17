"""The Method of Equal Shares with Bounded Overspending: a popular project may be bought though its voters are short.

The rule is that of Papasotiropoulos, Pishbin, Skibski, Skowron and Wąs, "Method of Equal Shares with Bounded
Overspending" (EC 2025; arXiv 2409.15005). Every voter starts with budget / voters. In each round, among the open
projects that fit what is left of the budget: if b(i) is the money and u(i) the utility of voter i, the voters of a
project could cover the part a (0 < a <= 1) of its cost at the price r when the sum of min(b(i), a r u(i)) is a x cost.
Bought is the project with the least r / a over all its pairs (a, r). Its voters then pay r u(i) each, as if all of it
were covered, or all they have. The count ends when no open project that fits has a voter with money. What the voters do
not cover is the overspending: the budget alone, not their money, bounds what is bought.

Why the least is found exactly. Let x = a r, what a voter gives for one unit of utility in that equation. What is raised
grows with x in straight pieces that bend where a voter has given all, and r / a = x / a**2. On a piece where k + s x is
raised that rises while s x < k and falls after, so the least is at an end of a piece: where some voter gives exactly
all, or where the whole cost is raised. Floats propose the end, exact whole numbers decide.

What the paper leaves open. Of equal r / a of one project the greatest a counts; equal projects are taken in the tie
order; a project without cost has r = 0. Utilities: "cost" (u = cost), "cardinality" (u = 1), "points" (u = the points,
not multiplied by the cost). Completion: "none", or "utilitarian" (what is left is then spent by score); the start is
the exact share. An exact price can double in length when a project is bought for a < 1 by voters who keep money (0 to 3
times in a real election): one whose denominator, in lowest terms, has more than 16,384 bits is rounded up to a whole
multiple of 2 to the minus 256 of a minor unit, which bounds the length of all that follow.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from fractions import Fraction
from math import gcd

import numpy as np
from numpy.typing import NDArray

from budgets.tally.completion import Progress, Sharing
from budgets.tally.exact import ratio
from budgets.tally.greedy import Turn, turn_reason, turn_ties, turns
from budgets.tally.incidence import Positions
from budgets.tally.outcome import Line, Outcome, Reason, Recorded, reason
from budgets.tally.prepare import Stage
from budgets.tally.shares import EqualShares, ExactPrice, Purchase

# Far above the relative error of the few float operations behind a bound.
MARGIN = 1e-11
LONGEST = 1 << 14
GRID = 1 << 256

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Offer:
    """The least r / a of a project, as the fraction num / den of minor units for one unit of value; `part` is the a that
    gives it and numerator / (divisor x ledger denominator) the price r.
    """

    num: int
    den: int
    part: Fraction
    numerator: int
    divisor: int


@dataclass(frozen=True)
class Bid:
    """What was bought for `purchase.price`: `part` is the share of the cost by which it was chosen, `raised` (minor
    units) what its voters paid.
    """

    purchase: Purchase
    part: Fraction
    raised: Fraction


@dataclass(frozen=True, eq=False)
class Ends:
    """The voters of a project who have money, as groups by how much they have for one unit of value, x (ascending, in
    fixed point): `groups`, `values`, `shares` (voters x value), and the float bounds `low`, `high` of x / a**2 there.
    """

    groups: Positions
    values: NDArray[np.int64]
    shares: NDArray[np.int64]
    x: Floats
    low: Floats
    high: Floats


class Overspending(EqualShares):
    """A run in progress; `left` is what is left of the budget. Voters of one `label` hold exactly the same money, because
    they paid the same winners with the same points. Money only falls, so r / a only rises: the last bound of a project
    still holds (a lazy queue, as for Equal Shares).
    """

    longest = LONGEST

    def __init__(self, sharing: Sharing, stage: Stage) -> None:
        share, order = Fraction(stage.budget, stage.election.n_ballots), stage.ground.order
        super().__init__(sharing.who, share, stage.eligible, sharing.utility, order, stage.limits)
        self.left = stage.budget
        self.label = np.zeros(len(self.money), dtype=np.int64)
        self.bids: list[Bid] = []
        self.ends: dict[int, Ends | None] = {}
        self.bound = dict.fromkeys(stage.eligible, (0.0, 0.0))
        self.queue = [(0.0, p) for p in stage.eligible]
        heapq.heapify(self.queue)

    # -- the next project

    def step(self) -> Purchase | None:
        found = [(self._offer(p), p) for p in self._nearest()]
        if not found:
            return None
        best, chosen = found[0]
        tied = [chosen]
        for offer, p in found[1:]:
            left = offer.num * best.den * self.utility[chosen]
            right = best.num * offer.den * self.utility[p]
            if left == right:
                tied.append(p)
            if left < right or (left == right and self.order[p] < self.order[chosen]):
                tied = tied if left == right else [p]
                best, chosen = offer, p
        for _, p in found:
            if p != chosen:
                heapq.heappush(self.queue, (self.bound[p][0], p))
        return self._take(chosen, best, tuple(sorted(tied, key=lambda p: self.order[p])))

    def _nearest(self) -> list[int]:
        """The open projects whose r / a for their utility may be the least, off the queue."""
        stage, found, least = len(self.purchases), list[int](), float("inf")
        while self.queue and self.queue[0][0] <= least:
            _, p = heapq.heappop(self.queue)
            if p in self.limits.barred or self.costs[p] > self.left:
                continue
            if self.seen[p] == stage:
                found.append(p)
                least = min(least, self.bound[p][1])
            elif self._bounded(p):
                self.seen[p] = stage
                heapq.heappush(self.queue, (self.bound[p][0], p))
        return found

    def _bounded(self, p: int) -> bool:
        """Bring the bounds of p up to the present money; False if none of its voters has any."""
        low, high, ends = float("inf"), float("inf"), None
        if whole := self._price(p):
            low, high = float(self.low[p]), float(self.high[p])
        if self.costs[p]:
            ends = self._ends(p)
            if ends:
                low, high = min(low, float(ends.low.min())), min(high, float(ends.high.min()))
        self.ends[p] = ends
        self.bound[p] = (low / self.utility[p] * (1 - MARGIN), high / self.utility[p] * (1 + MARGIN))
        return whole or ends is not None

    def _ends(self, p: int) -> Ends | None:
        groups, weights, shares = self.who.groups[p], self.who.weights[p], self.who.shares[p]
        rich = self.solvent.take(groups).nonzero()[0]
        groups, weights, shares = groups.take(rich), weights.take(rich), shares.take(rich)
        values = np.ones_like(weights) if self.who.values is None else self.who.values[p].take(rich)
        money = self.money.take(groups)
        if not len(money) or not self._has_money(groups, money):
            return None
        order = np.argsort(money / values, kind="stable")
        groups, values, shares, weights = groups[order], values[order], shares[order], weights[order]
        money = money[order]
        x, cost = money / values, float(self.costs[p] << self.bits)
        after = int(shares.sum()) - np.cumsum(shares)
        given = np.cumsum(weights * money) + x * after
        more = given + float(self.error) * (int(weights.sum()) + after)
        least, most = np.minimum(given / cost, 1.0), np.minimum(more / cost, 1.0)
        above = (money + self.error) / values
        with np.errstate(divide="ignore", over="ignore"):
            # Nobody gives more than x for a unit of value, so a is at most x times all the value over the cost.
            low = np.maximum(x / most**2, (cost / int(shares.sum())) ** 2 / above)
            high = above / least**2
        return Ends(groups, values, shares, x, low * (1 - MARGIN), high * (1 + MARGIN))

    def _has_money(self, groups: Positions, money: NDArray[np.int64]) -> bool:
        """Whether anybody of these has more than nothing, though it may be less than the error."""
        if int(money.max()) > 0:
            return True
        labels, first = np.unique(self.label.take(groups), return_index=True)
        return any(self._holds(int(groups[i])) > 0 for i in first[: len(labels)])

    # -- exact

    def _holds(self, group: int) -> int:
        """One voter's money: the numerator over the ledger's denominator."""
        return self.ledger.money(1, self._paid(np.array([group]), np.ones(1, dtype=np.int64)))

    def _offer(self, p: int) -> Offer:
        """The exact least r / a of p; it has one, as `_bounded` found."""
        best: Offer | None = None
        if self._price(p):
            price = self.exact_price(p)
            denominator = price.divisor * self.ledger.denominator
            best = Offer(price.numerator, denominator, Fraction(1), price.numerator, price.divisor)
        ends = self.ends[p]
        if ends is None:
            assert best is not None
            return best
        near = (ends.low <= self.bound[p][1] * self.utility[p] * (1 + MARGIN)).nonzero()[0]
        purses = np.stack([self.label.take(ends.groups.take(near)), ends.values.take(near)])
        _, first = np.unique(purses, axis=1, return_index=True)
        for i in near.take(np.sort(first)).tolist():
            best = _better(best, self._end(p, ends, i))
        assert best is not None
        return best

    def _end(self, p: int, ends: Ends, i: int) -> Offer | None:
        """The pair where the voters of group i give all they have; None where they have nothing, or that is too much."""
        money, value = self._holds(int(ends.groups[i])), int(ends.values[i])
        poor = self._at_most(ends, ends.x, money, value)
        weights = ends.shares[poor] // ends.values[poor]
        rich = int(ends.shares.sum()) - int(ends.shares[poor].sum())
        # All over (value x denominator).
        given = self._exact_money(ends.groups[poor], weights) * value + money * rich
        whole = self.costs[p] * value * self.ledger.denominator
        if not money or given > whole:
            return None
        # x = money / (value d), a = given / whole: r = x / a, r / a = x / a**2.
        num, den = money * self.costs[p] * whole, given * given
        common = gcd(num, den)
        part = Fraction(given, whole)
        return Offer(num // common, den // common, part, money * self.costs[p] * self.ledger.denominator, given)

    def _at_most(self, ends: Ends, x: Floats, money: int, value: int) -> NDArray[np.bool_]:
        """Which groups have at most money / (value x denominator) for one unit of value, exactly."""
        level = (money << self.bits) / (value * self.ledger.denominator)
        spread = self.error / ends.values
        poor = x + spread < level * (1 - MARGIN)
        unclear = (~poor & (x - spread <= level * (1 + MARGIN))).nonzero()[0]
        known: dict[tuple[int, int], bool] = {}
        labels, values = self.label.take(ends.groups.take(unclear)).tolist(), ends.values.take(unclear).tolist()
        for j, label, worth in zip(unclear.tolist(), labels, values, strict=True):
            if (label, worth) not in known:
                known[label, worth] = self._holds(int(ends.groups[j])) * value <= money * worth
            poor[j] = known[label, worth]
        return np.asarray(poor)

    # -- buying

    def _take(self, p: int, offer: Offer, tied: tuple[int, ...]) -> Purchase:
        numerator, divisor = self._rounded(offer)
        paying = self._payers(p, numerator, divisor)
        raised = self._raised(p, numerator, divisor, paying)
        price = Fraction(numerator, divisor * self.ledger.denominator)
        if paying.any():
            purchase = self._buy(p, ExactPrice(numerator, divisor, paying), tied)
            self._relabel(p, paying)
        else:
            # Nobody keeps anything, so nobody's money depends on this price.
            purchase = self._buy(p, ExactPrice(0, 1, paying), tied)
        purchase = Purchase(p, price, purchase.full, purchase.part, purchase.broke, tied)
        self.purchases[-1] = purchase
        self.bids.append(Bid(purchase, offer.part, raised))
        self.left -= self.costs[p]
        self.ends.clear()
        return purchase

    def _rounded(self, offer: Offer) -> tuple[int, int]:
        """The price to be paid, as numerator and divisor: rounded up where the exact one is too long."""
        denominator = self.ledger.denominator
        price = Fraction(offer.numerator, offer.divisor * denominator)
        if price.denominator.bit_length() <= self.longest:
            return offer.numerator, offer.divisor
        return -(-price.numerator * GRID // price.denominator) * denominator, GRID

    def _payers(self, p: int, numerator: int, divisor: int) -> NDArray[np.bool_]:
        """Which groups of p hold the price whole (times their points)."""
        groups, values = self.who.groups[p], self.who.values
        value = np.ones(len(groups), dtype=np.int64) if values is None else values[p]
        money, solvent = self.money.take(groups), self.solvent.take(groups)
        level = (numerator << self.bits) / (divisor * self.ledger.denominator)
        full = money >= value * level * (1 + MARGIN) + 1
        unclear = (~full & solvent & (money + self.error + 1 >= value * level * (1 - MARGIN))).nonzero()[0]
        known: dict[tuple[int, int], bool] = {}
        for i in unclear.tolist():
            key = int(self.label[groups[i]]), int(value[i])
            if key not in known:
                known[key] = self._holds(int(groups[i])) * divisor >= numerator * key[1]
            full[i] = known[key]
        return np.asarray(full & solvent)

    def _raised(self, p: int, numerator: int, divisor: int, paying: NDArray[np.bool_]) -> Fraction:
        groups, weights, shares = self.who.groups[p], self.who.weights[p], self.who.shares[p]
        rest = self._exact_money(groups[~paying], weights[~paying])
        return Fraction(rest * divisor + numerator * int(shares[paying].sum()), divisor * self.ledger.denominator)

    def _relabel(self, p: int, paying: NDArray[np.bool_]) -> None:
        groups = self.who.groups[p][paying]
        value = np.zeros(len(groups), dtype=np.int64) if self.who.values is None else self.who.values[p][paying]
        pairs = np.stack([self.label.take(groups), value])
        _, fresh = np.unique(pairs, axis=1, return_inverse=True)
        self.label[groups] = int(self.label.max()) + 1 + fresh.reshape(-1)


def _better(best: Offer | None, other: Offer | None) -> Offer | None:
    if best is None or other is None:
        return best or other
    ours, theirs = best.num * other.den, other.num * best.den
    return other if theirs < ours or (theirs == ours and other.part > best.part) else best


def overspending(stage: Stage, progress: Progress | None) -> Outcome:
    """The method: see the top of this module."""
    if not stage.eligible:
        return Outcome(log=_log(stage, []))
    run = Overspending(Sharing(stage), stage)
    while run.step():
        if progress:
            progress("overspending", len(run.purchases))
    rest = [p for p in stage.eligible if run.slot[p] < 0 and p not in run.limits.barred]
    reasons = {bid.purchase.project: _bought(stage, bid) for bid in run.bids}
    reasons |= {p: _lacking(stage, run, p) for p in rest}
    seen: list[Turn] = []
    if stage.ground.rule.completion == "utilitarian":
        seen = turns(stage, rest, run.left)
    for turn in seen:
        if turn.taken:
            reasons[turn.project] = turn_reason(stage.ground, turn, "bought_completion")
        elif not turn.barred:
            reasons[turn.project]["params"]["left"] = turn.left
    selected = [bid.purchase.project for bid in run.bids] + [turn.project for turn in seen if turn.taken]
    ties = [stage.ground.tie(bid.purchase.tied) for bid in run.bids if len(bid.purchase.tied) > 1]
    record: list[Recorded] = [_line(stage, bid) for bid in run.bids]
    return Outcome(selected, reasons, _log(stage, run.bids), ties + turn_ties(stage.ground, seen), record)


def _bought(stage: Stage, bid: Bid) -> Reason:
    bought, cost = bid.purchase, stage.election.costs[bid.purchase.project]
    raised = int(bid.raised)
    return reason(
        "bought_overspending", price=ratio(bought.price), part_of_cost=ratio(bid.part), full=bought.full, part=bought.part,
        broke=bought.broke, raised=ratio(bid.raised), paid=raised, short=cost - raised,
        votes=stage.ground.who.votes[bought.project], points=stage.ground.rule.utility == "points",
    )  # fmt: skip


def _lacking(stage: Stage, run: Overspending, p: int) -> Reason:
    """Unbought projects no longer fit what is left, or none of their voters has any money."""
    cost, votes = run.costs[p], stage.ground.who.votes[p]
    if cost > run.left:
        return reason("no_room", cost=cost, left=run.left, votes=votes)
    return reason("voters_spent", cost=cost, votes=votes)


def _log(stage: Stage, bids: list[Bid]) -> dict[str, object]:
    overspent = sum((stage.election.costs[bid.purchase.project] - bid.raised for bid in bids), Fraction(0))
    share = Fraction(stage.budget, max(stage.election.n_ballots, 1))
    return {"method": "overspending", "share": ratio(share), "overspent": ratio(overspent)}


def _line(stage: Stage, bid: Bid) -> Line:
    ids = stage.election.ids
    return {
        "type": "purchase",
        "project": ids[bid.purchase.project],
        "price": ratio(bid.purchase.price),
        "part": ratio(bid.part),
        "tied": [ids[p] for p in bid.purchase.tied],
    }
