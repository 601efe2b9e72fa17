"""Sequential Phragmén: voters earn money at one steady speed and buy a project as soon as they hold its cost.

When a project is bought its voters are back at nothing, so what a voter holds is the time since the last purchase the
voter paid for. The time at which project p is bought is (cost + sum over its voters of that last time) / voters, and
the sum is a whole-number count for each earlier purchase times its exact time.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import gcd

import numpy as np

from budgets.tally.prepare import Stage


@dataclass(frozen=True)
class Moment:
    """Project bought at `time` (minor units earned by each voter by then); `tied` as in shares.Purchase."""

    project: int
    time: Fraction
    tied: tuple[int, ...]


class Phragmen:
    """A run in progress. `last[p, k]`: voters of p whose latest purchase is the k-th (0: none yet, at time 0)."""

    def __init__(self, stage: Stage) -> None:
        who = stage.ground.who
        self.who, self.order, self.limits = who, stage.ground.order, stage.limits
        self.costs = who.election.costs
        self.open = list(stage.eligible)
        # Exact times over one common denominator, so that a sum of them needs no reduction on the way.
        self.times, self.denominator = [0], 1
        self.last = np.zeros((len(self.costs), 1), dtype=np.int64)
        self.last[:, 0] = who.votes
        self.latest = np.zeros(len(who.election.weights), dtype=np.int64)
        self.moments: list[Moment] = []

    def needed(self, p: int) -> int:
        """Numerator of votes x time: when the voters of p, as things stand, would hold its cost."""
        slots = np.flatnonzero(self.last[p])
        earned: int = sum(n * self.times[k] for k, n in zip(slots.tolist(), self.last[p, slots].tolist(), strict=True))
        return self.costs[p] * self.denominator + earned

    def _first(self) -> list[int]:
        """The open projects with the least time, exactly, in tie order."""
        first: list[int] = []
        least, voters = 0, 1
        for p in self._near_first():
            needed, votes = self.needed(p), self.who.votes[p]
            here, there = needed * voters, least * votes
            if not first or here < there:
                first, least, voters = [p], needed, votes
            elif here == there:
                first.append(p)
        return sorted(first, key=lambda p: self.order[p])

    def step(self, left: int) -> Moment | None:
        """Buy the project whose voters can first pay it. None when none is open, or that one costs more than `left`:
        the count ends there.
        """
        if not self.open:
            return None
        tied = self._first()
        if self.costs[tied[0]] > left:
            return None
        return self._buy(tied)

    def _near_first(self) -> list[int]:
        """The open projects whose time may be the least: floats propose, with a margin far above their error."""
        earned = self.last[self.open, : len(self.times)] @ np.array([time / self.denominator for time in self.times])
        votes = np.array([self.who.votes[p] for p in self.open], dtype=np.float64)
        costs = np.array([self.costs[p] for p in self.open], dtype=np.float64)
        times = (costs + earned) / votes
        # All terms are positive, so the relative error stays below (terms + 4) x 2 to the minus 53.
        margin = times.min() * (1 + (len(self.times) + 4) * 1e-15)
        return [p for p, near in zip(self.open, times <= margin, strict=True) if near]

    def _enter(self, p: int) -> int:
        """Record the time of p and return its slot."""
        numerator, divisor = self.needed(p), self.who.votes[p]
        factor = divisor // gcd(numerator, divisor)
        self.times = [time * factor for time in self.times]
        self.denominator *= factor
        self.times.append(numerator * factor // divisor)
        if len(self.times) > self.last.shape[1]:
            self.last = np.hstack([self.last, np.zeros_like(self.last)])
        return len(self.times) - 1

    def _buy(self, tied: list[int]) -> Moment:
        chosen = tied[0]
        slot = self._enter(chosen)
        groups, weights = self.who.groups[chosen], self.who.weights[chosen]
        positions, index = self.who.rows(groups)
        members, weight = self.who.election.members[positions], weights[index]
        np.subtract.at(self.last, (members, self.latest[groups][index]), weight)
        np.add.at(self.last, (members, np.full(len(members), slot)), weight)
        self.latest[groups] = slot
        self.limits.buy(chosen)
        self.open = [p for p in self.open if p != chosen and p not in self.limits.barred]
        self.moments.append(Moment(chosen, Fraction(self.times[slot], self.denominator), tuple(tied)))
        return self.moments[-1]
