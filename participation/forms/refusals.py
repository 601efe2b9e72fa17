"""A refusal shown where the person can do something about it: in the form."""

from django import forms

from participation.refusals import Refused


def show_refusal(form: forms.BaseForm, refused: Refused) -> int:
    """Add the refusal to its field, or above the form, and return the status to answer with."""
    form.add_error(refused.field if refused.field in form.fields else None, str(refused))
    return refused.status
