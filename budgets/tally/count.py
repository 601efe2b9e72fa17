"""Count an election under a rule and say, for every project, what happened to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from budgets.tally import trace
from budgets.tally.completion import Progress, Shared, Sharing, Step
from budgets.tally.election import Election
from budgets.tally.exact import ratio
from budgets.tally.greedy import Turn, greedy
from budgets.tally.incidence import Incidence
from budgets.tally.phragmen import Phragmen
from budgets.tally.rules import Rule
from budgets.tally.ties import tie_order
from budgets.tally.welfare import Item, best_set

VERSION = "1.0.0"

Reason = dict[str, Any]


@dataclass(frozen=True)
class Tally:
    """One count. Everything in it is JSON: text, whole numbers, lists and dicts; exact fractions are "num/den".

    `projects` is sorted by id, each {id, name, cost, votes, score, selected, order (1 for the first bought) or None,
    reason: {code, params}}; `explain.sentence` reads one. `selected` is in purchase order.
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

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "digest": self.election_digest}


@dataclass
class Outcome:
    """What a method decided: positions in purchase order, a reason for each project it looked at."""

    selected: list[int]
    reasons: dict[int, Reason]
    log: dict[str, Any]
    ties: list[dict[str, Any]]
    record: list[trace.Line] = field(default_factory=list)


def count(election: Election, rule: Rule, progress: Progress | None = None) -> Tally:
    """Pure: the same election and rule give the same tally, byte for byte.

    `progress(stage, step)` is called during long counts. Refuses (ValueError) a rule that needs points when the
    ballots hold none, and (OverflowError) sums beyond 2 to the 61.
    """
    return count_traced(election, rule, progress)[0]


def count_traced(election: Election, rule: Rule, progress: Progress | None = None) -> tuple[Tally, Iterator[str]]:
    """As `count`, with the trace that `verify.py` checks, line by line."""
    if election.values is None and "points" in (rule.score, rule.utility):
        raise ValueError(f"rule {rule.name}: needs points, but the ballots are of type {election.vote_type}")
    counting = Counting(election, rule)
    outcome = counting.outcome(progress)
    record, comparison = outcome.record, None
    if rule.comparison == "greedy":
        outcome, comparison = counting.compared(outcome)
    tally = counting.tally(outcome, comparison)
    result = {"selected": list(tally.selected), "cost": tally.cost}
    return tally, trace.lines(election, rule, VERSION, record, result)


class Counting:
    """One election under one rule."""

    def __init__(self, election: Election, rule: Rule) -> None:
        self.election, self.rule = election, rule
        self.who = Incidence.of(election, by_value=rule.utility == "points")
        self.score = self.who.score if rule.score == "points" else self.who.votes
        self.order = tie_order(election, rule, self.who.votes)
        self.rank: Sequence[int | Fraction] = self.score
        if rule.score == "votes-per-cost":
            # What costs nothing comes before everything that costs something.
            self.rank = [
                Fraction(votes, cost) if cost else self.who.election.n_ballots + votes
                for votes, cost in zip(self.who.votes, election.costs, strict=True)
            ]
        self.refused = {p: reason for p in range(len(election.projects)) if (reason := self._refusal(p))}
        self.eligible = [p for p in range(len(election.projects)) if p not in self.refused]

    def _refusal(self, p: int) -> Reason | None:
        """Why the project takes no part in the count, if so."""
        cost, budget, votes, rule = self.election.costs[p], self.election.budget, self.who.votes[p], self.rule
        if not votes:
            return reason("no_votes")
        if cost > budget:
            return reason("over_budget", cost=cost, budget=budget)
        if self.score[p] < rule.threshold:
            return reason("below_threshold", score=self.score[p], by=rule.score, threshold=rule.threshold)
        if votes * rule.cost_share * budget < cost * self.election.n_ballots:
            needed = -(-cost * self.election.n_ballots // (rule.cost_share * budget)) if rule.cost_share else 0
            return reason("below_cost_share", votes=votes, needed=needed) if rule.cost_share else None
        return None

    def outcome(self, progress: Progress | None) -> Outcome:
        if self.rule.method == "equal-shares" and self.eligible:
            return self._equal_shares(progress)
        if self.rule.method == "phragmen":
            return self._phragmen()
        if self.rule.method == "max-welfare":
            return self._max_welfare()
        return self._greedy()

    # -- the methods

    def _greedy(self) -> Outcome:
        stop = self.rule.misfit == "stop"
        turns = greedy(self.eligible, self.rank, self.election.costs, self.order, self.election.budget, stop)
        reasons = {turn.project: self._turn(turn, "bought_in_turn") for turn in turns}
        return Outcome([t.project for t in turns if t.taken], reasons, {"method": "greedy"}, self._greedy_ties(turns))

    def _turn(self, turn: Turn, bought: str) -> Reason:
        seen = {"score": self.score[turn.project], "by": self.rule.score, "left": turn.left}
        if turn.taken:
            return reason(bought, **seen)
        return reason("count_ended" if turn.stopped else "did_not_fit", **seen)

    def _greedy_ties(self, turns: list[Turn]) -> list[dict[str, Any]]:
        """Equal scores matter where not all of the equals were treated alike."""
        equal: dict[int | Fraction, list[Turn]] = {}
        for turn in turns:
            equal.setdefault(self.rank[turn.project], []).append(turn)
        split = [group for group in equal.values() if len({turn.taken for turn in group}) > 1]
        return [self._tie([turn.project for turn in group]) for group in split]

    def _tie(self, projects: list[int] | tuple[int, ...]) -> dict[str, Any]:
        return {"first": self.election.ids[projects[0]], "equal": [self.election.ids[p] for p in projects]}

    def _equal_shares(self, progress: Progress | None) -> Outcome:
        shared = Sharing(self.who, self.rule, self.eligible, self.order).complete(progress)
        run, costs = shared.run, self.election.costs
        left, rest = self.election.budget - run.spent, [p for p in self.eligible if run.slot[p] < 0]
        turns: list[Turn] = []
        if self.rule.completion in ("add1u", "utilitarian"):
            turns = greedy(rest, self.rank, costs, self.order, left)
        reasons = {
            bought.project: reason(
                "bought", price=ratio(bought.price), full=bought.full, part=bought.part, broke=bought.broke,
                votes=self.who.votes[bought.project], points=self.rule.utility == "points",
            )
            for bought in run.purchases
        }  # fmt: skip
        for p in rest:
            reasons[p] = self._lacking(shared, p)
        for turn in turns:
            if turn.taken:
                reasons[turn.project] = self._turn(turn, "bought_completion")
            else:
                reasons[turn.project]["params"]["left"] = turn.left
        selected = [bought.project for bought in run.purchases] + [turn.project for turn in turns if turn.taken]
        ties = [self._tie(bought.tied) for bought in run.purchases if len(bought.tied) > 1]
        record = trace.of_shared(self.election, shared)
        return Outcome(selected, reasons, _share_log(shared), ties + self._greedy_ties(turns), record)

    def _lacking(self, shared: Shared, p: int) -> Reason:
        """What the voters of an unbought project had left; rounded down to whole minor units beside the exact sum."""
        money, cost = shared.run.money_behind(p), self.election.costs[p]
        have = int(money)
        return reason(
            "not_affordable", money=ratio(money), have=have, cost=cost, short=cost - have, votes=self.who.votes[p]
        )

    def _phragmen(self) -> Outcome:
        run, left = Phragmen(self.who, self.eligible, self.order), self.election.budget
        reasons: dict[int, Reason] = {}
        while moment := run.step(left):
            left -= self.election.costs[moment.project]
            reasons[moment.project] = reason(
                "bought_when_earned", time=ratio(moment.time), votes=self.who.votes[moment.project]
            )
        for p in run.open:
            reasons[p] = reason("not_reached", left=left, cost=self.election.costs[p], votes=self.who.votes[p])
        ties = [self._tie(moment.tied) for moment in run.moments if len(moment.tied) > 1]
        record = trace.of_moments(self.election, run.moments)
        return Outcome([m.project for m in run.moments], reasons, {"method": "phragmen"}, ties, record)

    def _max_welfare(self) -> Outcome:
        costs, first = self.election.costs, len(self.order) - 1
        worth = [
            parts * (cost if self.rule.utility == "cost" else 1)
            for parts, cost in zip(self.who.parts, costs, strict=True)
        ]
        items = [Item(p, costs[p], worth[p], 1 << (first - self.order[p])) for p in self.eligible]
        chosen = sorted(best_set(items, self.election.budget), key=lambda p: (-worth[p], self.order[p]))
        total, by = sum(worth[p] for p in chosen), self.rule.utility
        reasons = {p: reason("not_in_best_set", total=total, by=by) for p in self.eligible}
        reasons |= {p: reason("in_best_set", worth=worth[p], total=total, by=by) for p in chosen}
        return Outcome(chosen, reasons, {"method": "max-welfare", "total": total}, [])

    # -- what follows from an outcome

    def compared(self, outcome: Outcome) -> tuple[Outcome, dict[str, Any]]:
        """The outcome stands unless more voters have more winners under greedy."""
        other = self._greedy()
        ours, theirs = (self.who.winners_per_group(o.selected) for o in (outcome, other))
        weights = self.election.weights
        ahead, behind = int(weights[ours > theirs].sum()), int(weights[ours < theirs].sum())
        kept = behind <= ahead
        names = [self.election.ids[p] for p in other.selected]
        record = {"with": "greedy", "more_winners": ahead, "fewer_winners": behind, "kept": kept, "other": names}
        return (outcome if kept else other), record

    def tally(self, outcome: Outcome, comparison: dict[str, Any] | None) -> Tally:
        election = self.election
        place = {p: order for order, p in enumerate(outcome.selected, start=1)}
        empty = int(election.weights[self.who.lengths == 0].sum())
        return Tally(
            rule=self.rule.name,
            rule_digest=self.rule.digest,
            election_digest=election.digest,
            version=VERSION,
            selected=tuple(election.ids[p] for p in outcome.selected),
            cost=sum(election.costs[p] for p in outcome.selected),
            budget=election.budget,
            n_ballots=election.n_ballots,
            n_empty=empty,
            projects=tuple(self._row(p, place.get(p), outcome.reasons) for p in range(len(election.projects))),
            statistics=statistics(self.who, outcome.selected),
            log=outcome.log,
            ties=tuple(outcome.ties),
            comparison=comparison,
        )

    def _row(self, p: int, place: int | None, reasons: dict[int, Reason]) -> dict[str, Any]:
        project = self.election.projects[p]
        return {
            "id": project.id,
            "name": project.name,
            "cost": project.cost,
            "votes": self.who.votes[p],
            "score": self.score[p],
            "selected": place is not None,
            "order": place,
            "reason": reasons.get(p) or self.refused[p],
        }


def reason(code: str, **params: Any) -> Reason:
    return {"code": code, "params": params}


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
