"""Deleting an account: what shall become of the ideas, and the address typed once more."""

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from participation.actions.erasure import Ground
from participation.forms.fields import AddressField
from participation.personal_data import Ideas

IDEAS = [
    (Ideas.KEEP.value, _("Leave them as they are, without the name")),
    (Ideas.WORDS.value, _("Leave the words, delete the pictures")),
    (Ideas.WITHDRAW.value, _("Take them back")),
]


class IdeasField(forms.TypedChoiceField):
    def __init__(self) -> None:
        super().__init__(
            label=_("What should become of the published ideas?"),
            choices=IDEAS,
            coerce=Ideas,
            initial=Ideas.KEEP.value,
            widget=forms.RadioSelect,
            help_text=_(
                "Ideas that are on a ballot, or were decided about, stay readable either way: they are part of a public "
                "decision. Others that are taken back are marked so and deleted a month later."
            ),
            error_messages={"required": _("Choose what should become of the ideas")},
        )


class EraseAccountForm(forms.Form):
    ideas = IdeasField()
    email = AddressField(
        label=_("Type your e-mail address to confirm"),
        help_text=_("The one you sign in with. Nothing can be brought back afterwards."),
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
        error_messages={"required": _("Type your e-mail address")},
    )

    def __init__(self, *args: object, address: str, with_ideas: bool, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # as any form is made
        self.address = address.lower()
        if not with_ideas:
            del self.fields["ideas"]

    def clean_email(self) -> str:
        typed: str = self.cleaned_data["email"]
        if typed != self.address:
            raise forms.ValidationError(_("This is not the e-mail address of your account"))
        return typed


class FindPersonForm(forms.Form):
    email = AddressField(
        label=_("E-mail address of the account"),
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Write an e-mail address")},
    )


class EraseOnRequestForm(FindPersonForm):
    """The second step: the address goes on hidden, what was found stands beside it."""

    ground = forms.ChoiceField(
        label=_("Why is it deleted?"),
        choices=Ground.choices,
        widget=forms.RadioSelect,
        help_text=_("It stands in the log. The log does not say whose account it was."),
        error_messages={"required": _("Choose why")},
    )
    case = forms.CharField(
        label=_("Number of the case in your files"),
        max_length=40,
        required=False,
        validators=[
            RegexValidator(r"^[A-Za-z]{0,6}[-/. ]?\d[\d/.-]*$", _("Write a number such as DP-2026/114, and no name"))
        ],
        help_text=_("Such as DP-2026/114. No names: it stays in the log for good."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "govuk-input--width-20"}),
    )
    ideas = IdeasField()
    checked = forms.BooleanField(
        label=_("I have made sure that the request comes from this person, or from someone who may ask for it"),
        error_messages={"required": _("Make sure who is asking, and confirm it")},
    )
    field_order = ("email", "ground", "case", "ideas", "checked")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # as any form is made
        self.fields["email"].widget = forms.HiddenInput()
