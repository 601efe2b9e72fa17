"""Whether two colours can be told apart: the contrast of WCAG 2.2, and which pairs of the site's colours need it."""

import re
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

CARD, PAPER, WHITE = "#ffffff", "#fbfaf6", "#ffffff"
TEXT = 4.5  # WCAG 1.4.3, normal text
SHAPE = 3.0  # WCAG 1.4.11, lines of form fields

HEX = re.compile(r"^#[0-9a-fA-F]{6}$")


@dataclass(frozen=True, slots=True)
class Palette:
    """The four colours a council may choose, each `#rrggbb`."""

    brand: str
    brand_soft: str
    accent: str
    ink: str


@dataclass(frozen=True, slots=True)
class TooFaint:
    """Two colours that stand on each other with too little contrast. `field` is the one to change first."""

    field: str
    what: str | Promise
    contrast: float
    needed: float

    def __str__(self) -> str:
        return _("%(what)s: the contrast is %(contrast).1f to 1, and people need at least %(needed).1f to 1.") % {
            "what": self.what,
            "contrast": self.contrast,
            "needed": self.needed,
        }


def luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb`, from 0 (black) to 1 (white); WCAG 2.2."""
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """From 1 (the same) to 21 (black on white)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def mix(one: str, other: str, share: float) -> str:
    """`share` of one colour in the other, as CSS color-mix(in srgb) does."""
    pairs = zip((1, 3, 5), (1, 3, 5), strict=True)
    return "#" + "".join(
        f"{round(int(one[i : i + 2], 16) * share + int(other[j : j + 2], 16) * (1 - share)):02x}" for i, j in pairs
    )


def too_faint(palette: Palette) -> list[TooFaint]:
    """Every pair of colours the style sheets put on each other that people could not read. Empty when all is well."""
    pairs = [
        ("ink", _("Text on the page's ground"), palette.ink, PAPER, TEXT),
        ("ink", _("Secondary text, a lighter shade of the text colour, on the page's ground"),
         mix(palette.ink, CARD, 0.82), PAPER, TEXT),
        ("ink", _("Lines of form fields, a lighter shade of the text colour, on a card"),
         mix(palette.ink, CARD, 0.65), CARD, SHAPE),
        ("brand_soft", _("Text on the soft main colour"), palette.ink, palette.brand_soft, TEXT),
        ("accent", _("Text on the accent colour"), palette.ink, palette.accent, TEXT),
        ("brand", _("White text on the main colour, as on buttons"), WHITE, palette.brand, TEXT),
        ("brand", _("Links in the main colour on the page's ground"), palette.brand, PAPER, TEXT),
        ("brand", _("Links in the main colour on the soft main colour"), palette.brand, palette.brand_soft, TEXT),
    ]  # fmt: skip
    return [
        TooFaint(field, what, contrast(one, other), needed)
        for field, what, one, other, needed in pairs
        if contrast(one, other) < needed
    ]
