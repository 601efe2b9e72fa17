"""Signals: noted beside a cast without harming it, read as sentences, and gone when nothing can be challenged any more."""

import json
import logging
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError
from django.test import Client
from django.urls import reverse

from budgets.actions import signals as noting
from budgets.actions.signals import note_signal
from budgets.actions.sweeps import sweep_boards, sweep_rounds
from budgets.keys import signal_key, urn_key
from budgets.models import Elector, Round, Signal, UrnBallot
from budgets.models.signals import network_of
from tests.budgets.conftest import Town, build_town
from tests.factories import NOW, ElectorFactory, certify, staff_of

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]


def vote(client: Client, town: Town, **headers: Any) -> int:
    """Look at the ballot, then cast it, as a browser does."""
    url = f"/rounds/{town.round.slug}/vote/"
    client.get(url, **headers)
    ballot = {"pot-whole": ["1"], "old_enough": "on"}
    return client.post(f"{url}check/", ballot, headers={"accept": "application/json"}, **headers).status_code


def voted_from(town: Town, address: str, device: str, number: int, hours: int = 0) -> list[Elector]:
    electors = []
    for _ in range(number):
        person = town.resident()
        electors.append(ElectorFactory(round=town.round, person=person, status="voted"))
        moment = NOW.replace(minute=20) - timedelta(days=2) + timedelta(hours=hours)
        note_signal(by=person, round=town.round, address=address, device=device, now=moment)
    return electors


def closed() -> Town:
    return build_town(voting=False, closed=True, counting_rule="greedy", challenge_days=3)


def to(name: str, town: Town) -> str:
    return reverse(f"budgets:{name}", args=[town.round.slug])


# ── Noting ───────────────────────────────────────────────────────────────────
def test_a_cast_leaves_a_signal_that_holds_neither_address_nor_device(town: Town, sign_in: SignIn) -> None:
    client = sign_in(town.resident(), second_factor=False)
    assert vote(client, town, REMOTE_ADDR="203.0.113.7", HTTP_USER_AGENT="Netscape") == 201
    cookie = client.cookies["ballot-device"]
    assert cookie["path"] == f"/rounds/{town.round.slug}/vote/"
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert 0 < int(cookie["max-age"]) <= timedelta(days=10).total_seconds()
    signal = Signal.objects.get()
    assert signal.elector == Elector.objects.get()
    assert len(signal.network) == len(signal.device) == 64
    assert (signal.hour.minute, signal.hour.second) == (0, 0)
    row = json.dumps(list(Signal.objects.values()), default=str)
    for trace in ("203.0.113", cookie.value, "Netscape", UrnBallot.objects.get().leaf, UrnBallot.objects.get().handle):
        assert str(trace) not in row
    assert not {field.name for field in Signal._meta.get_fields()} & {"ballot", "leaf", "handle"}


def test_the_same_ballot_again_leaves_no_second_signal(town: Town, sign_in: SignIn) -> None:
    client = sign_in(town.resident(), second_factor=False)
    assert [vote(client, town), vote(client, town)] == [201, 200]
    assert Signal.objects.count() == 1


def test_a_signal_that_cannot_be_written_harms_no_ballot_and_tells_no_address(
    town: Town, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*args: object) -> str:
        raise DatabaseError("disk full while writing 203.0.113.7")

    monkeypatch.setattr(noting, "sealed", broken)
    client = sign_in(town.resident(), second_factor=False)
    with caplog.at_level(logging.DEBUG):
        assert vote(client, town, REMOTE_ADDR="203.0.113.7") == 201
    assert UrnBallot.objects.count() == 1
    assert not Signal.objects.exists()
    assert "203.0.113" not in caplog.text
    assert "was not noted" in caplog.text


@pytest.mark.parametrize("address", ["", "unknown", "203.0.113.7:443"])
def test_without_address_and_cookie_nothing_is_noted_and_the_ballot_stands(
    town: Town, sign_in: SignIn, address: str
) -> None:
    client = sign_in(town.resident(), second_factor=False)
    ballot = {"pot-whole": ["1"], "old_enough": "on"}
    answer = client.post(f"/rounds/{town.round.slug}/vote/check/", ballot, REMOTE_ADDR=address)
    assert answer["Location"].endswith("/vote/receipt/")
    assert not Signal.objects.exclude(network="").exists() or address == "203.0.113.7:443"


def test_the_address_is_the_client_s_behind_a_proxy(town: Town, sign_in: SignIn, settings: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for forged in ("198.51.100.1", "198.51.100.2"):
        client = sign_in(town.resident(), second_factor=False)
        vote(client, town, HTTP_X_FORWARDED_FOR=f"{forged}, 203.0.113.7", REMOTE_ADDR="10.0.0.1")
    assert len(set(Signal.objects.values_list("network", flat=True))) == 1
    assert len(set(Signal.objects.values_list("device", flat=True))) == 2


@pytest.mark.pure
@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("203.0.113.7", "203.0.113.8", False),  # neighbours with one provider
        ("::ffff:203.0.113.7", "203.0.113.7", True),
        ("2001:db8:1:a::1", "2001:db8:1:b:ffff::9", True),
        ("2001:db8:1::1", "2001:db8:2::1", False),
    ],
)
def test_what_counts_as_one_network(one: str, other: str, same: bool) -> None:
    assert (network_of(one) == network_of(other)) is same


def test_signals_of_two_rounds_cannot_be_compared_and_their_key_is_not_in_the_database(town: Town) -> None:
    other = build_town()
    for there in (town, other):
        voted_from(there, "203.0.113.7", "one", 1)
    assert len(set(Signal.objects.values_list("network", flat=True))) == 2
    public = town.round.rules["board_key"]
    assert len(signal_key(public)) == 32
    assert signal_key(public) != urn_key(public)
    (Path(settings.KEY_DIR) / f"{public}.urn").unlink()
    voted_from(town, "203.0.113.7", "one", 1)
    assert Signal.objects.filter(round=town.round).count() == 1, "without the key nothing is noted, and nothing breaks"


# ── Reading ──────────────────────────────────────────────────────────────────
def test_reviewers_read_sentences_the_largest_group_first(sign_in: SignIn) -> None:
    town = closed()
    voted_from(town, "203.0.113.7", "", 6)
    voted_from(town, "203.0.113.7", "", 4, hours=1)  # too few in that hour
    voted_from(town, "", "a shared telephone", 7)
    voted_from(town, "198.51.100.1", "at home", 2)
    client = sign_in(staff_of(town.place, "organiser"))
    page = client.get(to("signals", town)).content.decode()
    said = [group["said"] for group in client.get(to("signals", town)).context["groups"]]
    assert len(said) == 2
    assert said[0] == "7 people voted on one device."
    assert said[1].startswith("6 people voted from one network on ")
    assert "A library, a care home" in page
    assert "Nothing is rejected because of what stands here" in page
    group = client.get(to("signals", town)).context["groups"][1]
    members = client.get(group["url"]).context["rows"]
    assert len(members) == 6
    assert all(hints == ["one of 6 from one network in an hour"] for _elector, hints in members)
    for row in Signal.objects.all():
        assert (row.network or row.device) not in page


@pytest.mark.parametrize(
    "query",
    [{"hour": "x"}, {"hour": "9" * 40}, {"network": "%", "hour": ""}, {"device": "%"}, {"device": ""}, {"network": ""}],
)
def test_an_address_that_names_no_group_finds_nobody(sign_in: SignIn, query: dict[str, str]) -> None:
    town = closed()
    voted_from(town, "203.0.113.7", "one", 2)
    client = sign_in(staff_of(town.place, "organiser"))
    assert client.get(to("electors", town), query).status_code == 404
    assert len(client.get(to("electors", town)).context["rows"]) == 2


def test_nobody_finds_out_in_which_hour_those_voted_who_do_not_stand_out(sign_in: SignIn) -> None:
    town = closed()
    voted_from(town, "203.0.113.7", "one", 2)
    voted_from(town, "203.0.113.8", "other", 6)
    client = sign_in(staff_of(town.place, "organiser"))
    for row in {row.network: row for row in Signal.objects.all()}.values():
        hour, shown = str(int(row.hour.timestamp())), Signal.objects.filter(network=row.network).count() == 6
        full = {"network": row.network[:16], "hour": hour}
        assert client.get(to("electors", town), full).status_code == (200 if shown else 404)
        assert client.get(to("electors", town), {"device": row.device[:16]}).status_code == (200 if shown else 404)
        for part in ({"network": row.network[:1], "hour": hour}, {"network": full["network"]}, {"hour": hour}):
            assert client.get(to("electors", town), part).status_code == 404
        assert client.get(to("electors", town), {"device": row.device[:1]}).status_code == 404


def test_signals_go_when_the_time_for_challenges_ends(sign_in: SignIn) -> None:
    town, open_one = closed(), build_town()
    for there in (town, open_one):
        voted_from(there, "203.0.113.7", "one", 5)
    ends = town.round.voting_closes_at + timedelta(days=3)
    sweep_boards(now=ends - timedelta(seconds=1))
    assert Signal.objects.filter(round=town.round).count() == 5
    sweep_boards(now=ends)
    assert not Signal.objects.filter(round=town.round).exists()
    assert Signal.objects.filter(round=open_one.round).count() == 5
    page = sign_in(staff_of(town.place, "organiser")).get(to("signals", town)).content.decode()
    assert "Nothing is kept any more" in page


def test_signals_go_when_the_result_is_certified(sign_in: SignIn, town: Town) -> None:
    vote(sign_in(town.resident(), second_factor=False), town)
    assert Signal.objects.exists()
    Round.objects.filter(pk=town.round.pk).update(voting_closes_at=NOW - timedelta(hours=1))
    sweep_rounds(now=NOW)
    certify(by=staff_of(town.place, "organiser"), round_id=town.round.pk, now=NOW)
    assert not Signal.objects.exists()


def test_the_pages_cost_the_same_with_two_people_and_with_twenty(
    sign_in: SignIn, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    town = closed()
    client = sign_in(staff_of(town.place, "organiser"))
    client.get(to("electors", town))  # what is looked up once a process
    numbers = []
    for more in (2, 18):
        voted_from(town, "203.0.113.7", "one", more)
        with django_assert_max_num_queries(40) as captured:
            assert client.get(to("electors", town)).status_code == 200
        numbers.append(len(captured))
    assert numbers[0] == numbers[1]
