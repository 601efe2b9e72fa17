"""A milestone, what is said of it, and what residents saw there. Shape only: the actions decide."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from commissioning.actions.milestones import Upload
from commissioning.forms.changes import ChangeForm, DayField
from commissioning.models import Milestone, MilestoneReport


class MilestoneForm(ChangeForm):
    title = forms.CharField(label=_("What will be done?"), max_length=200)
    kind = forms.ChoiceField(label=_("Kind"), choices=Milestone.Kind.choices)
    description = forms.CharField(
        label=_("How can a resident see that it is done?"), max_length=2000, required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip
    due_on = DayField(label=_("By when?"))


class PhotoForm(forms.Form):
    """With a photo, if there is one; it needs words for those who cannot see it."""

    photo = forms.FileField(
        label=_("Photo"), required=False, widget=forms.FileInput(attrs={"accept": "image/*"}),
        help_text=_("Where and with what it was taken is removed. No faces, please, unless people agree."),
    )  # fmt: skip
    photo_alt = forms.CharField(
        label=_("What does the photo show?"), max_length=250, required=False,
        help_text=_("For people who cannot see it. Needed with a photo."),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        photo, words = data.pop("photo", None), data.pop("photo_alt", "").strip()
        if photo and not words:
            self.add_error("photo_alt", _("Say what the photo shows."))
        data["upload"] = Upload(photo, words) if photo else None
        return data


class ReportForm(PhotoForm):
    status = forms.ChoiceField(
        label=_("How does it stand?"), choices=MilestoneReport.Status.choices, widget=forms.RadioSelect
    )
    met_on = DayField(label=_("Day it was done"), required=False, help_text=_("Only if it is done."))
    note = forms.CharField(
        label=_("What do you say to residents?"), max_length=2000, required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip

    field_order = ("status", "met_on", "note", "photo", "photo_alt")


class CheckForm(PhotoForm):
    seen = forms.TypedChoiceField(
        label=_("Is it there?"), coerce=lambda value: value == "yes", widget=forms.RadioSelect,
        choices=[("yes", _("I have seen it")), ("no", _("It is not there"))],
    )  # fmt: skip
    text = forms.CharField(
        label=_("What did you see?"), max_length=1000, required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip
    named = forms.BooleanField(label=_("Show my name with it"), required=False)

    field_order = ("seen", "text", "photo", "photo_alt", "named")


class DisputeForm(forms.Form):
    text = forms.CharField(
        label=_("What is not as it was reported?"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Everyone can read this, without your name. The public body has to answer it."),
    )  # fmt: skip


class AnswerForm(forms.Form):
    answer = forms.CharField(
        label=_("Your answer"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Everyone can read this."),
    )  # fmt: skip


class HideForm(forms.Form):
    reason = forms.CharField(
        label=_("Why is it hidden?"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Everyone can read this."),
    )  # fmt: skip
