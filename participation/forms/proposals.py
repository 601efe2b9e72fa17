"""The shape of a proposal: everything may be empty in a draft; `missing` says what publishing still needs."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from participation.actions.proposals import Answers
from participation.models import Place, Proposal

LONG_TEXT = 5000
_MISSING: dict[str, str | Promise] = {
    "title": _("Give your idea a title"),
    "what": _("Write what should happen"),
    "why": _("Write why it is needed"),
    "beneficiaries": _("Write who would benefit"),
    "picture_alt": _("Describe the picture for people who cannot see it"),
}


class ProposalForm(forms.ModelForm[Proposal]):
    """Answers of a draft. Pass the draft as `instance`; the wards offered are those of its place.

    It saves nothing itself: hand `answers()` to `save_draft`, `cleaned_data["picture"]` to `set_picture`.
    """

    use_required_attribute = False  # a browser must not hold back a draft

    latitude = forms.FloatField(required=False, min_value=-90, max_value=90, widget=forms.HiddenInput)
    longitude = forms.FloatField(required=False, min_value=-180, max_value=180, widget=forms.HiddenInput)
    picture = forms.FileField(
        label=_("Picture"),
        required=False,
        help_text=_("A photo of the place or a drawing of the idea: JPEG, PNG, WebP or GIF, at most 10 MB."),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp,image/gif"}),
    )
    picture_alt = forms.CharField(
        label=_("What does the picture show?"),
        required=False,
        max_length=250,
        help_text=_("One sentence for people who cannot see it, such as “A muddy path beside the school gate”."),
    )
    remove_picture = forms.BooleanField(label=_("Remove the picture"), required=False)

    class Meta:
        model = Proposal
        fields = ("title", "what", "why", "beneficiaries", "area", "where", "estimated_cost")
        labels = {
            "title": _("What is your idea called?"),
            "what": _("What should happen?"),
            "why": _("Why is it needed?"),
            "beneficiaries": _("Who would benefit?"),
            "area": _("Which part of the place is it for?"),
            "where": _("Where exactly?"),
            "estimated_cost": _("What may it cost?"),
        }
        help_texts = {
            "title": _("A few words, such as “Benches along the canal path”."),
            "what": _("Describe it so that a neighbour can picture it."),
            "why": _("What is wrong or missing today?"),
            "beneficiaries": _("For example children at one school, or everyone who takes the bus."),
            "area": None,
            "where": _("A street, a building or a park. Leave it empty if the idea has no one spot."),
            "estimated_cost": _("Only if you know. The people who review ideas work out the real cost."),
        }
        widgets = {
            "what": forms.Textarea(attrs={"rows": 6}),
            "why": forms.Textarea(attrs={"rows": 4}),
            "beneficiaries": forms.Textarea(attrs={"rows": 3}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        place, picture = self.instance.place, self.instance.picture
        area = self.fields["area"]
        assert isinstance(area, forms.ModelChoiceField)
        area.queryset = Place.objects.filter(parent=place)
        area.empty_label = _("All of %(place)s") % {"place": place.name}
        for name in Proposal.NEEDED:
            self.fields[name].required = True  # so that the label does not say "optional"; see add_error
        for name in ("what", "why", "beneficiaries"):
            text = self.fields[name]
            assert isinstance(text, forms.CharField)
            text.max_length = LONG_TEXT
            text.validators.append(MaxLengthValidator(LONG_TEXT))
        self.initial.update(latitude=self.instance.latitude, longitude=self.instance.longitude)
        if picture:
            self.initial["picture_alt"] = picture.alt_text
        else:
            del self.fields["remove_picture"]

    def add_error(self, field: str | None, error: Any) -> None:
        """An empty answer is a gap in a draft, not an error."""
        if field in Proposal.NEEDED and getattr(error, "code", None) == "required":
            self.cleaned_data[field] = ""
        else:
            super().add_error(field, error)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        point = data.get("latitude"), data.get("longitude")
        # Half a point cannot be corrected by hand (both inputs are hidden), so it counts as none.
        whole = None not in point
        data["latitude"], data["longitude"] = (_degrees(value) if whole else None for value in point)
        return data

    def answers(self) -> Answers:
        """What `save_draft` keeps."""
        return {name: self.cleaned_data[name] for name in Answers.__annotations__}  # type: ignore[return-value]

    def missing(self) -> dict[str, str]:
        """Field → what to do, for everything publishing still needs (of what was typed, once the form is checked)."""
        return {name: str(_MISSING[name]) for name in self.instance.missing()}


def _degrees(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(f"{value:.6f}")
