"""Cases: opening them from a certified result, and moving them on."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from budgets.models import Project, Result, Round
from commissioning import rules
from commissioning.models import Body, Case, Member, Step, checklist_of
from commissioning.permissions import may_move
from participation.accounts.models import User
from participation.actions.audit import record
from participation.events import Changed, announce
from participation.refusals import Refused

# What a move may write down, besides what is said with it.
FACTS = frozenset(
    {
        *("amount", "decided_by", "decided_on", "legal_basis", "decision_reference", "budget_line", "strategy"),
        *("equality_note", "route", "market_note"),
    }
)


def sweep_cases(*, now: datetime) -> int:
    """Open the cases of every certified result that has none yet; how many were opened. May run at any time."""
    certified = Round.objects.filter(
        origin=Round.Origin.OWN, pots__result__state=Result.State.CERTIFIED, cases=None
    ).distinct()
    return sum(len(open_cases(round_id=round_id, now=now)) for round_id in certified.values_list("pk", flat=True))


@transaction.atomic
def open_cases(*, round_id: int, now: datetime) -> list[Case]:
    """One case for each project that a certified result funds, sent to the body that answers for its pot.

    Opening again finds them there. Where no body serves the place yet nothing is opened, and a later sweep does it.
    """
    round = Round.objects.select_related("place__parent__parent").select_for_update(of=("self",)).get(pk=round_id)
    results = Result.objects.of_round(round).filter(state=Result.State.CERTIFIED).prefetch_related("pot__funders")
    bodies = list(Body.objects.serving(round.place).select_related("organisation").order_by("pk"))
    if not bodies:
        return []
    opened = [case for result in results for case in _open_pot(result, bodies, now)]
    if opened:
        record(
            by=None, action="cases.opened", target=f"round:{round.pk}", now=now, place=round.place_id, cases=len(opened)
        )
        announce(Changed("round", round.pk, int(now.timestamp())))
    return opened


def _open_pot(result: Result, bodies: list[Body], now: datetime) -> list[Case]:
    body = _answering(result, bodies)
    funded = {row["code"]: row for row in result.snapshot["projects"] if row["funded"]}
    projects = Project.objects.filter(round=result.pot.round_id, code__in=funded, case=None).select_related("proposal")
    cases = [
        Case(
            round_id=result.pot.round_id, project=project, body=body, title=project.name,
            voted=funded[project.code]["cost"],
            opened_at=now,
            reply_due_on=timezone.localtime(now).date() + timedelta(days=body.reply_days),
        )
        for project in projects.order_by("pk")
    ]  # fmt: skip
    Case.objects.bulk_create(cases)
    Step.objects.bulk_create(Step(case=case, number=1, state=rules.State.SENT, at=now) for case in cases)
    return cases


def _answering(result: Result, bodies: list[Body]) -> Body:
    """The body that pays most into the pot; where none of the funders is one, the first of the place."""
    by_name = {body.organisation.name.casefold(): body for body in bodies}
    paying = (by_name.get(funder.name.casefold()) for funder in result.pot.funders.all())
    return next((body for body in paying if body), bodies[0])


@transaction.atomic
def move_case(*, by: User, case_id: int, to: str, now: datetime, says: str = "", **facts: Any) -> Case:
    """Move a case on by one state, with what that move has to say (`rules.NEEDED`); the step is public from then on.

    The answer stops the reply clock. Who is concerned is told by `sweep_news`.
    Refuses not_allowed, state_skipped, answer_first, fact_missing (naming the field), award_first,
    estimate_first, checklist_open (with how many).
    """
    state = rules.State(to)
    case = lock_case(case_id)
    if refused := may_move(by, case, state):
        raise refused
    for name in FACTS & facts.keys():
        setattr(case, name, facts[name])
    said = says.strip()
    if missing := rules.missing(state, {**{name: getattr(case, name) for name in FACTS}, "reason": said}):
        raise Refused("fact_missing", field="says" if missing[0] == "reason" else missing[0])
    if state == rules.State.AWARDED and case.route in rules.AWARDING and not case.awards.total():
        raise Refused("award_first")
    if state == rules.State.DELIVERING and not case.milestones.exists():
        raise Refused("milestone_first")
    if state == rules.State.AWARDED:
        _checked(case)
    today = timezone.localtime(now).date()
    if state in rules.ANSWERS:
        _answer(case, state, said, today)
    case.state = state
    case.save()
    number = case.steps.count() + 1
    Step.objects.create(case=case, number=number, state=state, at=now, by=by, says=said)
    record(
        by=by, action=f"case.{state}", target=f"case:{case.pk}", now=now, place=case.round.place_id, round=case.round_id,
        facts=sorted(FACTS & facts.keys()),
    )  # fmt: skip
    announce(Changed("case", case.pk, int(now.timestamp())))
    return case


def _answer(case: Case, state: rules.State, said: str, today: date) -> None:
    if state == rules.State.ACCEPTED:
        case.amount = case.voted
    elif state == rules.State.DECLINED:
        case.amount = None
    case.reason, case.answered_on = said, today


def _checked(case: Case) -> None:
    """The rules have been gone through before anything is awarded."""
    checklist = checklist_of(case)
    if checklist and checklist.estimate_missing:
        raise Refused("estimate_first")
    if checklist and checklist.holding_up:
        raise Refused("checklist_open", count=checklist.holding_up)


@transaction.atomic
def take_on(*, by: User, case_id: int, now: datetime) -> Case:
    """Become the one who looks after the case at one's desk. Refuses not_allowed."""
    case = lock_case(case_id)
    member = Member.objects.filter(body=case.body, user=by).first()
    if member is None:
        raise Refused("not_allowed")
    setattr(case, member.desk, by)
    case.save(update_fields=[member.desk])
    record(
        by=by, action="case.taken_on", target=f"case:{case.pk}", now=now, place=case.round.place_id, desk=member.desk
    )
    return case


def lock_case(case_id: int) -> Case:
    """The case, locked until the transaction ends, with its body, round, place and project."""
    return (
        Case.objects.select_for_update(of=("self",))
        .select_related("body__organisation", "body__place__parent__parent", "round__place", "project__proposal")
        .get(pk=case_id)
    )
