"""Who named what, both ways, as flat arrays: groups of identical ballots against projects."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from budgets.tally.election import Election, Ints

Positions = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Incidence:
    """For project `p`: `groups[p]` who named it, `weights[p]` how many voters each group is, `shares[p]` weight times
    value (what the group counts for when each voter pays in proportion to value), `values[p]` or None where all are 1.
    """

    election: Election
    groups: list[Positions]
    weights: list[Ints]
    shares: list[Ints]
    values: list[Ints] | None
    votes: list[int]
    score: list[int]
    points: list[int]

    @classmethod
    def of(cls, election: Election, by_value: bool = False) -> Incidence:
        """`by_value`: let voters' points decide what they pay (utility "points"); otherwise every naming counts 1."""
        order = np.argsort(election.members, kind="stable")
        lengths = np.diff(election.starts)
        owner = np.repeat(np.arange(len(lengths)), lengths)[order]
        weight = election.weights[owner]
        value = np.ones_like(weight) if election.values is None else election.values[order]
        ends = np.cumsum(np.bincount(election.members, minlength=len(election.projects)))[:-1]
        weights, points = np.split(weight, ends), np.split(weight * value, ends)
        valued = by_value and election.values is not None
        votes = [int(part.sum()) for part in weights]
        return cls(
            election=election,
            groups=np.split(owner, ends),
            weights=weights,
            shares=points if valued else weights,
            values=np.split(value, ends) if valued else None,
            votes=votes,
            score=[int(part.sum()) for part in points],
            points=[int(part.sum()) for part in (points if valued else weights)],
        )

    @cached_property
    def lengths(self) -> Ints:
        return np.diff(self.election.starts)

    @cached_property
    def greatest_value(self) -> int:
        return 1 if self.values is None else max((int(part.max()) for part in self.values if len(part)), default=1)

    def rows(self, groups: Positions) -> tuple[Ints, Positions]:
        """Positions in `election.members` of all the ballots of `groups`, and for each the index into `groups`."""
        lengths = self.lengths[groups]
        ends = np.cumsum(lengths)
        total = int(ends[-1]) if len(ends) else 0
        offset = np.repeat(self.election.starts[groups] - (ends - lengths), lengths)
        return offset + np.arange(total), np.repeat(np.arange(len(groups)), lengths)

    def winners_per_group(self, selected: list[int]) -> Ints:
        """How many of the selected projects each group named."""
        chosen = np.zeros(len(self.election.projects), dtype=np.int64)
        chosen[selected] = 1
        running = np.concatenate(([0], np.cumsum(chosen[self.election.members])))
        starts = self.election.starts
        return np.asarray(running[starts[1:]] - running[starts[:-1]], dtype=np.int64)
