"""The counting methods: each takes a stage and answers with an outcome."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from budgets.tally import trace
from budgets.tally.completion import Progress, Shared, Sharing, Step
from budgets.tally.cumulative_stv import cumulative_stv
from budgets.tally.exact import ratio
from budgets.tally.exact_shares import exact_shares
from budgets.tally.expanding_approvals import expanding_approvals
from budgets.tally.greedy import Turn, greedy, turn_reason, turn_ties, turns
from budgets.tally.outcome import Outcome, Reason, reason
from budgets.tally.overspending import overspending
from budgets.tally.phragmen import Phragmen
from budgets.tally.prepare import Stage
from budgets.tally.welfare import Item, Takes, best_of

Method = Callable[[Stage, Progress | None], Outcome]


def most_votes_first(stage: Stage, progress: Progress | None) -> Outcome:
    return greedy(stage)


def equal_shares(stage: Stage, progress: Progress | None) -> Outcome:
    if not stage.eligible:
        return greedy(stage)
    ground, sharing = stage.ground, Sharing(stage)
    shared = sharing.complete(progress)
    run, rest = shared.run, sharing.open(shared.run)
    stage.limits = run.limits
    seen: list[Turn] = []
    if ground.rule.completion in ("add1u", "utilitarian"):
        seen = turns(stage, rest, stage.budget - run.spent)
    selected = [bought.project for bought in run.purchases] + [turn.project for turn in seen if turn.taken]
    if not stage.explained:
        return Outcome(selected)
    reasons = {
        bought.project: reason(
            "bought", price=ratio(bought.price), full=bought.full, part=bought.part, broke=bought.broke,
            votes=ground.who.votes[bought.project], points=ground.rule.utility == "points",
        )
        for bought in run.purchases
    }  # fmt: skip
    for p in rest:
        reasons[p] = _lacking(stage, shared, p)
    for turn in seen:
        if turn.taken:
            reasons[turn.project] = turn_reason(ground, turn, "bought_completion")
        elif not turn.barred:
            reasons[turn.project]["params"]["left"] = turn.left
    ties = [ground.tie(bought.tied) for bought in run.purchases if len(bought.tied) > 1]
    ties += turn_ties(ground, seen)
    return Outcome(selected, reasons, _share_log(shared), ties, [lambda: trace.of_shared(stage.election, shared)])


def _lacking(stage: Stage, shared: Shared, p: int) -> Reason:
    """What the voters of an unbought project had left; rounded down to whole minor units beside the exact sum."""
    money, cost = shared.run.money_behind(p), stage.election.costs[p]
    have = int(money)
    votes = stage.ground.who.votes[p]
    return reason("not_affordable", money=ratio(money), have=have, cost=cost, short=cost - have, votes=votes)


def _share_log(shared: Shared) -> dict[str, Any]:
    return {
        "method": "equal-shares",
        "share": ratio(shared.log[0].share),
        "final_share": ratio(shared.run.share),
        "steps": shared.step,
        "stop": shared.stop,
        "changes": [_step(step) for step in shared.log],
        "beyond": _step(shared.beyond) if shared.beyond else None,
    }


def _step(step: Step) -> dict[str, Any]:
    return {"step": step.step, "share": ratio(step.share), "cost": step.cost, "winners": step.winners}


def phragmen(stage: Stage, progress: Progress | None) -> Outcome:
    run, left, votes = Phragmen(stage), stage.budget, stage.ground.who.votes
    reasons: dict[int, Reason] = {}
    while moment := run.step(left):
        left -= stage.election.costs[moment.project]
        time = ratio(moment.time)
        reasons[moment.project] = reason("bought_when_earned", time=time, votes=votes[moment.project])
    for p in run.open:
        reasons[p] = reason("not_reached", left=left, cost=stage.election.costs[p], votes=votes[p])
    ties = [stage.ground.tie(moment.tied) for moment in run.moments if len(moment.tied) > 1]
    record = trace.of_moments(stage.election, run.moments)
    return Outcome([m.project for m in run.moments], reasons, {"method": "phragmen"}, ties, record)


def max_welfare(stage: Stage, progress: Progress | None) -> Outcome:
    """The set worth most to all voters; of equals the cheaper; then the one with the first project, in tie order, that
    the other lacks. Refuses (OverflowError) where limits leave too many sets in question."""
    ground, costs, by = stage.ground, stage.election.costs, stage.ground.rule.utility
    worth = [parts * (cost if by == "cost" else 1) for parts, cost in zip(ground.who.parts, costs, strict=True)]
    width = len(costs)
    items = [Item(p, costs[p], worth[p], 1 << (width - 1 - ground.order[p])) for p in stage.eligible]
    chosen, best = best_of(items, *_welfare_limits(stage), width)
    chosen.sort(key=lambda p: (-worth[p], ground.order[p]))
    total = sum(worth[p] for p in chosen)
    reasons = {p: reason("not_in_best_set", total=total, by=by) for p in stage.eligible}
    reasons |= {p: reason("in_best_set", worth=worth[p], total=total, by=by) for p in chosen}
    for p in chosen:
        stage.limits.buy(p)
    record = trace.of_best(stage.election, chosen, best)
    return Outcome(chosen, reasons, {"method": "max-welfare", "total": total}, [], record)


def _welfare_limits(stage: Stage) -> tuple[tuple[int, ...], dict[int, Takes]]:
    """What is left of the budget, of each cap, and one purchase of each incompatible set; and for each project what it
    takes of which of these."""
    costs, ids = stage.election.costs, stage.election.ids
    caps, sets = stage.limits.caps, stage.ground.rule.incompatible
    limits = (stage.budget, *(cap.left() for cap in caps), *(1 for _ in sets))
    takes = {}
    for p in stage.eligible:
        all_ = [costs[p], *(costs[p] * (p in cap.projects) for cap in caps), *(int(ids[p] in names) for names in sets)]
        takes[p] = tuple((k, much) for k, much in enumerate(all_) if much)
    return limits, takes


METHODS: dict[str, Method] = {
    "greedy": most_votes_first,
    "equal-shares": equal_shares,
    "phragmen": phragmen,
    "max-welfare": max_welfare,
    "cumulative-stv": cumulative_stv,
    "expanding-approvals": expanding_approvals,
    "overspending": overspending,
    "exact-shares": exact_shares,
}
