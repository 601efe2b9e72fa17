"""Who named what, both ways, as flat arrays: groups of identical ballots against projects."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from budgets.tally.election import RANKED, Election, Ints

Positions = NDArray[np.intp]


def points_of(election: Election) -> Ints | None:
    """Points parallel to `election.members`, None for plain ballots. Ranks become Borda points: the best gets as many
    as the longest ballot has ranks, each next one fewer."""
    if election.values is None or election.vote_type not in RANKED or not len(election.values):
        return election.values
    return np.asarray(election.values.max() + 1 - election.values, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Incidence:
    """For project `p`: `groups[p]` who named it, `weights[p]` how many voters each group is, `shares[p]` weight times
    value (what the group counts for when each voter pays in proportion to value), `values[p]` or None where all are 1.
    `member_values`, parallel to `election.members`, or None alike. `votes[p]` voters who named it, `score[p]` the sum
    of its points, `parts[p]` the sum of `shares[p]`.
    """

    election: Election
    groups: list[Positions]
    weights: list[Ints]
    shares: list[Ints]
    values: list[Ints] | None
    member_values: Ints | None
    votes: list[int]
    score: list[int]
    parts: list[int]

    @classmethod
    def of(cls, election: Election, by_value: bool = False) -> Incidence:
        """`by_value`: let voters' points decide what they pay (utility "points"); otherwise every naming counts 1."""
        m = len(election.projects)
        # Whole numbers of 16 bits are sorted by radix, ten times as fast.
        order = np.argsort(election.members.astype(np.uint16) if m < 1 << 16 else election.members, kind="stable")
        lengths = np.diff(election.starts)
        owner = np.repeat(np.arange(len(lengths)), lengths).take(order)
        weight, points = election.weights.take(owner), points_of(election)
        ends = np.cumsum(np.bincount(election.members, minlength=m))[:-1]
        weights = np.split(weight, ends)[:m]
        votes = score = [int(part.sum()) for part in weights]
        scores, values = weights, None
        if points is not None:
            value = points.take(order)
            scores, values = np.split(weight * value, ends)[:m], np.split(value, ends)[:m]
            score = [int(part.sum()) for part in scores]
        valued = by_value and points is not None
        return cls(
            election=election,
            groups=np.split(owner, ends)[:m],
            weights=weights,
            shares=scores if valued else weights,
            values=values if valued else None,
            member_values=points if valued else None,
            votes=votes,
            score=score,
            parts=score if valued else votes,
        )

    @cached_property
    def lengths(self) -> Ints:
        return np.diff(self.election.starts)

    @cached_property
    def greatest_value(self) -> int:
        return 1 if self.values is None else max((int(part.max()) for part in self.values if len(part)), default=1)

    @cached_property
    def kin(self) -> list[int]:
        """For each project the first one that costs the same and was named alike by the very same groups: at any moment
        their prices are the same, so one stands for all."""
        alike: dict[tuple[int, int, int], list[int]] = {}
        for p, cost in enumerate(self.election.costs):
            alike.setdefault((cost, self.votes[p], self.parts[p]), []).append(p)
        kin = list(range(len(self.election.costs)))
        for projects in alike.values():
            first: dict[tuple[bytes, bytes], int] = {}
            for p in projects if len(projects) > 1 else ():
                named = self.groups[p].tobytes(), b"" if self.values is None else self.values[p].tobytes()
                kin[p] = first.setdefault(named, p)
        return kin

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
