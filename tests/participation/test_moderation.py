"""Reporting, hiding, leaving; decided once, also when two decide at once."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.urls import reverse

from participation.accounts.models import User
from participation.actions.audit import first_broken_event
from participation.actions.moderation import dismiss, report, uphold
from participation.models import AuditEvent, OutboxMessage, Picture, Proposal, Report
from tests.factories import PlaceFactory, ProposalFactory, ReportFactory, RoleFactory, UserFactory
from tests.participation.conftest import Signer, Town, build_town
from tests.refusals import refuses
from tests.threads import in_threads

pytestmark = pytest.mark.django_db


@pytest.fixture
def proposal(town: Town) -> Proposal:
    return ProposalFactory(place=town.place, area=town.wards[0])


@pytest.fixture
def picture(proposal: Proposal, now: datetime) -> Picture:
    return Picture.objects.create(
        proposal=proposal, image="pictures/x.jpg", width=4, height=3, alt_text="A path", created_at=now
    )


# ── Actions ──────────────────────────────────────────────────────────────────
def test_anyone_reports_what_they_can_see(proposal: Proposal, picture: Picture, now: datetime) -> None:
    anonymous = AnonymousUser()
    one = report(by=anonymous, now=now, reason="spam", proposal_id=proposal.pk)
    assert (one.reporter, one.place, one.about) == (None, proposal.place, proposal)
    two = report(by=UserFactory(), now=now, reason="private", picture_id=picture.pk)
    assert (two.target, two.about) == (picture, proposal)
    for gone in (ProposalFactory(draft=True).pk, ProposalFactory(hidden=True).pk, 999_999):
        with refuses("not_there"):
            report(by=anonymous, now=now, reason="spam", proposal_id=gone)
    with refuses("not_there"):
        report(by=anonymous, now=now, reason="spam", picture_id=999_999)


def test_the_same_person_reports_once_while_it_waits(proposal: Proposal, now: datetime) -> None:
    person = UserFactory()
    reports = {report(by=person, now=now, reason=why, proposal_id=proposal.pk).pk for why in ("spam", "abuse")}
    assert len(reports) == 1
    report(by=AnonymousUser(), now=now, reason="spam", proposal_id=proposal.pk)
    report(by=AnonymousUser(), now=now, reason="spam", proposal_id=proposal.pk)
    assert Report.objects.count() == 3


def test_hiding_tells_everyone_why_and_decides_all_reports_about_it(
    town: Town, proposal: Proposal, picture: Picture, now: datetime
) -> None:
    first, second = ReportFactory(proposal=proposal), ReportFactory(proposal=proposal)
    about_the_picture = report(by=UserFactory(), now=now, reason="private", picture_id=picture.pk)
    moderator = town.staff("moderator")
    uphold(by=moderator, report_id=second.pk, public_reason="  It names a child. ", now=now)
    proposal.refresh_from_db()
    assert (proposal.hidden_at, proposal.hidden_reason) == (now, "It names a child.")
    for one in (first, second):
        one.refresh_from_db()
        assert (one.state, one.decided_by, one.public_reason) == ("upheld", moderator, "It names a child.")
    about_the_picture.refresh_from_db()
    assert about_the_picture.state == "open"
    mails = {first.reporter.email, second.reporter.email, proposal.author.email}
    assert set(OutboxMessage.objects.values_list("to", flat=True)) == mails
    event = AuditEvent.objects.get()
    assert (event.action, event.target) == ("report.upheld", f"proposal:{proposal.pk}")


def test_a_picture_is_hidden_without_its_proposal(town: Town, picture: Picture, now: datetime) -> None:
    one = report(by=UserFactory(), now=now, reason="private", picture_id=picture.pk)
    uphold(by=town.staff("moderator"), report_id=one.pk, public_reason="It shows a face.", now=now)
    proposal = Proposal.objects.get()
    picture = Picture.objects.get()
    assert (picture.hidden_reason, proposal.hidden_at, proposal.picture) == ("It shows a face.", None, None)


def test_what_is_left_stays_and_can_be_reported_again(town: Town, proposal: Proposal, now: datetime) -> None:
    one = ReportFactory(proposal=proposal)
    dismiss(by=town.staff("moderator"), report_id=one.pk, public_reason="It is an idea like others.", now=now)
    proposal.refresh_from_db()
    assert proposal.hidden_at is None
    assert OutboxMessage.objects.get().to == one.reporter.email
    assert report(by=one.reporter, now=now, reason="spam", proposal_id=proposal.pk).pk != one.pk


def test_a_decision_needs_a_reason_and_is_made_once(town: Town, proposal: Proposal, now: datetime) -> None:
    one, moderator = ReportFactory(proposal=proposal), town.staff("moderator")
    for decide in (uphold, dismiss):
        with refuses("reason_needed"):
            decide(by=moderator, report_id=one.pk, public_reason="  ", now=now)
    dismiss(by=moderator, report_id=one.pk, public_reason="Fine.", now=now)
    for decide in (uphold, dismiss):
        with refuses("has_reports"):
            decide(by=moderator, report_id=one.pk, public_reason="Again", now=now)


def test_nobody_decides_about_themselves_or_elsewhere(town: Town, proposal: Proposal, now: datetime) -> None:
    one = ReportFactory(proposal=proposal)
    author, reporter = proposal.author, one.reporter
    for person in (author, reporter):
        RoleFactory(user=person, place=town.place, kind="moderator")
        with refuses("own_item"):
            uphold(by=person, report_id=one.pk, public_reason="Mine", now=now)
    for kind, place in (("moderator", PlaceFactory()), ("organiser", town.place)):
        with refuses("not_allowed"):
            uphold(by=RoleFactory(place=place, kind=kind).user, report_id=one.pk, public_reason="No", now=now)
    # Deciding about somebody else's report decides one's own with it, so that is refused too.
    with refuses("own_item"):
        uphold(by=reporter, report_id=ReportFactory(proposal=proposal).pk, public_reason="No", now=now)


# ── Races ────────────────────────────────────────────────────────────────────
@pytest.mark.django_db(transaction=True)
def test_of_many_moderators_at_once_one_decides(now: datetime) -> None:
    town = build_town()
    proposal = ProposalFactory(place=town.place)
    reports = [ReportFactory(proposal=proposal) for _each in range(2)]
    moderators = [town.staff("moderator") for _each in range(4)]

    def decision(number: int, by: User) -> Any:
        decide = uphold if number % 2 else dismiss
        pk = reports[number // 2].pk
        return lambda: str(decide(by=by, report_id=pk, public_reason=f"Reason {number}", now=now).state)

    answers = in_threads([decision(number, by) for number, by in enumerate(moderators)])
    assert answers.count("has_reports") == 3
    states = set(Report.objects.values_list("state", "public_reason"))
    assert len(states) == 1
    proposal.refresh_from_db()
    assert bool(proposal.hidden_at) == (states.pop()[0] == "upheld")
    assert AuditEvent.objects.count() == 1
    assert first_broken_event() is None


# ── Pages ────────────────────────────────────────────────────────────────────
def test_the_report_button_works_without_an_account(client: Client, proposal: Proposal, picture: Picture) -> None:
    for url in (
        reverse("participation:report_proposal", args=[proposal.reference]),
        reverse("participation:report_picture", args=[picture.pk]),
    ):
        assert client.get(url).status_code == 200
        empty = client.post(url, {"details": "Because of this"})
        assert (empty.status_code, "Because of this" in empty.text) == (422, True)
        assert "A moderator will look at it" in client.post(url, {"reason": "spam"}, follow=True).text
    assert Report.objects.count() == 2


def test_what_one_cannot_see_cannot_be_reported(client: Client, picture: Picture, now: datetime) -> None:
    for hidden in (ProposalFactory(draft=True), ProposalFactory(hidden=True)):
        assert client.get(reverse("participation:report_proposal", args=[hidden.reference])).status_code == 404
    Picture.objects.update(hidden_at=now, hidden_reason="x")
    assert client.get(reverse("participation:report_picture", args=[picture.pk])).status_code == 404


def test_reporting_is_limited_and_keeps_what_was_typed(client: Client, proposal: Proposal, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"report": "2/h/ip"}
    url = reverse("participation:report_proposal", args=[proposal.reference])
    answers = [client.post(url, {"reason": "spam", "details": "My words"}) for _each in range(3)]
    assert [answer.status_code for answer in answers] == [302, 302, 429]
    assert "My words" in answers[2].text
    assert Report.objects.count() == 2


def test_the_queue_is_oldest_first_and_only_of_one_s_place(
    sign_in: Signer, town: Town, proposal: Proposal, now: datetime
) -> None:
    newer = ReportFactory(proposal=proposal, reported_at=now - timedelta(days=1))
    older = ReportFactory(proposal=ProposalFactory(place=town.wards[1]), reported_at=now - timedelta(days=3))
    elsewhere = ReportFactory()
    moderator = sign_in(town.staff("moderator"))
    page = moderator.get("/moderate/")
    assert list(page.context["page"]) == [older, newer]
    assert page.context["oldest"] == older
    assert moderator.get(reverse("participation:moderate_report", args=[elsewhere.pk])).status_code == 404


@pytest.mark.parametrize("count", [2, 200])
def test_the_queue_costs_the_same_with_many(
    sign_in: Signer, town: Town, count: int, django_assert_max_num_queries: Any
) -> None:
    for _each in range(count):
        ReportFactory(proposal__place=town.place)
    moderator = sign_in(town.staff("moderator"))
    moderator.get("/moderate/")
    with django_assert_max_num_queries(15):
        moderator.get("/moderate/")


def test_a_moderator_decides_on_the_page(sign_in: Signer, town: Town, proposal: Proposal) -> None:
    one, moderator = ReportFactory(proposal=proposal), sign_in(town.staff("moderator"))
    url = reverse("participation:moderate_report", args=[one.pk])
    assert one.details in moderator.get(url).text
    assert moderator.post(url, {"decision": "hide", "public_reason": ""}).status_code == 422
    assert (
        "Hidden. Everyone can read"
        in moderator.post(url, {"decision": "hide", "public_reason": "Spam."}, follow=True).text
    )
    late = moderator.post(url, {"decision": "leave", "public_reason": "My long reason"})
    assert (late.status_code, "My long reason" in late.text) == (409, True)
    assert "Spam." in moderator.get(url).text


def test_a_moderator_leaves_it_on_the_page(sign_in: Signer, town: Town, proposal: Proposal) -> None:
    url = reverse("participation:moderate_report", args=[ReportFactory(proposal=proposal).pk])
    moderator = sign_in(town.staff("moderator"))
    assert "Left as it is" in moderator.post(url, {"decision": "leave", "public_reason": "Fine."}, follow=True).text
    assert Proposal.objects.get().hidden_at is None


def test_who_may_not_moderate(client: Client, sign_in: Signer, town: Town, proposal: Proposal) -> None:
    one = ReportFactory(proposal=proposal)
    url = reverse("participation:moderate_report", args=[one.pk])
    assert client.get("/moderate/").status_code == 302
    for person in (town.resident(), town.staff("organiser"), town.staff("commissioner")):
        assert sign_in(person).get("/moderate/").status_code == 403
        assert sign_in(person).get(url).status_code == 404
    RoleFactory(user=one.reporter, place=town.place, kind="moderator")
    own = sign_in(one.reporter).get(url)
    assert "Another moderator has to" in own.text
    assert "<textarea" not in own.text
