"""Organisers who press buttons at the same moment."""

from collections.abc import Callable
from typing import Any

import pytest

from budgets.actions.projects import accept, decline, reconsider
from budgets.actions.rounds import confirm_ballot, create_round, save_pot
from budgets.forms.rounds import plan
from budgets.models import Project, Round, Submission
from participation.accounts.models import User
from participation.models import AuditEvent
from tests.factories import NOW, PlaceFactory, PotFactory, ProjectFactory, RoundFactory, SubmissionFactory, staff_of
from tests.threads import in_threads

pytestmark = pytest.mark.django_db(transaction=True)


def in_review() -> tuple[Round, User]:
    round = RoundFactory(review=True, anyone=True)
    return round, staff_of(round.place, "organiser")


def accepting(by: User, submission: Submission, pot_id: int) -> Callable[[], Any]:
    return lambda: accept(
        by=by, submission_id=submission.pk, now=NOW, pot_id=pot_id, name="A", summary="B", cost=500, feasibility="C"
    )


def codes(outcomes: list[Any]) -> list[str]:
    return sorted(outcome for outcome in outcomes if isinstance(outcome, str))


def test_one_of_two_decisions_stands() -> None:
    round, olive = in_review()
    oscar, pot = staff_of(round.place, "organiser"), PotFactory(round=round)
    submission = SubmissionFactory(round=round)
    outcomes = in_threads(
        [
            accepting(olive, submission, pot.pk),
            lambda: decline(by=oscar, submission_id=submission.pk, now=NOW, reason="No."),
        ]
    )
    assert codes(outcomes) == ["wrong_state"]
    submission.refresh_from_db()
    assert Project.objects.exists() == (submission.state == Submission.State.ACCEPTED)
    assert AuditEvent.objects.filter(action__startswith="submission.").count() == 1


def test_projects_accepted_at_once_have_numbers_of_their_own() -> None:
    round, olive = in_review()
    pot = PotFactory(round=round)
    submissions = [SubmissionFactory(round=round) for _ in range(6)]
    outcomes = in_threads([accepting(olive, submission, pot.pk) for submission in submissions])
    assert codes(outcomes) == []
    assert sorted(Project.objects.values_list("code", flat=True)) == list("123456")


def test_what_is_frozen_is_what_there_is() -> None:
    """A decision opened again while the ballot is confirmed: either it came first, or it is refused."""
    round, olive = in_review()
    pot = PotFactory(round=round)
    ProjectFactory(pot=pot, cost=1_500_000)
    leaving = ProjectFactory(pot=pot, cost=1_500_000)
    outcomes = in_threads(
        [
            lambda: confirm_ballot(by=olive, round_id=round.pk, now=NOW),
            lambda: reconsider(by=olive, submission_id=leaving.submission_id, now=NOW),
        ]
    )
    assert codes(outcomes) in (["ballot_confirmed"], ["problems_left"])
    round.refresh_from_db()
    if round.rules:
        frozen = {project["code"] for section in round.rules["pots"] for project in section["projects"]}
        assert frozen == set(Project.objects.values_list("code", flat=True))


def test_two_rounds_of_one_title() -> None:
    place = PlaceFactory()
    olive = staff_of(place, "organiser")
    fields = {"title": "Our streets", **plan(NOW)}
    rounds = in_threads([lambda: create_round(by=olive, place_id=place.pk, now=NOW, **fields)] * 4)
    assert sorted(round.slug for round in rounds) == ["our-streets", "our-streets-2", "our-streets-3", "our-streets-4"]


def test_two_pots_of_one_name() -> None:
    round, olive = in_review()
    add = {"by": olive, "round_id": round.pk, "now": NOW, "name": "Town", "area_id": None, "funders": [("A", 5)]}
    outcomes = in_threads([lambda: save_pot(**add)] * 3)  # type: ignore[arg-type]
    assert codes(outcomes) == ["pot_name_taken"] * 2
    assert round.pots.count() == 1
