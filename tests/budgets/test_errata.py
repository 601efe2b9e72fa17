"""Errata: a correction of a certified round, put on the board by a second person; nothing else changes."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from budgets.actions.errata import drop_erratum, propose_erratum, publish_erratum
from budgets.actions.sweeps import sweep_boards, sweep_rounds
from budgets.bundle import verify
from budgets.models import Ballot, BoardEntry, Erratum, Result
from tests.budgets.conftest import Town, build_town
from tests.factories import NOW, BallotFactory, certify, staff_of
from tests.refusals import refuses

pytestmark = pytest.mark.django_db
TEXT = "The swing stands in Mill Lane, not in Mill Road."


@pytest.fixture
def counted(db: None) -> Town:
    town = build_town(voting=False, closed=True, counting_rule="greedy")
    BallotFactory(round=town.round, choices={"whole": ["1"]})
    sweep_rounds(now=NOW)
    return town


@pytest.fixture
def certified(counted: Town) -> Town:
    certify(by=staff_of(counted.place, "organiser"), round_id=counted.round.pk, now=NOW)
    sweep_boards(now=NOW)
    return counted


def to(name: str, town: Town, *more: object) -> str:
    return reverse(f"budgets:{name}", args=[town.round.slug, *more])


def test_before_the_result_is_certified_there_is_nothing_to_correct(counted: Town) -> None:
    with refuses("not_certified"):
        propose_erratum(by=staff_of(counted.place, "organiser"), round_id=counted.round.pk, now=NOW, text=TEXT)


def test_a_correction_takes_two_people_and_changes_nothing_else(
    certified: Town, sign_in: Callable[..., Client], client: Client, tmp_path: Path
) -> None:
    before = list(Result.objects.values()), list(Ballot.objects.order_by("pk").values())
    olive, oscar = (sign_in(staff_of(certified.place, "organiser")) for _ in range(2))
    assert olive.post(to("errata", certified), {"text": ""}).status_code == 422
    assert olive.post(to("errata", certified), {"text": TEXT}).status_code == 302
    decide = to("decide_erratum", certified, Erratum.objects.get().pk)
    assert olive.post(decide, {"decision": "publish"}).status_code == 403
    assert TEXT not in client.get(to("result", certified)).content.decode()
    assert oscar.post(decide, {"decision": "publish"}).status_code == 302
    assert oscar.post(decide, {"decision": "drop"}).status_code == 409

    last = BoardEntry.objects.filter(round=certified.round).order_by("seq").last()
    assert last
    assert (last.kind, last.body) == ("erratum", {"text": TEXT})
    for page in ("result", "board"):
        assert client.get(to(page, certified)).content.decode().count(TEXT) >= 1
    assert (list(Result.objects.values()), list(Ballot.objects.order_by("pk").values())) == before
    call_command("bundle", certified.round.slug, "--out", str(tmp_path / "bundle"))
    assert "everything holds" in list(verify.verify(tmp_path / "bundle"))[-1]


def test_a_dropped_correction_never_reaches_the_board(certified: Town) -> None:
    olive = staff_of(certified.place, "organiser")
    erratum = propose_erratum(by=olive, round_id=certified.round.pk, now=NOW, text=TEXT)
    drop_erratum(by=olive, erratum_id=erratum.pk, now=NOW)
    with refuses("wrong_state"):
        publish_erratum(by=staff_of(certified.place, "organiser"), erratum_id=erratum.pk, now=NOW)
    assert not BoardEntry.objects.filter(kind="erratum").exists()


def test_only_organisers_of_the_place_correct(certified: Town) -> None:
    with refuses("not_allowed"):
        propose_erratum(by=certified.resident(), round_id=certified.round.pk, now=NOW, text=TEXT)
    erratum = propose_erratum(
        by=staff_of(certified.place, "organiser"), round_id=certified.round.pk, now=NOW, text=TEXT
    )
    with refuses("not_allowed"):
        publish_erratum(by=certified.resident(), erratum_id=erratum.pk, now=NOW)
