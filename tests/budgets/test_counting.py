"""From the close to a certified result: sweep, tally, publish, certify, take away."""

import csv
import io
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from budgets.actions import engine, tallies
from budgets.actions.results import certify_results, publish_results
from budgets.actions.sweeps import refresh_ballot_counts, sweep_rounds
from budgets.actions.tallies import count_round
from budgets.models import BallotCount, Result, Tally
from budgets.models.rounds import Phase
from budgets.tally.pb import read_pb
from participation.events import Changed, listen
from participation.models import AuditEvent
from tests.budgets.conftest import Town, build_town
from tests.factories import NOW, BallotFactory, ProposalFactory, staff_of
from tests.refusals import refuses

# Nine people: five for benches, six for trees, four for lights; benches and trees fit, lights do not.
VOTES = [["1", "3"]] * 4 + [["2", "3"]] * 2 + [["1"]] + [["2"]] * 2


@pytest.fixture
def closed(db: None) -> Town:
    town = build_town(voting=False, closed=True, counting_rule="greedy")
    for codes in VOTES:
        BallotFactory(round=town.round, choices={"whole": codes})
    BallotFactory(round=town.round, choices={"ward": ["4"]})
    return town


def test_the_sweep_counts_publishes_and_compares(closed: Town) -> None:
    assert closed.round.phase(NOW) == Phase.COUNTING
    assert sweep_rounds(now=NOW) == [closed.round.slug]
    closed.round.refresh_from_db()
    assert closed.round.counted_at == NOW
    result = Result.objects.get(pot=closed.whole)
    assert [p["code"] for p in result.snapshot["projects"] if p["funded"]] == ["3", "1"]
    assert {p["code"]: p["votes"] for p in result.snapshot["projects"]} == {"1": 5, "2": 4, "3": 6}
    assert result.state == Result.State.PROVISIONAL
    assert closed.round.phase(NOW) == Phase.RESULT
    assert {t.rule for t in closed.whole.tallies.all()} == {"greedy", "equal-shares"}


def test_sweeping_again_changes_nothing(closed: Town) -> None:
    sweep_rounds(now=NOW)
    before = list(Tally.objects.order_by("pk").values()), list(Result.objects.values()), AuditEvent.objects.count()
    assert sweep_rounds(now=NOW + timedelta(seconds=10)) == []
    assert (
        list(Tally.objects.order_by("pk").values()),
        list(Result.objects.values()),
        AuditEvent.objects.count(),
    ) == before


def test_an_open_round_is_not_counted(town: Town) -> None:
    assert sweep_rounds(now=NOW) == []
    with refuses("not_closed"):
        count_round(round_id=town.round.pk, now=NOW)


def test_a_worker_whose_clock_runs_ahead_neither_counts_nor_stops_the_sweep(town: Town, closed: Town) -> None:
    early = town.round.voting_closes_at + timedelta(seconds=1)
    with refuses("not_closed"):
        count_round(round_id=town.round.pk, now=early)
    assert sweep_rounds(now=early) == [closed.round.slug]


def test_publishing_before_the_ballot_is_confirmed_is_refused(closed: Town) -> None:
    closed.round.rules, closed.round.rules_hash, closed.round.rules_frozen_at = None, "", None
    closed.round.save()
    with refuses("not_confirmed"):
        publish_results(by=staff_of(closed.place, "organiser"), round_id=closed.round.pk, now=NOW)


def test_a_hidden_idea_lends_its_project_neither_picture_nor_name(closed: Town, client: Client) -> None:
    closed.benches.proposal = ProposalFactory(place=closed.place, author__name="Hidden Person")
    closed.benches.save()
    url = f"/rounds/{closed.round.slug}/projects/1/"
    assert "Hidden Person" in client.get(url).content.decode()
    closed.benches.proposal.hidden_at, closed.benches.proposal.hidden_reason = NOW, "Rude"
    closed.benches.proposal.save()
    for address in (url, f"/rounds/{closed.round.slug}/projects/"):
        assert "Hidden Person" not in client.get(address).content.decode()


def test_a_failed_count_is_kept_with_its_reason_and_can_be_repeated(
    closed: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    dies = "import sys; sys.stderr.write('Traceback …\\nMemoryError: too large\\n'); sys.exit(1)"
    with monkeypatch.context() as patch:
        patch.setattr(engine, "CHILD", ("-c", dies))
        sweep_rounds(now=NOW)
    assert {t.state for t in Tally.objects.all()} == {"failed"}
    assert Tally.objects.first().error == "MemoryError: too large"  # type: ignore[union-attr]
    assert not Result.objects.exists()
    assert sweep_rounds(now=NOW) == []  # it waits for an organiser
    count_round(round_id=closed.round.pk, now=NOW)
    assert {t.state for t in Tally.objects.all()} == {"done"}


def test_a_count_that_died_half_way_is_finished_by_the_next(closed: Town) -> None:
    pot, election = next(tallies.elections(closed.round))
    rule = tallies._rule(closed.round, None)
    Tally.objects.create(
        pot=pot, rule=rule.name, rule_digest=rule.digest, version=tallies.VERSION,
        election_digest=election.digest, started_at=NOW,
    )  # fmt: skip
    sweep_rounds(now=NOW)
    assert Tally.objects.get(pot=pot, rule="greedy").state == "done"


def test_a_result_is_certified_by_someone_else(closed: Town) -> None:
    publisher, second = (staff_of(closed.place, "organiser") for _ in range(2))
    count_round(round_id=closed.round.pk, now=NOW)
    publish_results(by=publisher, round_id=closed.round.pk, now=NOW)
    with refuses("same_person"):
        certify_results(by=publisher, round_id=closed.round.pk, now=NOW)
    with refuses("not_allowed"):
        certify_results(by=closed.resident(), round_id=closed.round.pk, now=NOW)
    certify_results(by=second, round_id=closed.round.pk, now=NOW)
    assert {r.state for r in Result.objects.all()} == {"certified"}
    with refuses("wrong_state"):
        certify_results(by=second, round_id=closed.round.pk, now=NOW)


def test_publishing_needs_a_count(closed: Town) -> None:
    with refuses("not_counted"):
        publish_results(by=None, round_id=closed.round.pk, now=NOW)


def test_a_published_result_survives_edits_of_what_it_names(closed: Town, client: Client) -> None:
    sweep_rounds(now=NOW)
    closed.benches.name = "Something else"
    closed.benches.save()
    page = client.get(f"/rounds/{closed.round.slug}/result/").content.decode()
    assert "Benches" in page
    assert "Something else" not in page


# ── The page and the files ───────────────────────────────────────────────────
def test_the_result_page_says_why_and_what_if(closed: Town, client: Client) -> None:
    sweep_rounds(now=NOW)
    page = client.get(f"/rounds/{closed.round.slug}/result/").content.decode()
    assert "Provisional result" in page
    assert "Not funded: with 4 votes its turn came when £1,000 was left, and it costs £5,000." in page
    assert "What if it had been counted otherwise?" in page


def test_before_publication_there_is_no_result_and_no_number_anywhere(closed: Town, client: Client) -> None:
    count_round(round_id=closed.round.pk, now=NOW)
    slug = closed.round.slug
    assert client.get(f"/rounds/{slug}/outcome/whole.csv").status_code == 404
    for page in ("", "result/", "count/", "projects/", "projects/1/"):
        shown = client.get(f"/rounds/{slug}/{page}").content.decode()
        assert not re.search(r"\b\d+ votes?\b|ballots? so far", shown)


def test_the_outcome_as_csv_begins_with_the_agreed_columns(closed: Town, client: Client) -> None:
    closed.benches.name = "=HYPERLINK(1)"
    closed.benches.save()
    closed.round.rules = closed.round.configuration("x", board_key=closed.round.rules["board_key"])
    closed.round.save()
    sweep_rounds(now=NOW)
    answer = client.get(f"/rounds/{closed.round.slug}/outcome/whole.csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert list(rows[0])[:5] == ["project_id", "name", "cost", "votes", "funded"]
    assert {row["project_id"]: row["funded"] for row in rows} == {"1": "yes", "3": "yes", "2": "no"}
    assert {row["name"] for row in rows} == {"'=HYPERLINK(1)", "Trees", "Lights"}
    assert {row["cost"] for row in rows} == {"6000", "3000", "5000"}


def test_the_outcome_as_json_and_as_pabulib(closed: Town, client: Client) -> None:
    sweep_rounds(now=NOW)
    document = client.get(f"/rounds/{closed.round.slug}/outcome/all.json").json()
    assert [r["pot"]["key"] for r in document["results"]] == ["whole", "ward"]
    text = client.get(f"/rounds/{closed.round.slug}/outcome/whole.pb").content.decode()
    election = read_pb(text.splitlines(keepends=True))
    assert len(election.ballots) == len(VOTES)
    assert {p.id: p.selected for p in election.projects} == {"1": 1, "3": 1, "2": 0}


def test_the_commands_print_what_the_site_shows(closed: Town, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CommandError, match="imported and demo"):
        call_command("count", closed.round.slug, "--publish")
    call_command("count", closed.round.slug)
    assert "Whole town: 2 winners by greedy for £9,000 of £10,000, 9 ballots" in capsys.readouterr().out
    with pytest.raises(CommandError, match="no published result"):
        call_command("outcome", closed.round.slug)
    sweep_rounds(now=NOW)
    with pytest.raises(CommandError, match="whole, ward"):
        call_command("outcome", closed.round.slug, "--format", "pb")
    call_command("outcome", closed.round.slug, "--format", "json")
    assert len(json.loads(capsys.readouterr().out)["results"]) == 2


def test_every_published_result_can_be_derived_again(closed: Town, capsys: pytest.CaptureFixture[str]) -> None:
    sweep_rounds(now=NOW)
    call_command("recount")
    assert capsys.readouterr().out.count("the same") == 2
    BallotFactory(round=closed.round, choices={"whole": ["2"]})  # somebody meddles with the box
    with pytest.raises(SystemExit):
        call_command("recount")
    out = capsys.readouterr().out
    assert "Whole town: the ballots or projects are not those that were counted" in out
    assert "First ward: the same" in out


def test_a_commissioner_finds_the_outcome_of_the_own_place_only(closed: Town, sign_in: Callable[..., Client]) -> None:
    elsewhere = build_town(voting=False, closed=True)
    sweep_rounds(now=NOW)
    page = sign_in(staff_of(closed.place, "commissioner")).get("/commission/").content.decode()
    assert closed.round.title in page
    assert elsewhere.round.title not in page


# ── Ballots so far ───────────────────────────────────────────────────────────
def test_the_number_moves_only_when_refreshed_and_tells_its_watchers(
    town: Town, client: Client, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    heard: list[Changed] = []
    listen(heard.append)
    url = f"/rounds/{town.round.slug}/ballots-so-far/"
    BallotFactory.create_batch(3, round=town.round, choices={"whole": ["1"]})
    assert ">0<" in client.get(url).content.decode().replace("\n", "")
    with django_capture_on_commit_callbacks(execute=True):
        assert refresh_ballot_counts(now=NOW) == 1
    assert ">3<" in client.get(url).content.decode().replace("\n", "")
    assert refresh_ballot_counts(now=NOW) == 0
    assert [change.noun for change in heard if change.id == town.round.pk] == ["round"]
    assert BallotCount.objects.get().ballots == 3
