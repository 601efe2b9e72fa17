"""Cases: opened once from a certified result, moved one state at a time, seen by everyone, moved by their body alone."""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest
from django.test import Client

from commissioning import rules
from commissioning.actions.cases import move_case, open_cases, sweep_cases
from commissioning.models import Case, Step
from participation.models import AuditEvent
from participation.refusals import Refused
from tests.commissioning.conftest import Desk
from tests.factories import NOW, UserFactory, staff_of
from tests.factories.bodies import BodyFactory, member_of
from tests.factories.cases import ready_for

SignIn = Callable[..., Client]
State = rules.State
DECISION = {"decided_by": "Cabinet", "decided_on": NOW.date(), "legal_basis": "advisory"}
# Everything each move has to say.
SAYS: dict[State, dict[str, Any]] = {
    State.RECEIVED: {},
    State.ACCEPTED: DECISION,
    State.CHANGED: {**DECISION, "amount": 500_000, "says": "Fewer benches."},
    State.DECLINED: {**DECISION, "says": "The land is not ours."},
    State.ROUTED: {"route": "grant", "budget_line": "Communities 2027"},
    State.CHECKED: {"market_note": "Two local firms and a co-operative were asked."},
    State.AWARDED: {},
    State.DELIVERING: {},
    State.CLOSED: {"says": "Ten benches stand."},
    State.LEARNED: {"says": "Ask the ward first."},
}
WAY = [
    State.RECEIVED,
    State.ACCEPTED,
    State.ROUTED,
    State.CHECKED,
    State.AWARDED,
    State.DELIVERING,
    State.CLOSED,
    State.LEARNED,
]


def move(desk: Desk, to: State, **says: Any) -> Case:
    ready_for(desk.case(), desk.cora, to)
    return move_case(by=desk.cora, case_id=desk.case().pk, to=to, now=NOW, **(says or SAYS.get(to, {})))


def refused(desk: Desk, to: State, **says: Any) -> tuple[str, str | None]:
    with pytest.raises(Refused) as caught:
        move(desk, to, **says)
    return caught.value.code, caught.value.field


def test_a_certified_result_opens_one_case_for_each_funded_project_once(certified: Desk) -> None:
    assert sweep_cases(now=NOW) == 3
    assert sweep_cases(now=NOW) == 0
    assert open_cases(round_id=certified.town.round.pk, now=NOW) == []
    cases = {case.project.code: case for case in Case.objects.all()}
    assert cases.keys() == {"1", "3", "4"}
    assert (cases["1"].voted, cases["1"].body) == (600_000, certified.body)
    assert cases["1"].reply_due_on == NOW.date() + timedelta(days=28)
    assert AuditEvent.objects.filter(action="cases.opened").count() == 1


def test_the_body_that_pays_into_a_pot_answers_for_it(certified: Desk) -> None:
    trust = BodyFactory(place=certified.town.place)
    trust.organisation.name = certified.town.ward.funders.first().name.upper()
    trust.organisation.save()
    open_cases(round_id=certified.town.round.pk, now=NOW)
    bodies = {case.project.code: case.body for case in Case.objects.all()}
    assert bodies["4"] == trust


def test_without_a_body_the_cases_wait(certified: Desk) -> None:
    certified.body.delete()
    assert sweep_cases(now=NOW) == 0
    BodyFactory(place=certified.town.place)
    assert sweep_cases(now=NOW) == 3


def test_the_whole_way_of_a_case(desk: Desk) -> None:
    for state in WAY:
        assert move(desk, state).state == state
    case = desk.case()
    assert (case.amount, case.answered_on, case.route) == (600_000, NOW.date(), "grant")
    assert list(case.steps.values_list("state", flat=True)) == [State.SENT, *WAY]
    events = AuditEvent.objects.filter(target=f"case:{case.pk}", action__startswith="case.")
    assert list(events.order_by("seq").values_list("action", flat=True)) == [f"case.{state}" for state in WAY]


def test_nobody_skips_a_state(desk: Desk) -> None:
    """From every state to every other, as one vote is enough for all of them."""
    for start, to in product(rules.State, rules.State):
        Step.objects.exclude(state=State.SENT).delete()
        answered = None if start in rules.UNANSWERED else NOW.date()
        Case.objects.filter(project__code="1").update(
            state=start, answered_on=answered, reason="Because.", route="in-house"
        )
        if to in rules.MOVES[start]:
            assert move(desk, to).state == to
        else:
            assert refused(desk, to, **SAYS.get(to, {}))[0] in {"state_skipped", "answer_first"}
            assert not Step.objects.filter(case=desk.case()).exclude(state=State.SENT).exists()


def test_an_answer_says_who_decided_and_why(desk: Desk) -> None:
    move(desk, State.RECEIVED)
    for to, left_out in (
        (State.ACCEPTED, "decided_by"),
        (State.CHANGED, "amount"),
        (State.CHANGED, "says"),
        (State.DECLINED, "says"),
        (State.DECLINED, "decided_on"),
    ):
        said = {name: value for name, value in SAYS[to].items() if name != left_out}
        assert refused(desk, to, **said) == ("fact_missing", left_out)
    assert desk.case().state == State.RECEIVED


def test_only_the_body_s_own_commissioners_move_it(desk: Desk) -> None:
    other = BodyFactory(place=desk.town.place)
    former = member_of(desk.body)
    former.roles.all().delete()
    for person in (UserFactory(), desk.olive, staff_of(desk.town.place, "commissioner"), member_of(other), former):
        with pytest.raises(Refused) as caught:
            move_case(by=person, case_id=desk.case().pk, to="received", now=NOW)
        assert caught.value.code == "not_allowed"
    assert desk.case().state == State.SENT


def test_a_late_answer_is_marked_for_everyone(desk: Desk, client: Client) -> None:
    Case.objects.filter(project__code="1").update(reply_due_on=date(2020, 1, 1))
    page = client.get("/commitments/")
    assert page.context["totals"]["late"] == 1
    assert "days late" in page.content.decode()
    assert "An answer was due by 1 January 2020." in client.get(desk.case().get_absolute_url()).content.decode()
    late = client.get("/commitments/?show=late")
    assert [item["case"] for item in late.context["cards"]] == [desk.case()]


def test_the_way_through_the_pages(desk: Desk, sign_in: SignIn) -> None:
    client, case = sign_in(desk.cora), desk.case()
    assert case.title in client.get("/commission/cases/").content.decode()
    address = f"/commission/cases/{case.pk}/"
    for state in WAY:
        page = client.get(address).content.decode()
        assert f"{address}{state}/" in page
        ready_for(desk.case(), desk.cora, state)
        said = {name: getattr(value, "isoformat", lambda value=value: value)() for name, value in SAYS[state].items()}
        done = client.post(f"{address}{state}/", {"says": "", **said})
        assert done.status_code == 302, done.content.decode()
    assert desk.case().state == State.LEARNED
    public = Client().get(case.get_absolute_url()).content.decode()
    assert "Ten benches stand." in public
    assert desk.cora.public_name not in public


def test_what_is_missing_comes_back_with_what_was_typed(desk: Desk, sign_in: SignIn) -> None:
    move(desk, State.RECEIVED)
    client = sign_in(desk.cora)
    answer = client.post(f"/commission/cases/{desk.case().pk}/declined/", {"decided_by": "The cabinet", "says": ""})
    assert answer.status_code == 422
    assert "The cabinet" in answer.content.decode()
    assert set(answer.context["form"].errors) == {"says", "decided_on", "legal_basis"}
    skipped = client.get(f"/commission/cases/{desk.case().pk}/closed/")
    assert skipped.status_code == 409


def test_another_body_s_desk_does_not_exist_and_its_case_can_be_read(desk: Desk, sign_in: SignIn) -> None:
    other = sign_in(member_of(BodyFactory(place=desk.town.place)))
    case = desk.case()
    for page in ("", "received/"):
        assert other.get(f"/commission/cases/{case.pk}/{page}").status_code == 404
    assert other.post(f"/commission/cases/{case.pk}/take/").status_code == 404
    assert other.get(case.get_absolute_url()).status_code == 200
