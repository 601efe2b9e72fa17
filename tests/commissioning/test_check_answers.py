"""The checklist of a case: answered by its body, kept row by row, holding up the award, seen by everyone without notes."""

from collections.abc import Callable
from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from commissioning.actions.cases import move_case
from commissioning.actions.checklists import answer_item, estimate_case
from commissioning.checklist.figures import Region
from commissioning.models import Case, CheckAnswer, Checklist, Estimate, checklist_of
from commissioning.rules import Route, State
from participation.accounts.models import User
from participation.models import AuditEvent
from participation.refusals import Refused
from tests.factories import NOW, UserFactory, staff_of
from tests.factories.bodies import BodyFactory, member_of
from tests.factories.cases import CaseFactory, answer_checklist, award_of

SignIn = Callable[..., Client]
pytestmark = pytest.mark.django_db
NEEDED_FOR_A_GRANT = 8


@pytest.fixture
def case() -> Case:
    return CaseFactory(state=State.CHECKED)  # type: ignore[return-value]


@pytest.fixture
def cora(case: Case) -> User:
    return member_of(case.body)


def checklist(case: Case) -> Checklist:
    found = checklist_of(Case.objects.get(pk=case.pk))
    assert found is not None
    return found


def answer(case: Case, by: User, key: str = "equality", answer: str = "done", note: str = "") -> CheckAnswer:
    return answer_item(by=by, case_id=case.pk, key=key, answer=answer, note=note, now=NOW)


def refusal(act: Callable[[], object]) -> tuple[str, str | None]:
    with pytest.raises(Refused) as caught:
        act()
    return caught.value.code, caught.value.field


def award(case: Case, by: User) -> Case:
    return move_case(by=by, case_id=case.pk, to=State.AWARDED, now=NOW)


def test_nothing_is_awarded_while_a_needed_item_is_open(case: Case, cora: User) -> None:
    award_of(case, cora)
    with pytest.raises(Refused) as caught:
        award(case, cora)
    assert (caught.value.code, caught.value.params) == ("checklist_open", {"count": NEEDED_FOR_A_GRANT})
    assert "8 of what is needed" in str(caught.value)
    blocking = [row.item.key for row in checklist(case).rows if row.item.blocks]
    for key in blocking[:-1]:
        answer(case, cora, key)
    assert refusal(lambda: award(case, cora)) == ("checklist_open", None)
    answer(case, cora, blocking[-1], "not-needed", "The receiver is the council's own school.")
    answer(case, cora, blocking[0], "open")
    assert checklist(case).holding_up == 1
    answer(case, cora, blocking[0], "done")
    assert award(case, cora).state == State.AWARDED


def test_what_comes_after_the_award_does_not_hold_it_up(case: Case, cora: User) -> None:
    award_of(case, cora)
    answer_checklist(case, cora)
    found = checklist(case)
    assert (found.holding_up, len(found.needed) - found.needed_answered) == (
        0,
        2,
    )  # grants and spending are published later
    award(case, cora)
    answer(case, cora, "publish-grants")
    assert checklist(case).needed_answered == len(found.needed) - 1


def test_an_answer_is_added_and_never_changed(case: Case, cora: User) -> None:
    answer(case, cora, note="Looked at in May.")
    answer(case, cora, note="Looked at in May.")
    answer(case, cora, answer="open")
    answer(case, cora, answer="done", note="Looked at again.")
    kept = [(row.number, row.answer, row.note) for row in CheckAnswer.objects.filter(key="equality")]
    assert kept == [(1, "done", "Looked at in May."), (2, "open", ""), (3, "done", "Looked at again.")]
    assert AuditEvent.objects.filter(action="checklist.answered", target=f"case:{case.pk}").count() == 3
    with pytest.raises(IntegrityError), transaction.atomic():
        CheckAnswer.objects.create(case=case, key="equality", number=3, answer="done", at=NOW)


def test_a_needed_item_is_set_aside_with_a_reason_only(case: Case, cora: User) -> None:
    assert refusal(lambda: answer(case, cora, answer="not-needed", note="  ")) == ("note_needed", "note")
    assert answer(case, cora, "open-grants", "not-needed").number == 1
    assert refusal(lambda: answer(case, cora, "uk4")) == ("not_on_list", None)


def test_only_its_body_answers_once_the_way_is_chosen(case: Case, cora: User) -> None:
    for person in (
        UserFactory(),
        staff_of(case.body.place, "commissioner"),
        member_of(BodyFactory(place=case.body.place)),
    ):
        assert refusal(lambda person=person: answer(case, person)) == ("not_allowed", None)
        assert refusal(
            lambda person=person: estimate_case(by=person, case_id=case.pk, gross=1, begins_on=NOW.date(), now=NOW)
        ) == ("not_allowed", None)
    Case.objects.update(state=State.ACCEPTED, route="")
    assert refusal(lambda: answer(case, cora)) == ("not_yet", None)
    assert checklist_of(Case.objects.get(pk=case.pk)) is None


def test_a_contract_needs_its_value_first_and_its_list_follows_it(case: Case, cora: User) -> None:
    Case.objects.update(route=Route.CONTRACT)
    award_of(Case.objects.get(), cora)
    assert refusal(lambda: answer(case, cora)) == ("estimate_first", None)
    assert refusal(lambda: award(case, cora)) == ("estimate_first", None)
    day = date(2026, 3, 1)
    assert refusal(lambda: estimate_case(by=cora, case_id=case.pk, gross=1, begins_on=day, now=NOW)) == (
        "fact_missing",
        "kind",
    )
    estimate_case(by=cora, case_id=case.pk, kind="services", gross=20_771_999, begins_on=day, now=NOW)
    answer(case, cora, "procedure-below")
    assert (checklist(case).region, checklist(case).needed_answered) == (Region.ENGLAND, 1)
    estimate_case(
        by=cora, case_id=case.pk, kind="services", gross=20_772_000, begins_on=day, now=NOW, own_limit=2_500_000
    )
    found = checklist(case)
    rows = {row.item.key: row for row in found.rows}
    assert rows["procedure-above"].needed
    assert not rows["procedure-below"].needed
    assert (rows["standing-orders"].item.figure, found.needed_answered) == (2_500_000, 0)
    assert list(Estimate.objects.values_list("number", flat=True)) == [1, 2]


@pytest.mark.parametrize(
    ("code", "scheme", "region"),
    [
        ("W06000015", "GB-NHS", Region.WALES),
        ("S12000036", "GB-COH", Region.SCOTLAND),
        (None, "GB-LANI", Region.NORTHERN_IRELAND),
        (None, "GB-COH", Region.UNKNOWN),
    ],
)
def test_where_a_body_is_decides_which_law_it_is(case: Case, code: str | None, scheme: str, region: Region) -> None:
    place, organisation = case.body.place, case.body.organisation
    place.gss_code, organisation.scheme = code, scheme
    place.save()
    organisation.save()
    assert checklist(case).region == region


def test_the_checklist_at_the_desk(case: Case, cora: User, sign_in: SignIn) -> None:
    client, address = sign_in(cora), f"/commission/cases/{case.pk}/checklist/"
    page = client.get(address)
    assert "0 of 10 needed items answered" in page.content.decode()
    assert "8 of them hold up the award" in page.content.decode()
    assert "Subsidy Control Act 2022, section 36" in page.content.decode()
    done = client.post(address, {"key": "power", "power-answer": "done", "power-note": "Section 1."})
    assert (done.status_code, done["Location"]) == (302, f"{address}#power")
    refused = client.post(address, {"key": "subsidy", "subsidy-answer": "not-needed", "subsidy-note": ""})
    assert refused.status_code == 422
    assert "Say in the note why this is not needed" in refused.content.decode()
    forms = {form.prefix: form for _row, form in refused.context["before"]}
    assert forms["subsidy"]["answer"].value() == "not-needed"
    assert forms["power"]["note"].value() == "Section 1."
    assert client.post(address, {"key": "subsidy", "subsidy-note": "Typed."}).status_code == 422
    assert client.post(address, {"key": "uk4", "uk4-answer": "done"}).status_code == 409
    assert "1 of 10 needed items answered" in client.get(f"/commission/cases/{case.pk}/").content.decode()


def test_the_facts_of_a_contract_at_the_desk(case: Case, cora: User, sign_in: SignIn) -> None:
    Case.objects.update(route=Route.CONTRACT)
    client = sign_in(cora)
    start = client.get(f"/commission/cases/{case.pk}/checklist/")
    assert start["Location"] == f"/commission/cases/{case.pk}/estimate/"
    typed = {"kind": "works", "gross": "5,193,000", "begins_on": "2026-01-01", "own_limit": "25,000"}
    wrong = client.post(start["Location"], {**typed, "gross": "much"})
    assert wrong.status_code == 422
    assert 'value="25,000"' in wrong.content.decode()
    assert client.post(start["Location"], typed).status_code == 302
    page = client.get(f"/commission/cases/{case.pk}/checklist/").content.decode()
    assert "The figure that decides: £5,193,000. Here: £5,193,000." in page
    assert "The figure that decides: £25,000." in page
    assert "Tender notice (UK4)" in page


def test_before_the_way_is_chosen_there_is_no_checklist(case: Case, cora: User, sign_in: SignIn) -> None:
    Case.objects.update(state=State.ACCEPTED, route="")
    client = sign_in(cora)
    for page in ("checklist", "estimate"):
        away = client.get(f"/commission/cases/{case.pk}/{page}/")
        assert away["Location"] == f"/commission/cases/{case.pk}/"
    assert "Choose first how it is commissioned" in client.get(away["Location"]).content.decode()


def test_the_list_costs_few_queries_however_long_it_is(case: Case, cora: User, sign_in: SignIn) -> None:
    Case.objects.update(route=Route.CONTRACT)
    estimate_case(by=cora, case_id=case.pk, kind="works", gross=600_000_000, begins_on=date(2026, 3, 1), now=NOW)
    for row in checklist(case).rows:
        answer(case, cora, row.item.key, "done")
    client, address = sign_in(cora), f"/commission/cases/{case.pk}/checklist/"
    client.get(address)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    assert len(asked) <= 15, [query["sql"] for query in asked.captured_queries]


def test_everyone_sees_what_was_checked_and_nobody_the_notes(case: Case, cora: User, client: Client) -> None:
    answer(case, cora, "receiver", note="They were late with accounts.")
    answer(case, cora, "agreement", "not-needed", "Small sum.")
    answer(case, cora, "power", "open", "Ask legal.")
    page = client.get(case.get_absolute_url()).content.decode()
    assert "2 of 10 needed items answered" in page
    assert "Check the receiver" in page
    assert "Not needed" in page
    for hidden in ("late with accounts", "Small sum", "Ask legal", "Write down the power", cora.public_name):
        assert hidden not in page
