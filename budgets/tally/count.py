"""Count an election under a rule and say, for every project, what happened to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from fractions import Fraction
from typing import Any

import numpy as np

from budgets.tally import trace
from budgets.tally.completion import Progress
from budgets.tally.election import Election
from budgets.tally.exact import ratio
from budgets.tally.incidence import Incidence
from budgets.tally.limits import Limits, of_quota
from budgets.tally.methods import METHODS
from budgets.tally.outcome import Outcome, Reason, reason
from budgets.tally.prepare import Prepared, Stage
from budgets.tally.rules import Quota, Rule

VERSION = "1.1.0"


@dataclass(frozen=True)
class Tally:
    """One count. Everything in it is JSON: text, whole numbers, lists and dicts; exact fractions are "num/den".

    `projects` is sorted by id, each {id, name, cost, votes, score, selected, order (1 for the first bought) or None,
    reason: {code, params}}; `explain.sentence` reads one. `selected` is in purchase order and `cost` what they cost.
    `part_funded`: {project, amount} where the rule gives what is left to the next project, beside the selected.
    """

    rule: str
    rule_digest: str
    election_digest: str
    version: str
    selected: tuple[str, ...]
    cost: int
    budget: int
    n_ballots: int
    n_empty: int
    projects: tuple[dict[str, Any], ...]
    statistics: dict[str, Any]
    log: dict[str, Any]
    ties: tuple[dict[str, Any], ...]
    comparison: dict[str, Any] | None = None
    part_funded: dict[str, Any] | None = None

    def to_json(self) -> dict[str, Any]:
        document = {field.name: getattr(self, field.name) for field in fields(self)}
        return {**document, "digest": self.election_digest}


def count(election: Election, rule: Rule, progress: Progress | None = None) -> Tally:
    """Pure: the same election and rule give the same tally, byte for byte.

    `progress(stage, step)` is called during long counts. Refuses (ValueError) a rule that needs points when the
    ballots hold none, and (OverflowError) sums beyond 2 to the 61.
    """
    return count_traced(election, rule, progress)[0]


def count_traced(election: Election, rule: Rule, progress: Progress | None = None) -> tuple[Tally, Iterator[str]]:
    """As `count`, with the trace that `verify.py` checks, line by line."""
    ground = Prepared(election, rule)
    outcome = decide(ground, rule.method, progress)
    record, comparison = outcome.record, None
    if rule.comparison == "greedy":
        outcome, comparison = compared(ground, outcome)
    tally = Summary(ground, outcome).tally(comparison)
    result: dict[str, Any] = {"selected": list(tally.selected), "cost": tally.cost}
    if tally.part_funded:
        result["part_funded"] = tally.part_funded
    return tally, trace.lines(election, rule, VERSION, record, result)


def winners(election: Election, rule: Rule) -> list[int]:
    """Only which projects win (positions, in purchase order): for the many counts of a what-if."""
    ground = Prepared(election, rule)
    outcome = decide(ground, rule.method, None, explained=False)
    return (outcome if rule.comparison == "none" else compared(ground, outcome)[0]).selected


# -- stages: guaranteed amounts first, then everything that is left


def decide(ground: Prepared, method: str, progress: Progress | None, explained: bool = True) -> Outcome:
    """Count every stage by `method`; where it is `explained`, each project gets a reason, but those that were refused
    beforehand."""
    limits, whole = Limits(ground.election, ground.rule), Outcome()
    guaranteed: list[dict[str, Any]] = []
    left = ground.election.budget
    for quota in (*ground.rule.guarantees, None):
        stage = _stage(ground, quota, left, limits, whole)
        stage.explained = explained
        part = METHODS[method](stage, progress)
        limits, left = stage.limits, left - _cost(ground, part)
        if ground.rule.guarantees:
            part.record = [trace.of_stage(quota, stage.budget), *part.record]
        if quota:
            ids = [ground.election.ids[p] for p in part.selected]
            guaranteed.append({**asdict(quota), "selected": ids, "cost": _cost(ground, part)})
        whole.then(part)
    if guaranteed:
        whole.log["guarantees"] = guaranteed
    if explained:
        _explain_the_rest(ground, limits, whole, stage.budget)
    if ground.rule.part_funding == "next":
        _give_the_rest(ground, limits, whole, left)
    return whole


def _stage(ground: Prepared, quota: Quota | None, left: int, limits: Limits, whole: Outcome) -> Stage:
    among, budget, bought = ground.eligible, left, set(whole.selected)
    if quota:
        group = of_quota(ground.election, quota)
        spent = sum(ground.election.costs[p] for p in bought & group)
        among, budget = [p for p in among if p in group], min(left, max(0, quota.amount - spent))
    costs = ground.election.costs
    eligible = [p for p in among if p not in bought and p not in limits.barred and costs[p] <= budget]
    return Stage(ground, budget, eligible, limits)


def _cost(ground: Prepared, outcome: Outcome) -> int:
    return sum(ground.election.costs[p] for p in outcome.selected)


def _explain_the_rest(ground: Prepared, limits: Limits, whole: Outcome, budget: int) -> None:
    """Reasons of what was barred or did not even fit the `budget` of the last stage."""
    bought = set(whole.selected)
    for p in ground.eligible:
        if p in bought:
            continue
        if p in limits.barred:
            whole.reasons[p] = limits.barred[p]
        elif ground.election.costs[p] > budget:
            whole.reasons[p] = reason("over_rest", cost=ground.election.costs[p], budget=budget)


def _give_the_rest(ground: Prepared, limits: Limits, whole: Outcome, left: int) -> None:
    bought = set(whole.selected)
    for p in ground.in_line(p for p in ground.eligible if p not in bought):
        amount, cost = min(limits.room(p, left), ground.election.costs[p]), ground.election.costs[p]
        if not amount:
            continue
        if amount == cost:
            whole.selected.append(p)
            whole.reasons[p] = reason("bought_completion", score=ground.score[p], by=ground.rule.score, left=left)
        else:
            whole.reasons[p] = reason("part_funded", amount=amount, cost=cost)
            whole.part = (p, amount)
        return


def compared(ground: Prepared, outcome: Outcome) -> tuple[Outcome, dict[str, Any]]:
    """The outcome stands unless more voters have more winners under greedy."""
    other = decide(ground, "greedy", None)
    ours, theirs = (ground.who.winners_per_group(o.selected) for o in (outcome, other))
    weights = ground.election.weights
    ahead, behind = int(weights[ours > theirs].sum()), int(weights[ours < theirs].sum())
    kept = behind <= ahead
    names = [ground.election.ids[p] for p in other.selected]
    record = {"with": "greedy", "more_winners": ahead, "fewer_winners": behind, "kept": kept, "other": names}
    return (outcome if kept else other), record


class Summary:
    """What is published of an outcome."""

    def __init__(self, ground: Prepared, outcome: Outcome) -> None:
        self.ground, self.election, self.outcome = ground, ground.election, outcome
        self.place = {p: order for order, p in enumerate(outcome.selected, start=1)}

    def tally(self, comparison: dict[str, Any] | None) -> Tally:
        election, outcome, part = self.election, self.outcome, self.outcome.part
        return Tally(
            rule=self.ground.rule.name,
            rule_digest=self.ground.rule.digest,
            election_digest=election.digest,
            version=VERSION,
            selected=tuple(election.ids[p] for p in outcome.selected),
            cost=_cost(self.ground, outcome),
            budget=election.budget,
            n_ballots=election.n_ballots,
            n_empty=int(election.weights[self.ground.who.lengths == 0].sum()),
            projects=tuple(self._row(p) for p in range(len(election.projects))),
            statistics=statistics(self.ground.who, outcome.selected),
            log=outcome.log,
            ties=tuple(outcome.ties),
            comparison=comparison,
            part_funded={"project": election.ids[part[0]], "amount": part[1]} if part else None,
        )

    def _row(self, p: int) -> dict[str, Any]:
        project, place = self.election.projects[p], self.place.get(p)
        why: Reason = self.outcome.reasons.get(p) or self.ground.refused[p]
        return {
            "id": project.id,
            "name": project.name,
            "cost": project.cost,
            "votes": self.ground.who.votes[p],
            "score": self.ground.score[p],
            "selected": place is not None,
            "order": place,
            "reason": why,
        }


def statistics(who: Incidence, selected: list[int]) -> dict[str, Any]:
    """Over all voters, those with an empty ballot included; per area, what was bought and for how much."""
    election = who.election
    winners, weights = who.winners_per_group(selected), election.weights
    total = int((winners * weights).sum())
    areas: dict[str, dict[str, int]] = {}
    for p in selected:
        area = areas.setdefault(election.projects[p].area, {"projects": 0, "cost": 0})
        area["projects"] += 1
        area["cost"] += election.costs[p]
    return {
        "voters": election.n_ballots,
        "voters_with_winner": int(weights[winners > 0].sum()),
        "winners_named": total,
        "winners_per_voter": ratio(Fraction(total, max(election.n_ballots, 1))),
        "voters_by_winners": [int(n) for n in np.bincount(winners, weights=weights)] if len(weights) else [],
        "areas": dict(sorted(areas.items())),
    }
