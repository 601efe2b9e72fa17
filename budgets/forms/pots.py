"""The shape of a pot: its name, for whom it is, and who pays in how much."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from budgets.forms.money import MoneyField
from budgets.models import Pot, Round
from participation.models import Place

ROWS, MOST_ROWS = 5, 40


class PotForm(forms.Form):
    """A pot with a number of rows for funders: `funder_0`, `amount_0`, `funder_1`, … Empty rows count for nothing.

    `rows` travels with the form, so that "add another row" works without scripts. Hand `answers()` to `save_pot`.
    """

    rows = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=MOST_ROWS, required=False)
    name = forms.CharField(
        label=_("What is the pot called?"),
        max_length=100,
        help_text=_("Such as “The whole town” or “Riverside ward”."),
        error_messages={"required": _("Give the pot a name.")},
    )
    area = forms.ModelChoiceField(
        Place.objects.none(),
        label=_("Who decides about it?"),
        required=False,
        help_text=_("People vote on the pots of the area they live in, and on those for everyone."),
    )

    def __init__(self, *args: Any, round: Round, rows: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.count = max(1, min(rows, MOST_ROWS))
        self.initial["rows"] = self.count
        area = self.fields["area"]
        assert isinstance(area, forms.ModelChoiceField)
        area.queryset = Place.objects.within(round.place).exclude(pk=round.place_id).defer("boundary")
        area.empty_label = _("Everyone in %(place)s") % {"place": round.place.name}
        for number in range(self.count):
            self.fields[f"funder_{number}"] = forms.CharField(
                label=_("Funder %(row)s") % {"row": number + 1}, max_length=120, required=False
            )
            self.fields[f"amount_{number}"] = MoneyField(
                label=_("Pounds from funder %(row)s") % {"row": number + 1}, required=False
            )

    def funder_rows(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """The two fields of each row, for the page."""
        return [(self[f"funder_{number}"], self[f"amount_{number}"]) for number in range(self.count)]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        seen: set[str] = set()
        for number in range(self.count):
            self._check_row(number, seen)
        return data

    def _check_row(self, number: int, seen: set[str]) -> None:
        funder, amount = f"funder_{number}", f"amount_{number}"
        name, sum_of_money = self.cleaned_data.get(funder), self.cleaned_data.get(amount)
        if name and sum_of_money is None and amount not in self.errors:
            self.add_error(amount, _("Enter how much %(funder)s pays in.") % {"funder": name})
        if sum_of_money and not name and funder not in self.errors:
            self.add_error(funder, _("Enter who pays this in."))
        if name and name.casefold() in seen:
            self.add_error(funder, _("%(funder)s is listed twice. Put the sums together.") % {"funder": name})
        if name:
            seen.add(name.casefold())

    def answers(self) -> dict[str, Any]:
        """What `save_pot` takes; sums in minor units."""
        data, area = self.cleaned_data, self.cleaned_data["area"]
        rows = ((data[f"funder_{number}"], data[f"amount_{number}"]) for number in range(self.count))
        return {
            "name": data["name"],
            "area_id": area.pk if area else None,
            "funders": [(name, amount) for name, amount in rows if name],
        }


def initial_of(pot: Pot) -> dict[str, Any]:
    """A pot as the form shows it, for its funders in order."""
    initial: dict[str, Any] = {"name": pot.name, "area": pot.area_id}
    for number, funder in enumerate(pot.funders.all()):
        initial |= {f"funder_{number}": funder.name, f"amount_{number}": funder.amount}
    return initial
