"""A payment, and taking one back. Shape only: the actions decide."""

from django import forms
from django.utils.translation import gettext_lazy as _

from budgets.forms.money import MoneyField
from commissioning.forms.changes import DayField


class PaymentForm(forms.Form):
    amount = MoneyField(label=_("Amount in pounds, without VAT"))
    paid_on = DayField(label=_("Day of the payment"))
    reference = forms.CharField(
        label=_("Reference in your books"), max_length=100, required=False,
        help_text=_("Everyone can read this. No bank details."),
    )  # fmt: skip
    note = forms.CharField(label=_("What it is for"), max_length=1000, required=False)


class ReversalForm(forms.Form):
    note = forms.CharField(
        label=_("Why is it taken back?"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Everyone can read this. The payment stays, with a second row below zero."),
    )  # fmt: skip
