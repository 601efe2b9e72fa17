"""The program that checks a bundle, against files that are signed but not spelt, or not saying, what they should."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.boxes import Box, filled, sign_again, wrong

pytestmark = pytest.mark.pure


@pytest.fixture(scope="module")
def honest() -> Box:
    return filled("cumulative", ballots=40, projects=6)


@pytest.fixture(scope="module")
def original(honest: Box, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return honest.write(tmp_path_factory.mktemp("bundle") / "original")


@pytest.fixture
def folder(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "forged"))


# ── One spelling of everything ───────────────────────────────────────────────
NUMBER = re.compile(r"(?<=[:,])(\d+)(?=[,}\]])")


def turned(text: str) -> str:
    """The keys of the first line in the other order."""
    first, end, rest = text.partition("\n")
    pairs = list(json.loads(first).items())
    return json.dumps(dict(pairs[::-1]), separators=(",", ":"), ensure_ascii=False) + end + rest


SPELLINGS: dict[str, Callable[[str], str]] = {
    "a space": lambda text: text.replace('":', '": ', 1),
    "a space at the end": lambda text: text.replace("\n", " \n", 1),
    "lines as on Windows": lambda text: text.replace("\n", "\r\n"),
    "no last line end": lambda text: text.rstrip("\n"),
    "an empty line": lambda text: text + "\n",
    "a line of spaces": lambda text: text + " \n",
    "a byte order mark": lambda text: "\ufeff" + text,
    "an escape": lambda text: text.replace("o", "\\u006f", 1),
    "an escaped slash": lambda text: text.replace('":"', '":"\\/', 1),
    "a capital": lambda text: text.replace("a", "A", 1),
    "a key twice": lambda text: re.sub(r'\{("\w+"):', r"{\1:0,\1:", text, count=1),
    "other order of keys": turned,
    "minus nothing": lambda text: NUMBER.sub("-0", text, count=1),
    "a leading nought": lambda text: NUMBER.sub(r"0\1", text, count=1),
    "a fraction": lambda text: NUMBER.sub(r"\1.0", text, count=1),
    "a power": lambda text: NUMBER.sub(r"\1e0", text, count=1),
    "no number": lambda text: NUMBER.sub("NaN", text, count=1),
    "an enormous number": lambda text: NUMBER.sub("9" * 5000, text, count=1),
    "as deep as a well": lambda text: NUMBER.sub("[" * 50_000 + "]" * 50_000, text, count=1),
    "a form feed for a line end": lambda text: text[:-1] + "\x0c",
    "half a letter": lambda text: NUMBER.sub(r'"\\ud800"', text, count=1),
}


@pytest.mark.parametrize("name", ["rules.json", "board.jsonl", "ballots.jsonl", "manifest.json"])
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_another_spelling_of_the_same_is_refused(honest: Box, folder: Path, name: str, spelling: str) -> None:
    """Signed by the key itself: a file that two programs could read in two ways is nobody's proof."""
    path = folder / name
    text = path.read_bytes().decode()
    other = SPELLINGS[spelling](text)
    assert other != text
    path.write_bytes(other.encode())
    if name != "manifest.json":
        sign_again(folder, honest.key)
    assert wrong(folder).startswith(name)


# ── The other files ──────────────────────────────────────────────────────────
OTHER_FILES = [
    ("result.csv", ",yes,", ",no,", "result.csv: says something else of"),
    ("result.csv", "\nt000,", "\nt00,", "the count: not in order"),
    ("result.csv", "\nw001,", "\nw000,", "result.csv: not every project of “-Ward” once"),
    ("result.csv", ",200.50,", ",200.60,", "result.csv: says something else of"),
    ("town.pb", ";200.50;", ";200.60;", "town.pb: other projects than"),
    ("town.pb", "\r\n1;t", "\r\n1;t005,t", "town.pb: other ballots than"),
    ("ward.pb", "budget;", "budget;1", "ward.pb: “budget” does not follow from the rules"),
    ("town.pb", "num_votes;", "num_votes;4", "town.pb: “num_votes” does not follow"),
    ("town.pb", "rule;equal-shares", "rule;max-welfare", "town.pb: “rule” does not follow"),
    ("town.pb", "date_end;15", "date_end;16", "town.pb: “date_end” does not follow"),
    ("town.pb", "max_sum_points;10", "max_sum_points;11", "town.pb: “max_sum_points” does not follow"),
    ("town.pb", "currency;", "edition;2\r\ncurrency;", "town.pb: “edition” does not follow"),
    ("town.pb", "currency;GBP", "currency;EUR\r\ncurrency;GBP", "town.pb: META is not in order"),
    ("town.pb", "Benches", "Ditches", "town.pb: other projects than"),
    ("town.pb", "\r\nVOTES\r\n", "\r\nVOTES\r\na;b\r\n1;t000\r\nVOTES\r\n", "town.pb: has the part VOTES twice"),
    ("town.pb", "\r\nVOTES\r\n", "\r\nNOTES\r\n", "town.pb: its parts are not META, PROJECTS and VOTES"),
    ("town.pb", "PROJECTS\r\nproject_id;cost;", "PROJECTS\r\nproject_id;costs;", "town.pb: PROJECTS has other columns"),
    ("town.pb", "project_id;cost;", "project_id;project_id;", "town.pb: the columns of PROJECTS are not in order"),
    ("town.pb", "voter_id;vote;points", "voter_id;vote;weight", "town.pb: VOTES has other columns"),
    ("town.pb", "\r\n2;t", "\r\n1;t", "town.pb: the numbers of the ballots do not run on"),
    ("town.pb", "META\r\n", "0;0\r\nMETA\r\n", "the count: not in order"),
    ("result.csv", ",GBP,", ",EUR,", "result.csv: says something else of"),
    ("result.csv", "project_id,name,", "project_id,title,", "result.csv: has other columns"),
    ("result.csv", "\nt000,", "\nt000,x,", "result.csv: a line is longer or shorter"),
    ("result.csv", "\nw", "\nw000,Benches,1,99,yes,1,9,-Ward ,,GBP,All wanted it.\nw", "result.csv: has 9 lines"),
    ("result.csv", "\nw", "\n" + "w" * 140_000, "the count: not in order (Error('field larger than"),
    ("result.csv", ',"\'=', ',"x"\'=', "the count: not in order (Error("),
    ("town.trace.jsonl", '"type":"purchase"', '"type":"purchased"', "town.trace.jsonl: "),
    ("verify_count.py", '"""', 'raise ValueError("no")\n"""', "verify_count.py: is not the one"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "old", "new", "said"), OTHER_FILES)
def test_files_that_say_something_else_than_the_ballots(
    honest: Box, folder: Path, name: str, old: str, new: str, said: str
) -> None:
    text = (folder / name).read_bytes().decode()
    assert old in text
    (folder / name).write_bytes(text.replace(old, new, 1).encode())
    sign_again(folder, honest.key)
    assert wrong(folder).startswith(said)


def test_a_second_column_of_the_same_name_is_found(honest: Box, folder: Path) -> None:
    """The first would be read by a person, the last by a program."""
    rows = list(csv.reader(io.StringIO((folder / "result.csv").read_text(), newline="")))
    at = rows[0].index("funded")
    twice = [[*row[:at], row[at] if row is rows[0] else "yes", *row[at:]] for row in rows]
    with (folder / "result.csv").open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(twice)
    sign_again(folder, honest.key)
    assert wrong(folder) == "result.csv: has other columns than a result"


@pytest.mark.parametrize("ballot_format", ["approval", "ordinal"])
def test_the_points_of_a_table_are_those_of_the_ballots(ballot_format: str, tmp_path: Path) -> None:
    """Of ranks the points they stand for; of crosses none."""
    box = filled(ballot_format, ballots=20, projects=6, preset="greedy")
    folder = box.write(tmp_path / "bundle")
    assert wrong(folder) == ""
    rows = list(csv.reader(io.StringIO((folder / "result.csv").read_text(), newline="")))
    rows[1][rows[0].index("points")] += "7"
    with (folder / "result.csv").open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    sign_again(folder, box.key)
    assert re.fullmatch(r"result\.csv: “.+” has (no|\d+) points", wrong(folder))


def test_a_listed_file_more_or_less_is_found(honest: Box, folder: Path) -> None:
    (folder / "notes.txt").write_text("Believe us.")
    sign_again(folder, honest.key)
    assert wrong(folder) == "manifest.json: lists other files than belong to a ballot box"
    (folder / "notes.txt").unlink()
    (folder / "ward.pb").unlink()
    sign_again(folder, honest.key)
    assert wrong(folder) == "manifest.json: lists other files than belong to a ballot box"


def test_what_a_computer_leaves_in_a_folder_does_not_matter(folder: Path) -> None:
    (folder / ".DS_Store").write_bytes(b"\0")
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / f"verify_count.{sys.implementation.cache_tag}.pyc").write_bytes(b"not looked at")
    assert wrong(folder) == ""
