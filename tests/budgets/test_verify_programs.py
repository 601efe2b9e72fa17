"""The program that checks a bundle, as people start it: what they noted earlier, and which programs they trust."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from budgets.bundle import verify
from budgets.tally import verify as verify_count
from budgets.templatetags.codes import grouped
from tests.boxes import Box, filled, sign_again

pytestmark = pytest.mark.pure

CLOSE = 3


@pytest.fixture(scope="module")
def honest() -> Box:
    return filled("approval", ballots=40, projects=6)


@pytest.fixture(scope="module")
def original(honest: Box, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return honest.write(tmp_path_factory.mktemp("bundle") / "original")


@pytest.fixture
def folder(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "forged"))


# ── What was noted earlier ───────────────────────────────────────────────────
TYPED: list[Callable[[list[str]], list[str]]] = [
    lambda groups: ["--seen", " ".join(groups)],
    lambda groups: ["--seen", *groups],
    lambda groups: ["--seen=" + " ".join(groups).upper()],
    lambda groups: ["--seen", "\u00a0".join(groups)],
    lambda groups: ["--seen", "".join(groups[:4]) + "\n", " ".join(groups[4:])],
]


@pytest.mark.parametrize("typed", TYPED)
@pytest.mark.parametrize("folder_first", [True, False])
def test_a_fingerprint_is_taken_as_the_site_prints_it(
    honest: Box,
    original: Path,
    typed: Callable[[list[str]], list[str]],
    folder_first: bool,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for noted, code in ((honest.said()[CLOSE]["hash"], 0), ("0" * 64, 1)):
        seen = typed(grouped(noted).split())
        assert verify.main([str(original), *seen] if folder_first else [*seen, str(original)]) == code
        said = capsys.readouterr().out
        assert said.endswith("everything holds\n" if code == 0 else f"{noted} that you noted is not on it\n")


@pytest.mark.parametrize("seen", ["", "abc", "g" * 64, "0" * 65, "0" * 63 + "٣"])
def test_what_is_no_fingerprint_is_explained(original: Path, seen: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        verify.main([str(original), "--seen", seen])
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert said.startswith("usage: ")
    assert "a fingerprint has 64 digits and letters" in said


# ── Which programs are trusted ───────────────────────────────────────────────
def run(program: Path, folder: Path) -> tuple[int, str]:
    command = [sys.executable, "-I", str(program), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def forged_count(honest: Box, folder: Path) -> Path:
    """With a program that finds every count right, and says so to whoever reads its output."""
    (folder / "verify_count.py").write_text(
        "class WrongError(Exception): pass\nclass NotProvenError(Exception): pass\n"
        "print('executed')\ndef verify(lines): return 'holds'\n"
    )
    sign_again(folder, honest.key)
    return folder


def test_no_program_of_the_folder_is_executed_by_one_from_elsewhere(forged_count: Path, tmp_path: Path) -> None:
    found = (1, "WRONG: verify_count.py: is not the one beside this program, or of another version\n")
    assert run(Path(verify.__file__), forged_count) == found, "from the source tree"
    mine = tmp_path / "mine"
    mine.mkdir()
    shutil.copy(verify.__file__, mine)
    code, said = run(mine / "verify.py", forged_count)
    assert code == 2
    assert said.startswith("cannot be checked: ")
    assert said.endswith("verify_count.py is missing: take both programs from the site's source code\n")
    shutil.copy(verify_count.__file__, mine / "verify_count.py")
    assert run(mine / "verify.py", forged_count) == found


def test_programs_from_elsewhere_check_an_honest_folder(original: Path, tmp_path: Path) -> None:
    shutil.copy(verify.__file__, tmp_path)
    shutil.copy(verify_count.__file__, tmp_path / "verify_count.py")
    code, said = run(tmp_path / "verify.py", original)
    assert code == 0, said
    assert "in this folder itself" not in said


def test_the_folders_own_programs_say_that_they_are_its_own(original: Path, forged_count: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(original)
    for program, folder in ((original, original), (tmp_path / "link", original), (original, tmp_path / "link")):
        code, said = run(program / "verify.py", folder)
        assert code == 0
        assert "checked by the programs in this folder itself: if you do not trust it, take both from" in said
    assert "executed" in run(forged_count / "verify.py", forged_count)[1], "nobody else's"


def test_a_folder_of_something_else_is_none_of_its_business(tmp_path: Path) -> None:
    assert verify.main([str(tmp_path)]) == 2
