"""The shape of a ballot as it comes from the page: one field per pot, whose values are project codes."""

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from budgets.models import Round
from budgets.rules import Selections

MOST_VALUES = 1000  # in one section; no round has as many projects, and a flood stops here
PREFIX = "pot-"


def selections_from(data: QueryDict) -> dict[str, list[str]]:
    """Pot key → chosen codes, as posted; whether they may stand is for `budgets.rules` to say."""
    return {name.removeprefix(PREFIX): data.getlist(name)[:MOST_VALUES] for name in data if name.startswith(PREFIX)}


def fields_of(selections: Selections) -> list[tuple[str, str]]:
    """The same as (name, value) pairs for hidden inputs."""
    return [(f"{PREFIX}{pot}", code) for pot, codes in selections.items() for code in codes]


class DeclarationForm(forms.Form):
    """What a voter declares beside the choices."""

    old_enough = forms.BooleanField(error_messages={"required": _("Confirm that you are old enough to vote.")})

    def __init__(self, round: Round, data: QueryDict | None = None) -> None:
        super().__init__(data)
        self.fields["old_enough"].label = _("I am %(age)s or older.") % {"age": round.minimum_age}
        if not round.minimum_age:
            del self.fields["old_enough"]
