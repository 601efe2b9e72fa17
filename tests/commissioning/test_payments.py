"""Payments: added up against the award, never more than it, taken back by a further row."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from commissioning.actions.payments import record_payment, reverse_payment
from commissioning.models import Award, Body, Payment
from commissioning.rules import State
from participation.accounts.models import User
from participation.models import AuditEvent
from participation.refusals import Refused
from tests.factories import NOW, staff_of
from tests.factories.bodies import BodyFactory, member_of
from tests.factories.cases import CaseFactory, award_of
from tests.refusals import refuses

SignIn = Callable[..., Client]
pytestmark = pytest.mark.django_db


@pytest.fixture
def cora() -> User:
    return member_of(BodyFactory())


@pytest.fixture
def award(cora: User) -> Award:
    return award_of(CaseFactory(state=State.DELIVERING, body=Body.objects.get()), cora)


def pay(award: Award, by: User, amount: int, days: int = 0) -> Payment:
    return record_payment(
        by=by, award_id=award.pk, now=NOW, paid_on=NOW.date() + timedelta(days=days), amount=amount, reference="INV 7"
    )


def test_no_more_is_paid_than_was_awarded(award: Award, cora: User) -> None:
    pay(award, cora, 60_000, days=-3)
    with pytest.raises(Refused) as caught:
        pay(award, cora, 40_001)
    assert (caught.value.code, caught.value.field) == ("over_award", "amount")
    assert "£0.01 more" in str(caught.value)
    payment = pay(award, cora, 40_000)
    assert (payment.payer, payment.payee) == (award.funder, award.recipient)
    assert Payment.objects.total() == 100_000
    assert AuditEvent.objects.filter(action="payment.recorded").count() == 2


def test_an_award_cannot_fall_below_what_is_paid(award: Award, cora: User) -> None:
    pay(award, cora, 60_000)
    with refuses("below_spent"):
        award_of(award.case, cora, amount=59_999, replaces_id=award.pk, change="Less.")
    changed = award_of(award.case, cora, amount=60_000, replaces_id=award.pk, change="Less.")
    with refuses("over_award"):
        pay(changed, cora, 1)


def test_a_wrong_payment_is_taken_back_by_a_row(award: Award, cora: User) -> None:
    payment = pay(award, cora, 60_000)
    with refuses("reason_needed"):
        reverse_payment(by=cora, payment_id=payment.pk, now=NOW, note=" ")
    back = reverse_payment(by=cora, payment_id=payment.pk, now=NOW, note="Paid to the wrong account.")
    for again in (payment, back):
        with refuses("wrong_state"):
            reverse_payment(by=cora, payment_id=again.pk, now=NOW, note="Again.")
    assert [row.amount for row in Payment.objects.order_by("pk")] == [60_000, -60_000]
    assert pay(award, cora, 100_000).pk
    for wrong in ({"amount": 60_000}, {"note": ""}, {"reverses": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Payment.objects.filter(pk=back.pk).update(**wrong)


def test_what_is_refused(award: Award, cora: User) -> None:
    with refuses("day_ahead"):
        pay(award, cora, 1, days=2)
    with refuses("not_allowed"):
        pay(award, staff_of(award.case.body.place, "commissioner"), 1)
    award_of(award.case, cora, status="cancelled", replaces_id=award.pk, change="Off.")
    with refuses("called_off"):
        pay(award, cora, 1)


def test_through_the_pages(award: Award, cora: User, sign_in: SignIn) -> None:
    client, address = sign_in(cora), f"/commission/awards/{award.pk}/payments/new/"
    typed = {"amount": "1,000.01", "paid_on": "2026-01-05", "reference": "INV 7", "note": "First half"}
    over = client.post(address, typed)
    assert over.status_code == 422
    assert "First half" in over.content.decode()
    assert client.post(address, {**typed, "amount": "400"}).status_code == 302
    payment = Payment.objects.get()
    assert (
        f"/commission/payments/{payment.pk}/reverse/"
        in client.get(f"/commission/cases/{award.case_id}/").content.decode()
    )
    page = client.get(award.case.get_absolute_url()).content.decode()
    for text in ("Paid: £400 of £1,000", "First half", "INV 7"):
        assert text in page
    assert "/commission/payments/" not in page
    assert client.post(f"/commission/payments/{payment.pk}/reverse/", {"note": "Twice."}).status_code == 302
    assert "−£400" in client.get(award.case.get_absolute_url()).content.decode()
    other = sign_in(member_of(BodyFactory(place=award.case.body.place)))
    for page in (address, f"/commission/payments/{payment.pk}/reverse/"):
        assert other.post(page, typed).status_code == 404
