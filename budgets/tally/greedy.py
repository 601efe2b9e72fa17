"""Most votes first: what each project's turn was, in order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Turn:
    """`left`: minor units left when the turn came; `taken`: whether it was bought; `stopped`: the count had ended."""

    project: int
    left: int
    taken: bool
    stopped: bool = False


def greedy(
    eligible: Iterable[int],
    score: Sequence[int | Fraction],
    costs: list[int],
    order: list[int],
    left: int,
    stop: bool = False,
) -> list[Turn]:
    """Go through `eligible` from the highest score (ties by `order`), buying what fits `left`; with `stop`, end at the
    first that does not fit. Projects nobody named are never bought and must not be passed.
    """
    turns, stopped = [], False
    for p in sorted(eligible, key=lambda p: (-score[p], order[p])):
        taken = not stopped and costs[p] <= left
        turns.append(Turn(p, left, taken, stopped))
        left -= costs[p] if taken else 0
        stopped = stopped or (stop and not taken)
    return turns
