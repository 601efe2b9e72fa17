"""The program that checks a bundle, against files that are signed but not spelt, or not saying, what they should."""

from __future__ import annotations

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
    ("ward.pb", "budget;", "budget;1", "ward.pb: another sum than in the rules"),
    ("town.trace.jsonl", '"type":"purchase"', '"type":"purchased"', "town.trace.jsonl: "),
    ("verify_count.py", '"""', 'raise ValueError("no")\n"""', "the count: not in order"),
]


@pytest.mark.parametrize(("name", "old", "new", "said"), OTHER_FILES)
def test_files_that_say_something_else_than_the_ballots(
    honest: Box, folder: Path, name: str, old: str, new: str, said: str
) -> None:
    text = (folder / name).read_bytes().decode()
    assert old in text
    (folder / name).write_bytes(text.replace(old, new, 1).encode())
    sign_again(folder, honest.key)
    assert wrong(folder).startswith(said)


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
