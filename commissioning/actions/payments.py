"""Payments: rows are added, never changed."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from budgets.tally.explain import money
from commissioning.actions.awards import standing_award
from commissioning.actions.cases import lock_case
from commissioning.actions.versions import not_ahead, tell
from commissioning.models import Award, Payment
from commissioning.permissions import may_record
from participation.accounts.models import User
from participation.refusals import Refused


@transaction.atomic
def record_payment(
    *, by: User, award_id: int, now: datetime, paid_on: date, amount: int, reference: str = "", note: str = ""
) -> Payment:
    """A payment by the award's funder to its recipient.

    Refuses not_allowed, not_yet, called_off, day_ahead, over_award (all payments against the award).
    """
    case = lock_case(Award.objects.get(pk=award_id).case_id)
    if refused := may_record(by, case):
        raise refused
    award = standing_award(case, award_id)
    not_ahead(paid_on, now, "paid_on")
    over = Payment.objects.filter(award=award.first_id).total() + amount - award.amount
    if over > 0:
        raise Refused("over_award", field="amount", over=money(over, case.round.currency))
    payment = Payment.objects.create(
        award_id=award.first_id, paid_on=paid_on, amount=amount, payer=award.funder, payee=award.recipient,
        reference=reference.strip(), note=note.strip(), at=now, by=by,
    )  # fmt: skip
    tell(case, by=by, action="payment.recorded", now=now, payment=payment.pk, amount=amount)
    return payment


@transaction.atomic
def reverse_payment(*, by: User, payment_id: int, now: datetime, note: str) -> Payment:
    """Take a payment back by a row of the same amount below zero, today. Refuses not_allowed, reason_needed, and
    wrong_state for one that is taken back already or takes one back itself."""
    old = Payment.objects.select_related("award").get(pk=payment_id)
    case = lock_case(old.award.case_id)
    if refused := may_record(by, case):
        raise refused
    if old.reverses_id or Payment.objects.filter(reverses=old).exists():
        raise Refused("wrong_state")
    if not note.strip():
        raise Refused("reason_needed", field="note")
    payment = Payment.objects.create(
        award_id=old.award_id, reverses=old, paid_on=timezone.localtime(now).date(), amount=-old.amount,
        payer_id=old.payer_id, payee_id=old.payee_id, reference=old.reference, note=note.strip(), at=now, by=by,
    )  # fmt: skip
    tell(case, by=by, action="payment.reversed", now=now, payment=payment.pk, reverses=old.pk)
    return payment
