"""Long codes as people can read and type them: `{% load codes %}`."""

from django import template

register = template.Library()
GROUP = 4
GROUPS_IN_A_LINE = 4


@register.filter
def grouped(code: str) -> str:
    """Groups of four with a space between: 7f3a91c2 -> 7f3a 91c2. Checking a receipt takes the spaces out again."""
    return " ".join(code[at : at + GROUP] for at in range(0, len(code), GROUP))


@register.filter
def in_lines(groups: str) -> list[str]:
    """Grouped, in lines of four groups: a receipt is four lines, which is what people can compare by eye."""
    parts = groups.split()
    return [" ".join(parts[at : at + GROUPS_IN_A_LINE]) for at in range(0, len(parts), GROUPS_IN_A_LINE)]
