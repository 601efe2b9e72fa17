"""A form for something that is changed by a further row: only a change is asked why."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class DayField(forms.DateField):
    def __init__(self, **options: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date", "class": "govuk-input--width-10"}, format="%Y-%m-%d")
        super().__init__(widget=widget, **options)


class ChangeForm(forms.Form):
    """`changes`: there is a version of it already."""

    change = forms.CharField(
        label=_("Why is it changed?"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Everyone sees this, and what it was before."),
    )  # fmt: skip

    only_in_changes: tuple[str, ...] = ("change",)

    def __init__(self, *args: Any, changes: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if changes:
            self.order_fields([name for name in self.fields if name != "change"])
        else:
            for name in self.only_in_changes:
                del self.fields[name]
