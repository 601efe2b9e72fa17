"""A small linear program decided exactly: is there x >= 0 with A x = b? The simplex method in Fractions, for programs
of some hundred variables."""

from __future__ import annotations

from fractions import Fraction

Row = list[Fraction]


def feasible(rows: list[dict[int, int]], right: list[int], variables: int) -> list[Fraction] | None:
    """A solution, or None if there is none. `rows[i]`: coefficients by variable; `right[i]` >= 0.

    One artificial variable a row; their sum is driven to nothing. Of several columns or rows the first is taken (Bland's
    rule), so that the method ends.
    """
    table = [
        [Fraction(row.get(j, 0)) for j in range(variables)] + [Fraction(b)] for row, b in zip(rows, right, strict=True)
    ]
    basis: list[int | None] = [None] * len(table)
    goal = [sum((row[j] for row in table), Fraction(0)) for j in range(variables + 1)]
    while (column := next((j for j in range(variables) if goal[j] > 0), None)) is not None:
        leaving = _leaving(table, basis, column)
        _pivot([*table, goal], leaving, column)
        basis[leaving] = column
    if goal[-1]:
        return None
    solution = [Fraction(0)] * variables
    for row, basic in zip(table, basis, strict=True):
        if basic is not None:
            solution[basic] = row[-1]
    return solution


def _leaving(table: list[Row], basis: list[int | None], column: int) -> int:
    """The row that first bounds the column; artificial variables leave first. One exists: the goal is bounded below."""
    bounds = [
        (row[-1] / row[column], -1 if basis[i] is None else basis[i] or 0, i)
        for i, row in enumerate(table)
        if row[column] > 0
    ]
    return min(bounds)[2]


def _pivot(rows: list[Row], pivot: int, column: int) -> None:
    divisor = rows[pivot][column]
    scaled = rows[pivot]
    scaled[:] = [number / divisor if number else number for number in scaled]
    for i, row in enumerate(rows):
        if i != pivot and (factor := row[column]):
            row[:] = [a - factor * b if b else a for a, b in zip(row, scaled, strict=True)]
