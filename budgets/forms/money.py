"""Money as people type it."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

MOST = 10**12  # minor units: ten thousand million pounds, far below what the database can hold
# Whole pounds with or without separators in groups of three, then pence with at most two digits.
_AMOUNT = re.compile(r"(?P<whole>[0-9]{1,3}(?:[, ][0-9]{3})+|[0-9]+)(?:\.(?P<rest>[0-9]{1,2}))?")


class MoneyField(forms.Field):
    """An amount in pounds, as a whole number of pence: `£60,000`, `60000` and `60,000.50` are understood.

    What is not understood is refused and stays in the field as it was typed: `6,00` or `60k` could mean two things.
    Nothing and less than a penny are refused too. Empty gives None.
    """

    widget = forms.TextInput
    default_error_messages = {
        "required": _("Enter an amount of money in pounds, such as 60,000 or 1,250.50."),
        "invalid": _("Enter an amount of money in pounds, such as 60,000 or 1,250.50."),
        "too_little": _("Enter more than £0."),
        "too_much": _("This is more money than can be entered here. Check the number of noughts."),
    }

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"inputmode": "decimal", "autocomplete": "off", "maxlength": "30", "class": "govuk-input--money"}

    def to_python(self, value: Any) -> int | None:
        text = re.sub(r"\s+", " ", str(value or "")).strip().removeprefix("£").strip()
        if not text:
            return None
        found = _AMOUNT.fullmatch(text)
        if not found:
            raise self._refusal("invalid")
        pence = int(re.sub("[, ]", "", found["whole"])) * 100 + int((found["rest"] or "").ljust(2, "0"))
        if pence == 0:
            raise self._refusal("too_little")
        if pence > MOST:
            raise self._refusal("too_much")
        return pence

    def prepare_value(self, value: Any) -> Any:
        """Pence as they are typed: 6000000 -> 60,000. Text that was typed stays as it is."""
        if not isinstance(value, int):
            return value
        whole, rest = divmod(value, 100)
        return f"{whole:,}.{rest:02d}" if rest else f"{whole:,}"

    def _refusal(self, code: str) -> forms.ValidationError:
        return forms.ValidationError(self.error_messages[code], code=code)
