"""Most votes first: what each project's turn was, in order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from budgets.tally.outcome import Outcome, Reason, reason
from budgets.tally.prepare import Prepared, Stage


@dataclass(frozen=True)
class Turn:
    """`left`: minor units left when the turn came; `taken`: whether it was bought; `stopped`: the count had ended;
    `barred`: a cap or a winner left no room for it.
    """

    project: int
    left: int
    taken: bool
    stopped: bool = False
    barred: bool = False


def turns(stage: Stage, among: Iterable[int], left: int, stop: bool = False) -> list[Turn]:
    """Go through `among` from the highest score (ties by the tie order), buying what fits `left`; with `stop`, end at the
    first that does not fit.
    """
    seen, stopped, costs = list[Turn](), False, stage.election.costs
    for p in stage.ground.in_line(among):
        barred = p in stage.limits.barred
        taken = not barred and not stopped and costs[p] <= left
        seen.append(Turn(p, left, taken, stopped, barred))
        if taken:
            stage.limits.buy(p)
            left -= costs[p]
        stopped = stopped or (stop and not taken and not barred)
    return seen


def greedy(stage: Stage) -> Outcome:
    ground = stage.ground
    seen = turns(stage, stage.eligible, stage.budget, ground.rule.misfit == "stop")
    reasons = {turn.project: turn_reason(ground, turn, "bought_in_turn") for turn in seen if not turn.barred}
    return Outcome([t.project for t in seen if t.taken], reasons, {"method": "greedy"}, turn_ties(ground, seen))


def turn_reason(ground: Prepared, turn: Turn, bought: str) -> Reason:
    """`bought`: the code of a purchase."""
    seen = {"score": ground.score[turn.project], "by": ground.rule.score, "left": turn.left}
    if turn.taken:
        return reason(bought, **seen)
    return reason("count_ended" if turn.stopped else "did_not_fit", **seen)


def turn_ties(ground: Prepared, seen: list[Turn]) -> list[dict[str, Any]]:
    """Equal scores matter where not all of the equals were treated alike."""
    equal: dict[int | Fraction, list[Turn]] = {}
    for turn in seen:
        equal.setdefault(ground.rank[turn.project], []).append(turn)
    split = [group for group in equal.values() if len({turn.taken for turn in group}) > 1]
    return [ground.tie([turn.project for turn in group]) for group in split]
