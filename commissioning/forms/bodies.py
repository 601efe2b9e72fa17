"""A commissioning body, and who answers for it."""

from django import forms
from django.utils.translation import gettext_lazy as _

from commissioning.models import Member, Organisation


class BodyForm(forms.Form):
    name = forms.CharField(label=_("Legal name"), max_length=200)
    scheme = forms.ChoiceField(
        label=_("Register"), choices=[("", _("None of these")), *Organisation.Scheme.choices], required=False
    )
    number = forms.CharField(
        label=_("Number in the register"), max_length=40, required=False,
        help_text=_("For a council, the code such as PRE; for a company 8 characters, zeros in front included."),
    )  # fmt: skip
    reply_days = forms.IntegerField(
        label=_("Days it has to answer a result"), min_value=1, max_value=365, initial=28,
        help_text=_("Counted from the day the result is certified. Everyone sees when an answer is late."),
    )  # fmt: skip

    def clean(self) -> dict[str, object]:
        data = super().clean() or self.cleaned_data
        if bool(data.get("scheme")) != bool(data.get("number", "").strip()):
            self.add_error("number", _("Give both the register and the number, or neither."))
        return data


class MemberForm(forms.Form):
    email = forms.EmailField(label=_("E-mail address of the person's account"))
    desk = forms.ChoiceField(label=_("Desk"), choices=Member.Desk.choices, widget=forms.RadioSelect)
