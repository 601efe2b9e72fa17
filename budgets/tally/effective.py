"""Effective votes: how near every project was to being bought, purchase by purchase, under Equal Shares.

A project whose voters can pay its cost between them has a price: what a voter who is not short pays. Cost divided by
price is its effective vote count (the term and the definition are those of equalshares.net and its computation tool):
all its votes while nobody is short, and fewer as its voters spend. For points ballots it counts points alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from budgets.tally.exact import ratio
from budgets.tally.replay import Replay
from budgets.tally.shares import EqualShares
from budgets.tally.spending import Spending

# Published beside the exact figure for charts, rounded down to this part of a vote.
TENTHS = 10


@dataclass(frozen=True)
class Round:
    """`bought`: position of the project bought in this round, None in the last, where nobody could afford any more.
    `effective[p]`: effective votes of each project before the purchase; None once bought, or never in the count, or
    where its voters cannot pay it any more."""

    bought: int | None
    effective: tuple[Fraction | None, ...]


def rounds(replay: Replay) -> list[Round]:
    run, found = replay.run(), list[Round]()
    alive = set(replay.eligible)
    while True:
        effective: list[Fraction | None] = [None] * len(run.costs)
        for p in sorted(alive):
            effective[p] = None if p in run.limits.barred else _effective(run, p)
            if effective[p] is None:
                # Nobody's money grows again during a run, and what is barred stays barred.
                alive.discard(p)
        bought = run.step()
        found.append(Round(bought.project if bought else None, tuple(effective)))
        if not bought:
            return found
        alive.discard(bought.project)


def _effective(run: EqualShares, p: int) -> Fraction | None:
    if not run.costs[p]:
        return Fraction(run.who.parts[p])
    if not run._price(p):
        return None
    price = run.exact_price(p)
    return Fraction(run.costs[p] * price.divisor * run.ledger.denominator, price.numerator)


def as_json(found: Sequence[Round], spent: Spending, ids: Sequence[str], exact: bool) -> dict[str, Any]:
    """The shape is that of `analysis.analyse` under "rounds"."""
    table: dict[str, Any] = {
        "bought": [None if stage.bought is None else ids[stage.bought] for stage in found],
        "projects": list(ids),
        "money": [[spent.whole(spent.behind(p, r)) for p in range(len(ids))] for r in range(len(found))],
        "effective": [[None if votes is None else _tenths(votes) for votes in stage.effective] for stage in found],
    }
    if exact:
        table["exact"] = {
            "money": [[spent.exact(spent.behind(p, r)) for p in range(len(ids))] for r in range(len(found))],
            "effective": [[None if votes is None else ratio(votes) for votes in stage.effective] for stage in found],
        }
    return table


def _tenths(votes: Fraction) -> float:
    """To one decimal place, down: the float nearest a whole number of tenths prints the same everywhere."""
    return votes.numerator * TENTHS // votes.denominator / TENTHS
