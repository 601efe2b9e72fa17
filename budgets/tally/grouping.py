"""Merging identical ballots exactly, as flat arrays: what a Counter of keys would do, for a million rows at a time.

A row is a list of positions, ascending, and where the ballots hold values a parallel list of them. Rows are put in
order by their positions (a beginning before what it begins), then by their values, 64 bits of them at a time: only
rows that are equal so far are looked at again, so a few long ballots cost nothing to the short ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Numbers = NDArray[Any]

# Members copied at a time: the indices of a whole city's would take more room than its ballots.
AT_ONCE = 1 << 18


class Rows(NamedTuple):
    """`lengths[i]` entries of row i, one after the other in `members` (and `values` or None); cast `weights[i]` times,
    or once each where that is None. Any type of whole numbers, not negative."""

    lengths: Numbers
    members: Numbers
    values: Numbers | None = None
    weights: Numbers | None = None


class Groups(NamedTuple):
    starts: Ints
    members: NDArray[np.int32]
    values: Ints | None
    weights: Ints


def grouped(pieces: Sequence[Rows]) -> Groups:
    """The distinct rows in order, each with the number of times it was cast."""
    rows = pieces[0] if len(pieces) == 1 else _joined(pieces)
    order, new = _ordered(rows)
    heads = np.flatnonzero(new)
    if rows.weights is None:
        weights = np.diff(heads, append=len(order))
    else:
        weights = np.add.reduceat(rows.weights[order], heads) if len(heads) else np.zeros(0)
    chosen = order[heads]
    starts = _starts(rows.lengths[chosen])
    members = _taken(rows.members, rows.lengths, chosen, starts, np.dtype(np.int32))
    values = None if rows.values is None else _taken(rows.values, rows.lengths, chosen, starts, np.dtype(np.int64))
    return Groups(starts, members, values, weights.astype(np.int64))


def _joined(pieces: Sequence[Rows]) -> Rows:
    lengths, members, values, weights = zip(*pieces, strict=True)
    weighted = any(part is not None for part in weights)
    return Rows(
        np.concatenate(lengths),
        np.concatenate(members),
        np.concatenate(values) if values[0] is not None else None,
        np.concatenate([np.ones(len(p.lengths)) if p.weights is None else p.weights for p in pieces])
        if weighted
        else None,
    )


def _starts(lengths: Numbers) -> Ints:
    starts = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=starts[1:])
    return starts


def _taken(flat: Numbers, lengths: Numbers, rows: Ints, starts: Ints, dtype: np.dtype[Any]) -> Any:
    """The entries of the chosen rows, one after the other; `starts`: where each then begins."""
    taken = np.empty(int(starts[-1]), dtype=dtype)
    begins = _starts(lengths)[rows]
    for first, last in spans(starts):
        a, b = int(starts[first]), int(starts[last])
        index = np.repeat(begins[first:last] - starts[first:last], np.diff(starts[first : last + 1]))
        taken[a:b] = flat[index + np.arange(a, b)]
    return taken


def spans(starts: Ints) -> Iterator[tuple[int, int]]:
    """Ranges of rows of about AT_ONCE entries together."""
    first, count = 0, len(starts) - 1
    while first < count:
        last = int(np.searchsorted(starts, starts[first] + AT_ONCE, side="right")) - 1
        last = min(max(last, first + 1), count)
        yield first, last
        first = last


def _ordered(rows: Rows) -> tuple[Ints, NDArray[np.bool_]]:
    """(the rows in order, where a row differs from the one before it)."""
    begins = _starts(rows.lengths)[:-1]
    order = np.arange(len(begins))
    new = np.zeros(len(begins), dtype=np.bool_)
    new[:1] = True
    for flat in (rows.members, rows.values):
        if flat is not None and len(flat):
            _refine(order, new, _Words(flat, begins, rows.lengths))
    return order, new


class _Words:
    """Rows of numbers as rows of 64-bit words: as many numbers, each plus one, as fit, the first in the highest bits;
    0 where the row has ended, so that comparing words is comparing lists."""

    def __init__(self, flat: Numbers, begins: Ints, lengths: Numbers) -> None:
        self._flat, self._begins, self._lengths = flat, begins, lengths
        self._bits = (int(flat.max()) + 1).bit_length()
        self._each = 64 // self._bits
        self.count = -(-int(lengths.max()) // self._each)

    def begun(self, rows: Ints, level: int) -> NDArray[np.bool_]:
        """Whether the row has a word of this level."""
        return np.asarray(self._lengths[rows] > level * self._each)

    def word(self, rows: Ints, level: int) -> NDArray[np.uint64]:
        word = np.zeros(len(rows), dtype=np.uint64)
        begins, lengths, bits = self._begins[rows], self._lengths[rows], self._bits
        first, last = level * self._each, (level + 1) * self._each
        for entry in range(first, min(last, int(lengths.max(initial=0)))):
            reach = np.flatnonzero(lengths > entry)
            number = self._flat[begins[reach] + entry].astype(np.uint64) + np.uint64(1)
            word[reach] |= number << np.uint64((last - 1 - entry) * bits)
        return word


def _refine(order: Ints, new: NDArray[np.bool_], words: _Words) -> None:
    """Put rows that were equal so far in the order of their words; both arrays are changed in place."""
    active = np.arange(len(order))
    for level in range(words.count):
        groups = np.cumsum(new[active], dtype=np.int64)
        active = _unsettled(active, groups, words.begun(order[active], level))
        if not len(active):
            return
        groups, word = np.cumsum(new[active], dtype=np.int64), words.word(order[active], level)
        by = np.argsort(word) if groups[-1] == 1 else np.lexsort((word, groups))
        word = word[by]
        order[active] = order[active][by]
        new[active[1:]] |= (groups[1:] == groups[:-1]) & (word[1:] != word[:-1])


def _unsettled(active: Ints, groups: Ints, begun: NDArray[np.bool_]) -> Ints:
    """Of the rows looked at, those in a group of more than one of which at least one goes on. Whole groups, so that
    the first of each stays marked new."""
    goes_on = np.bincount(groups, weights=begun) > 0
    several = np.bincount(groups) > 1
    return active[(goes_on & several)[groups]]
