"""How Equal Shares spends a pot: one run, then every voter's money is raised until the pot is used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from budgets.tally.incidence import Incidence
from budgets.tally.rules import Rule
from budgets.tally.shares import EqualShares

Progress = Callable[[str, int], None]


@dataclass(frozen=True)
class Step:
    """One endowment tried: the step number, each voter's money, what the winners cost and how many they are."""

    step: int
    share: Fraction
    cost: int
    winners: int


@dataclass(frozen=True)
class Shared:
    """The run that counts; `stop` says why money was not raised further: "none" (the rule does not), "exhaustive",
    "everything" (every project is bought) or "overspends", in which case `beyond` is that next step (its cost as far
    as it was counted: past the budget). `log` holds the steps at which the winners' cost or number changed.
    """

    run: EqualShares
    stop: str
    log: tuple[Step, ...]
    step: int
    beyond: Step | None = None
    beyond_run: EqualShares | None = None


class Sharing:
    """One election under one Equal Shares rule; makes runs at any endowment. `eligible` is not empty."""

    def __init__(self, who: Incidence, rule: Rule, eligible: list[int], order: list[int]) -> None:
        self.who, self.rule, self.eligible, self.order = who, rule, eligible, order
        self.budget, self.unit = who.election.budget, who.election.unit
        costs = who.election.costs
        # A project without cost has price 0 under every utility; 1 keeps the division defined.
        self.utility = [max(cost, 1) for cost in costs] if rule.utility == "cost" else [1] * len(costs)

    def share(self, step: int) -> Fraction:
        """Each voter's money, in minor units, after `step` rises."""
        start = Fraction(self.budget, self.who.election.n_ballots)
        if self.rule.start == "integral":
            start = Fraction(start // self.unit * self.unit)
        return start + step * self.rule.increment * self.unit

    def run(self, step: int) -> EqualShares:
        """Count at that endowment; stops as soon as more than the budget is spent."""
        run = EqualShares(self.who, self.share(step), self.eligible, self.utility, self.order)
        while run.spent <= self.budget and run.step():
            pass
        return run

    def exhaustive(self, run: EqualShares) -> bool:
        """Nothing that any voter named still fits what is left."""
        costs, left = self.who.election.costs, self.budget - run.spent
        return all(run.slot[p] >= 0 or costs[p] > left for p in self.eligible)

    def record(self, step: int, run: EqualShares) -> Step:
        return Step(step, self.share(step), run.spent, len(run.purchases))

    def complete(self, progress: Progress | None) -> Shared:
        run, step = self.run(0), 0
        log = [self.record(0, run)]
        if self.rule.completion not in ("add1", "add1u"):
            return Shared(run, "none", tuple(log), 0)
        pace = Pace()
        while True:
            stop = self._stop(run)
            ahead = None if stop else self._jump(run, step, pace)
            if ahead:
                run, step = ahead, step + pace.length
                pace.landed()
                continue
            if stop:
                return Shared(self.run(step), stop, tuple(log), step)
            following = self.run(step + 1)
            record = self.record(step + 1, following)
            if following.spent > self.budget:
                return Shared(self.run(step), "overspends", tuple(log), step, record, following)
            pace.walked([b.project for b in run.purchases] == [b.project for b in following.purchases])
            run, step = following, step + 1
            if (record.cost, record.winners) != (log[-1].cost, log[-1].winners):
                log.append(record)
            if progress:
                progress("add1", step)

    def _stop(self, run: EqualShares) -> str:
        if len(run.purchases) == len(self.eligible):
            return "everything"
        return "exhaustive" if self.rule.exhaustive_stop and self.exhaustive(run) else ""

    def _jump(self, run: EqualShares, step: int, pace: Pace) -> EqualShares | None:
        """The run `pace.length` steps on, if the purchases are proven the same there and at every step between."""
        while pace.length > 1:
            ahead = EqualShares(self.who, self.share(step + pace.length), self.eligible, self.utility, self.order)
            if ahead.follows(run):
                return ahead
            pace.missed()
        return None


@dataclass
class Pace:
    """How many steps to try at once: more while nothing changes, and fewer attempts where they fail."""

    length: int = 1
    rest: int = 1
    quiet: int = 0

    def walked(self, same: bool) -> None:
        self.quiet = self.quiet + 1 if same else 0
        if self.quiet >= self.rest:
            self.length = 2

    def landed(self) -> None:
        self.length *= 2
        self.rest = max(1, self.rest // 2)

    def missed(self) -> None:
        self.length //= 2
        if self.length == 1:
            self.rest, self.quiet = min(self.rest * 2, 8), 0
