"""What the supporters of every project spent on which winners under Equal Shares, exactly.

A voter pays the full price of every winner on the ballot until one that takes all the voter has left. So what a set of
voters spent on a winner is (whole number) x price for the full payers, and for those who gave their last money
(voters) x share less (whole numbers) x the prices of the winners before. The whole numbers are counted with NumPy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray

from budgets.tally.election import Ints
from budgets.tally.exact import ratio
from budgets.tally.incidence import Incidence, Positions
from budgets.tally.replay import Replay, purchases
from budgets.tally.shares import EqualShares

# Ballots spread out at once: bounds the memory of the dense tables.
ROWS = 1 << 14


@dataclass(frozen=True)
class Spending:
    """All sums are numerators over `denominator` (minor units). `winners`: positions, in purchase order. Row p is what
    the voters of project p had (`started[p]`), spent on each winner (`spent[p][q]`) and have left (`left[p]`) between
    them; the last row, after those of the projects, is that of all voters.
    """

    denominator: int
    winners: tuple[int, ...]
    started: tuple[int, ...]
    spent: tuple[tuple[int, ...], ...]
    left: tuple[int, ...]

    def behind(self, p: int, purchases: int) -> int:
        """Money behind project p after that many purchases (numerator)."""
        return self.started[p] - sum(self.spent[p][:purchases])

    def whole(self, number: int) -> int:
        """Rounded down to minor units."""
        return number // self.denominator

    def exact(self, number: int) -> str:
        return ratio(Fraction(number, self.denominator))


def spending(replay: Replay) -> Spending:
    run, counts = replay.run(), list[_Counts]()
    before = run.solvent.copy()
    for bought in purchases(run):
        counts.append(_counted(run, bought.project, before))
        before = run.solvent.copy()
    prices = [bought.price for bought in run.purchases]
    denominator = lcm(run.share.denominator, *(price.denominator for price in prices))
    whole = [price.numerator * (denominator // price.denominator) for price in prices]
    share = run.share.numerator * (denominator // run.share.denominator)
    voters = [*replay.who.votes, replay.who.election.n_ballots]
    started = tuple(n * share for n in voters)
    columns = [_column(counted, share, whole) for counted in counts]
    spent = tuple(zip(*columns, strict=True)) if columns else ((),) * len(voters)
    left = tuple(had - sum(row) for had, row in zip(started, spent, strict=True))
    return Spending(denominator, tuple(b.project for b in run.purchases), started, spent, left)


@dataclass(frozen=True, eq=False)
class _Counts:
    """For one purchase and each row of the matrix: units paid in full; voters who gave their last money; and how many
    units of each earlier winner these had paid before (rows x earlier winners)."""

    units: Ints
    voters: Ints
    paid: Ints


def _counted(run: EqualShares, project: int, before: NDArray[np.bool_]) -> _Counts:
    who = run.who
    groups, shares, weights = who.groups[project], who.shares[project], who.weights[project]
    after = run.solvent[groups]
    last = before[groups] & ~after
    slots = run.slot.copy()
    slots[project] = -1
    return _Counts(
        _over_projects(who, groups[after], shares[after]),
        _over_projects(who, groups[last], weights[last]),
        _paid_before(who, groups[last], weights[last], slots, len(run.purchases) - 1),
    )


def _over_projects(who: Incidence, groups: Positions, amounts: Ints) -> Ints:
    """Sum of `amounts` over the groups that name each project; last, over all groups."""
    positions, index = who.rows(groups)
    # bincount adds in float64: exact, as every sum is a whole number far below 2 to the 53.
    sums = np.bincount(who.election.members[positions], weights=amounts[index], minlength=len(who.votes))
    return np.append(sums, amounts.sum()).astype(np.int64)


def _paid_before(who: Incidence, groups: Positions, weights: Ints, slots: Ints, earlier: int) -> Ints:
    """Rows x earlier winners: units of each that the voters of `groups` who name the row's project had paid in full.
    `slots[p]`: the place of p among the purchases, or -1."""
    m = len(who.votes)
    total = np.zeros((m + 1, earlier))
    for start in range(0, len(groups) if earlier else 0, ROWS):
        part = groups[start : start + ROWS]
        positions, index = who.rows(part)
        members = who.election.members[positions]
        named, units = np.zeros((len(part), m + 1)), np.zeros((len(part), earlier))
        named[index, members] = 1
        named[:, m] = 1
        paid = slots[members] >= 0
        values = weights[start : start + ROWS][index]
        if who.member_values is not None:
            values = values * who.member_values[positions]
        units[index[paid], slots[members[paid]]] = values[paid]
        total += named.T @ units
    return total.astype(np.int64)


def _column(counted: _Counts, share: int, prices: Sequence[int]) -> list[int]:
    price = prices[counted.paid.shape[1]]
    column = []
    for units, voters, paid in zip(counted.units.tolist(), counted.voters.tolist(), counted.paid, strict=True):
        slots = np.flatnonzero(paid)
        earlier: int = sum(prices[i] * n for i, n in zip(slots.tolist(), paid[slots].tolist(), strict=True))
        column.append(units * price + voters * share - earlier)
    return column


def as_json(spent: Spending, ids: Sequence[str], exact: bool) -> dict[str, Any]:
    """The shape is that of `analysis.analyse` under "spending"."""
    rows = [*ids, "*"]

    def row(p: int) -> dict[str, Any]:
        sums = {"started": spent.started[p], "left": spent.left[p]}
        entry: dict[str, Any] = {key: spent.whole(number) for key, number in sums.items()}
        entry["spent"] = [spent.whole(number) for number in spent.spent[p]]
        if exact:
            entry["exact"] = {key: spent.exact(number) for key, number in sums.items()}
            entry["exact"]["spent"] = [spent.exact(number) for number in spent.spent[p]]
        return entry

    table = {name: row(p) for p, name in enumerate(rows)}
    everyone = table.pop("*")
    return {"winners": [ids[p] for p in spent.winners], "projects": table, "everyone": everyone}
