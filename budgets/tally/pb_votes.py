"""Plain ballots of a `.pb` file read by the block: the same as line by line, a hundred at the price of one.

A line is plain where nothing needs a second look: as many cells as the header, a voter, ids exactly as listed, each
once, whole points. All other lines are pointed out, to be read with care; nothing is repaired or refused here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from budgets.tally.election import MOST_POINTS, POINTS, RANKED
from budgets.tally.grouping import Rows

Ints = NDArray[np.int64]
Marks = NDArray[np.bool_]

LINE_FEED, RETURN, COMMA, SEMICOLON = b"\n\r,;"
PADDING = b"\0" * 8
LONGEST_LINE = 100_000  # csv refuses cells of more than 131,072 characters
VALUE_BITS, POSITION_BITS = MOST_POINTS.bit_length(), 21
LOW_VALUE, LOW_POSITION = (1 << VALUE_BITS) - 1, (1 << POSITION_BITS) - 1
MASKS = np.array([(1 << 8 * size) - 1 for size in range(9)], dtype=np.uint64)
# Odd numbers with their bits well mixed; which of them is used changes nothing but where an id is looked up.
MULTIPLIERS = [np.uint64((0x9E3779B97F4A7C15 * (2 * k + 1)) % (1 << 64)) for k in range(64)]


class Columns(NamedTuple):
    """Which cell of a line holds what; `points` is -1 where there is none, `width` the number of cells."""

    voter: int
    vote: int
    points: int
    width: int


class Block(NamedTuple):
    """`rows`: the plain ballots. `odd`: the other lines, as (number in the block, 0 for the first; the line)."""

    rows: Rows
    odd: list[tuple[int, bytes]]
    lines: int


class Text(NamedTuple):
    """Bytes to look at, and the eight from each position on as one number, the first lowest."""

    data: NDArray[np.uint8]
    words: NDArray[np.uint64]

    @classmethod
    def of(cls, block: bytes) -> Text:
        padded = block + PADDING
        words: Any = np.ndarray((len(block),), "<u8", buffer=padded, strides=(1,))
        return cls(np.frombuffer(padded, np.uint8, len(block)), words)


class Ids:
    """Finds project ids among bytes without NULs. An id is one or more words of eight bytes, filled up with NULs; a
    product of them says where in a table it would stand, and every byte is then compared."""

    LONGEST, MOST = 64, 1 << 20

    @classmethod
    def can_hold(cls, ids: Sequence[str]) -> bool:
        longest = max((len(project.encode()) for project in ids), default=0)
        return 0 < len(ids) < cls.MOST and longest <= cls.LONGEST and not any("\0" in project for project in ids)

    def __init__(self, ids: Sequence[str]) -> None:
        coded = [project.encode() for project in ids]
        self.count = -(-max(map(len, coded)) // 8)
        width = 8 * self.count
        joined = b"".join(code.ljust(width, b"\0") for code in coded)
        self.words = np.frombuffer(joined, "<u8").reshape(len(coded), self.count).T.copy()
        self.keys = self._mixed(list(self.words))
        bits = min(max(10, 2 * len(coded).bit_length() - 1), 22)
        self.shift = np.uint64(64 - bits)
        # Where all of them let two ids meet, one of the two is not found: its ballots are read with care.
        self.multiplier = next(filter(self._parts, MULTIPLIERS), MULTIPLIERS[0])
        self.table = np.zeros(1 << bits, dtype=np.int32)
        self.table[self._slots(self.multiplier)] = np.arange(len(coded))

    def _slots(self, multiplier: np.uint64) -> NDArray[np.uint64]:
        return (self.keys * multiplier) >> self.shift

    def _parts(self, multiplier: np.uint64) -> bool:
        return len(np.unique(self._slots(multiplier))) == len(self.keys)

    @staticmethod
    def _mixed(words: list[NDArray[np.uint64]]) -> NDArray[np.uint64]:
        key = words[0]
        for word in words[1:]:
            key = (key * MULTIPLIERS[1]) ^ (key >> np.uint64(31)) ^ word
        return key

    def find(self, text: Text, begins: Ints, sizes: Ints) -> tuple[Ints, Marks]:
        """(position of each token's id, whether it is one; a token of another is anything's position)."""
        words = []
        for k in range(self.count):
            rest = np.minimum(sizes, 8) if k == 0 else np.clip(sizes - 8 * k, 0, 8)
            at = begins if k == 0 else np.minimum(begins + 8 * k, len(text.words) - 1)
            words.append(text.words[at] & MASKS[rest])
        found = self.table[(self._mixed(words) * self.multiplier) >> self.shift].astype(np.int64)
        known = sizes <= 8 * self.count
        for mine, theirs in zip(self.words, words, strict=True):
            known &= mine[found] == theirs
        return found, known


class Tokens(NamedTuple):
    """The parts of comma lists: list i has `counts[i]` parts, `owner[k]` is the list of part k."""

    begins: Ints
    sizes: Ints
    owner: Ints
    counts: Ints

    @classmethod
    def of(cls, commas: Ints, begins: Ints, stops: Ints) -> Tokens:
        """Of cells from `begins` to before `stops`. An empty cell has no parts."""
        begins, stops = np.ascontiguousarray(begins), np.ascontiguousarray(stops)
        low, high = np.searchsorted(commas, begins), np.searchsorted(commas, stops)
        counts = np.where(stops > begins, high - low + 1, 0)
        owner = np.repeat(np.arange(len(counts)), counts)
        inside = commas[low[0] : high[-1]] if len(counts) else commas
        if len(inside) != len(owner) - np.count_nonzero(counts):  # other cells hold commas too
            inside = commas[np.repeat(low - _before(high - low), high - low) + np.arange((high - low).sum())]
        filled = np.flatnonzero(counts)
        first, last = (_before(counts)[filled], (np.cumsum(counts) - 1)[filled])
        starts, ends = np.empty(len(owner), np.int64), np.empty(len(owner), np.int64)
        starts[_all_but(len(owner), first)] = inside + 1
        starts[first] = begins[filled]
        ends[_all_but(len(owner), last)] = inside
        ends[last] = stops[filled]
        return cls(starts, ends - starts, owner, counts)


def _before(counts: Ints) -> Ints:
    return np.cumsum(counts) - counts


def _all_but(length: int, positions: Ints) -> Marks:
    marks = np.ones(length, dtype=np.bool_)
    marks[positions] = False
    return marks


class Cells(NamedTuple):
    """Lines of as many cells as they should have: where each begins, its semicolons, where its text stops."""

    begins: Ints
    cuts: Ints
    stops: Ints

    @classmethod
    def of(cls, text: Text, begins: Ints, ends: Ints, width: int) -> tuple[Ints, Cells]:
        """(the numbers of those lines, their cells)."""
        stops, odd = _stops(text, begins, ends)
        semicolons = np.flatnonzero(text.data == SEMICOLON)
        if len(semicolons) == len(begins) * (width - 1) and not odd.any():
            cuts = semicolons.reshape(len(begins), width - 1)
            if (cuts[:, 0] >= begins).all() and (cuts[:, -1] <= stops).all():
                return np.arange(len(begins)), cls(begins, cuts, stops)
        first, last = np.searchsorted(semicolons, begins), np.searchsorted(semicolons, stops)
        lines = np.flatnonzero((last - first == width - 1) & ~odd)
        cuts = semicolons[first[lines][:, None] + np.arange(width - 1)]
        return lines, cls(begins[lines], cuts, stops[lines])

    def column(self, number: int) -> tuple[Ints, Ints]:
        """(where the cell begins, where it stops) in each line."""
        begins = self.cuts[:, number - 1] + 1 if number else self.begins
        return begins, self.cuts[:, number] if number < self.cuts.shape[1] else self.stops


class BlockReader:
    """Reads blocks of whole lines, each ended by a line feed. `ids` in the order of their positions."""

    def __init__(self, ids: Sequence[str], vote_type: str, columns: Columns) -> None:
        self._ids, self._columns = Ids(ids), columns
        self._pointed, self._ranked, self._single = vote_type in POINTS, vote_type in RANKED, vote_type == "choose-1"
        self._dtype = np.min_scalar_type(max(len(ids) - 1, 0))

    def read(self, block: bytes) -> Block | None:
        """None where a line may go on after its line feed (quotes) or the bytes are no plain text."""
        if b'"' in block or b"\0" in block or not _is_text(block):
            return None
        text = Text.of(block)
        ends = np.flatnonzero(text.data == LINE_FEED)
        begins = np.concatenate(([0], ends[:-1] + 1))
        lines, cells = Cells.of(text, begins, ends, self._columns.width)
        rows, plain = self._rows(text, cells)
        odd = np.flatnonzero(_all_but(len(ends), lines[plain])).tolist()
        return Block(rows, [(i, block[begins[i] : ends[i] + 1]) for i in odd], len(ends))

    def _rows(self, text: Text, cells: Cells) -> tuple[Rows, Marks]:
        """The rows of the plain lines among those whose cells are given, and which those are."""
        columns, data = self._columns, text.data
        begins, stops = cells.column(columns.voter)
        plain = (data[begins] > 0x20) & (data[begins] < 0x7F) & (begins < stops)
        commas = np.flatnonzero(data == COMMA)
        named = Tokens.of(commas, *cells.column(columns.vote))
        positions, known = self._ids.find(text, named.begins, named.sizes)
        plain[named.owner[~known]] = False
        if self._single:
            plain &= named.counts <= 1
        values = np.zeros(len(positions), dtype=np.int64)
        if self._ranked:
            values = np.arange(1, len(positions) + 1) - np.repeat(_before(named.counts), named.counts)
        if self._pointed:
            given = Tokens.of(commas, *cells.column(columns.points))
            plain &= given.counts == named.counts
            values = self._points(text, given, named, plain)
        return self._sorted(named.owner, positions, values, plain)

    def _points(self, text: Text, given: Tokens, named: Tokens, plain: Marks) -> Ints:
        """Parallel to the named projects; 0 and no longer plain where they cannot be read plainly."""
        numbers, good = _numbers(text, given.begins, given.sizes)
        plain[given.owner[~good]] = False
        values = np.zeros(len(named.owner), dtype=np.int64)
        values[plain[named.owner]] = numbers[plain[given.owner]]
        return values

    def _sorted(self, owner: Ints, positions: Ints, values: Ints, plain: Marks) -> tuple[Rows, Marks]:
        """Each ballot's projects ascending; a ballot that names one twice is not plain; 0 points are no vote."""
        packed = np.sort((owner << (POSITION_BITS + VALUE_BITS)) | (positions << VALUE_BITS) | values)
        twice = packed[1:] >> VALUE_BITS == packed[:-1] >> VALUE_BITS
        plain[packed[1:][twice] >> (POSITION_BITS + VALUE_BITS)] = False
        if self._pointed or not plain.all():
            keep = plain[owner]  # sorting moved nothing from one ballot to another
            if self._pointed:
                keep &= packed & LOW_VALUE > 0
            packed, owner = packed[keep], owner[keep]
        lengths = np.bincount(owner, minlength=len(plain))[plain].astype(np.int32)
        members = (packed >> VALUE_BITS & LOW_POSITION).astype(self._dtype)
        values_kept = (packed & LOW_VALUE).astype(np.int32) if self._pointed or self._ranked else None
        return Rows(lengths, members, values_kept), plain


def _is_text(block: bytes) -> bool:
    if block.isascii():
        return True
    try:
        block.decode()
    except UnicodeDecodeError:
        return False
    return True


def _stops(text: Text, begins: Ints, ends: Ints) -> tuple[Ints, Marks]:
    """(where each line's text ends, whether the line is too long or holds a carriage return elsewhere)."""
    odd = ends - begins > LONGEST_LINE
    returns = np.flatnonzero(text.data == RETURN)
    if not len(returns):
        return ends, odd
    odd[np.searchsorted(ends, returns[text.data[returns + 1] != LINE_FEED])] = True
    return ends - (text.data[ends - 1] == RETURN), odd


def _numbers(text: Text, begins: Ints, sizes: Ints) -> tuple[Ints, Marks]:
    """(the whole number each token is, whether it is one of at most seven digits and MOST_POINTS)."""
    most = len(str(MOST_POINTS))
    good = (sizes > 0) & (sizes <= most)
    value = np.zeros(len(begins), dtype=np.int64)
    for k in range(min(most, int(sizes.max(initial=0)))):
        here = np.flatnonzero(sizes > k)
        digit = text.data[begins[here] + k] - np.uint8(48)  # what is below "0" comes round to the top
        value[here] = value[here] * 10 + digit
        good[here] &= digit <= 9
    return value, good & (value <= MOST_POINTS)
