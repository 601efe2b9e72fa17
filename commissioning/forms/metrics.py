"""A metric, an observation of it, and the weights of the criteria. Shape only: the actions decide."""

from django import forms
from django.utils.translation import gettext_lazy as _

from commissioning.forms.changes import ChangeForm, DayField
from commissioning.models import Criterion, Metric


class WeightsForm(forms.Form):
    """Together 100: the action says so where they are not."""

    environment = forms.IntegerField(label=Criterion.ENVIRONMENT.label, min_value=0, max_value=100)
    wellbeing = forms.IntegerField(label=Criterion.WELLBEING.label, min_value=0, max_value=100)
    employment = forms.IntegerField(label=Criterion.EMPLOYMENT.label, min_value=0, max_value=100)
    community = forms.IntegerField(label=Criterion.COMMUNITY.label, min_value=0, max_value=100)


class MetricForm(ChangeForm):
    title = forms.CharField(label=_("What will be different?"), max_length=200)
    unit = forms.ChoiceField(label=_("Counted in"), choices=Metric.Unit.choices)
    agreed = forms.DecimalField(label=_("How much is agreed?"), min_value=0.01, max_digits=14, decimal_places=2)
    criterion = forms.ChoiceField(
        label=_("Which criterion does it serve?"), choices=Criterion.choices, widget=forms.RadioSelect
    )
    due_on = DayField(label=_("By when?"))


class ObservationForm(forms.Form):
    value = forms.DecimalField(
        label=_("How much is it so far?"), min_value=0, max_digits=14, decimal_places=2,
        help_text=_("The total since the beginning, not what came since the last time."),
    )  # fmt: skip
    measured_on = DayField(label=_("Day it was measured"))
    evidence = forms.CharField(
        label=_("How is it known?"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Everyone can read this. No names of private people."),
    )  # fmt: skip
    link = forms.URLField(label=_("Link to the evidence"), max_length=500, required=False, assume_scheme="https")
