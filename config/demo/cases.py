"""What Larkmoor's public bodies did about the projects that won: answered, late, and declined ones."""

from datetime import datetime, timedelta
from typing import Any

from budgets.models import Result, Round
from commissioning.actions.bodies import add_member, create_body
from commissioning.actions.cases import move_case, open_cases
from commissioning.models import Body, Case, Member, Organisation, Step
from commissioning.rules import State
from config.demo.rounds import COUNCIL, TRUST
from participation.accounts.models import User
from participation.models import Place

BODIES = ((COUNCIL, Organisation.Scheme.COUNCIL_ENGLAND, "ZZL"), (TRUST, Organisation.Scheme.NHS, "ZZT"))
DECISION = {"decided_by": "Cabinet", "legal_basis": Case.Basis.DELEGATED, "decision_reference": "Minute 41"}
# How far the projects of a round have come, in turn; each step with what it says and the days after the certification.
Told = tuple[tuple[State, int, dict[str, Any]], ...]
RECEIVED: tuple[State, int, dict[str, Any]] = (
    State.RECEIVED,
    2,
    {"says": "Thank you. Our parks and streets teams are looking at it together."},
)
ACCEPTED: Told = (
    RECEIVED,
    (State.ACCEPTED, 12, {**DECISION, "says": "We will do it, and have set the money aside."}),
    (State.ROUTED, 20, {"route": Case.Route.GRANT, "budget_line": "Communities 4410"}),
    (
        State.CHECKED,
        33,
        {
            "market_note": "Three local groups and a co-operative were asked; two of them can do it.",
            "says": "Two groups in Larkmoor can do this. Both keep the work in the town.",
        },
    ),
)
CHANGED: Told = (
    RECEIVED,
    (
        State.CHANGED,
        19,
        {**DECISION, "says": "We will do it in two parts: the rest follows when the pipes are mended."},
    ),
    (State.ROUTED, 26, {"route": Case.Route.CONTRACT, "budget_line": "Streets 2107"}),
)
DECLINED: Told = (
    RECEIVED,
    (State.DECLINED, 24, {**DECISION, "says": "The land was sold. We are looking for another place."}),
)
SILENT: Told = ()
STORIES: dict[str, tuple[Told, ...]] = {
    "Larkmoor by the water": (ACCEPTED, CHANGED, DECLINED),
    "Play for all": (ACCEPTED, SILENT, CHANGED),
    "Every corner counts": (SILENT, (RECEIVED,)),
}


def commission(town: Place, *, now: datetime, organiser: User, commissioner: User) -> None:
    """The bodies with their members, and the cases of every certified round as far as their story goes. What is there
    stays as it is."""
    for name, scheme, number in BODIES:
        if not Body.objects.filter(organisation__name=name).exists():
            body = create_body(
                by=organiser, place_id=town.pk, now=now, name=name, scheme=scheme, number=number, reply_days=28
            )
            add_member(by=organiser, body_id=body.pk, email=commissioner.email, desk=Member.Desk.PROCUREMENT, now=now)
    for title, stories in STORIES.items():
        round = Round.objects.filter(place=town, title=title, cases=None).first()
        first = Result.objects.of_round(round).exclude(certified_at=None).first() if round else None
        if round and first and first.certified_at:
            _live(round, stories, first.certified_at, now, commissioner)


def _live(round: Round, stories: tuple[Told, ...], certified: datetime, now: datetime, commissioner: User) -> None:
    cases = sorted(open_cases(round_id=round.pk, now=certified), key=lambda case: case.pk)
    for number, case in enumerate(cases):
        for state, days, says in stories[number % len(stories)]:
            at = certified + timedelta(days=days)
            if at < now:
                more: dict[str, Any] = {"decided_on": at.date()} if "decided_by" in says else {}
                more |= {"amount": case.voted * 3 // 4} if state == State.CHANGED else {}
                move_case(by=commissioner, case_id=case.pk, to=state, now=at, **says, **more)
    # Nobody reads the mail of fictional people.
    Step.objects.filter(case__round=round).update(told_at=now)
