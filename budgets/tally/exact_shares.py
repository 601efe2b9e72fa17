"""Exact Equal Shares: everybody who pays for a project pays exactly the same, or nothing.

The rule is that of Kraiczy and Elkind, "An adaptive and verifiably proportional method for participatory budgeting"
(WINE 2023), in the form of Kraiczy, Robinson and Elkind, "Streamlining Equal Shares" (arXiv 2502.11797, 2025), Algorithm
1. Every voter starts with the same money. A project can be bought by k of its voters if each of them has cost / k; the
others pay nothing and keep what they have. For each project k is the greatest possible. Bought is the project with the
most utility for the money, k u / cost, until none can be bought; equal ones in the tie order. Utilities: "cost" (u =
cost: the most payers come first) and "cardinality" (u = 1: the least price). What costs nothing comes before all else.

Completion, besides "none", "utilitarian", "add1" and "add1u", which mean what they do for Equal Shares: "add-opt" raises
everybody's money to the least endowment at which the outcome changes, exactly, without a fixed step, again and again. The
outcome is, as in the paper, which projects are bought in which order and how many pay for each: also a change of payers
alone is visited, for it may be what makes another project affordable. It ends where Add1 does: before the first outcome
that costs more than the budget, and with `exhaustive_stop` at the first that leaves no room for any other project.
"add-opt-skip" (the same paper) raises it further at once: to the least endowment at which a project that is not bought
would come before one that is, or after all, if all the others were paid by the same voters as now. It skips the changes
of payers alone, of which long ballots make thousands.

The next change. Let the same purchases be made at an endowment raised to s. At every stage, project q comes before the
one bought there if enough of its voters, k at least, could share its cost: if s >= cost / j + what the j-th of its voters,
in the order of what they have paid, has paid, for some j >= k. The least such s over all stages and projects is the next
change: O(m n) for one stage. Stages before a change stay as they are, and so does what was found about them.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from budgets.tally.completion import Progress, Sharing, Step
from budgets.tally.exact import ratio
from budgets.tally.exact_run import ExactShares, Purchase
from budgets.tally.greedy import Turn, turn_reason, turn_ties, turns
from budgets.tally.outcome import Line, Outcome, Reason, Recorded, reason
from budgets.tally.prepare import Stage

# How far to look for changes at once, first as a part of the endowment: doubled where that finds few, halved where many.
FIRST_LOOK, FEW, MANY = 64, 8, 64


@dataclass(frozen=True)
class Shared:
    """The run that counts, at step `step` (for add-opt: after so many changes); `stop` and `log` as in
    completion.Shared. `beyond`: the next step, which overspends, and its purchases as far as they were counted.
    """

    run: ExactShares
    stop: str
    step: int
    log: tuple[Step, ...]
    beyond: tuple[Step, tuple[Purchase, ...]] | None = None


class Rising:
    """Raises the endowment of one run as the rule says."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.rule, self.sharing = stage, stage.ground.rule, Sharing(stage)
        self.run = self._at(self.sharing.share(0))
        self.width = self.run.share / FIRST_LOOK or Fraction(1)
        self.since = 0

    def _at(self, share: Fraction) -> ExactShares:
        run = ExactShares(self.stage, self.sharing.utility, share)
        run.advance()
        return run

    def complete(self, progress: Progress | None) -> Shared:
        step, log = 0, [self._record(0)]
        if self.rule.completion in ("none", "utilitarian"):
            return Shared(self.run, "none", 0, tuple(log))
        while not (stop := self._stop()):
            following = self._following(step)
            last, share = self._before(step, following)
            self._raise(following)
            record = self._record(following[0])
            if self.run.spent > self.stage.budget:
                beyond = record, tuple(self.run.purchases)
                return Shared(self._at(share), "overspends", last, tuple(log), beyond)
            step = following[0]
            if (record.cost, record.winners) != (log[-1].cost, log[-1].winners):
                log.append(record)
            if progress:
                progress(self.rule.completion, step)
        return Shared(self.run, stop, step, tuple(log))

    def _record(self, step: int) -> Step:
        return Step(step, self.run.share, self.run.spent, len(self.run.purchases))

    def _stop(self) -> str:
        costs, left, rest = self.run.costs, self.stage.budget - self.run.spent, self.run.open()
        if not rest:
            return "everything"
        return "exhaustive" if self.rule.exhaustive_stop and all(costs[p] > left for p in rest) else ""

    def _following(self, step: int) -> tuple[int, Fraction]:
        """The next step at which the outcome changes, and its endowment."""
        new = self.rule.completion == "add-opt-skip"
        while (change := self.run.change(new)) is None:
            self._look(self.run.share if new else max(self.run.share, self.run.horizon))
        if self.rule.completion in ("add-opt", "add-opt-skip"):
            return step + 1, change
        rise = self.rule.increment * self.stage.election.unit
        step = -int(-(change - self.sharing.share(0)) // rise)
        return step, self.sharing.share(step)

    def _before(self, step: int, following: tuple[int, Fraction]) -> tuple[int, Fraction]:
        """The last step before that one, and its endowment: the outcome there is the present one."""
        if self.rule.completion in ("add-opt", "add-opt-skip"):
            return step, self.run.share
        return following[0] - 1, self.sharing.share(following[0] - 1)

    def _raise(self, following: tuple[int, Fraction]) -> None:
        self.since += 1
        if following[1] <= self.run.horizon:
            self.run.raise_to(following[1])
        else:
            self._look(following[1])

    def _look(self, share: Fraction) -> None:
        if self.since < FEW:
            self.width *= 2
        elif self.since > MANY:
            self.width /= 2
        self.since = 0
        self.run.look(share, max(share, self.run.horizon) + self.width)


def exact_shares(stage: Stage, progress: Progress | None) -> Outcome:
    """The method: see the top of this module."""
    if not stage.eligible:
        return Outcome(log={"method": "exact-shares"})
    ground, shared = stage.ground, Rising(stage).complete(progress)
    run, rest = shared.run, shared.run.open()
    stage.limits = run.limits
    reasons = {bought.project: _bought(stage, bought) for bought in run.purchases}
    reasons |= {p: _lacking(stage, run, p) for p in rest}
    seen: list[Turn] = []
    if ground.rule.completion in ("add1u", "utilitarian"):
        seen = turns(stage, rest, stage.budget - run.spent)
    for turn in seen:
        if turn.taken:
            reasons[turn.project] = turn_reason(ground, turn, "bought_completion")
        elif not turn.barred:
            reasons[turn.project]["params"]["left"] = turn.left
    selected = [bought.project for bought in run.purchases] + [turn.project for turn in seen if turn.taken]
    ties = [ground.tie(bought.tied) for bought in run.purchases if len(bought.tied) > 1]
    record = _run(stage, "final", shared.step, run.share, run.purchases)
    if shared.beyond:
        record += _run(stage, "beyond", shared.beyond[0].step, shared.beyond[0].share, list(shared.beyond[1]))
    return Outcome(selected, reasons, _log(shared), ties + turn_ties(ground, seen), record)


def _bought(stage: Stage, bought: Purchase) -> Reason:
    votes = stage.ground.who.votes[bought.project]
    return reason("bought_exactly", price=ratio(bought.price), payers=bought.payers, votes=votes)


def _lacking(stage: Stage, run: ExactShares, p: int) -> Reason:
    """How much more every voter would have needed in the end for enough voters of p to share its cost; `more` rounds it
    up to whole minor units.
    """
    votes, least = stage.ground.who.votes[p], run.paid.least_share(p, 1)
    assert least is not None  # every eligible project has a voter
    more = least - run.share
    return reason("not_together", needed=ratio(more), more=-int(-more // 1), cost=run.costs[p], votes=votes)


def _log(shared: Shared) -> dict[str, Any]:
    return {
        "method": "exact-shares",
        "share": ratio(shared.log[0].share),
        "final_share": ratio(shared.run.share),
        "steps": shared.step,
        "stop": shared.stop,
        "changes": [_step(step) for step in shared.log],
        "beyond": _step(shared.beyond[0]) if shared.beyond else None,
    }


def _step(step: Step) -> dict[str, Any]:
    return {"step": step.step, "share": ratio(step.share), "cost": step.cost, "winners": step.winners}


def _run(stage: Stage, name: str, step: int, share: Fraction, purchases: list[Purchase]) -> list[Recorded]:
    ids = stage.election.ids
    head: Line = {"type": "run", "name": name, "step": step, "share": ratio(share)}
    lines: list[Line] = [
        {
            "type": "purchase",
            "project": ids[bought.project],
            "payers": bought.payers,
            "price": ratio(bought.price),
            "tied": [ids[p] for p in bought.tied],
        }
        for bought in purchases
    ]
    return [head, *lines]
