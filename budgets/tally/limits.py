"""Which projects may no longer be bought, because of a cap or of a winner they exclude."""

from __future__ import annotations

from dataclasses import dataclass

from budgets.tally.election import Election
from budgets.tally.outcome import Reason, reason
from budgets.tally.rules import Quota, Rule


def of_quota(election: Election, quota: Quota) -> frozenset[int]:
    """The projects (positions) of its area or category."""
    return frozenset(
        p
        for p, project in enumerate(election.projects)
        if (quota.name == project.area if quota.by == "area" else quota.name in project.categories)
    )


@dataclass(frozen=True)
class Cap:
    quota: Quota
    projects: frozenset[int]
    spent: int = 0

    def left(self) -> int:
        return self.quota.amount - self.spent


class Limits:
    """The caps and incompatible sets of a rule during one count. What is barred stays barred: money under a cap is only
    ever spent, a winner stays one. `barred`: position to the first reason; `excluded`: the rivals of winners among them.
    """

    def __init__(self, election: Election, rule: Rule) -> None:
        self.election = election
        self.caps = [Cap(quota, of_quota(election, quota)) for quota in rule.caps]
        self.barred: dict[int, Reason] = {}
        self.excluded: set[int] = set()
        place = {project: p for p, project in enumerate(election.ids)}
        self.rivals: dict[int, set[int]] = {}
        for ids in rule.incompatible:
            rivals = {place[project] for project in ids if project in place}
            for p in rivals:
                self.rivals.setdefault(p, set()).update(rivals - {p})
        for cap in self.caps:
            self._close(cap)

    def copy(self) -> Limits:
        other = object.__new__(Limits)
        other.election, other.rivals = self.election, self.rivals
        other.caps, other.barred, other.excluded = list(self.caps), dict(self.barred), set(self.excluded)
        return other

    def buy(self, p: int) -> None:
        """Count p as bought, and bar what that leaves no room for."""
        self.barred.pop(p, None)
        for q in sorted(self.rivals.get(p, ())):
            self.excluded.add(q)
            self.barred.setdefault(q, reason("incompatible", winner=self.election.ids[p]))
        for i, cap in enumerate(self.caps):
            if p in cap.projects:
                self.caps[i] = Cap(cap.quota, cap.projects, cap.spent + self.election.costs[p])
                self._close(self.caps[i])

    def _close(self, cap: Cap) -> None:
        for q in sorted(cap.projects):
            if self.election.costs[q] > cap.left():
                quota = cap.quota
                closed = reason("over_cap", by=quota.by, name=quota.name, cap=quota.amount, spent=cap.spent)
                self.barred.setdefault(q, closed)

    def room(self, p: int, left: int) -> int:
        """The most of `left` that may be spent on p, in part; 0 if a winner excludes it."""
        if p in self.excluded:
            return 0
        return max(0, min([left, *(cap.left() for cap in self.caps if p in cap.projects)]))
