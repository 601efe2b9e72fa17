"""Without a worker and with a broker that accepts a connection and never answers: voting, closing and results go on."""

import socket
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from celery import current_app
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from kombu import pools
from pytest_django import Settings

from budgets.models import BoardEntry, Result, Round, UrnBallot
from config.settings import through_redis
from participation.events import Changed
from realtime import groups, subscribers
from tests.budgets.conftest import Town, build_town
from tests.factories import staff_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]
SignIn = Callable[..., Client]
BALLOT = {"pot-whole": ["1"], "old_enough": "on"}


class Silent:
    """A real socket that takes every connection, reads nothing and says nothing."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.taken: list[socket.socket] = []
        self.thread = threading.Thread(target=self._take, daemon=True)
        self.thread.start()

    def _take(self) -> None:
        while True:
            try:
                self.taken.append(self.listener.accept()[0])
            except OSError:
                return

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.listener.getsockname()[1]}/0"

    def close(self) -> None:
        self.listener.close()
        for connection in self.taken:
            connection.close()


@pytest.fixture
def silent(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Silent]:
    """Cache, sockets and broker of the site are this Redis, set up as the settings set up any."""
    broker = Silent()
    caches, layers = through_redis(broker.url)
    settings.CACHES = {**settings.CACHES, **caches}
    settings.CHANNEL_LAYERS = layers
    for name, value in {
        "broker_url": broker.url,
        "broker_write_url": broker.url,
        "broker_transport_options": {"socket_timeout": 1, "socket_connect_timeout": 1},
    }.items():
        monkeypatch.setitem(current_app.conf, name, value)
    forget_connections()
    yield broker
    monkeypatch.undo()
    forget_connections()
    broker.close()


def forget_connections() -> None:
    """Celery keeps a pool of them."""
    pools.reset()
    current_app._pool = None
    current_app.amqp._producer_pool = None


def seconds_to_vote(town: Town, sign_in: SignIn) -> float:
    """The median of seven voters, through the page."""
    clients = [sign_in(town.resident()) for _ in range(7)]
    seconds = []
    for client in clients:
        started = time.perf_counter()
        assert client.post(f"/rounds/{town.round.slug}/vote/check/", BALLOT).status_code == 302
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)


def test_a_broker_that_never_answers_does_not_slow_a_cast(sign_in: SignIn, request: pytest.FixtureRequest) -> None:
    town = build_town()
    seconds_to_vote(town, sign_in)  # whatever is done once
    without = seconds_to_vote(town, sign_in)
    broker: Silent = request.getfixturevalue("silent")
    with_it = seconds_to_vote(town, sign_in)
    assert broker.taken == [], "nothing on the way of a cast so much as opens a connection"
    assert with_it < 3 * without + 0.2
    assert UrnBallot.objects.count() == 21


def test_news_give_up_on_a_broker_that_never_answers(silent: Silent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "SEND_SECONDS", 0.3)
    started = time.perf_counter()
    with pytest.raises(TimeoutError):
        subscribers.tell_watchers(Changed("round", 1, 1))
    assert time.perf_counter() - started < 2
    assert silent.taken, "it was asked"


def test_a_vote_runs_to_its_certified_result_without_worker_or_broker(
    silent: Silent, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By what the pages do alone; the count is the operator's `manage.py count`, where there is no worker to do it."""
    monkeypatch.setattr(groups, "SEND_SECONDS", 0.2)
    town = build_town(counting_rule="greedy", publish_at_close=False)
    voter = sign_in(town.resident())
    check, organise = f"/rounds/{town.round.slug}/vote/check/", f"/organise/{town.round.slug}"
    assert voter.post(check, BALLOT).status_code == 302
    Round.objects.filter(pk=town.round.pk).update(voting_closes_at=timezone.now() - timedelta(seconds=1))
    assert voter.post(check, {**BALLOT, "pot-whole": ["2"]}).status_code == 409
    first, second = (sign_in(staff_of(town.place, "organiser")) for _ in range(2))
    started = time.perf_counter()
    assert first.post(f"{organise}/count/").status_code == 302, "asks for a count, and does not wait for who will do it"
    assert time.perf_counter() - started < 8
    call_command("count", town.round.slug)
    assert first.post(f"{organise}/result/").status_code == 302
    assert second.post(f"{organise}/certify/").status_code == 302
    assert set(Result.objects.values_list("state", flat=True)) == {"certified"}
    kinds = BoardEntry.objects.filter(round=town.round).order_by("seq").values_list("kind", flat=True)
    assert list(kinds) == ["open", "batch", "close", "result", "result"]
    assert "Benches" in voter.get(f"/rounds/{town.round.slug}/result/").content.decode()
    assert Round.objects.get(pk=town.round.pk).ballots.count() == 1
