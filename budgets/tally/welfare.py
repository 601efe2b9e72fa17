"""Maximum welfare: the set of projects within the budget and every limit that is worth most in total, found exactly.

It goes through the projects once and carries along the sets, of those seen so far, that can still lead to the best. A
set is dropped when another leaves no less of every limit that still matters and is worth more; or when prices prove
that it cannot reach what some set is known to be worth. The prices are those of Lagrangian relaxation (Geoffrion,
"Lagrangean relaxation for integer programming", 1974): whatever a unit of the budget or of a cap is said to be worth, a
set cannot become worth more than it is, plus what it leaves of each limit at its price, plus what every project to
come is worth beyond the price of what it takes of the limits, where that is more than nothing. Projects under one cap
come together; for those not yet come to, the most they can be worth beyond the prices within the limits that are
theirs alone is found first, in the same way. Floats propose prices; the bounds are whole numbers and hold for any
prices, so these are all that `verify.py` needs to check that nothing is worth more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest
from math import inf

import numpy as np

from budgets.tally.prices import proposed

Left = tuple[int, ...]
Takes = tuple[tuple[int, int], ...]
State = tuple[int, Left]  # what a set is worth, what it leaves of each limit

# How many sets the trials carry along that only look for a good one; how many, the most promising, are filled up at each
# turn to know one; and how many are too many to go on, where one limit
# or none matters, and where more do (then each is compared with every other).
TRIALS, FILLED, MOST, MOST_COMPARED = (32, 256), 4, 200_000, 8_000
# The proposed prices are tried in these hundredths: proposed as if a part of a project could be bought, they are high.
HUNDREDTHS = (100, 0, 50, 80, 90, 95)


@dataclass(frozen=True)
class Choice:
    """`takes`: (place of a limit, how much of it), each more than 0. Sums of worths must differ from set to set."""

    project: int
    worth: int
    takes: Takes

    def gain(self, prices: Sequence[int]) -> int:
        """What it is worth beyond those prices of what it takes."""
        return self.worth - sum(prices[k] * much for k, much in self.takes)


@dataclass(frozen=True)
class Group:
    """Items that come together; `own`: the limits nothing else takes of."""

    items: list[Choice]
    own: list[int]


@dataclass(frozen=True)
class Inner:
    """The most that the items of a group are worth beyond the prices within their own limits, proven by `prices`."""

    group: int
    worth: int
    prices: Left


@dataclass(frozen=True)
class Best:
    """`prices`: of each limit; with `inner` they prove that no set is worth more. `sets`: the most that were carried
    along at once."""

    worth: int
    prices: Left
    inner: tuple[Inner, ...]
    sets: int


@dataclass(frozen=True)
class Item:
    """`bit`: the project's place in the tie order as one bit; the first in that order has the highest."""

    project: int
    cost: int
    value: int
    bit: int


def best_set(items: list[Item], budget: int) -> list[int]:
    """Positions of the chosen projects. Of sets worth the same the cheaper is taken, of equally cheap ones the one with
    the first project, in tie order, that the other lacks."""
    width = max((item.bit.bit_length() for item in items), default=0)
    takes = {item.project: ((0, item.cost),) if item.cost else () for item in items}
    return best_of(items, (budget,), takes, width)[0]


def best_of(items: list[Item], limits: Left, takes: Mapping[int, Takes], width: int) -> tuple[list[int], Best]:
    """As `best_set`, with `limits` the first of which is the budget, and `takes` of each project; and the proof.

    A choice is worth one number: value, cost (less is better) and bit, in that weight; `width`: of the bits.
    """
    unit = (limits[0] + 1) << width
    choices = [
        Choice(item.project, item.value * unit - (item.cost << width) + item.bit, takes[item.project]) for item in items
    ]
    best = best_within(choices, limits, unit)
    return [item.project for item in items if best.worth & item.bit], best


def best_within(items: list[Choice], limits: Left, unit: int) -> Best:
    """The most that items can be worth together within `limits`. `unit`: a worth that a float may take for 1. Refuses
    (OverflowError) where too many sets stay possible.
    """
    groups = grouped(items)
    prices = proposed([item.worth / unit for item in items], [item.takes for item in items], limits, unit)
    tried = HUNDREDTHS if len(groups) > 1 else HUNDREDTHS[:1]
    walks = [Walk(groups, limits, tuple(price * part // 100 for price in prices), unit) for part in tried]
    return min(walks, key=lambda walk: walk.bound).best()


def grouped(items: list[Choice]) -> list[Group]:
    """By the first limit after the budget that each takes of."""
    groups: dict[int, list[Choice]] = {}
    takers: dict[int, set[int]] = {}
    for item in items:
        first = min((k for k, _ in item.takes if k), default=0)
        groups.setdefault(first, []).append(item)
        for k, _ in item.takes:
            takers.setdefault(k, set()).add(first)
    return [Group(groups[first], [k for k in sorted(takers) if takers[k] == {first}]) for first in sorted(groups)]


class Walk:
    """Through the items, group by group, with those prices of the limits."""

    def __init__(self, groups: list[Group], limits: Left, prices: Left, unit: int) -> None:
        self.groups, self.limits, self.prices, self.unit = groups, limits, prices, unit
        found = [self._inner(place) for place in range(len(groups))] if len(groups) > 1 else []
        self.inner = tuple(inner for inner in found if inner)
        most = {inner.group: inner.worth for inner in self.inner}
        self.most = [most.get(g, self._gains(group.items)) for g, group in enumerate(groups)]
        self.bound = sum(self.most) + sum(
            price * limit for k, (price, limit) in enumerate(zip(prices, limits, strict=True)) if k in self._shared(0)
        )

    def _shared(self, group: int) -> set[int]:
        """The limits that are not those of one group from this one on."""
        return set(range(len(self.limits))) - {k for later in self.groups[group:] for k in later.own}

    def _gains(self, items: list[Choice]) -> int:
        return sum(max(0, item.gain(self.prices)) for item in items)

    def _inner(self, place: int) -> Inner | None:
        group = self.groups[place]
        if not group.own:
            return None
        prices = [0 if k in group.own else price for k, price in enumerate(self.prices)]
        new = {k: i for i, k in enumerate(group.own)}
        items = [
            Choice(item.project, item.gain(prices), tuple((new[k], much) for k, much in item.takes if k in new))
            for item in group.items
        ]
        items, limits = [item for item in items if item.worth > 0], tuple(self.limits[k] for k in group.own)
        proof = proposed([item.worth / self.unit for item in items], [item.takes for item in items], limits, self.unit)
        best = Walk([Group(items, [])], limits, proof, self.unit).best()
        return Inner(place, best.worth, best.prices)

    def _dearness(self, item: Choice) -> float:
        return sum(self.prices[k] * much for k, much in item.takes) / item.worth if item.worth > 0 else inf

    def best(self) -> Best:
        least = 0
        for width in TRIALS:
            least = max(least, self.go(least, width)[0])
        worth, sets = self.go(least, None)
        return Best(worth, self.prices, self.inner, sets)

    def go(self, least: int, width: int | None) -> tuple[int, int]:
        """(the most a set is worth, how many sets were carried along). `least`: what some set is known to be worth. With
        `width` no more sets than that are carried along: the one found is good then, but not proven to be the best."""
        states: list[State] = [(0, self.limits)]
        most, undecided = 1, sorted((item for group in self.groups for item in group.items), key=self._dearness)
        for place, group in enumerate(self.groups):
            shared, later = self._shared(place + 1), sum(self.most[place + 1 :])
            rest = sorted(group.items, key=lambda item: -abs(item.gain(self.prices)))
            while rest:
                item = rest.pop(0)
                states += [state for state in (with_item(state, item) for state in states) if min(state[1]) >= 0]
                matter = {k for other in rest for k, _ in other.takes}
                matter |= {
                    k for other in self.groups[place + 1 :] for one in other.items for k, _ in one.takes
                } & shared
                undecided.remove(item)
                prices = [(k, self.prices[k]) for k in sorted(matter)]
                beyond = later + self._gains(rest)
                reach = {state: state[0] + beyond + sum(price * state[1][k] for k, price in prices) for state in states}
                states = unbeaten([state for state in states if reach[state] >= least], sorted(matter))
                for state in nlargest(FILLED, states, key=reach.__getitem__):
                    least = max(least, _filled(state, undecided))
                if width:
                    states = sorted(states, key=lambda state: -reach[state])[:width]
                elif len(states) > (MOST if len(matter) < 2 else MOST_COMPARED):
                    raise OverflowError("max-welfare: too many sets of projects are nearly the best for an exact count")
                most = max(most, len(states))
        return max(states, default=(least, ()))[0], most


def _filled(state: State, items: list[Choice]) -> int:
    """Worth with whatever of the items still fits, in order."""
    worth, whole = state
    left = list(whole)
    for item in items:
        if all(left[k] >= much for k, much in item.takes):
            worth += item.worth
            for k, much in item.takes:
                left[k] -= much
    return worth


def with_item(state: State, item: Choice) -> State:
    worth, left = state[0] + item.worth, list(state[1])
    for k, much in item.takes:
        left[k] -= much
    return worth, tuple(left)


def unbeaten(states: list[State], matter: list[int]) -> list[State]:
    """Without those that leave no more of any limit that matters than one that is worth more."""
    kept: list[State] = []
    if len(matter) <= 1:
        most = -1
        for state in sorted(states, reverse=True):
            left = state[1][matter[0]] if matter else 0
            if left > most:
                kept.append(state)
                most = left
        return kept
    lefts = np.empty((len(states), len(matter)), dtype=np.int64)
    for state in sorted(states, reverse=True):
        row = np.array([state[1][k] for k in matter])
        if not (lefts[: len(kept)] >= row).all(axis=1).any():
            lefts[len(kept)] = row
            kept.append(state)
    return kept
