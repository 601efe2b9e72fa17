"""The shape of a correction."""

from django import forms
from django.utils.translation import gettext_lazy as _


class ErratumForm(forms.Form):
    text = forms.CharField(
        label=_("What has to be corrected?"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_(
            "Everyone reads it beside the result and on the board, for good. It changes neither ballots nor result."
        ),
        error_messages={"required": _("Write the correction.")},
    )
