"""An award, and a contract under it. Shape only: the actions decide."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from budgets.forms.money import MoneyField
from commissioning import rules
from commissioning.actions.bodies import check_number
from commissioning.forms.changes import ChangeForm, DayField
from commissioning.models import Award, Case, Contract, Organisation
from participation.models import Place
from participation.refusals import Refused

YES_NO = [("yes", _("Yes")), ("no", _("No"))]


def yes_no(label: Any, help_text: Any = "") -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label, choices=YES_NO, coerce=lambda value: value == "yes", widget=forms.RadioSelect, help_text=help_text
    )


class AwardForm(ChangeForm):
    kind = forms.ChoiceField(
        label=_("Kind"), widget=forms.RadioSelect,
        choices=[choice for choice in Case.Route.choices if choice[0] in rules.AWARDING],
    )  # fmt: skip
    title = forms.CharField(label=_("Title"), max_length=200)
    description = forms.CharField(
        label=_("What it is for"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("So that a resident understands what will be done with the money."),
    )  # fmt: skip
    amount = MoneyField(label=_("Amount in pounds, without VAT"))
    awarded_on = DayField(label=_("Day of the award"))
    recipient_name = forms.CharField(
        label=_("Who gets it: the legal name"), max_length=200,
        help_text=_("A group, firm or public body. No private person's name: it is published."),
    )  # fmt: skip
    recipient_scheme = forms.ChoiceField(
        label=_("Their register"), choices=[("", _("None of these")), *Organisation.Scheme.choices], required=False
    )
    recipient_number = forms.CharField(
        label=_("Their number in the register"), max_length=40, required=False,
        help_text=_("For a company 8 characters, zeros in front included."),
    )  # fmt: skip
    recipient_postcode = forms.CharField(
        label=_("Their postcode"), max_length=8, required=False,
        validators=Organisation._meta.get_field("postcode").validators[:1],
    )  # fmt: skip
    recipient_is_vcse = forms.BooleanField(
        label=_("They are a charity, community group or social enterprise"), required=False
    )
    from_open_call = yes_no(_("Could anyone suitable apply or bid?"))
    starts_on = DayField(label=_("Planned start"), required=False)
    ends_on = DayField(label=_("Planned end"), required=False)
    area = forms.ModelChoiceField(
        label=_("Area that benefits"), queryset=Place.objects.none(), required=False,
        empty_label=_("The whole place"),
    )  # fmt: skip
    status = forms.ChoiceField(label=_("Does it stand?"), choices=Award.Status.choices, widget=forms.RadioSelect)

    only_in_changes = ("status", "change")

    def __init__(self, case: Case, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        area: Any = self.fields["area"]
        area.queryset = Place.objects.within(case.round.place).only("name").order_by("name")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if bool(data.get("recipient_scheme")) != bool(data.get("recipient_number", "").strip()):
            self.add_error("recipient_number", _("Give both the register and the number, or neither."))
        elif data.get("recipient_number"):
            try:
                check_number(data["recipient_scheme"], data["recipient_number"])
            except Refused as refused:
                self.add_error("recipient_number", str(refused))
        return data


class ContractForm(ChangeForm):
    description = forms.CharField(label=_("What it covers"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4}))
    net = MoneyField(label=_("Value in pounds, without VAT"))
    gross = MoneyField(label=_("Value in pounds, with VAT"), required=False)
    above_threshold = yes_no(
        _("Is it above the threshold of the Procurement Act?"),
        _("Its value with VAT counts. Below it, a council may keep the competition to local suppliers."),
    )
    status = forms.ChoiceField(label=_("State"), choices=Contract.Status.choices, widget=forms.RadioSelect)
    signed_on = DayField(label=_("Day of signing"), required=False, help_text=_("Empty until it is signed."))
    starts_on = DayField(label=_("Start"), required=False)
    ends_on = DayField(label=_("End"), required=False)
