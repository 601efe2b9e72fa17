"""Recording what has been paid."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from budgets.templatetags.money import money
from commissioning.actions.payments import record_payment, reverse_payment
from commissioning.forms.payments import PaymentForm, ReversalForm
from commissioning.models import Award, Payment
from commissioning.views.desk import own_case, signed_in
from commissioning.views.records import form_view, record_page
from participation.views.pages import posted


@form_view
def new_payment(request: HttpRequest, pk: int) -> HttpResponse:
    """Of the award `pk`, the current version."""
    award = get_object_or_404(Award.objects.current().select_related("recipient"), pk=pk)
    case = own_case(request, award.case_id)
    left = award.standing - Payment.objects.filter(award=award.first_id).total()

    def act(data: dict[str, Any]) -> None:
        record_payment(by=signed_in(request), award_id=award.pk, now=timezone.now(), **data)

    about = _("To %(name)s. Of the award %(left)s is left to pay.") % {
        "name": award.recipient, "left": money(left, case.round.currency),
    }  # fmt: skip
    return record_page(
        request, case, PaymentForm(posted(request)), act, about=about, heading=_("Record a payment"),
        button=_("Record the payment"), part="awards",
    )  # fmt: skip


@form_view
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    payment = get_object_or_404(Payment.objects.select_related("award", "payee"), pk=pk)
    case = own_case(request, payment.award.case_id)

    def act(data: dict[str, Any]) -> None:
        reverse_payment(by=signed_in(request), payment_id=pk, now=timezone.now(), **data)

    about = f"{money(payment.amount, case.round.currency)} · {payment.payee}"
    return record_page(
        request, case, ReversalForm(posted(request)), act, about=about, heading=_("Take a payment back"),
        button=_("Take it back"), part="awards",
    )  # fmt: skip
