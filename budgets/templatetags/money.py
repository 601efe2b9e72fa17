"""Money and shares of it in templates: `{% load money %}`."""

from django import template
from django.utils.formats import number_format

from budgets.tally.explain import AFTER, BEFORE

register = template.Library()


@register.filter
def money(amount: int | None, currency: str = "GBP") -> str:
    """Minor units as money: 6000000 -> £60,000; 1250 -> £12.50 (pence only where there are some); None -> ""."""
    if amount is None:
        return ""
    whole, rest = divmod(abs(int(amount)), 100)
    number = number_format(whole, use_l10n=True, force_grouping=True)
    if rest:
        number = number_format(f"{whole}.{rest:02d}", decimal_pos=2, use_l10n=True, force_grouping=True)
    code = currency or "GBP"
    # The engine's signs, so that the sentences of a count and the page around them write money alike.
    after = "" if code in BEFORE else f"\u00a0{AFTER.get(code, code)}"
    return f"{'−' if amount < 0 else ''}{BEFORE.get(code, '')}{number}{after}"


@register.filter
def minus(amount: int, other: int) -> int:
    """What is left of one amount after another; negative when it is overdrawn."""
    return int(amount) - int(other)


@register.filter
def share(part: int | None, whole: int | None) -> str:
    """How far `part` fills `whole`, in thousandths from 0 to 1000, never localised: a length for SVG attributes."""
    if not part or not whole:
        return "0"
    return str(max(0, min(1000, round(1000 * int(part) / int(whole)))))
