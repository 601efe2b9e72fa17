"""Cumulative STV with exact fractions, one voter at a time: every voter's part for every project is kept and moved, as the
paper tells it (Skowron, Slinko, Szufa, Talmon 2020). Numbers grow without bound, so it is for small elections only.
"""

from collections.abc import Callable
from fractions import Fraction

Parts = list[dict[str, Fraction]]


class Reference:
    """`parts[v][p]`: what voter v has for project p. `rank`: the tie order."""

    def __init__(
        self,
        costs: dict[str, int],
        votes: list[dict[str, int]],
        budget: int,
        per_cost: bool,
        minimal: bool,
        rank: Callable[[str], int],
    ) -> None:
        self.costs, self.per_cost, self.minimal, self.rank = costs, per_cost, minimal, rank
        share = Fraction(budget, len(votes))
        known = [{p: points for p, points in ballot.items() if p in costs} for ballot in votes]
        self.parts: Parts = [
            {p: share * points / sum(ballot.values()) for p, points in ballot.items()} for ballot in known
        ]
        self.left, self.bought, self.given_up = budget, list[str](), list[str]()
        self.steps = list[tuple[str, str]]()

    @property
    def open(self) -> list[str]:
        return [p for p in self.costs if p not in self.bought and p not in self.given_up]

    def support(self, p: str) -> Fraction:
        return sum((parts.get(p, Fraction(0)) for parts in self.parts), Fraction(0))

    def held(self, p: str) -> Fraction:
        return sum((sum(parts.values(), Fraction(0)) for parts in self.parts if p in parts), Fraction(0))

    def key(self, p: str) -> tuple[bool, Fraction, int]:
        """Bought first where it is greatest."""
        support, cost = self.support(p), self.costs[p]
        if self.per_cost and cost:
            return False, support / cost, -self.rank(p)
        return self.per_cost, support - cost, -self.rank(p)

    def pass_on(self, parts: dict[str, Fraction], p: str, amount: Fraction) -> None:
        """Voter's `amount`, until now for p, goes to the voter's other projects in proportion; p is gone."""
        del parts[p]
        total = sum(parts.values(), Fraction(0))
        for q in parts if total else ():
            parts[q] += amount * parts[q] / total

    def raise_to_cost(self, p: str) -> None:
        """Minimal transfers: multiply everybody's part by the least factor that pays p, nobody beyond all there is."""
        payers = sorted(
            (parts for parts in self.parts if parts.get(p)), key=lambda parts: sum(parts.values()) / parts[p]
        )
        need, parts_left = Fraction(self.costs[p]), sum((parts[p] for parts in payers), Fraction(0))
        factor = Fraction(0)
        for parts in payers:
            factor = need / parts_left if parts_left else factor
            if factor * parts[p] <= sum(parts.values()):
                break
            need -= sum(parts.values())
            parts_left -= parts[p]
        for parts in payers:
            whole = sum(parts.values())
            more = min(whole, factor * parts[p]) - parts[p]
            others = whole - parts[p]
            for q in parts:
                if q != p and others:
                    parts[q] -= more * parts[q] / others
            parts[p] += more

    def buy(self, p: str) -> None:
        if self.support(p) < self.costs[p]:
            self.raise_to_cost(p)
        support = self.support(p)
        assert support >= self.costs[p]
        for parts in self.parts:
            if p in parts:
                over = parts[p] * (support - self.costs[p]) / support if support else Fraction(0)
                self.pass_on(parts, p, over)
        self.left -= self.costs[p]
        self.bought.append(p)
        self.steps.append(("purchase", p))

    def give_up(self, p: str) -> None:
        for parts in self.parts:
            if p in parts:
                self.pass_on(parts, p, parts[p])
        self.given_up.append(p)
        self.steps.append(("elimination", p))

    def run(self) -> list[str]:
        while self.open:
            able = [p for p in self.open if self.support(p) >= self.costs[p]]
            if not able and self.minimal:
                able = [p for p in self.open if self.held(p) >= self.costs[p]]
            if able:
                self.buy(max(able, key=self.key))
            elif self.minimal:
                break
            else:
                self.give_up(min(self.open, key=lambda p: (self.support(p) - self.costs[p], -self.rank(p))))
        self.complete()
        return self.bought

    def complete(self) -> None:
        for p in sorted(self.open, key=self.key, reverse=True) + self.given_up[::-1]:
            if self.costs[p] <= self.left:
                self.left -= self.costs[p]
                self.bought.append(p)
                self.steps.append(("acceptance", p))
