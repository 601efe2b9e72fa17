"""What people say about themselves: a name, a postcode, a ward."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from participation.models import Place, Postcode


class NameForm(forms.Form):
    name = forms.CharField(
        label=_("Your name"),
        max_length=80,
        help_text=_("Others see it beside what you write. It need not be your full name."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )


class PostcodeForm(forms.Form):
    postcode = forms.CharField(
        label=_("What is your postcode?"),
        max_length=10,
        help_text=_("Such as PR1 2HE. We find your ward with it and keep only the ward, not the postcode."),
        widget=forms.TextInput(attrs={"autocomplete": "postal-code", "class": "govuk-input--width-10"}),
        error_messages={"required": _("Write your postcode")},
    )

    def clean_postcode(self) -> str:
        return Postcode.normalise(self.cleaned_data["postcode"])


class AreaForm(forms.Form):
    """A ward from the list of those that may be chosen."""

    area = forms.ModelChoiceField(
        label=_("Which ward do you live in?"),
        queryset=Place.objects.none(),
        empty_label=_("Choose a ward"),
        error_messages={"required": _("Choose your ward from the list")},
    )

    def __init__(self, *args: Any, areas: QuerySet[Place], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        area = self.fields["area"]
        assert isinstance(area, forms.ModelChoiceField)
        area.queryset = areas
