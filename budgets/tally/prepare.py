"""An election made ready for one rule, and the stages in which it is counted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from budgets.tally.election import Election
from budgets.tally.incidence import Incidence
from budgets.tally.limits import Limits
from budgets.tally.outcome import Outcome, Reason, reason
from budgets.tally.rules import Rule
from budgets.tally.ties import tie_order


class Prepared:
    """One election under one rule. `score[p]` and `rank[p]` are what greedy shows and sorts by, `order[p]` the place of
    p in the tie order, `refused` the projects that take no part, each with its reason; `eligible` the others.
    `who`: what `Incidence.of` would make, where it is at hand.

    Refuses (ValueError) a rule that needs points when the ballots hold none.
    """

    def __init__(self, election: Election, rule: Rule, who: Incidence | None = None) -> None:
        if election.values is None and "points" in (rule.score, rule.utility):
            raise ValueError(f"rule {rule.name}: needs points, but the ballots are of type {election.vote_type}")
        self.election, self.rule = election, rule
        self.who = who or Incidence.of(election, by_value=rule.utility == "points")
        self.score = self.who.score if rule.score == "points" else self.who.votes
        self.order = tie_order(election, rule, self.who.votes)
        self.rank: Sequence[int | Fraction] = self.score
        if rule.score == "votes-per-cost":
            # What costs nothing comes before everything that costs something.
            self.rank = [
                Fraction(votes, cost) if cost else election.n_ballots + votes
                for votes, cost in zip(self.who.votes, election.costs, strict=True)
            ]
        self.refused = {p: reason for p in range(len(election.projects)) if (reason := self._refusal(p))}
        self.eligible = [p for p in range(len(election.projects)) if p not in self.refused]

    def _refusal(self, p: int) -> Reason | None:
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

    def in_line(self, among: Iterable[int]) -> list[int]:
        """From the highest score; equals by the tie order."""
        return sorted(among, key=lambda p: (-self.rank[p], self.order[p]))

    def tie(self, projects: Sequence[int]) -> dict[str, Any]:
        """The record of a tie: exactly equal projects, the one taken first."""
        return {"first": self.election.ids[projects[0]], "equal": [self.election.ids[p] for p in projects]}


@dataclass
class Stage:
    """One run of a method: `budget` minor units for the projects `eligible`, each of which fits it and is not barred when
    the stage begins. A method leaves `limits` as they are after its purchases. Without `explained` nobody will read the
    reasons, the log or the trace: a method may leave them out.
    """

    ground: Prepared
    budget: int
    eligible: list[int]
    limits: Limits
    explained: bool = True

    @property
    def election(self) -> Election:
        return self.ground.election

    def open(self, outcome: Outcome) -> list[int]:
        """Neither bought nor barred."""
        bought = set(outcome.selected)
        return [p for p in self.eligible if p not in bought and p not in self.limits.barred]
