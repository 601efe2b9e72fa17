"""Hashes that make a ballot box checkable by anyone: leaves, Merkle trees and the chain of the board. Pure.

A leaf is SHA-256(0x00 ‖ document), a node SHA-256(0x01 ‖ left ‖ right), trees as in RFC 6962; an entry of the board is
SHA-256(0x02 ‖ document), which names the hash of the entry before it. Documents are canonical JSON (`budgets.rules`).
Hashes are written in hexadecimal.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from budgets.rules import canonical

EMPTY = hashlib.sha256().hexdigest()  # the root of a tree without leaves
SIGNED = b"good-local board checkpoint\x00"  # what is signed is this followed by the entry's hash
BUNDLE = b"good-local bundle\x00"  # the same for the digest of a bundle's manifest


def ballot_leaf(round_slug: str, rules_hash: str, selections: str, salt: str) -> str:
    """The receipt of a ballot. `selections`: canonical JSON; `salt`: 128 random bits, so that nobody can guess a leaf."""
    document = {
        "round": round_slug,
        "rules_hash": rules_hash,
        "salt": salt,
        "selections": json.loads(selections),
        "v": 1,
    }
    return hashlib.sha256(b"\x00" + canonical(document).encode()).hexdigest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def _levels(leaves: Sequence[str]) -> list[list[bytes]]:
    """From the leaves up to the root: neighbours are joined, one without a neighbour moves up as it is."""
    levels = [[bytes.fromhex(leaf) for leaf in leaves]]
    while len(levels[-1]) > 1:
        below = levels[-1]
        level = [_node(left, right) for left, right in zip(below[::2], below[1::2], strict=False)]
        levels.append(level + below[len(level) * 2 :])
    return levels


def root(leaves: Sequence[str]) -> str:
    """The one hash that stands for all these leaves in this order."""
    return _levels(leaves)[-1][0].hex() if leaves else EMPTY


def path(leaves: Sequence[str], position: int) -> list[str]:
    """The hashes that lead from the leaf at `position` up to the root."""
    steps = []
    for level in _levels(leaves)[:-1]:
        if position ^ 1 < len(level):
            steps.append(level[position ^ 1].hex())
        position //= 2
    return steps


def root_by_path(leaf: str, position: int, size: int, steps: Sequence[str]) -> str:
    """Where a path leads. Refuses (ValueError) a path that does not fit a tree of `size` leaves."""
    found, left = bytes.fromhex(leaf), list(steps)
    while size > 1:
        if position ^ 1 < size:
            if not left:
                raise ValueError("the path is too short")
            other = bytes.fromhex(left.pop(0))
            found = _node(other, found) if position & 1 else _node(found, other)
        position, size = position // 2, (size + 1) // 2
    if left:
        raise ValueError("the path is too long")
    return found.hex()


def entry_hash(entry: Mapping[str, Any]) -> str:
    """`entry`: {"round", "seq", "kind", "body", "previous"}."""
    return hashlib.sha256(b"\x02" + canonical(dict(entry)).encode()).hexdigest()
