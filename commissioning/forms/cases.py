"""What a move of a case has to say, as a form: one form for each state a case can move to."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from budgets.forms.money import MoneyField
from commissioning import rules
from commissioning.models import Case

State = rules.State
_DECISION = ("decided_by", "decided_on", "legal_basis", "decision_reference", "strategy", "equality_note")
FIELDS: dict[State, tuple[str, ...]] = {
    State.RECEIVED: ("says",),
    State.ACCEPTED: (*_DECISION, "says"),
    State.CHANGED: ("amount", *_DECISION, "says"),
    State.DECLINED: (*_DECISION, "says"),
    State.ROUTED: ("route", "budget_line", "says"),
    State.CHECKED: ("market_note", "says"),
    State.AWARDED: ("says",),
    State.DELIVERING: ("says",),
    State.CLOSED: ("says",),
    State.LEARNED: ("says",),
}
BUTTONS = {
    State.RECEIVED: _("Confirm that it has arrived"),
    State.ACCEPTED: _("Accept"),
    State.CHANGED: _("Accept with changes"),
    State.DECLINED: _("Decline"),
    State.ROUTED: _("Choose the way"),
    State.CHECKED: _("Record the look at the market"),
    State.AWARDED: _("Award it"),
    State.DELIVERING: _("Delivery begins"),
    State.CLOSED: _("Delivery is complete"),
    State.LEARNED: _("Say what was learned"),
}
_SAYS: dict[State, Any] = {
    State.CHANGED: _("What changes, and why?"),
    State.DECLINED: _("Why not?"),
    State.CLOSED: _("What has been done?"),
    State.LEARNED: _("What was learned, and what will be done differently?"),
}
_HINTS = {
    "decided_by": _("The committee, or the officer's post, that decided. No private names are needed."),
    "decision_reference": _("Such as a minute number. Empty where there is none."),
    "strategy": _("The plan or strategy this helps with, where there is one."),
    "equality_note": _("Public bodies have to consider this (Equality Act 2010, section 149)."),
    "budget_line": _("Where the money comes from, as it stands in your books."),
    "market_note": _(
        "Who could deliver this: local firms, charities, co-operatives? What did they say? "
        "For a grant or work done by yourselves: why no look at the market was needed."
    ),
}


class MoveForm(forms.ModelForm[Case]):
    """Shape only; the action decides. Everyone sees what is written here once the step is taken."""

    says = forms.CharField(
        label=_("What do you say to residents?"), max_length=4000, required=False,
        widget=forms.Textarea(attrs={"rows": 4}), help_text=_("Everyone sees this, with the date."),
    )  # fmt: skip
    amount = MoneyField(label=_("How much is accepted, in pounds?"))

    class Meta:
        model = Case
        fields = (
            "decided_by", "decided_on", "legal_basis", "decision_reference", "strategy", "equality_note", "route",
            "budget_line", "market_note",
        )  # fmt: skip
        widgets = {
            "decided_on": forms.DateInput(attrs={"type": "date", "class": "govuk-input--width-10"}, format="%Y-%m-%d"),
            "legal_basis": forms.RadioSelect,
            "route": forms.RadioSelect,
            "equality_note": forms.Textarea(attrs={"rows": 3}),
            "market_note": forms.Textarea(attrs={"rows": 5}),
        }

    def __init__(self, to: State, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        needed = set(rules.NEEDED.get(to, ()))
        self.fields = {name: self.fields[name] for name in FIELDS[to]}
        for name, field in self.fields.items():
            field.required = name in needed or (name == "says" and "reason" in needed)
            field.help_text = _HINTS.get(name, field.help_text)
        if to in _SAYS:
            self.fields["says"].label = _SAYS[to]
        for name in {"legal_basis", "route"} & self.fields.keys():
            choices = Case.Basis.choices if name == "legal_basis" else Case.Route.choices
            self.fields[name] = forms.ChoiceField(
                label=self.fields[name].label, choices=choices, widget=forms.RadioSelect
            )
        if "amount" in self.fields:
            self.initial.setdefault("amount", self.instance.voted)

    def _post_clean(self) -> None:
        """The instance is only read: the action writes under its lock."""
