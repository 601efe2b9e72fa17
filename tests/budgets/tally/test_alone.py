"""The engine where nothing else is installed: its own tests in an environment that holds NumPy, pytest and hypothesis.

The environment is made offline, of links to what is installed here, and the engine and its tests are copied out of the
project, so that neither Django nor any other part of the project can be imported.
"""

import importlib.metadata
import os
import shutil
import subprocess
import tomllib
import venv
from pathlib import Path

import pytest

pytestmark = [pytest.mark.pure, pytest.mark.once]

ROOT = Path(__file__).parents[3]
NEEDS = "numpy pytest hypothesis pluggy iniconfig packaging pygments sortedcontainers".split()
# These compare with other packages or make this environment.
ELSEWHERE = {"test_alone.py", "test_oracle.py", "test_pb_checker.py", "peer.py"}
# All others are collected, which imports them; these run, and take less than a minute.
RUN = "test_command.py test_count.py test_golden.py::test_assen_as_it_was_decided test_rules.py".split()


def link_packages(site: Path) -> None:
    """What each needed distribution installed at the top of site-packages, its metadata included (pytest finds its
    plugins there)."""
    for name in NEEDS:
        distribution = importlib.metadata.distribution(name)
        tops = {file.parts[0] for file in distribution.files or []} - {"..", "__pycache__"}
        for top in sorted(tops):
            (site / top).symlink_to(Path(str(distribution.locate_file(top))).resolve())


def copy_engine(folder: Path) -> None:
    shutil.copytree(ROOT / "budgets" / "tally", folder / "budgets" / "tally")
    tests = folder / "tests" / "budgets"
    shutil.copytree(ROOT / "tests" / "budgets" / "tally", tests / "tally", ignore=lambda *_: ELSEWHERE)
    for package in (folder / "budgets", folder / "tests", tests):
        (package / "__init__.py").touch()
    configured = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]
    marks = "\n".join(f"    {line}" for line in configured["markers"])
    (folder / "pytest.ini").write_text(
        f"[pytest]\naddopts = --strict-markers\nfilterwarnings = error\nmarkers =\n{marks}\n"
    )


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the engine, its tests and an environment `env`; the real elections beside it, where they are."""
    folder = tmp_path_factory.mktemp("alone")
    project, shared = folder / "engine", ROOT.parent / "shared"
    project.mkdir()
    venv.create(project / "env", with_pip=False, symlinks=True)
    link_packages(next((project / "env" / "lib").glob("python*/site-packages")))
    copy_engine(project)
    if shared.exists():
        (folder / "shared").symlink_to(shared)
    return project


def run(alone: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST", "DJANGO"))
    }
    return subprocess.run(
        [alone / "env" / "bin" / "python", *arguments], cwd=alone, env=environment, capture_output=True, text=True
    )


@pytest.mark.parametrize("package", ["django", "celery", "wagtail", "pabutools", "budgets.models"])
def test_nothing_else_is_there(alone: Path, package: str) -> None:
    done = run(alone, "-c", f"import {package}")
    assert done.returncode == 1
    assert "ModuleNotFoundError" in done.stderr


def test_every_test_of_the_engine_imports_alone(alone: Path) -> None:
    done = run(alone, "-m", "pytest", "-q", "--collect-only", "tests")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_tests_of_the_engine_pass_alone(alone: Path) -> None:
    tests = [f"tests/budgets/tally/{name}" for name in RUN]
    done = run(alone, "-m", "pytest", "-q", *tests)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout.splitlines()[-1]
