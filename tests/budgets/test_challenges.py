"""Challenges: a resident says that something is wrong, an organiser answers, and certifying waits for both."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from budgets.actions.challenges import answer_challenge, hand_in_challenge
from budgets.actions.results import publish_results
from budgets.actions.sweeps import sweep_rounds
from budgets.actions.tallies import count_round
from budgets.models import Challenge, Elector, Result, Round
from participation.models import AuditEvent, OutboxMessage
from tests.budgets.conftest import Town, build_town
from tests.budgets.strikes import count, strike, voted_town
from tests.factories import NOW, BallotFactory, UserFactory, certify, staff_of
from tests.refusals import refuses

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]


@pytest.fixture
def counted(db: None) -> Town:
    """Closed a day ago, counted, to be challenged for three days."""
    town = build_town(voting=False, closed=True, counting_rule="greedy", challenge_days=3)
    BallotFactory(round=town.round, choices={"whole": ["1"]})
    sweep_rounds(now=NOW)
    return town


def to(name: str, town: Town, *more: object) -> str:
    return reverse(f"budgets:{name}", args=[town.round.slug, *more])


def test_certifying_waits_until_the_time_for_challenges_has_ended(counted: Town) -> None:
    organiser = staff_of(counted.place, "organiser")
    assert counted.round.rules["challenge_days"] == 3
    ends = NOW + timedelta(days=3)
    with refuses("challenge_open"):
        certify(by=organiser, round_id=counted.round.pk, now=ends - timedelta(seconds=1))
    assert set(Result.objects.values_list("state", flat=True)) == {"provisional"}
    certify(by=organiser, round_id=counted.round.pk, now=ends)
    assert set(Result.objects.values_list("state", flat=True)) == {"certified"}


def publish(town: Town, days: float) -> None:
    count_round(round_id=town.round.pk, now=NOW)
    publish_results(by=staff_of(town.place, "organiser"), round_id=town.round.pk, now=NOW + timedelta(days=days))


def test_the_time_for_challenges_is_not_over_before_there_is_a_result(db: None) -> None:
    town = build_town(voting=False, closed=True, counting_rule="greedy", challenge_days=3, publish_at_close=False)
    hand_in_challenge(by=UserFactory(), round_id=town.round.pk, now=NOW + timedelta(days=20), text="Where is it?")
    Challenge.objects.update(answer="Here.", answered_at=NOW)
    publish(town, 20)
    with refuses("challenge_open"):
        certify(by=staff_of(town.place, "organiser"), round_id=town.round.pk, now=NOW + timedelta(days=22.9))
    publish(town, 22)
    certify(by=staff_of(town.place, "organiser"), round_id=town.round.pk, now=NOW + timedelta(days=23))


def test_a_result_that_changed_can_be_challenged_for_another_day(db: None) -> None:
    town = voted_town()
    Round.objects.filter(pk=town.round.pk).update(challenge_days=3)
    count(town)
    strike(town)
    publish(town, 2.5)
    organiser = staff_of(town.place, "organiser")
    with refuses("challenge_open"):
        certify(by=organiser, round_id=town.round.pk, now=NOW + timedelta(days=3.4))
    certify(by=organiser, round_id=town.round.pk, now=NOW + timedelta(days=3.5))


def test_a_challenge_is_answered_by_e_mail_and_certifying_waits_for_it(counted: Town, sign_in: SignIn) -> None:
    ann = UserFactory(email="ann@example.org", name="Ann")
    client = sign_in(ann, second_factor=False)
    page = to("challenge", counted)
    assert "Something is wrong with this vote" in client.get(to("result", counted)).content.decode()
    assert client.post(page, {"text": ""}).status_code == 422
    assert client.post(page, {"text": "The library was shut on Friday."}).status_code == 302
    assert "waits for their answer" in client.get(page).content.decode()
    again = client.post(page, {"text": "And on Saturday."})
    assert again.status_code == 409
    assert "You have told us something already." in again.content.decode()

    organiser = sign_in(staff_of(counted.place, "organiser", name="Olive"))
    assert "Answer a challenge" in organiser.get("/organise/").content.decode()
    assert "The library was shut" in organiser.get(to("challenges", counted)).content.decode()
    challenge = Challenge.objects.get()
    after = counted.round.voting_closes_at + timedelta(days=4)
    with refuses("challenges_unanswered"):
        certify(by=staff_of(counted.place, "organiser"), round_id=counted.round.pk, now=after)
    answered = organiser.post(to("answer_challenge", counted, challenge.pk), {"answer": "It was open until six."})
    assert answered.status_code == 302
    assert organiser.post(to("answer_challenge", counted, challenge.pk), {"answer": "No."}).status_code == 409

    message = OutboxMessage.objects.get(key=f"challenge:{challenge.pk}")
    assert message.to == "ann@example.org"
    assert "It was open until six." in message.body
    assert "It was open until six." in client.get(page).content.decode()
    assert "library" not in str(AuditEvent.objects.get(action="challenge.answered").data)
    certify(by=staff_of(counted.place, "organiser"), round_id=counted.round.pk, now=after)


def test_everyone_sees_how_many_there_were_and_nobody_else_what_they_say(counted: Town, client: Client) -> None:
    hand_in_challenge(by=UserFactory(), round_id=counted.round.pk, now=NOW, text="My neighbour voted twice.")
    page = client.get(to("result", counted)).content.decode()
    assert "1 challenge was handed in; 0 answered so far." in page
    assert "can be challenged until" in page
    for name in ("result", "board", "round"):
        assert "My neighbour" not in client.get(to(name, counted)).content.decode()


@pytest.mark.parametrize(
    ("days", "may"),
    [(-12, False), (-9, True), (-1, True), (2.9, True), (3, False)],
    ids="before open closed late over".split(),
)
def test_when_a_vote_can_be_challenged(counted: Town, days: float, may: bool) -> None:
    now = NOW + timedelta(days=days)
    if may:
        hand_in_challenge(by=UserFactory(), round_id=counted.round.pk, now=now, text="Wrong.")
    else:
        with refuses("no_challenge_now"):
            hand_in_challenge(by=UserFactory(), round_id=counted.round.pk, now=now, text="Wrong.")


def test_whoever_was_struck_off_can_object_until_the_result_is_certified(counted: Town) -> None:
    person, late = UserFactory(), NOW + timedelta(days=5)
    Elector.objects.filter(round=counted.round).update(person=person, status=Elector.Status.STRUCK)
    challenge = hand_in_challenge(by=person, round_id=counted.round.pk, now=late, text="I live here.")
    answer_challenge(by=staff_of(counted.place, "organiser"), challenge_id=challenge.pk, now=late, answer="Thank you.")
    with refuses("not_allowed"):
        answer_challenge(by=person, challenge_id=challenge.pk, now=late, answer="Indeed.")


def test_an_answer_to_someone_who_has_left_is_written_and_mailed_to_nobody(counted: Town) -> None:
    person = UserFactory()
    challenge = hand_in_challenge(by=person, round_id=counted.round.pk, now=NOW, text="Wrong.")
    person.delete()
    OutboxMessage.objects.all().delete()
    answer_challenge(by=staff_of(counted.place, "organiser"), challenge_id=challenge.pk, now=NOW, answer="No.")
    assert not OutboxMessage.objects.exists()


def test_a_visitor_signs_in_first(counted: Town, client: Client) -> None:
    assert client.get(to("challenge", counted))["Location"].startswith("/accounts/login/?next=/rounds/")
