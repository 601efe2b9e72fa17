"""A database that is held by somebody else: whoever votes is asked to come back, and nothing is half done."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import OperationalError, connection, connections, transaction
from django.test import Client

from budgets.models import Elector, Round, UrnBallot, locks
from tests.budgets.conftest import Town, build_town

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
