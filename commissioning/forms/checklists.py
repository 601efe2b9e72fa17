"""An answer to an item of the checklist, and what the list is made from. Shape only: the actions decide."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from budgets.forms.money import MoneyField
from commissioning import rules
from commissioning.forms.changes import DayField
from commissioning.models import CheckAnswer, Estimate

_VALUES: dict[str, Any] = {
    rules.Route.GRANT: _("How much is the grant, in pounds?"),
    rules.Route.ASSET: _("What is the land or building worth, in pounds?"),
    rules.Route.IN_HOUSE: _("What does it cost, in pounds with VAT?"),
    rules.Route.CONTRACT: _("What is the whole contract worth, in pounds with VAT?"),
    rules.Route.VARIATION: _("What is the whole contract worth after the change, in pounds with VAT?"),
}


class AnswerForm(forms.Form):
    """Its prefix is the key of its item, so that many of them stand on one page."""

    answer = forms.ChoiceField(label=_("Answer"), choices=CheckAnswer.Answer.choices, widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("Note"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("For your records: residents see the answer, not the note."),
    )  # fmt: skip


class EstimateForm(forms.Form):
    kind = forms.ChoiceField(label=_("What is mainly bought?"), choices=Estimate.Kind.choices, widget=forms.RadioSelect)
    gross = MoneyField(label="")
    begins_on = DayField(
        label=_("When does it begin?"),
        help_text=_("For a contract the day on which the procurement begins: the figures of that day count."),
    )
    own_limit = MoneyField(
        label=_("From what value do your own rules ask for more, in pounds?"), required=False,
        help_text=_("Such as the value from which your standing orders ask for three quotations."),
    )  # fmt: skip

    def __init__(self, route: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["gross"].label = _VALUES[route]
        if route == rules.Route.CONTRACT:
            self.fields["gross"].help_text = _("With all its years and extensions.")
        if route not in rules.BUYING:
            del self.fields["kind"]
