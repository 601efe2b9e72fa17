"""Review through its pages: onto the ballot, off it again, declined with a reason."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from budgets.actions.projects import accept, change_project
from budgets.models import Pot, Project, Round, Submission
from participation.accounts.models import User
from participation.models import AuditEvent, OutboxMessage, Proposal
from tests.factories import (
    NOW,
    PotFactory,
    ProjectFactory,
    RoundFactory,
    SubmissionFactory,
    WardFactory,
    freeze,
    staff_of,
)
from tests.refusals import refuses

ANSWERS = {
    "name": "Benches by the river",
    "summary": "Three benches.",
    "cost": "£1,200.50",
    "feasibility": "The parks team checked it.",
}


@pytest.fixture
def round(db: None) -> Round:
    return RoundFactory(review=True)


@pytest.fixture
def pot(round: Round) -> Pot:
    return PotFactory(round=round, name="Town")


@pytest.fixture
def submission(round: Round, pot: Pot) -> Submission:
    return SubmissionFactory(round=round, proposal__title="Benches", proposal__estimated_cost="£900")


@pytest.fixture
def olive(round: Round) -> User:
    return staff_of(round.place, "organiser", name="Olive")


@pytest.fixture
def organiser(sign_in: Callable[..., Client], olive: User) -> Client:
    return sign_in(olive)


def address(name: str, submission: Submission) -> str:
    return reverse(f"budgets:{name}", args=[submission.round.slug, submission.proposal.reference])


def answers(pot: Pot, **changes: Any) -> dict[str, Any]:
    return {"pot": pot.pk, **ANSWERS, **changes}


def test_the_form_starts_from_the_proposal(organiser: Client, submission: Submission, pot: Pot) -> None:
    page = organiser.get(address("review_submission", submission))
    assert page.context["project_form"].initial == {
        "pot": pot,
        "name": "Benches",
        "summary": "Put three benches where the path bends.",
        "cost": 90_000,
    }
    assert 'value="900"' in page.content.decode()


def test_the_pot_of_the_ward_is_offered_first(organiser: Client, submission: Submission) -> None:
    ward = WardFactory(parent=submission.round.place)
    of_ward = PotFactory(round=submission.round, area=ward)
    Proposal.objects.filter(pk=submission.proposal_id).update(area=ward)
    page = organiser.get(address("review_submission", submission))
    assert page.context["project_form"].initial["pot"] == of_ward


def test_an_idea_goes_on_the_ballot(organiser: Client, olive: User, submission: Submission, pot: Pot) -> None:
    answer = organiser.post(address("accept", submission), answers(pot))
    assert answer.headers["Location"] == f"{reverse('budgets:review', args=[submission.round.slug])}?state=submitted"
    project = Project.objects.get(submission=submission)
    assert (project.code, project.cost, project.pot, project.name) == ("1", 120_050, pot, "Benches by the river")
    submission.refresh_from_db()
    assert (submission.state, submission.reason, submission.reviewed_by) == (
        "accepted", "The parks team checked it.", olive,
    )  # fmt: skip
    assert OutboxMessage.objects.get().to == submission.proposal.author.email  # type: ignore[union-attr]
    event = AuditEvent.objects.about_thing("round", submission.round_id).first()
    assert event is not None
    assert event.action == "submission.accepted"


def test_a_refused_form_keeps_what_was_typed(organiser: Client, submission: Submission, pot: Pot) -> None:
    answer = organiser.post(address("accept", submission), answers(pot, cost="about 900", feasibility=" "))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'value="about 900"' in page
    assert "Three benches." in page
    assert "Enter an amount of money in pounds" in page
    assert "There is a problem" in page
    assert not Project.objects.exists()


def test_declining_needs_a_reason(organiser: Client, submission: Submission) -> None:
    assert organiser.post(address("decline", submission), {"reason": "  "}).status_code == 422
    assert organiser.post(address("decline", submission), {"reason": "The land is not ours."}).status_code == 302
    submission.refresh_from_db()
    assert (submission.state, submission.reason) == ("declined", "The land is not ours.")
    assert "The land is not ours." in organiser.get(address("review_submission", submission)).content.decode()


def test_a_decision_is_opened_again(organiser: Client, submission: Submission, pot: Pot) -> None:
    organiser.post(address("accept", submission), answers(pot))
    organiser.post(address("reconsider", submission))
    submission.refresh_from_db()
    assert (submission.state, submission.reason) == ("submitted", "")
    assert not Project.objects.exists()
    assert organiser.post(address("reconsider", submission)).status_code == 409


def test_a_project_is_corrected_and_keeps_its_number(organiser: Client, submission: Submission, pot: Pot) -> None:
    organiser.post(address("accept", submission), answers(pot))
    assert 'value="1,200.50"' in organiser.get(address("review_submission", submission)).content.decode()
    organiser.post(address("accept", submission), answers(pot, cost="1,300", feasibility="Steel got dearer."))
    project = Project.objects.get()
    assert (project.code, project.cost, project.submission.reason) == ("1", 130_000, "Steel got dearer.")  # type: ignore[union-attr]


def test_somebody_else_decided_first(organiser: Client, submission: Submission, pot: Pot) -> None:
    organiser.post(address("decline", submission), {"reason": "No."})
    answer = organiser.post(address("accept", submission), answers(pot, summary="A very long text"))
    assert answer.status_code == 409
    assert "This has changed in the meantime." in answer.content.decode()


def test_nothing_is_reviewed_once_the_ballot_is_confirmed(organiser: Client, submission: Submission, pot: Pot) -> None:
    freeze(submission.round)
    assert organiser.post(address("accept", submission), answers(pot)).status_code == 409
    assert organiser.post(address("decline", submission), {"reason": "No."}).status_code == 409
    assert organiser.post(address("reconsider", submission)).status_code == 409
    page = organiser.get(address("review_submission", submission)).content.decode()
    assert "The ballot has been confirmed." in page
    assert "Put it on the ballot" not in page


@pytest.mark.parametrize("gone", [{"state": "withdrawn"}, {"hidden_at": NOW, "hidden_reason": "It named a child."}])
def test_an_idea_that_is_gone_cannot_win(
    organiser: Client, submission: Submission, pot: Pot, gone: dict[str, Any]
) -> None:
    Proposal.objects.filter(pk=submission.proposal_id).update(**gone)
    page = organiser.get(address("review_submission", submission)).content.decode()
    assert "Put it on the ballot" not in page
    if "hidden_at" in gone:
        assert submission.proposal.what not in page
    answer = organiser.post(address("accept", submission), answers(pot))
    assert answer.status_code == 409
    assert organiser.post(address("decline", submission), {"reason": "It was taken back."}).status_code == 302


def test_a_pot_of_another_round(olive: User, organiser: Client, submission: Submission) -> None:
    other = PotFactory()
    assert organiser.post(address("accept", submission), answers(other)).status_code == 422
    with refuses("pot_elsewhere"):
        accept(by=olive, submission_id=submission.pk, now=NOW, pot_id=other.pk, **{**ANSWERS, "cost": 5})


def test_only_what_is_on_the_ballot_is_changed(olive: User, submission: Submission, pot: Pot) -> None:
    with refuses("wrong_state"):
        change_project(by=olive, submission_id=submission.pk, now=NOW, pot_id=pot.pk, **{**ANSWERS, "cost": 5})


def test_no_pot_yet(organiser: Client) -> None:
    submission = SubmissionFactory(round=RoundFactory(review=True))
    page = staff_page(organiser, submission)
    assert "A project needs a pot that pays for it." in page


def staff_page(organiser: Client, submission: Submission) -> str:
    olive = User.objects.get(name="Olive")
    olive.roles.create(place=submission.round.place, kind="organiser", granted_at=NOW)
    return organiser.get(address("review_submission", submission)).content.decode()


def test_the_list_by_state(organiser: Client, round: Round, submission: Submission, pot: Pot) -> None:
    ProjectFactory(pot=pot, submission=SubmissionFactory(round=round, accepted=True, proposal__title="Lamps"))
    SubmissionFactory(round=round, declined=True, proposal__title="Tram")
    SubmissionFactory(round=round, draft=True)
    where = reverse("budgets:review", args=[round.slug])
    for state, titles in [
        ("", ["Benches", "Lamps", "Tram"]),
        ("submitted", ["Benches"]),
        ("accepted", ["Lamps"]),
        ("declined", ["Tram"]),
        ("draft", ["Benches", "Lamps", "Tram"]),
    ]:
        page = organiser.get(where, {"state": state})
        assert sorted(row.proposal.title for row, _tag in page.context["rows"]) == titles


def test_a_draft_is_nobody_elses_business(organiser: Client, round: Round) -> None:
    draft = SubmissionFactory(round=round, draft=True)
    assert organiser.get(address("review_submission", draft)).status_code == 404
    assert organiser.post(address("decline", draft), {"reason": "No."}).status_code == 404


def test_moves_are_posts(organiser: Client, submission: Submission) -> None:
    for name in ("accept", "decline", "reconsider"):
        assert organiser.get(address(name, submission)).status_code == 405


@pytest.mark.parametrize("size", [2, 20])
def test_the_list_costs_the_same(
    organiser: Client, round: Round, pot: Pot, size: int, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    for _ in range(size):
        ProjectFactory(pot=pot, submission=SubmissionFactory(round=round, accepted=True))
    organiser.get("/organise/")  # what a site asks once
    with django_assert_max_num_queries(15):
        organiser.get(reverse("budgets:review", args=[round.slug]))
