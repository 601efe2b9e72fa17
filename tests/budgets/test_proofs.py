"""Leaves, trees and paths: against the definition of RFC 6962, written as plainly as it can be."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budgets.proofs import EMPTY, ballot_leaf, entry_hash, path, root, root_by_path

pytestmark = pytest.mark.pure

leaves = st.lists(st.binary(min_size=32, max_size=32).map(bytes.hex), min_size=1, max_size=40)


def plain_root(found: list[str]) -> bytes:
    """The recursive definition: split at the largest power of two below the number."""
    if len(found) == 1:
        return bytes.fromhex(found[0])
    split = 1
    while split * 2 < len(found):
        split *= 2
    return hashlib.sha256(b"\x01" + plain_root(found[:split]) + plain_root(found[split:])).digest()


@given(leaves)
def test_the_root_as_the_definition_says(found: list[str]) -> None:
    assert root(found) == plain_root(found).hex()


@given(leaves, st.data())
def test_every_leaf_leads_to_the_root_and_no_other_does(found: list[str], data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(found) - 1))
    steps = path(found, position)
    assert root_by_path(found[position], position, len(found), steps) == root(found)
    other = hashlib.sha256(found[position].encode()).hexdigest()
    assert root_by_path(other, position, len(found), steps) != root(found)
    with pytest.raises(ValueError, match="too long"):
        root_by_path(found[position], position, len(found), [*steps, "00" * 32])
    if steps:
        with pytest.raises(ValueError, match="too short"):
            root_by_path(found[position], position, len(found), steps[:-1])


def test_no_leaves() -> None:
    assert root([]) == EMPTY == hashlib.sha256(b"").hexdigest()


def test_known_values() -> None:
    """Worked out by hand with sha256sum over the canonical text, so that the format can never drift."""
    document = b'{"round":"streets","rules_hash":"ab","salt":"00","selections":{"whole":["1","3"]},"v":1}'
    assert ballot_leaf("streets", "ab", '{"whole":["1","3"]}', "00") == hashlib.sha256(b"\x00" + document).hexdigest()
    entry = {"round": "streets", "seq": 0, "kind": "open", "body": {"é": 1}, "previous": "0"}
    text = '{"body":{"é":1},"kind":"open","previous":"0","round":"streets","seq":0}'
    assert entry_hash(entry) == hashlib.sha256(b"\x02" + text.encode()).hexdigest()
