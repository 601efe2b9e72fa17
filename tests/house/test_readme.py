"""What the README, CONTRIBUTING and the decisions name is there."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "locale/README.md"]
MADE_LATER = {"locale/django.pot", "locale/cy/LC_MESSAGES", "locale/cy/LC_MESSAGES/django.po"}

pytestmark = pytest.mark.pure


def text(name):
    return (ROOT / name).read_text()


def paths(name):
    """What stands in backquotes or behind a link and looks like a path in this project."""
    words = re.findall(r"`([\w./-]+)`", text(name)) + re.findall(r"\]\((?!https?:)([^)#]+)\)", text(name))
    first = {path.name for path in ROOT.iterdir()}
    return {
        word for word in words if not word.startswith("/") and (word.split("/")[0] in first or word.startswith("docs/"))
    }


@pytest.mark.parametrize("name", DOCUMENTS)
def test_paths_exist(name):
    missing = {path for path in paths(name) - MADE_LATER if not (ROOT / path).exists()}
    assert not missing


def test_the_readme_names_what_matters():
    assert {"participation/", "budgets/", "cms/", "realtime/", "config/", "docs/adr/", "tests/matrix/"} <= paths(
        "README.md"
    )


@pytest.mark.parametrize("name", DOCUMENTS)
def test_commands_exist(name):
    named = set(re.findall(r"manage\.py (\w+)", text(name)))
    assert named <= get_commands().keys()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_make_targets_exist(name):
    targets = set(re.findall(r"^([a-z-]+):", text("Makefile"), re.MULTILINE))
    assert set(re.findall(r"`?make ([a-z-]+)", " ".join(re.findall(r"`+[^`]*`+", text(name))))) <= targets


def test_variables_exist():
    settings = text("config/settings.py")
    table = re.findall(r"^\| ((?:`[A-Z_]+`(?:, )?)+) \|", text("README.md"), re.MULTILINE)
    names = {name for row in table for name in re.findall(r"`([A-Z_]+)`", row)}
    assert names
    assert {name for name in names if f'"{name}"' not in settings} - {"DATABASE_URL"} == set()


def test_the_counting_rules_named_exist():
    from budgets.tally.rules import PRESETS

    assert {"greedy", "equal-shares", "equal-shares-add1-no-exhaustive"} <= PRESETS.keys()


def test_decisions_are_numbered_once_and_told_alike():
    decisions = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))
    assert [path.name[:4] for path in decisions] == [f"{n:04d}" for n in range(1, len(decisions) + 1)]
    for path in decisions:
        written = path.read_text()
        assert written.startswith(f"# {path.name[:4]} "), path
        for heading in ("Status:", "## Consequences"):
            assert heading in written, path


def test_every_package_has_its_reason():
    import tomllib

    project = tomllib.loads(text("pyproject.toml"))["project"]
    given = {"celery", "channels", "daphne", "django", "django-allauth", "wagtail"}
    names = {re.split(r"[\[><=]", requirement)[0] for requirement in project["dependencies"]} - given
    reasons = "".join(path.read_text() for path in (ROOT / "docs" / "adr").glob("*.md"))
    assert {name for name in names if name not in reasons} == set()


def test_the_licence_is_whole():
    licence = text("LICENSE")
    assert licence.lstrip().startswith("GNU AFFERO GENERAL PUBLIC LICENSE")
    assert "17. Interpretation of Sections 15 and 16." in licence
