"""The layout of docs and design, checked: where files lie, how long they are, what they may not hold."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.pure

ROOT = Path(__file__).resolve().parent.parent.parent
APPS = ("participation", "budgets", "commissioning", "realtime", "cms", "config")
TOP = {
    ".ci", ".gitignore", ".npmrc", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile", "README.md", "benchmarks",
    "budgets", "cms", "commissioning", "config", "deploy", "docs", "locale", "manage.py", "package-lock.json", "package.json",
    "participation", "pyproject.toml", "realtime", "requirements-dev.lock", "requirements.lock", "static", "templates",
    "tests",
}  # fmt: skip
ROOMS = {
    "participation": {"accounts", "actions", "forms", "management", "migrations", "models", "templatetags", "views"},
    "budgets": {"actions", "bundle", "forms", "management", "migrations", "models", "tally", "templatetags", "views"},
    "commissioning": {"actions", "checklist", "forms", "management", "migrations", "models", "standards", "views"},
    "realtime": set(),
}
LONGEST = 400
# Published by themselves, for anyone to read and run alone.
ONE_FILES = {Path("budgets/tally/verify.py"), Path("budgets/bundle/verify.py")}
LOCKS = {"requirements.lock", "requirements-dev.lock", "package-lock.json"}


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [Path(name) for name in listed.split("\0") if name and (ROOT / name).exists()]


def texts() -> Iterator[tuple[Path, str]]:
    for path in tracked():
        try:
            yield path, (ROOT / path).read_text()
        except UnicodeDecodeError:
            continue


def test_nothing_new_stands_at_the_top() -> None:
    assert {path.parts[0] for path in tracked()} <= TOP


@pytest.mark.parametrize("app", ROOMS)
def test_an_app_has_the_rooms_it_should(app: str) -> None:
    rooms = {path.parts[1] for path in tracked() if path.parts[0] == app and len(path.parts) > 2}
    assert rooms <= ROOMS[app]


def test_no_room_for_odds_and_ends() -> None:
    odd = re.compile(r"(^|_)(utils?|helpers?|misc|common_utils)$")
    assert [
        path
        for path in tracked()
        if path.suffix == ".py" and any(odd.search(part) for part in path.with_suffix("").parts)
    ] == []


def test_files_stay_short() -> None:
    suffixes = {".py", ".html", ".css", ".js"}
    long = [
        f"{path}: {len(text.splitlines())}"
        for path, text in texts()
        if path.suffix in suffixes
        and "migrations" not in path.parts
        and path not in ONE_FILES
        and len(text.splitlines()) > LONGEST
    ]
    assert long == []


def test_no_address_of_a_registry_is_recorded() -> None:
    registries = ("pypi", "pythonh[o]sted", "npmj[s]", "yarnpkg")  # spelt so that this line names none
    hosts = re.compile(rf"\b(?:{'|'.join(registries)})\.(?:org|com)\b")
    assert [str(path) for path, text in texts() if hosts.search(text)] == []


def test_no_path_of_one_machine_is_recorded() -> None:
    homes = re.compile(r"(?<![\w.])/(work|root|tmp)/[\w.]")
    assert [str(path) for path, text in texts() if path.name not in LOCKS and homes.search(text)] == []


def test_decisions_are_numbered_once() -> None:
    numbers = [path.name[:4] for path in tracked() if path.parent == Path("docs/adr") and path.name[0].isdigit()]
    assert len(numbers) == len(set(numbers))
    assert all(re.fullmatch(r"\d{4}", number) for number in numbers)


def test_migrations_are_named_and_in_one_line() -> None:
    for app in ("participation", "participation/accounts", "budgets", "commissioning", "cms"):
        names = sorted(
            path.stem for path in tracked() if path.parent == Path(app, "migrations") and path.stem[0].isdigit()
        )
        assert [name[:4] for name in names] == [f"{n:04d}" for n in range(1, len(names) + 1)], app
        assert not [name for name in names if "_auto_" in name], app


def test_migrations_use_no_code_of_the_project() -> None:
    ours = re.compile(rf"^(from|import) ({'|'.join(APPS)})\b", re.MULTILINE)
    migrations = [(path, text) for path, text in texts() if "migrations" in path.parts and path.suffix == ".py"]
    # Django writes the manager of a swapped user into its first migration.
    migrations = [
        found for found in migrations if found[0] != Path("participation/accounts/migrations/0001_initial.py")
    ]
    assert [str(path) for path, text in migrations if ours.search(text)] == []


# ── Canaries: the rules we rely on bite ──────────────────────────────────────
@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of the project, to break."""
    target = tmp_path_factory.mktemp("copy")
    for path in tracked():
        if (path.suffix == ".py" and path.parts[0] in APPS) or path.name == "pyproject.toml":
            (target / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / path, target / path)
    return target


def run(copy: Path, *command: str) -> subprocess.CompletedProcess[str]:
    binary = Path(sys.executable).parent / command[0]
    return subprocess.run([str(binary), *command[1:]], cwd=copy, capture_output=True, text=True, check=False)


WRONG_IMPORTS = {
    "participation/refusals.py": "import budgets.rules",
    "participation/models/places.py": "import participation.actions.audit",
    "budgets/tally/count.py": "import django.db",
    "budgets/rules.py": "import budgets.models",
    "commissioning/standards/codes.py": "import django.conf",
    "budgets/models/ballots.py": "import channels.layers",
    "realtime/groups.py": "import budgets.models.rounds",
    "cms/views.py": "import realtime.groups",
    "budgets/actions/ballots.py": "import budgets.tasks",
}


@pytest.mark.parametrize(("path", "line"), WRONG_IMPORTS.items())
def test_a_wrong_import_is_caught(copy: Path, path: str, line: str) -> None:
    before = (copy / path).read_text()
    (copy / path).write_text(f"{before}\n{line}\n")
    try:
        done = run(copy, "lint-imports", "--no-cache")
    finally:
        (copy / path).write_text(before)
    assert done.returncode == 1, done.stdout
    assert "broken" in done.stdout


WRONG_CODE = {
    "TID251": "from django.db.models.signals import post_save\n",
    "DTZ005": "from datetime import datetime\n\nmoment = datetime.now()\n",
    "C901": "def f(a):\n" + "".join(f"    if a == {n}:\n        return {n}\n" for n in range(9)) + "    return None\n",
    "E722": "try:\n    pass\nexcept:\n    pass\n",
}


@pytest.mark.parametrize(("rule", "code"), WRONG_CODE.items())
def test_a_wrong_line_is_caught(copy: Path, rule: str, code: str) -> None:
    (copy / "budgets" / "canary.py").write_text(f'"""A canary."""\n\n{code}')
    try:
        done = run(copy, "ruff", "check", "--no-cache", "--output-format", "concise", "budgets/canary.py")
    finally:
        (copy / "budgets" / "canary.py").unlink()
    assert rule in done.stdout
