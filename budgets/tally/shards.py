"""One election out of many shards: each groups its own ballots, the groups are merged, and one count is made.

A partial is the bytes of a shard's grouped ballots in canonical order. The same ballots give the same bytes, merging is
associative and commutative, and the election made of any partition of the ballots is the one they make together: the
same arrays, the same digest. That is what lets workers take shards as they come, twice if one of them dies.

Layout: MAGIC, SHA-256 of the ballot paper (vote type and sorted ids), then lengths, members, values and weights, each
as item size (0 where the type has no values), number of items, and the items in the least unsigned type, little-endian;
at the end the SHA-256 of all before it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from budgets.tally.election import BallotBox, Election, TallyProject, in_order
from budgets.tally.grouping import Groups, Rows, grouped

MAGIC = b"tally-shard-1\n"
DIGEST = 32
# Item size (1 byte) and number of items (8 bytes) before each array.
HEAD = 9


class ShardError(ValueError):
    """The bytes are not a partial of this election."""


def paper(ids: Iterable[str], vote_type: str) -> bytes:
    """What shards of one election share: partials of another ballot paper are never merged."""
    return hashlib.sha256(json.dumps([vote_type, sorted(ids)], separators=(",", ":")).encode()).digest()


def partial(ids: Iterable[str], box: BallotBox) -> bytes:
    """The partial of one shard; `ids` are those the box was made with, sorted."""
    return _packed(paper(ids, box.vote_type), box.groups())


def merge(partials: Sequence[bytes]) -> bytes:
    """One partial of all their ballots. Refuses (ShardError) none, damaged ones and those of different papers."""
    papers = {_paper(part) for part in partials}
    if len(papers) != 1:
        raise ShardError("the partials are not of one election" if papers else "there is nothing to merge")
    return _packed(papers.pop(), grouped([_rows(part) for part in partials]))


def election_of(
    partials: Sequence[bytes],
    *,
    budget: int,
    projects: Iterable[TallyProject],
    vote_type: str = "approval",
    unit: int = 100,
) -> Election:
    """The election of all the shards' ballots. Refuses (ShardError) damaged partials and those of another paper, and
    (ValueError) what `Election.of_box` does."""
    listed = in_order(projects)
    ids = [project.id for project in listed]
    box, expected = BallotBox(ids, vote_type), paper(ids, vote_type)
    for part in partials:
        if _paper(part) != expected:
            raise ShardError("a partial is of another election")
        box.add_rows(_rows(part))
    return Election.of_box(box, budget=budget, projects=listed, unit=unit)


def _packed(of_paper: bytes, groups: Groups) -> bytes:
    arrays = (np.diff(groups.starts), groups.members, groups.values, groups.weights)
    body = b"".join([MAGIC, of_paper, *map(_array, arrays)])
    return body + hashlib.sha256(body).digest()


def _array(array: NDArray[Any] | None) -> bytes:
    if array is None:
        return bytes(HEAD)
    size = next(size for size in (1, 2, 4, 8) if int(array.max(initial=0)) < 1 << 8 * size)
    return bytes([size]) + len(array).to_bytes(8, "little") + array.astype(f"<u{size}").tobytes()


def _paper(part: bytes) -> bytes:
    body = memoryview(part)[:-DIGEST]
    if part[: len(MAGIC)] != MAGIC or hashlib.sha256(body).digest() != part[-DIGEST:]:
        raise ShardError("a partial is damaged")
    return part[len(MAGIC) : len(MAGIC) + DIGEST]


def _rows(part: bytes) -> Rows:
    """Members and values stay as small as they were packed: at ten million ballots that is most of the memory."""
    at = len(MAGIC) + DIGEST
    lengths, at = _unpacked(part, at)
    members, at = _unpacked(part, at)
    values, at = _unpacked(part, at) if part[at] else (None, at + HEAD)
    weights, at = _unpacked(part, at)
    return Rows(lengths.astype(np.int64), members, values, weights.astype(np.int64))


def _unpacked(part: bytes, at: int) -> tuple[NDArray[Any], int]:
    """(the array, where the next one begins)."""
    size, count = part[at], int.from_bytes(part[at + 1 : at + HEAD], "little")
    return np.frombuffer(part, dtype=f"<u{size}", count=count, offset=at + HEAD), at + HEAD + size * count
