"""How Equal Shares spends a pot: one run, then every voter's money is raised until the pot is used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from budgets.tally.prepare import Stage
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
class Span:
    """The steps from `first` to `last` are proven to buy the same (positions, in order)."""

    first: int
    last: int
    bought: tuple[int, ...]


@dataclass(frozen=True)
class Shared:
    """The run that counts; `stop` says why money was not raised further: "none" (the rule does not), "exhaustive",
    "everything" (no project is left that could be bought) or "overspends", in which case `beyond` is that next step (its
    cost as far as it was counted: past the budget). `log` holds the steps at which the winners' cost or number changed,
    `spans` covers all steps before the one that counts.
    """

    run: EqualShares
    stop: str
    log: tuple[Step, ...]
    step: int
    beyond: Step | None = None
    beyond_run: EqualShares | None = None
    spans: tuple[Span, ...] = ()


class Sharing:
    """One stage under an Equal Shares rule; makes runs at any endowment. The stage's limits stay as they were."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.who, self.rule = stage, stage.ground.who, stage.ground.rule
        self.budget, self.unit = stage.budget, stage.election.unit
        costs = stage.election.costs
        # A project without cost has price 0 under every utility; 1 keeps the division defined.
        self.utility = [max(cost, 1) for cost in costs] if self.rule.utility == "cost" else [1] * len(costs)

    def share(self, step: int) -> Fraction:
        """Each voter's money, in minor units, after `step` rises."""
        start = Fraction(self.budget, self.who.election.n_ballots)
        if self.rule.start == "integral":
            start = Fraction(start // self.unit * self.unit)
        return start + step * self.rule.increment * self.unit

    def run(self, step: int) -> EqualShares:
        """Count at that endowment; stops as soon as more than the budget is spent."""
        run = self.begin(step)
        while run.spent <= self.budget and run.step():
            pass
        return run

    def begin(self, step: int) -> EqualShares:
        stage = self.stage
        limits = stage.limits.copy()
        return EqualShares(self.who, self.share(step), stage.eligible, self.utility, stage.ground.order, limits)

    def open(self, run: EqualShares) -> list[int]:
        """What is neither bought nor barred."""
        return [p for p in self.stage.eligible if run.slot[p] < 0 and p not in run.limits.barred]

    def record(self, step: int, run: EqualShares) -> Step:
        return Step(step, self.share(step), run.spent, len(run.purchases))

    def complete(self, progress: Progress | None) -> Shared:
        run, step = self.run(0), 0
        log = [self.record(0, run)]
        if self.rule.completion not in ("add1", "add1u"):
            return Shared(run, "none", tuple(log), 0)
        pace, spans = Pace(), Spans()
        spans.add(0, 0, run)
        while True:
            stop = self._stop(run)
            ahead = None if stop else self._jump(run, step, pace)
            if ahead:
                spans.add(step, step + pace.length, ahead)
                run, step = ahead, step + pace.length
                pace.landed()
                continue
            if stop:
                return Shared(self.run(step), stop, tuple(log), step, spans=spans.before(step))
            following = self.run(step + 1)
            record = self.record(step + 1, following)
            if following.spent > self.budget:
                return Shared(self.run(step), "overspends", tuple(log), step, record, following, spans.before(step))
            pace.walked([b.project for b in run.purchases] == [b.project for b in following.purchases])
            run, step = following, step + 1
            spans.add(step, step, run)
            if (record.cost, record.winners) != (log[-1].cost, log[-1].winners):
                log.append(record)
            if progress:
                progress("add1", step)

    def _stop(self, run: EqualShares) -> str:
        costs, left, rest = self.who.election.costs, self.budget - run.spent, self.open(run)
        if not rest:
            return "everything"
        # Exhaustive: nothing that any voter named still fits what is left.
        return "exhaustive" if self.rule.exhaustive_stop and all(costs[p] > left for p in rest) else ""

    def _jump(self, run: EqualShares, step: int, pace: Pace) -> EqualShares | None:
        """The run `pace.length` steps on, if the purchases are proven the same there and at every step between."""
        while pace.length > 1:
            ahead = self.begin(step + pace.length)
            if ahead.follows(run):
                return ahead
            pace.missed()
        return None


class Spans:
    """The proof that no earlier step ended the count: what was bought at which steps."""

    def __init__(self) -> None:
        self.spans: list[Span] = []

    def add(self, first: int, last: int, run: EqualShares) -> None:
        bought = tuple(bought.project for bought in run.purchases)
        if self.spans and self.spans[-1].bought == bought:
            bought = self.spans[-1].bought  # held once, however many steps
        if self.spans and self.spans[-1].first == self.spans[-1].last == first:
            self.spans.pop()
        self.spans.append(Span(first, last, bought))

    def before(self, step: int) -> tuple[Span, ...]:
        return tuple(span for span in self.spans if span.first < step)


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
