"""How far a count is: said by the child, written down now and then, and never in the way of the count."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from budgets.actions import engine, tallies
from budgets.actions.engine import ask_engine
from budgets.actions.tallies import count_round
from budgets.models import Tally
from budgets.tally.__main__ import main
from budgets.tally.election import Election, TallyProject
from budgets.tally.rules import PRESETS
from participation.events import Changed, listen
from tests.budgets.conftest import build_town
from tests.factories import NOW, BallotFactory

FILE = Path(__file__).resolve().parents[3] / "shared" / "data" / "pabulib"
SMALL = Election.build(
    budget=100_000,
    projects=[TallyProject("a", 60_000), TallyProject("b", 50_000)],
    ballots=[["a"], ["a"], ["a"], ["a", "b"], ["b"], ["b"]],
)

TALKING = """
import json, sys
json.load(sys.stdin)
for step in range(3):
    print(json.dumps({"stage": "add1", "step": step, "share": 100 * step}), file=sys.stderr)
print('{"answer": 1}')
"""


@pytest.mark.pure
def test_the_child_counts_as_the_engine_does_and_says_that_it_began() -> None:
    heard: list[dict[str, Any]] = []
    outcome = ask_engine(SMALL, PRESETS["equal-shares"], heard.append)
    assert outcome["selected"] == ["a"]
    assert heard[0] == {"stage": "begun", "step": 0}


@pytest.mark.pure
def test_what_the_child_says_is_heard_and_the_rest_is_its_last_word(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[dict[str, Any]] = []
    monkeypatch.setattr(engine, "CHILD", ("-c", TALKING))
    assert ask_engine(SMALL, PRESETS["greedy"], heard.append) == {"answer": 1}
    assert [line["share"] for line in heard] == [0, 100, 200]
    monkeypatch.setattr(engine, "CHILD", ("-c", TALKING + "sys.exit('out of paper')"))
    with pytest.raises(subprocess.CalledProcessError) as failure:
        ask_engine(SMALL, PRESETS["greedy"])
    assert engine.why_it_failed(failure.value) == "out of paper"


@pytest.mark.pure
def test_a_rule_the_ballots_do_not_fit_is_refused_in_one_line() -> None:
    with pytest.raises(subprocess.CalledProcessError) as failure:
        ask_engine(SMALL, PRESETS["equal-shares-points"])
    assert "needs points" in engine.why_it_failed(failure.value)


@pytest.fixture
def talking(monkeypatch: pytest.MonkeyPatch) -> None:
    """A child that says much and answers nothing."""
    monkeypatch.setattr(engine, "CHILD", ("-c", TALKING.replace("print('", "print('not json ")))
    monkeypatch.setattr(tallies, "PROGRESS_EVERY", 0.0)


@pytest.mark.django_db
@pytest.mark.usefixtures("talking")
def test_progress_is_written_down_told_and_gone_when_the_count_ends(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    town = build_town(voting=False, closed=True)
    BallotFactory(round=town.round, choices={"whole": ["1"], "ward": ["4"]})
    heard: list[Changed] = []
    listen(heard.append)
    seen: list[Any] = []
    finish = tallies._finish

    def look(tally: Tally, *args: Any) -> None:
        seen.append(Tally.objects.get(pk=tally.pk).progress)
        finish(tally, *args)

    monkeypatch.setattr(tallies, "_finish", look)
    with django_capture_on_commit_callbacks(execute=True):
        count_round(round_id=town.round.pk, now=NOW)
    assert [note["share"] for note in seen] == [200, 200]
    assert all("at" in note for note in seen)
    assert {t.state for t in Tally.objects.all()} == {"failed"}
    assert set(Tally.objects.values_list("progress", flat=True)) == {None}
    nudges = [change for change in heard if change.id == town.round.pk]
    assert len(nudges) == 2 * 3 + 1  # three lines a pot, and the end


@pytest.mark.django_db
@pytest.mark.usefixtures("talking")
def test_news_is_told_at_most_every_few_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tallies, "PROGRESS_EVERY", 3600.0)
    town = build_town(voting=False, closed=True)
    told: list[Any] = []
    monkeypatch.setattr(tallies, "announce", told.append)
    count_round(round_id=town.round.pk, now=NOW)
    assert len(told) == 2 + 1  # the first line of each pot, and the end


# ── The command ──────────────────────────────────────────────────────────────
@pytest.mark.pure
@pytest.mark.parametrize(
    "arguments",
    [["--json", "--rule", "greedy"], ["--compare", "greedy", "phragmen"], ["--rule", "no-such-rule"], []],
    ids=" ".join,
)
def test_manage_tally_is_the_engines_own_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    file = tmp_path / "town.pb"
    file.write_text(
        "META\nkey;value\ndescription;d\ncountry;c\nunit;u\ninstance;1\nnum_projects;2\nnum_votes;3\nbudget;10\n"
        "vote_type;approval\nrule;greedy\ndate_begin;1.1.2024\ndate_end;2.1.2024\n"
        "PROJECTS\nproject_id;cost\na;6\nb;5\nVOTES\nvoter_id;vote\n1;a\n2;a,b\n3;b\n"
    )
    with pytest.raises(SystemExit) as ended:
        call_command("tally", str(file), *arguments)
    site = capsys.readouterr()
    assert ended.value.code == main([str(file), *arguments]) == (2 if "no-such-rule" in arguments else 0)
    assert site == capsys.readouterr()


@pytest.mark.pure
def test_a_bad_file_ends_with_code_2_and_the_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "bad.pb"
    file.write_text("META\nkey;value\nbudget;ten\nPROJECTS\nproject_id;cost\na;6\nVOTES\nvoter_id;vote\n1;a\n")
    with pytest.raises(SystemExit) as ended:
        call_command("tally", str(file), "--json")
    assert ended.value.code == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 1
    assert "line " in said.err


@pytest.mark.pure
@pytest.mark.skipif(not FILE.is_dir(), reason="the real elections of ../shared/data are not here")
def test_a_real_election_is_counted_as_json(tmp_path: Path) -> None:
    file = next(path for path in sorted(FILE.iterdir()) if "assen" in path.name.lower())
    done = subprocess.run(
        [sys.executable, "manage.py", "tally", str(file), "--rule", "equal-shares-add1", "--json"],
        capture_output=True, text=True, check=False, cwd=engine.ROOT, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert {"rule", "digest", "selected", "cost", "budget", "projects"} <= set(document)
    assert document["cost"] == 7_670_000
