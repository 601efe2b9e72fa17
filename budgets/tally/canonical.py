"""The ballots of an election as compact JSON and back, without a loop over them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from budgets.tally.grouping import Groups, Ints, Numbers, Rows, spans

Texts = NDArray[np.bytes_]

FEW = 1 << 12  # numbers below are written once each, whether they occur or not


def ballots_text(groups: Groups) -> Iterator[bytes]:
    """The JSON array of [[position, …], [value, …], how many cast it] of all groups, in pieces: what a digest is of."""
    yield b"["
    for first, last in spans(groups.starts):
        a, b = groups.starts[first], groups.starts[last]
        values = None if groups.values is None else groups.values[a:b]
        part = Groups(groups.starts[first : last + 1] - a, groups.members[a:b], values, groups.weights[first:last])
        text = _cells(part).tobytes().translate(None, b"\0")
        yield text if first else text.removeprefix(b",")
    yield b"]"


def _cells(groups: Groups) -> Texts:
    """Cells of text, padded with NULs, in the order they are written: for each group one that opens it, one for each
    position and value, and one that closes it with how often it was cast."""
    starts, lengths = groups.starts[:-1], np.diff(groups.starts)
    owner = np.repeat(np.arange(len(lengths)), lengths)
    within = np.arange(len(owner)) - starts[owner]
    lists = [_texts(numbers, ",%d") for numbers in (groups.members, groups.values) if numbers is not None]
    closing = _texts(groups.weights, "],%d]" if len(lists) > 1 else "],[],%d]")
    width = max(3, closing.itemsize, *(texts.itemsize for texts in lists))
    cells = np.empty(len(lists) * len(owner) + (len(lists) + 1) * len(lengths), dtype=f"S{width}")
    at = len(lists) * starts + (len(lists) + 1) * np.arange(len(lengths))
    for texts, opening in zip(lists, (b",[[", b"],["), strict=False):
        texts.view(np.uint8).reshape(len(texts), texts.itemsize)[within == 0, 0] = (
            0  # no comma before the first of a list
        )
        cells[at] = opening
        cells[(at + 1)[owner] + within] = texts
        at = at + lengths + 1
    cells[at] = closing
    return cells


def _texts(numbers: Numbers, form: str) -> Texts:
    most = int(numbers.max(initial=0))
    if most < FEW:
        return np.array([form % n for n in range(most + 1)], dtype="S")[numbers]
    distinct, which = np.unique(numbers, return_inverse=True)
    return np.array([form % n for n in distinct.tolist()], dtype="S")[which]


def rows_of(ballots: Any, projects: int, valued: bool) -> Rows | None:
    """The rows that a list of [[position, …], [value, …], how many cast it] is. None if anything is not just as it is
    written of an election: whole numbers, positions ascending, values from 1, and as many as positions or none."""
    if not isinstance(ballots, list) or not set(map(type, ballots)) <= {list} or not set(map(len, ballots)) <= {3}:
        return None
    members, values, weights = zip(*ballots, strict=True) if ballots else ((), (), ())
    if not set(map(type, chain(members, values))) <= {list}:
        return None
    flat, worth, times = (_whole(numbers) for numbers in (chain(*members), chain(*values), weights))
    if flat is None or worth is None or times is None:
        return None
    lengths, valued_lengths = (np.fromiter(map(len, lists), np.int64, len(ballots)) for lists in (members, values))
    if not np.array_equal(valued_lengths, lengths * valued):
        return None
    owner = np.repeat(np.arange(len(lengths)), lengths)
    ascending = (flat[1:] > flat[:-1]) | (owner[1:] != owner[:-1])
    if not ascending.all() or flat.max(initial=0) >= projects or min(times.min(initial=1), worth.min(initial=1)) < 1:
        return None
    return Rows(lengths, flat, worth if valued else None, times)


def _whole(numbers: Iterable[Any]) -> Ints | None:
    """None if one is anything but a whole number from 0 to 2 to the 31."""
    listed = list(numbers)
    if not set(map(type, listed)) <= {int} or (listed and not 0 <= min(listed) <= max(listed) < 1 << 31):
        return None
    return np.array(listed, dtype=np.int64)
