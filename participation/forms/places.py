"""A new place, and the wards below it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from participation.boundaries import BadBoundaries, Ward, read_wards
from participation.models import Place

MAX_FILE = 20 * 1024 * 1024  # bytes of GeoJSON
MAX_WARDS = 200


class CouncilForm(forms.ModelForm[Place]):
    """Saves nothing itself: hand the answers to `create_place`."""

    class Meta:
        model = Place
        fields = ("name", "gss_code")
        labels = {"name": _("What is the place called?")}
        help_texts = {"name": _("The council area, such as “Larkmoor”. Wards come next.")}


class WardsForm(forms.Form):
    """A list of names or a GeoJSON file, or both; `wards` holds what was read."""

    names = forms.CharField(
        label=_("Names of the wards, one on each line"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("Enough to begin with. Wards without a boundary are not on the map."),
    )
    file = forms.FileField(
        label=_("Or a file with their boundaries"),
        required=False,
        help_text=_("GeoJSON in WGS 84 with WDxxCD and WDxxNM, as the Office for National Statistics publishes it."),
        widget=forms.FileInput(attrs={"accept": ".geojson,.json,application/geo+json"}),
    )
    wards: list[Ward]

    def __init__(self, *args: Any, council_code: str | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.council_code = council_code

    def clean_names(self) -> list[Ward]:
        lines = [" ".join(line.split()) for line in self.cleaned_data["names"].splitlines()]
        names = list(dict.fromkeys(line for line in lines if line))
        if len(names) > MAX_WARDS or any(len(name) > 100 for name in names):
            raise forms.ValidationError(_("Write at most 200 names of at most 100 characters each."))
        return [Ward(name) for name in names]

    def clean_file(self) -> list[Ward]:
        file = self.cleaned_data["file"]
        if file is None:
            return []
        if file.size > MAX_FILE:
            raise forms.ValidationError(_("This file is larger than 20 MB. Use generalised boundaries (BGC or BUC)."))
        try:
            return read_wards(file.read(), council_code=self.council_code)
        except BadBoundaries as problem:
            raise forms.ValidationError(str(problem)) from problem

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        self.wards = [*data.get("file", []), *data.get("names", [])]
        if not self.errors and not self.wards:
            self.add_error("names", _("Write at least one name, or choose a file"))
        return data
