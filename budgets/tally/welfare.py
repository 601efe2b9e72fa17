"""Maximum welfare: the set of projects within the budget that is worth most in total, found exactly."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate

State = tuple[int, int, int]  # cost, minus value, minus set (bit mask): the least tuple is the best of equal cost


@dataclass(frozen=True)
class Item:
    """`bit`: the project's place in the tie order as one bit; the first in that order has the highest."""

    project: int
    cost: int
    value: int
    bit: int


def best_set(items: list[Item], budget: int) -> list[int]:
    """Positions of the chosen projects. Of sets worth the same the cheaper is taken, of equally cheap ones the one with
    the first project, in tie order, that the other lacks.

    Goes through the projects from the most worth per cost, keeping the sets that no other beats in cost and worth, and
    drops those that could not reach the best set known even if a part of a project could be bought.
    """
    # In exact order of worth per cost: the bound on what can be reached rests on it.
    ordered = sorted(items, key=lambda item: (item.cost > 0, -Fraction(item.value, max(item.cost, 1)), -item.bit))
    bounds = Bounds(ordered, budget)
    states: list[State] = [(0, 0, 0)]
    for i, item in enumerate(ordered):
        taken = [(c + item.cost, v - item.value, s - item.bit) for c, v, s in states if c + item.cost <= budget]
        least = max(bounds.reached(i, state) for state in (min(states, key=_worth), *taken[-1:]))
        bounds.least = max(bounds.least, least)
        states = [state for state in _unbeaten(states, taken) if bounds.may_reach(i + 1, state)]
    _, _, chosen = min(states, key=_worth)
    return [item.project for item in ordered if -chosen & item.bit]


def _worth(state: State) -> tuple[int, int, int]:
    cost, value, chosen = state
    return value, cost, chosen


def _unbeaten(left: list[State], right: list[State]) -> list[State]:
    """Both sorted by cost; keeps, by rising cost, only the sets worth more than every cheaper one."""
    kept: list[State] = []
    for state in sorted(left + right):
        if not kept or state[1] < kept[-1][1]:
            kept.append(state)
    return kept


class Bounds:
    """What a set can still reach with the items from the i-th on. `least`: worth that some set is known to reach."""

    def __init__(self, ordered: list[Item], budget: int) -> None:
        self.ordered, self.budget, self.least = ordered, budget, 0
        self.costs = [0, *accumulate(item.cost for item in ordered)]
        self.values = [0, *accumulate(item.value for item in ordered)]

    def reached(self, i: int, state: State) -> int:
        """Fill up with whole items in order."""
        left, value = self.budget - state[0], -state[1]
        for item in self.ordered[i + 1 :]:
            if item.cost <= left:
                left, value = left - item.cost, value + item.value
        return value

    def may_reach(self, i: int, state: State) -> bool:
        """Fill up in order, the last item in part."""
        left = self.budget - state[0]
        whole = bisect_right(self.costs, self.costs[i] + left, lo=i) - 1
        value = self.values[whole] - self.values[i] - state[1]
        if whole < len(self.ordered):
            item, rest = self.ordered[whole], left - (self.costs[whole] - self.costs[i])
            value += -(-rest * item.value // item.cost) if item.cost else item.value
        return value >= self.least
