"""Cases as they stand at some step of their way, without a vote being counted."""

from datetime import timedelta
from typing import Any

import factory
from factory.django import DjangoModelFactory

from commissioning import rules
from commissioning.actions.awards import Party, record_award
from commissioning.actions.milestones import plan_milestone
from commissioning.models import Award, Case, CheckAnswer, Estimate, Milestone, Step, checklist_of
from participation.accounts.models import User
from tests.factories.bodies import BodyFactory
from tests.factories.projects import ProjectFactory
from tests.factories.rounds import RoundFactory
from tests.factories.time import NOW

SUPPLIER = Party(name="Larkmoor Makers CIC", scheme="GB-COH", number="01234567", is_vcse=True)


class CaseFactory(DjangoModelFactory[Case]):
    """A case of £1,000 for a grant, accepted and with its market checked; `state` names another step."""

    class Meta:
        model = Case
        skip_postgeneration_save = True

    class Params:
        place = factory.LazyAttribute(lambda o: o.body.place)

    body = factory.SubFactory(BodyFactory)
    round = factory.SubFactory(RoundFactory, closed=True, place=factory.SelfAttribute("..place"))
    project = factory.SubFactory(ProjectFactory, pot__round=factory.SelfAttribute("...round"), submission=None)
    state = rules.State.CHECKED
    title = factory.LazyAttribute(lambda o: o.project.name)
    voted = 100_000
    amount = 100_000
    route = rules.Route.GRANT
    opened_at = NOW
    reply_due_on = NOW.date()
    answered_on = NOW.date()

    @factory.post_generation
    def steps(self: Case, create: bool, extracted: Any, **kwargs: Any) -> None:  # type: ignore[misc]
        """The step it stands at."""
        Step.objects.create(case=self, number=1, state=self.state, at=NOW)


def award_of(case: Case, by: User, **facts: Any) -> Award:
    """An award of the whole amount, made by a member of the case's body."""
    said: dict[str, Any] = {
        "kind": case.route, "title": "Benches by the river", "description": "Ten benches of oak.", "amount": case.amount,
        "awarded_on": NOW.date(), "recipient": SUPPLIER, "from_open_call": True,
    }  # fmt: skip
    return record_award(by=by, case_id=case.pk, now=NOW, **{**said, **facts})


def milestone_of(case: Case, by: User, **facts: Any) -> Milestone:
    """A milestone that is due tomorrow."""
    said: dict[str, Any] = {"kind": "delivery", "title": "The benches stand", "due_on": NOW.date() + timedelta(days=1)}
    return plan_milestone(by=by, case_id=case.pk, now=NOW, **{**said, **facts})


def ready_for(case: Case, by: User, state: rules.State) -> None:
    """Record what the case needs before it can move to `state`, where that comes next, unless it is there."""
    if state not in rules.MOVES[rules.State(case.state)]:
        return
    if state == rules.State.AWARDED and case.route in rules.AWARDING and not case.awards.total():
        award_of(case, by)
    if state == rules.State.DELIVERING and not case.milestones.exists():
        milestone_of(case, by)
    if state == rules.State.AWARDED:
        answer_checklist(case, by)


def answer_checklist(case: Case, by: User) -> None:
    """Everything that is needed before the award is done."""
    case.refresh_from_db()
    if case.route in rules.BUYING and not case.estimates.exists():
        Estimate.objects.create(
            case=case, number=1, kind="services", gross=case.amount, begins_on=NOW.date(), at=NOW, by=by
        )
    checklist = checklist_of(case)
    CheckAnswer.objects.bulk_create(
        CheckAnswer(case=case, key=row.item.key, number=1, answer="done", at=NOW, by=by)
        for row in (checklist.rows if checklist else [])
        if row.item.blocks and row.answer is None
    )
