"""Awards and contracts: within what was accepted, changed by further rows, seen by everyone, written by their body."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from commissioning.actions.awards import Party, record_contract
from commissioning.actions.cases import move_case
from commissioning.models import Award, Case, Contract, Organisation
from commissioning.rules import State
from participation.accounts.models import User
from participation.models import AuditEvent
from participation.refusals import Refused
from tests.factories import NOW, UserFactory, WardFactory, staff_of
from tests.factories.bodies import BodyFactory, member_of
from tests.factories.cases import SUPPLIER, CaseFactory, answer_checklist, award_of

SignIn = Callable[..., Client]
pytestmark = pytest.mark.django_db
TYPED = {
    "kind": "grant", "title": "Benches", "description": "Ten benches.", "amount": "1,000", "awarded_on": "2026-01-05",
    "recipient_name": "Larkmoor Makers CIC", "recipient_scheme": "GB-COH", "recipient_number": "01234567",
    "from_open_call": "yes", "recipient_postcode": "", "starts_on": "", "ends_on": "", "area": "",
}  # fmt: skip


@pytest.fixture
def case() -> Case:
    return CaseFactory()  # type: ignore[return-value]


@pytest.fixture
def cora(case: Case) -> User:
    return member_of(case.body)


def contract_of(award: Award, by: User, **facts: Any) -> Contract:
    said: dict[str, Any] = {
        "status": "active", "description": "Making and setting ten benches", "net": award.amount, "above_threshold": False,
        "signed_on": NOW.date(),
    }  # fmt: skip
    return record_contract(by=by, case_id=award.case_id, award_id=award.pk, now=NOW, **{**said, **facts})


def refusal(act: Callable[..., Any], *args: Any, **said: Any) -> tuple[str, str | None]:
    with pytest.raises(Refused) as caught:
        act(*args, **said)
    return caught.value.code, caught.value.field


def test_an_award_opens_the_way(case: Case, cora: User) -> None:
    with pytest.raises(Refused) as caught:
        move_case(by=cora, case_id=case.pk, to=State.AWARDED, now=NOW)
    assert caught.value.code == "award_first"
    award = award_of(case, cora)
    answer_checklist(case, cora)
    assert (award.funder, award.recipient.org_id) == (case.body.organisation, "GB-COH-01234567")
    assert move_case(by=cora, case_id=case.pk, to=State.AWARDED, now=NOW).state == State.AWARDED
    assert AuditEvent.objects.filter(action="award.made", target=f"case:{case.pk}").count() == 1


def test_what_a_body_does_itself_needs_no_award(cora: User, case: Case) -> None:
    Case.objects.update(route="in-house")
    answer_checklist(case, cora)
    assert move_case(by=cora, case_id=case.pk, to=State.AWARDED, now=NOW).state == State.AWARDED


def test_awards_stay_within_what_was_accepted(case: Case, cora: User) -> None:
    first = award_of(case, cora, amount=60_000)
    award_of(case, cora, amount=30_000)
    with pytest.raises(Refused) as caught:
        award_of(case, cora, amount=10_001 + 1250)
    assert (caught.value.code, caught.value.field) == ("over_accepted", "amount")
    assert "£12.51 more" in str(caught.value)
    with pytest.raises(Refused):
        award_of(case, cora, amount=70_001, replaces_id=first.pk, change="It costs more.")
    award_of(case, cora, amount=70_000, replaces_id=first.pk, change="It costs more.")
    assert case.awards.total() == 100_000


def test_a_change_is_a_further_row_with_a_reason(case: Case, cora: User, client: Client) -> None:
    award = award_of(case, cora)
    assert refusal(award_of, case, cora, amount=90_000, replaces_id=award.pk) == ("reason_needed", "change")
    second = award_of(case, cora, amount=90_000, replaces_id=award.pk, change="One bench less.")
    assert refusal(award_of, case, cora, replaces_id=award.pk, change="Too late.") == ("wrong_state", None)
    third = award_of(case, cora, amount=95_000, replaces_id=second.pk, change="Oak got dearer.")
    assert [row.amount for row in Award.objects.order_by("version")] == [100_000, 90_000, 95_000]
    assert (third.first_id, third.version, case.awards.current().get()) == (award.pk, 3, third)
    page = client.get(case.get_absolute_url()).content.decode()
    for text in ("£950", "£900", "Changed 2 times", "One bench less.", "Oak got dearer."):
        assert text in page
    assert cora.public_name not in page


def test_a_change_without_a_register_keeps_its_recipient(case: Case, cora: User) -> None:
    group = Party(name="Friends of the river")
    award = award_of(case, cora, recipient=group)
    changed = award_of(case, cora, recipient=group, amount=90_000, replaces_id=award.pk, change="One bench less.")
    assert changed.recipient == award.recipient
    assert Organisation.objects.filter(name=group.name).count() == 1


def test_an_award_that_is_called_off_counts_no_longer(case: Case, cora: User) -> None:
    award = award_of(case, cora)
    award_of(case, cora, status="cancelled", replaces_id=award.pk, change="The group has dissolved.")
    assert case.awards.total() == 0
    assert award_of(case, cora, title="Again").amount == 100_000


def test_what_an_award_refuses(case: Case, cora: User) -> None:
    day = NOW.date()
    assert refusal(award_of, case, cora, awarded_on=day + timedelta(days=2)) == ("day_ahead", "awarded_on")
    dates = {"starts_on": day, "ends_on": day - timedelta(days=1)}
    assert refusal(award_of, case, cora, **dates) == ("dates_order", "ends_on")
    assert refusal(award_of, case, cora, area_id=WardFactory().pk) == ("area_elsewhere", "area")
    assert (
        refusal(award_of, case, cora, recipient=Party(name="X", scheme="GB-COH", number="1234567"))[0] == "bad_number"
    )
    Case.objects.update(state=State.ROUTED)
    assert refusal(award_of, case, cora) == ("not_yet", None)


def test_contracts_stay_within_their_award(cora: User, case: Case) -> None:
    Case.objects.update(route="contract")
    case.refresh_from_db()
    award = award_of(case, cora, amount=90_000)
    first = contract_of(award, cora, net=60_000, gross=72_000)
    assert refusal(contract_of, award, cora, net=30_001) == ("over_award", "net")
    contract_of(award, cora, net=30_000, status="pending", signed_on=None)
    assert refusal(contract_of, award, cora, net=60_001, replaces_id=first.pk, change="More.") == ("over_award", "net")
    assert contract_of(award, cora, net=50_000, replaces_id=first.pk, change="Less.").version == 2
    less = {"amount": 79_999, "replaces_id": award.pk, "change": "Less."}
    assert refusal(award_of, case, cora, **less) == ("below_spent", "amount")
    off = {"status": "cancelled", "replaces_id": award.pk, "change": "Off."}
    assert refusal(award_of, case, cora, **off) == ("below_spent", "amount")


def test_what_a_contract_refuses(cora: User, case: Case) -> None:
    grant = award_of(case, cora, amount=40_000)
    assert refusal(contract_of, grant, cora) == ("grant_has_no_contract", None)
    award = award_of(case, cora, amount=50_000, kind="contract")
    assert refusal(contract_of, award, cora, signed_on=None) == ("fact_missing", "signed_on")
    assert refusal(contract_of, award, cora, gross=1) == ("vat_below", "gross")
    award_of(case, cora, amount=50_000, status="cancelled", replaces_id=award.pk, change="Off.")
    assert refusal(contract_of, award, cora) == ("called_off", None)


def test_the_database_holds_what_must_never_be_false(case: Case, cora: User) -> None:
    award = award_of(case, cora)
    wrong: tuple[dict[str, Any], ...] = (
        {"amount": 0}, {"version": 2}, {"change": "Without a row before it."},
        {"starts_on": NOW.date(), "ends_on": NOW.date() - timedelta(days=1)},
    )  # fmt: skip
    for values in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            Award.objects.filter(pk=award.pk).update(**values)


def test_only_its_own_body_records(case: Case) -> None:
    for person in (
        UserFactory(),
        staff_of(case.body.place, "commissioner"),
        member_of(BodyFactory(place=case.body.place)),
    ):
        assert refusal(award_of, case, person) == ("not_allowed", None)


def test_through_the_pages(cora: User, case: Case, sign_in: SignIn) -> None:
    client, desk = sign_in(cora), f"/commission/cases/{case.pk}/"
    assert f"{desk}awards/new/" in client.get(desk).content.decode()
    assert client.get(f"{desk}awards/new/").context["form"].initial["amount"] == 100_000
    wrong = client.post(f"{desk}awards/new/", {**TYPED, "recipient_number": "1234567", "amount": "2,000"})
    assert wrong.status_code == 422
    assert set(wrong.context["form"].errors) == {"recipient_number"}
    assert "Ten benches." in wrong.content.decode()
    over = client.post(f"{desk}awards/new/", {**TYPED, "kind": "contract", "amount": "2,000"})
    assert "£1,000 more than the amount that was accepted" in over.content.decode()
    assert over.status_code == 422
    made = client.post(f"{desk}awards/new/", {**TYPED, "kind": "contract"})
    assert made["Location"] == f"{desk}#awards"
    award = Award.objects.get()
    typed = {"description": "Making", "net": "900", "gross": "1080", "above_threshold": "no", "status": "pending"}
    assert client.post(f"/commission/awards/{award.pk}/contracts/new/", typed).status_code == 302
    contract = Contract.objects.get()
    form = client.get(f"/commission/contracts/{contract.pk}/").context["form"]
    assert (form["net"].value(), form["above_threshold"].value()) == ("900", "no")
    signed = {**typed, "status": "active", "signed_on": "2026-02-01", "change": "It is signed."}
    assert client.post(f"/commission/contracts/{contract.pk}/", signed).status_code == 302
    change = {**TYPED, "kind": "contract", "amount": "950", "status": "active"}
    assert set(client.post(f"/commission/awards/{award.pk}/", change).context["form"].errors) == {"change"}
    assert client.post(f"/commission/awards/{award.pk}/", {**change, "change": "Cheaper oak."}).status_code == 302
    assert client.get(f"/commission/awards/{award.pk}/").status_code == 404  # no longer the current one
    public = Client().get(case.get_absolute_url()).content.decode()
    for text in ("£950", "Larkmoor Makers CIC", "GB-COH-01234567", "Cheaper oak.", "It is signed.", "£1,080 with VAT"):
        assert text in public
    assert "/commission/awards/" not in public


def test_at_another_body_s_desk_it_does_not_exist(cora: User, case: Case, sign_in: SignIn) -> None:
    award = award_of(case, cora, kind="contract")
    contract = contract_of(award, cora)
    client = sign_in(member_of(BodyFactory(place=case.body.place)))
    pages = (f"cases/{case.pk}/awards/new/", f"awards/{award.pk}/", f"awards/{award.pk}/contracts/new/",
             f"contracts/{contract.pk}/")  # fmt: skip
    for page in pages:
        assert client.post(f"/commission/{page}", TYPED).status_code == 404
    assert Award.objects.count() == 1
    assert Organisation.objects.filter(name=SUPPLIER.name).count() == 1
