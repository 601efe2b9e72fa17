"""Who should get which role."""

from django import forms
from django.utils.translation import gettext_lazy as _

from participation.forms.fields import AddressField
from participation.models.roles import RoleKind


class RoleForm(forms.Form):
    email = AddressField(
        label=_("E-mail address"),
        help_text=_("Someone with an account gets the role at once. Anyone else gets an invitation by e-mail."),
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Write an e-mail address")},
    )
    kind = forms.ChoiceField(
        label=_("Role"),
        choices=RoleKind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a role")},
    )
