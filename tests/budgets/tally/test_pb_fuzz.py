"""Damaged .pb files: the reader returns or refuses with a line, and reading by the block is reading line by line."""

import functools
import gzip
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from budgets.tally.election import MOST_POINTS, VOTE_TYPES
from budgets.tally.pb import PbError, PbReader, read_election, read_pb
from budgets.tally.pb_lines import FileLines, Lines
from budgets.tally.pb_votes import BlockReader, Columns, Ids
from tests.budgets.tally.data import FILES, PABULIB, needs_files

pytestmark = pytest.mark.pure

META = """\
META
key;value
description;A town
country;UK
unit;Town
instance;2026
num_projects;{projects}
num_votes;{votes}
budget;1000.50
vote_type;{vote_type}
rule;greedy
date_begin;01.05.2026
date_end;31.05.2026
PROJECTS
project_id;cost;votes
{listed}
VOTES
{header}
"""
IDS = ("a", "b", "10", "7", "abcdefgh", "abcdefgi", "abcdefghi", "é€", "bench by the long canal", "ünï-1234", "a b")
CELLS = {"voter_id": ("1", "x-77", "Zoë"), "age": ("30", "", "a,b", "Nowa Huta"), "sex": ("F", "–")}
# What stands in cells now and then, and what damage puts anywhere.
ODD = (
    "",
    " ",
    "a,a",
    "c",
    "a,",
    ",",
    '"a,b"',
    '"1\n2"',
    '"',
    "\r",
    " a",
    "\u00a0",
    "0",
    "1,2",
    "x" * 70,
    "-1",
    "9" * 20,
)
BYTES = (
    *(b'"', b"\r", b"\r\n", b"\n", b"\n\n", b"\0", b"\xff", b"\xef\xbb\xbf", b";", b",", b" ", b"\xc2\xa0", b"\x85"),
    *(b"9" * 20, b"-1", b"1e9", b"VOTES\n", b"PROJECTS\n", b"META\n", b"a,b", b"\xe2\x80\xa8", b"\x1c", b"=1+1"),
)
SIZES = (1, 20, 200, 1 << 19)


class ByLine(FileLines):
    """The file without its quick way."""

    def block(self) -> bytes:
        return b""


Outcome = str | tuple[str, list[str]]


def outcome(lines: Lines) -> Outcome:
    try:
        reader = PbReader(lines)
        return reader.election().digest, reader.repairs
    except PbError as error:
        assert error.line_number >= 1
        assert "\n" not in str(error)
        return str(error)


def agree(path: Path, size: int) -> Outcome:
    """What careful reading finds, which is what every way of reading finds."""
    careful = outcome(ByLine(path))
    assert outcome(FileLines(path, size)) == careful
    return careful


@functools.cache
def folder() -> "tempfile.TemporaryDirectory[str]":
    return tempfile.TemporaryDirectory()


def stored(data: bytes) -> Path:
    path = Path(folder().name) / "damaged.pb"
    path.write_bytes(data)
    return path


@st.composite
def votes(draw: st.DrawFn, ids: list[str], vote_type: str, header: list[str]) -> str:
    chosen = draw(st.lists(st.sampled_from(ids), max_size=1 if vote_type == "choose-1" else 12, unique=True))
    points = draw(st.lists(st.integers(0, 9), min_size=len(chosen), max_size=len(chosen)))
    cells = {"vote": ",".join(chosen), "points": ",".join(map(str, points))}
    row = [cells[name] if name in cells else draw(st.sampled_from(CELLS[name])) for name in header]
    if draw(st.integers(0, 9)) == 0:
        row[draw(st.integers(0, len(row) - 1))] = draw(st.sampled_from(ODD))
    return ";".join(row)


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """A file that is right but for some cells."""
    vote_type = draw(st.sampled_from(sorted(VOTE_TYPES)))
    ids = draw(st.lists(st.sampled_from(IDS), min_size=1, unique=True))
    header = draw(st.permutations(["voter_id", "vote", "points", *draw(st.sets(st.sampled_from(["age", "sex"])))]))
    rows = draw(st.lists(votes(ids, vote_type, header), max_size=12))
    listed = "\n".join(f"{project};{100 + k};{draw(st.sampled_from(['', '1']))}" for k, project in enumerate(ids))
    head = META.format(projects=len(ids), votes=len(rows), vote_type=vote_type, listed=listed, header=";".join(header))
    end = draw(st.sampled_from(["\n", "\r\n"]))
    text = head + "\n".join(rows) + draw(st.sampled_from(["", "\n", "\n\n"]))
    return text.replace("\n", end).encode()


def cut(data: bytes, at: int, piece: bytes) -> bytes:
    return data[:at]


def insert(data: bytes, at: int, piece: bytes) -> bytes:
    return data[:at] + piece + data[at:]


def flip(data: bytes, at: int, piece: bytes) -> bytes:
    return data[:at] + bytes([data[at] ^ (1 << at % 8)]) + data[at + 1 :] if at < len(data) else data


def overwrite(data: bytes, at: int, piece: bytes) -> bytes:
    return data[:at] + piece + data[at + len(piece) :]


def drop_line(data: bytes, at: int, piece: bytes) -> bytes:
    lines = data.splitlines(keepends=True)
    return b"".join(lines[: at % len(lines)] + lines[at % len(lines) + 1 :]) if lines else data


def repeat_line(data: bytes, at: int, piece: bytes) -> bytes:
    lines = data.splitlines(keepends=True)
    return (
        b"".join(lines[: at % len(lines)] + lines[at % len(lines) :][:1] + lines[at % len(lines) :]) if lines else data
    )


def recode(data: bytes, at: int, piece: bytes) -> bytes:
    return data.decode(errors="replace").encode(("utf-16", "latin-1", "utf-8-sig", "cp1250")[at % 4], errors="replace")


DAMAGE: list[Callable[[bytes, int, bytes], bytes]] = [
    *(insert, insert, overwrite, flip, flip, drop_line, repeat_line, cut, recode)
]


@settings(max_examples=200, deadline=None)
@given(files(), st.sampled_from(SIZES))
def test_reading_by_the_block_is_reading_line_by_line(data: bytes, size: int) -> None:
    found = agree(stored(data), size)
    assert outcome(Lines(data.decode().splitlines(keepends=True))) == found or b"\r" in data or b"\x85" in data


@settings(max_examples=300, deadline=None)
@given(
    files(),
    st.lists(st.tuples(st.sampled_from(DAMAGE), st.integers(0, 1200), st.sampled_from(BYTES)), min_size=1, max_size=3),
    st.sampled_from(SIZES),
)
def test_damage_is_refused_with_its_line_or_read_the_same_both_ways(
    data: bytes, damage: list[tuple[Callable[[bytes, int, bytes], bytes], int, bytes]], size: int
) -> None:
    for harm, at, piece in damage:
        data = harm(data, at, piece)
    path = stored(data)
    found = agree(path, size)
    try:
        file = read_pb(path)
    except PbError as error:
        # Points that do not count are not looked at by who only counts.
        assert str(error) == found or "points" in str(error)
        assert error.line_number <= data.count(b"\n") + 1
    else:
        assert (file.election().digest, file.repairs) == found


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200), st.booleans())
@example(b"", True)
@example(b"\x1f\x8b", True)
def test_anything_at_all_is_refused_with_a_line(data: bytes, packed: bool) -> None:
    path = Path(folder().name) / "any.pb.gz"
    path.write_bytes(gzip.compress(META.encode() + data)[: -1 - len(data) % 9] if packed else data)
    with pytest.raises(PbError, match="^line "):
        read_election(path)


def test_what_is_packed_and_cut_off_is_refused_on_the_line_where_it_ends(tmp_path: Path) -> None:
    text = META.format(projects=1, votes=9, vote_type="approval", listed="a;1;", header="voter_id;vote")
    voters = "".join(f"{'%x' % (voter**9)};a\n" for voter in range(5000))
    path = tmp_path / "cut.pb.gz"
    path.write_bytes(gzip.compress((text + voters).encode())[:20_000])
    with pytest.raises(PbError) as refused:
        read_election(path)
    assert "cannot be unpacked" in str(refused.value)
    assert 500 < refused.value.line_number < 5000
    assert agree(path, 1 << 12) == str(refused.value)


def test_sums_and_points_beyond_what_can_be_counted_are_refused_on_their_line() -> None:
    text = META.format(projects=1, votes=1, vote_type="cumulative", listed="a;1;", header="voter_id;vote;points")
    for change, line in (
        (("1000.50", "99999999999999"), 9),
        (("a;1;", "a;99999999999999;"), 16),
        (("points\n", f"points\n1;a;{MOST_POINTS + 1}\n"), 19),
    ):
        with pytest.raises(PbError, match=f"^line {line}: .* is more than can be counted"):
            read_pb(text.replace(*change).splitlines(keepends=True))
    most = text.replace("points\n", f"points\n1;a;{MOST_POINTS}\n")
    assert list(read_pb(most.splitlines(keepends=True)).election().ballots()) == [((("a", MOST_POINTS),), 1)]


@pytest.mark.parametrize("count", [1, 2, 300, 3000])
def test_every_id_is_found_and_nothing_else_is(count: int) -> None:
    ids = [f"{'p' * (n % 30)}{n}" for n in range(count)]
    reader = BlockReader(ids, "approval", Columns(0, 1, -1, 2))
    block = reader.read("".join(f"1;{project}\n" for project in ids).encode())
    assert block is not None
    assert (block.rows.members.tolist(), block.odd) == (list(range(count)), [])
    block = reader.read("".join(f"1;{project}\x01\n2;{project}x\n3;q{project}\n" for project in ids).encode())
    assert block is not None
    assert (len(block.rows.lengths), len(block.odd)) == (0, 3 * count)
    assert reader.read(f"1;{ids[0]}\0\n".encode()) is None


def test_ids_too_long_for_blocks_are_read_with_care(tmp_path: Path) -> None:
    long = "p" * 65
    assert not Ids.can_hold([long])
    path = tmp_path / "long.pb"
    text = META.format(projects=1, votes=1, vote_type="approval", listed=f"{long};1;", header="voter_id;vote")
    path.write_text(f"{text}1;{long}\n")
    assert list(read_election(path)[0].ballots()) == [(((long, 1),), 1)]


@needs_files
@pytest.mark.parametrize("name", FILES)
def test_every_real_file_reads_the_same_by_the_block(name: str) -> None:
    path = PABULIB / f"{name}.gz"
    reader = PbReader(ByLine(path))
    careful = reader.election()
    election, quick = read_election(path)
    assert (election.digest, quick.repairs) == (careful.digest, reader.repairs)
