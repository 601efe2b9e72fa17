"""The checker of Pabulib's own authors accepts what we write."""

from pathlib import Path

import pytest
from pabulib.checker import Checker

from budgets.tally.pb import read_pb, write_pb
from tests.budgets.tally.data import FILES, PABULIB, needs_files

pytestmark = [pytest.mark.pure, needs_files]

# What it says of an election whoever wrote it down.
OF_THE_ELECTION = {
    "missing selected field in projects",
    "rule validation skipped",
    "single project exceeded whole budget",
    "greedy rule not followed",
}


def complaints(path: Path) -> set[str]:
    found = Checker().process_files([str(path)])
    (checked,) = (value for key, value in found.items() if key not in ("metadata", "summary"))
    assert set(checked["results"]) == {"errors", "warnings"}
    return {*checked["results"]["errors"], *checked["results"]["warnings"]}


@pytest.mark.parametrize("name", FILES)
def test_the_checker_accepts_every_real_file_as_we_write_it(name: str, tmp_path: Path) -> None:
    file, path = read_pb(PABULIB / f"{name}.gz"), tmp_path / name
    with path.open("w", encoding="utf-8", newline="") as text:
        write_pb(text, file.meta, file.projects, file.ballots)
    assert complaints(path) <= OF_THE_ELECTION


def test_the_checker_does_complain(tmp_path: Path) -> None:
    file, path = read_pb(PABULIB / "Netherlands_Assen_2024.pb.gz"), tmp_path / "wrong.pb"
    with path.open("w", encoding="utf-8", newline="") as text:
        write_pb(text, {**file.meta, "date_begin": "yesterday"}, file.projects, file.ballots)
    assert complaints(path) - OF_THE_ELECTION
