"""The shape of a challenge and of its answer."""

from django import forms
from django.utils.translation import gettext_lazy as _

LONG_TEXT = 4000


class ChallengeForm(forms.Form):
    text = forms.CharField(
        label=_("What is wrong?"),
        max_length=LONG_TEXT,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("What you saw, when, and how you know. Please do not say how you voted yourself."),
        error_messages={"required": _("Write what is wrong.")},
    )


class AnswerForm(forms.Form):
    answer = forms.CharField(
        label=_("Your answer"),
        max_length=LONG_TEXT,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_(
            "It goes to the person by e-mail. Say what you looked at and what follows from it. Name nobody else."
        ),
        error_messages={"required": _("Write an answer. The person gets it by e-mail.")},
    )
