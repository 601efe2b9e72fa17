"""The shape of a review: onto the ballot with a cost, or not, with a reason for everyone to read."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from budgets.forms.money import MoneyField
from budgets.models import Pot, Project, Submission
from budgets.tally.explain import money

LONG_TEXT = 5000


class PotChoice(forms.ModelChoiceField[Pot]):
    """A pot by its name and what it holds."""

    def label_from_instance(self, obj: Pot) -> str:
        return f"{obj.name} – {money(obj.amount, obj.round.currency)}"


class ProjectForm(forms.Form):
    """A project as it will stand on the ballot. Hand `answers()` to `accept` or `change_project`."""

    pot = PotChoice(Pot.objects.none(), label=_("Which pot pays for it?"), empty_label=None)
    name = forms.CharField(
        label=_("Name on the ballot"), max_length=120, error_messages={"required": _("Give the project a name.")}
    )
    summary = forms.CharField(
        label=_("In a few sentences"),
        max_length=LONG_TEXT,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What people read on the ballot. Start from the words of the proposer."),
        error_messages={"required": _("Write what people read on the ballot.")},
    )
    cost = MoneyField(
        label=_("What does it cost, in pounds?"),
        help_text=_("All of it: planning, building, and what it takes to run."),
    )
    feasibility = forms.CharField(
        label=_("Why can it be done, and for how much?"),
        max_length=LONG_TEXT,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Everyone can read this. Say who checked it, and what the cost is made of."),
        error_messages={"required": _("Write why it can be done. Everyone can read it.")},
    )

    def __init__(self, *args: Any, submission: Submission, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        pot = self.fields["pot"]
        assert isinstance(pot, PotChoice)
        pot.queryset = submission.round.pots.select_related("round")

    def answers(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "pot_id": data["pot"].pk,
            "name": data["name"],
            "summary": data["summary"],
            "cost": data["cost"],
            "feasibility": data["feasibility"],
        }


class DeclineForm(forms.Form):
    reason = forms.CharField(
        label=_("Why is it not possible?"),
        max_length=LONG_TEXT,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Everyone can read this. Say what was checked, and what would make it possible."),
        error_messages={"required": _("Write a reason. It is shown to everyone.")},
    )


def initial_of(submission: Submission, pots: list[Pot]) -> dict[str, Any]:
    """From the project where there is one, else from what the proposer wrote and the pot of the ward."""
    project: Project | None = getattr(submission, "project", None)
    if project:
        return {name: getattr(project, name) for name in ("pot", "name", "summary", "cost", "feasibility")}
    proposal = submission.proposal
    fitting = [pot for pot in pots if pot.area_id == proposal.area_id] or [pot for pot in pots if pot.area_id is None]
    return {
        "pot": next(iter(fitting or pots), None),
        "name": proposal.title,
        "summary": proposal.what,
        "cost": _estimate(proposal.estimated_cost),
    }


def _estimate(text: str) -> int | None:
    """The proposer's own figure, where it is one."""
    try:
        return MoneyField(required=False).clean(text)  # type: ignore[no-any-return]  # the stubs say Any
    except forms.ValidationError:
        return None
