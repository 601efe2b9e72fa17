"""A database that is held by somebody else: whoever votes is asked to come back, and nothing is half done."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, connections, transaction
from django.test import Client

from budgets.actions import sweeps
from budgets.actions.ballots import cast_ballot
from budgets.actions.results import certify_results, publish_results
from budgets.actions.sweeps import sweep_boards
from budgets.actions.tallies import count_round
from budgets.models import BoardEntry, Elector, Round, UrnBallot, locks
from tests.budgets.conftest import Town, build_town
from tests.factories import NOW, BallotFactory, staff_of

pytestmark = pytest.mark.django_db(transaction=True)
BALLOT = {"pot-whole": ["1"], "old_enough": "on"}


@contextmanager
def held(*statements: str) -> Iterator[None]:
    """Another connection that has run these statements in a transaction which stays open."""
    ready, done = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
                ready.set()
                done.wait(30)
        finally:
            connections.close_all()

    thread = threading.Thread(target=hold)
    thread.start()
    assert ready.wait(10)
    try:
        yield
    finally:
        done.set()
        thread.join()


@pytest.fixture
def town(monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    """The limits are the same ones, only shorter."""
    monkeypatch.setattr(locks, "_LIMITS", "SET LOCAL lock_timeout = '200ms'; SET LOCAL statement_timeout = '400ms'; ")
    yield build_town()
    if connection.vendor == "sqlite":
        connection.close()


@pytest.fixture
def voter(town: Town, sign_in: Callable[..., Client]) -> Client:
    client = sign_in(town.resident())
    client.raise_request_exception = False
    client.get(f"/rounds/{town.round.slug}/vote/")  # what a process asks once, it has asked
    return client


def asks_to_come_back(client: Client, round: Round) -> bool:
    """On the page and for a program, by its status, when to come back, and a stable code."""
    page = client.post(f"/rounds/{round.slug}/vote/check/", BALLOT)
    answer = client.post(f"/rounds/{round.slug}/vote/check/", BALLOT, headers={"accept": "application/json"})
    assert (page.status_code, page["Retry-After"]) == (503, "10")
    assert "safely send it again" in page.content.decode()
    assert (answer.status_code, answer["Retry-After"], answer.json()["code"]) == (503, "10", "busy")
    return True


def hurry() -> None:
    """SQLite waits twenty seconds for a lock; the test need not."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA busy_timeout = 100")


def test_a_cast_that_cannot_get_its_lock_is_asked_to_come_back(town: Town, voter: Client) -> None:
    hurry()
    postgres = connection.vendor == "postgresql"
    with held(f"SELECT pg_advisory_xact_lock(7146101, {town.round.pk})" if postgres else "SELECT 1"):
        assert asks_to_come_back(voter, town.round)
        assert voter.get(f"/rounds/{town.round.slug}/vote/").status_code == 200, "reading goes on"
    assert not UrnBallot.objects.exists()
    assert not Elector.objects.exists()
    assert voter.post(f"/rounds/{town.round.slug}/vote/check/", BALLOT).status_code == 302


@pytest.mark.postgres
def test_a_voter_whose_row_is_held_is_asked_to_come_back(town: Town, voter: Client) -> None:
    other = {"pot-whole": ["2"], "old_enough": "on"}
    assert voter.post(f"/rounds/{town.round.slug}/vote/check/", other).status_code == 302
    with held("SELECT 1 FROM budgets_elector FOR UPDATE"):
        assert asks_to_come_back(voter, town.round)
    assert UrnBallot.objects.get().sections() == {"whole": ["2"]}


@pytest.mark.postgres
def test_a_statement_that_takes_too_long_is_cut_off(town: Town) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        locks.share_round(town.round.pk)
        with pytest.raises(OperationalError, match="statement timeout"):
            cursor.execute("SELECT pg_sleep(5)")


def test_pages_of_the_vote_ask_to_come_back_while_everything_is_locked(town: Town, voter: Client) -> None:
    if connection.vendor == "sqlite":
        hurry()
        everything = ["COMMIT", "BEGIN EXCLUSIVE"]
    else:
        everything = ["LOCK TABLE budgets_round IN ACCESS EXCLUSIVE MODE"]
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '200ms'")
    with held(*everything):
        for page in ("", "vote/", "vote/receipt/", "box/", "result/"):
            answer = voter.get(f"/rounds/{town.round.slug}/{page}")
            assert (answer.status_code, answer["Retry-After"]) == (503, "10"), page
    assert voter.get(f"/rounds/{town.round.slug}/vote/").status_code == 200


def certified() -> Round:
    town = build_town(voting=False, closed=True, counting_rule="greedy")
    BallotFactory(round=town.round, choices={"whole": ["1"]})
    first, second = (staff_of(town.place, "organiser") for _n in range(2))
    count_round(round_id=town.round.pk, now=NOW)
    publish_results(by=first, round_id=town.round.pk, now=NOW)
    certify_results(by=second, round_id=town.round.pk, now=NOW)
    return town.round


def done(round: Round) -> bool:
    return BoardEntry.objects.filter(round=round, kind="key_destroyed").exists()


@pytest.mark.postgres
def test_a_backup_neither_stops_casts_nor_the_sweep_of_other_rounds(
    town: Town, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The roll of a certified round is rewritten alone; while somebody reads it for long, that is tried now and then."""
    monkeypatch.setattr(sweeps, "_busy_until", {})
    rounds = [certified(), certified()]
    begun = time.monotonic()
    with held("SELECT count(*) FROM budgets_elector"):
        sweep_boards(now=NOW)
        assert caplog.text.count("is in use and will be written anew later") == 2, "each was tried"
        sweep_boards(now=NOW + timedelta(seconds=10))
        assert caplog.text.count("is in use") == 2, "and not at once again"
        assert time.monotonic() - begun < 5
        cast_ballot(by=town.resident(), round_id=town.round.pk, selections={"whole": ["1"]})
        with connection.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            assert cursor.fetchone() == ("10s",), "all else waits as before"
    assert not any(map(done, rounds))
    sweep_boards(now=NOW + timedelta(minutes=6))
    assert all(map(done, rounds))
