"""Sequential Phragmén: voters earn money at one steady speed and buy a project as soon as they hold its cost.

When a project is bought its voters are back at nothing, so what a voter holds is the time since the last purchase the
voter paid for. The time at which project p is bought is (cost + sum over its voters of that last time) / voters, and
the sum is a whole-number count for each earlier purchase times its exact time.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from budgets.tally.incidence import Incidence


@dataclass(frozen=True)
class Moment:
    """Project bought at `time` (minor units earned by each voter by then); `tied` as in shares.Purchase."""

    project: int
    time: Fraction
    tied: tuple[int, ...]


class Phragmen:
    """A run in progress. `last[p, k]`: voters of p whose latest purchase is the k-th (0: none yet, at time 0)."""

    def __init__(self, who: Incidence, eligible: list[int], order: list[int]) -> None:
        self.who, self.order = who, order
        self.costs = who.election.costs
        self.open = [p for p in eligible if who.votes[p]]
        self.times = [Fraction(0)]
        self.last = np.zeros((len(self.costs), 1), dtype=np.int64)
        self.last[:, 0] = who.votes
        self.latest = np.zeros(len(who.election.weights), dtype=np.int64)
        self.moments: list[Moment] = []

    def time_of(self, p: int) -> Fraction:
        """When the voters of p, as things stand, would hold its cost."""
        earned = sum((int(n) * self.times[k] for k, n in enumerate(self.last[p]) if n), Fraction(0))
        return (self.costs[p] + earned) / self.who.votes[p]

    def step(self, left: int) -> Moment | None:
        """Buy the project whose voters can first pay it. None when none is open, or that one costs more than `left`:
        the count ends there.
        """
        if not self.open:
            return None
        times = {p: self.time_of(p) for p in self._near_first()}
        first = min(times.values())
        tied = sorted((p for p, time in times.items() if time == first), key=lambda p: self.order[p])
        if self.costs[tied[0]] > left:
            return None
        moment = Moment(tied[0], first, tuple(tied))
        self._buy(moment)
        return moment

    def _near_first(self) -> list[int]:
        """The open projects whose time may be the least: floats propose, with a margin far above their error."""
        earned = self.last[self.open] @ np.array([float(time) for time in self.times])
        votes = np.array([self.who.votes[p] for p in self.open], dtype=np.float64)
        costs = np.array([self.costs[p] for p in self.open], dtype=np.float64)
        times = (costs + earned) / votes
        # All terms are positive, so the relative error stays below (terms + 4) x 2 to the minus 53.
        margin = times.min() * (1 + (len(self.times) + 4) * 1e-15)
        return [p for p, near in zip(self.open, times <= margin, strict=True) if near]

    def _buy(self, moment: Moment) -> None:
        slot = len(self.times)
        self.times.append(moment.time)
        self.last = np.hstack([self.last, np.zeros((len(self.last), 1), dtype=np.int64)])
        groups, weights = self.who.groups[moment.project], self.who.weights[moment.project]
        positions, index = self.who.rows(groups)
        members, weight = self.who.election.members[positions], weights[index]
        np.subtract.at(self.last, (members, self.latest[groups][index]), weight)
        np.add.at(self.last, (members, np.full(len(members), slot)), weight)
        self.latest[groups] = slot
        self.open.remove(moment.project)
        self.moments.append(moment)
