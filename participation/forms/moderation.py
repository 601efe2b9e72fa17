"""Reporting something, and deciding about a report."""

from django import forms
from django.utils.translation import gettext_lazy as _

from participation.models import Report


class ReportForm(forms.Form):
    reason = forms.ChoiceField(
        label=_("What is wrong with it?"),
        choices=Report.Reason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what is wrong with it")},
    )
    details = forms.CharField(
        label=_("What should the moderator know?"),
        required=False,
        max_length=1000,
        help_text=_("You need not write anything. Please do not write your name or address."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class DecisionForm(forms.Form):
    """One reason, two buttons: the name of the button pressed is the decision."""

    HIDE, LEAVE = "hide", "leave"

    public_reason = forms.CharField(
        label=_("Why do you decide so?"),
        max_length=1000,
        help_text=_("Everyone can read this. Name the rule, not the person."),
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Write a reason. It is shown to everyone")},
    )
    decision = forms.ChoiceField(choices=[(HIDE, _("Hide it")), (LEAVE, _("Leave it"))], widget=forms.HiddenInput)
