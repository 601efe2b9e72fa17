"""The shape of a proposed strike, and of what the second person decides."""

from django import forms
from django.utils.translation import gettext_lazy as _

from budgets.models import Strike


class StrikeForm(forms.Form):
    reason = forms.ChoiceField(
        label=_("Why can the ballot not be counted?"),
        choices=Strike.Reason.choices,
        widget=forms.RadioSelect,
        help_text=_("Everyone reads this on the public board."),
        error_messages={"required": _("Choose a reason. It is public.")},
    )
    explanation = forms.CharField(
        label=_("More about the reason, for everyone"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Public as well, and for good. Write nothing by which a person could be known."),
    )
    note = forms.CharField(
        label=_("What does it rest on?"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Only organisers read this. Whoever confirms has to be able to check it."),
        error_messages={"required": _("Write what it rests on, so that the second person can check it.")},
    )


class DecisionForm(forms.Form):
    """Which strikes, and which of two buttons."""

    CONFIRM, DECLINE = "confirm", "decline"

    strike = forms.TypedMultipleChoiceField(
        coerce=int, error_messages={"required": _("Choose at least one of the proposed strikes.")}
    )
    decision = forms.ChoiceField(choices=[(CONFIRM, _("Strike them out")), (DECLINE, _("Leave them in"))])

    def __init__(self, *args: object, waiting: list[Strike], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.fields["strike"]
        assert isinstance(field, forms.TypedMultipleChoiceField)
        field.choices = [(strike.pk, str(strike)) for strike in waiting]
