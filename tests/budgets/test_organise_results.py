"""After the vote, through the organiser's pages: a count that failed, the result, and the second person."""

from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import NoReverseMatch, reverse

from budgets.actions import engine
from budgets.actions.sweeps import sweep_rounds
from budgets.models import Elector, Result, Round, Tally
from budgets.models.rounds import Phase
from participation.accounts.models import User
from participation.models import AuditEvent
from tests.budgets.conftest import Town, build_town
from tests.factories import NOW, BallotFactory, ElectorFactory, staff_of


@pytest.fixture
def closed(db: None) -> Town:
    """Closed a day ago; the organisers want to look before they publish."""
    town = build_town(voting=False, closed=True, counting_rule="greedy", publish_at_close=False)
    for codes in (["1", "3"], ["1"], ["2"]):
        BallotFactory(round=town.round, choices={"whole": codes})
    return town


@pytest.fixture
def olive(closed: Town) -> User:
    return staff_of(closed.place, "organiser", name="Olive")


@pytest.fixture
def organiser(sign_in: Callable[..., Client], olive: User) -> Client:
    return sign_in(olive)


def to(name: str, round: Round) -> str:
    return reverse(f"budgets:{name}", args=[round.slug])


def text(answer: Any) -> str:
    main = BeautifulSoup(answer.content, "html.parser").find("main")
    assert main is not None
    return " ".join(main.get_text(" ").split())


def fail(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the count fail as it does in life: the child process does not answer in time."""
    with monkeypatch.context() as patched:
        patched.setattr(engine, "TIME_LIMIT", 0)
        sweep_rounds(now=NOW)
    assert set(Tally.objects.values_list("state", flat=True)) == {"failed"}


def test_a_count_that_failed_is_shown_and_counted_again(
    organiser: Client, closed: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail(closed, monkeypatch)
    assert sweep_rounds(now=NOW) == []  # it waits for an organiser
    page = text(organiser.get(to("organise_round", closed.round)))
    assert "The count did not work" in page
    assert "Count again" in page
    assert "did not end within" in page
    assert "count again" in text(organiser.get("/organise/"))
    assert "did not end within" in text(organiser.get(to("count_round", closed.round)))

    assert organiser.post(to("count_round", closed.round)).status_code == 302
    event = AuditEvent.objects.get(action="count.asked")
    assert any("did not end within" in error for error in event.data["failed"])
    assert set(Tally.objects.values_list("state", flat=True)) == {"running"}
    assert sweep_rounds(now=NOW) == [closed.round.slug]
    assert set(Tally.objects.values_list("state", flat=True)) == {"done"}
    page = text(organiser.get(to("organise_round", closed.round)))
    assert "The votes are counted" in page
    assert "did not end within" not in page


def test_counting_now_tells_the_worker_after_the_commit(
    organiser: Client, closed: Town, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    from budgets import tasks

    sent: list[tuple[Any, ...]] = []
    monkeypatch.setattr(tasks.count_round, "apply_async", lambda args, **options: sent.append(args))
    with django_capture_on_commit_callbacks(execute=True):
        organiser.post(to("count_round", closed.round))
    assert sent == [(closed.round.pk,)]
    tasks.count_round(closed.round.pk)
    closed.round.refresh_from_db()
    assert closed.round.counted_at
    answer = organiser.post(to("count_round", closed.round))
    assert answer.status_code == 409
    assert "This has been counted." in text(answer)


def test_no_broker_is_no_disaster(
    organiser: Client, closed: Town, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    from kombu.exceptions import OperationalError

    from budgets import tasks

    def nobody(*args: Any, **options: Any) -> None:
        raise OperationalError("no broker")

    monkeypatch.setattr(tasks.count_round, "apply_async", nobody)
    with django_capture_on_commit_callbacks(execute=True):
        assert organiser.post(to("count_round", closed.round)).status_code == 302
    assert sweep_rounds(now=NOW) == [closed.round.slug]


def test_nothing_is_counted_or_published_before_its_time(sign_in: Callable[..., Client], db: None) -> None:
    town = build_town()
    client = sign_in(staff_of(town.place, "organiser"))
    for page, sentence in [
        ("count_round", "Voting is still open."),
        ("publish_result", "This has not been counted yet."),
        ("certify_result", "This has not been counted yet."),
    ]:
        answer = client.post(to(page, town.round))
        assert answer.status_code == 409
        assert sentence in text(answer)
    assert not Result.objects.exists()


def test_while_people_vote_no_page_shows_a_count_of_votes(sign_in: Callable[..., Client], db: None) -> None:
    town = build_town()
    for _ in range(3):
        BallotFactory(round=town.round, choices={"whole": ["1"]})
    page = text(sign_in(staff_of(town.place, "organiser")).get(to("organise_round", town.round)))
    assert "People are voting" in page
    assert "0 ballots so far" in page  # as last refreshed, never live


def test_publishing_and_certifying_take_two_people(
    organiser: Client, sign_in: Callable[..., Client], closed: Town
) -> None:
    sweep_rounds(now=NOW)
    assert "Publish the result" in text(organiser.get("/organise/"))
    assert "It cannot be taken back." in text(organiser.get(to("publish_result", closed.round)))
    answer = organiser.post(to("publish_result", closed.round), follow=True)
    page = text(answer)
    assert "The result is provisional" in page
    assert "another organiser of the place has to certify it" in page

    answer = organiser.post(to("certify_result", closed.round))
    assert answer.status_code == 403
    assert "Whoever published a result or vouched for it cannot also certify it." in text(answer)
    assert set(Result.objects.values_list("state", flat=True)) == {"provisional"}

    oscar = sign_in(staff_of(closed.place, "organiser", name="Oscar"))
    assert "Certify the result" in text(oscar.get("/organise/"))
    page = text(oscar.post(to("certify_result", closed.round), follow=True))
    assert "The result is certified" in page
    assert "Oscar certified the result" in page
    assert set(Result.objects.values_list("state", flat=True)) == {"certified"}
    assert Round.objects.get(pk=closed.round.pk).phase(NOW) == Phase.RESULT
    assert oscar.post(to("certify_result", closed.round)).status_code == 409
    assert "Nothing waits for you." in text(oscar.get("/organise/"))


def test_what_the_sweep_published_takes_two_organisers_too(sign_in: Callable[..., Client], db: None) -> None:
    town = build_town(voting=False, closed=True)
    BallotFactory(round=town.round, choices={"whole": ["1"]})
    sweep_rounds(now=NOW)
    first, second = (sign_in(staff_of(town.place, "organiser")) for _ in range(2))
    assert "Certify the result" in text(first.get(to("organise_round", town.round)))
    page = text(first.post(to("certify_result", town.round), follow=True))
    assert "You vouch for this result. Now a second organiser has to certify it." in page
    assert first.post(to("certify_result", town.round)).status_code == 403
    assert set(Result.objects.values_list("state", flat=True)) == {"provisional"}
    assert "The result is certified." in text(second.post(to("certify_result", town.round), follow=True))
    assert set(Result.objects.values_list("state", flat=True)) == {"certified"}


@pytest.mark.parametrize("name", ["ballot", "elector", "tally", "result"])
def test_the_technical_admin_only_looks(
    sign_in: Callable[..., Client], administrator: User, closed: Town, name: str
) -> None:
    sweep_rounds(now=NOW)
    client = sign_in(administrator)
    where = reverse(f"admin:budgets_{name}_changelist")
    assert client.get(where).status_code == 200
    assert client.get(reverse(f"admin:budgets_{name}_add")).status_code == 403


def test_the_admin_shows_neither_the_urn_nor_who_has_just_voted(
    sign_in: Callable[..., Client], administrator: User, town: Town, closed: Town
) -> None:
    """Both together, looked at before and after somebody votes, would lead from the voter to the ballot."""
    with pytest.raises(NoReverseMatch):
        reverse("admin:budgets_urnballot_changelist")
    for where in (town, closed):
        ElectorFactory(round=where.round, status=Elector.Status.VOTED, person__name=f"Voter in {where.round.pk}")
    page = sign_in(administrator).get(reverse("admin:budgets_elector_changelist")).content.decode()
    assert f"Voter in {closed.round.pk}" in page
    assert f"Voter in {town.round.pk}" not in page
