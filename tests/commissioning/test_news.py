"""Telling people what became of it: whom, how often, and how to make it stop."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from budgets.models import Elector
from commissioning.actions.cases import move_case
from commissioning.actions.news import follow, sweep_news
from participation.models import OutboxMessage
from tests.commissioning.conftest import Desk
from tests.commissioning.test_cases import SAYS, State
from tests.factories import NOW, ElectorFactory, UserFactory
from tests.factories.cases import ready_for


@pytest.fixture
def voter(desk: Desk) -> Elector:
    return ElectorFactory(round=desk.town.round, status=Elector.Status.VOTED)  # type: ignore[return-value]


def to(desk: Desk, *states: State) -> None:
    for state in states:
        ready_for(desk.case(), desk.cora, state)
        move_case(by=desk.cora, case_id=desk.case().pk, to=state, now=NOW, **SAYS[state])


def addresses() -> list[str]:
    return sorted(OutboxMessage.objects.filter(key__startswith="news:").values_list("to", flat=True))


def test_those_who_voted_hear_the_answers_and_those_who_follow_every_step(desk: Desk, voter: Elector) -> None:
    fan = UserFactory()
    follow(by=fan, case_id=desk.case().pk, follows=True)
    to(desk, State.RECEIVED)
    sweep_news(now=NOW)
    assert addresses() == [fan.email]
    to(desk, State.ACCEPTED)
    assert sweep_news(now=NOW + timedelta(hours=1)) == 0  # one mail a day
    assert sweep_news(now=NOW + timedelta(days=1)) == 2
    assert addresses() == sorted([fan.email, fan.email, voter.person.email])  # type: ignore[union-attr]
    assert sweep_news(now=NOW + timedelta(days=3)) == 0


def test_the_mail_is_the_same_whatever_somebody_chose(desk: Desk, voter: Elector) -> None:
    other = ElectorFactory(round=desk.town.round, status=Elector.Status.VOTED)
    ElectorFactory(round=desk.town.round)  # may vote, and did not
    to(desk, State.RECEIVED, State.DECLINED)
    assert sweep_news(now=NOW) == 2
    bodies = {
        re.sub(r"stop/\S+", "stop/", body)
        for body in OutboxMessage.objects.filter(key__startswith="news:").values_list("body", flat=True)
    }
    assert len(bodies) == 1
    assert "The land is not ours." in bodies.pop()
    assert {voter.person.email, other.person.email} == set(addresses())  # type: ignore[union-attr]


def test_one_press_makes_it_stop_without_signing_in(
    desk: Desk, voter: Elector, client: Client, sign_in: Callable[..., Client]
) -> None:
    to(desk, State.RECEIVED, State.ACCEPTED)
    sweep_news(now=NOW)
    link = re.search(r"/news/stop/\S+", OutboxMessage.objects.get(to=voter.person.email).body)  # type: ignore[union-attr]
    assert link is not None
    assert client.get(link[0]).status_code == 200
    client.post(link[0])
    to(desk, State.ROUTED, State.CHECKED, State.AWARDED)
    assert sweep_news(now=NOW + timedelta(days=2)) == 0
    client.post(link[0], {"again": "1"})
    assert client.get("/news/stop/7:forged/").status_code == 404
