"""What a council sets about its site: name, logo, colours, contact, what stands on the home page."""

import hashlib

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting

from cms.colours import HEX, Palette, too_faint

DEFAULTS = Palette(brand="#0b5d57", brand_soft="#e3f0ee", accent="#f2b134", ink="#1d2433")
picker = forms.TextInput(attrs={"type": "color"})
a_colour = RegexValidator(HEX, _("Write the colour as # and six digits or letters from a to f, such as #0b5d57."))


@register_setting(icon="site", order=1)
class SiteSettings(BaseSiteSetting):
    select_related = ["logo", "featured_place", "featured_round__place"]

    name = models.CharField(_("name of the site"), max_length=60, default="Good Local")
    strapline = models.CharField(
        _("one sentence about the site"),
        max_length=120,
        blank=True,
        help_text=_("Shown on the home page and to search engines."),
    )
    logo = models.ForeignKey(
        "wagtailimages.Image",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("logo"),
        help_text=_("Stands in place of the name at the top of each page. Best as a wide picture on white."),
    )
    contact_email = models.EmailField(
        _("contact e-mail address"), blank=True, help_text=_("Shown on the contact page and where people need help.")
    )
    featured_place = models.ForeignKey(
        "participation.Place",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("place"),
        help_text=_("The home page shows the rounds of this place and its wards. Empty means all places."),
    )
    featured_round = models.ForeignKey(
        "budgets.Round",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("round"),
        help_text=_("The round at the top of the home page. Empty means the one where people can do most right now."),
    )
    brand = models.CharField(_("main colour"), max_length=7, default=DEFAULTS.brand, validators=[a_colour])
    brand_soft = models.CharField(
        _("soft main colour"), max_length=7, default=DEFAULTS.brand_soft, validators=[a_colour]
    )
    accent = models.CharField(_("accent colour"), max_length=7, default=DEFAULTS.accent, validators=[a_colour])
    ink = models.CharField(_("text colour"), max_length=7, default=DEFAULTS.ink, validators=[a_colour])

    panels = [
        MultiFieldPanel([FieldPanel("name"), FieldPanel("strapline"), FieldPanel("logo"), FieldPanel("contact_email")],
                        heading=_("Name and contact")),
        MultiFieldPanel([FieldPanel("featured_place"), FieldPanel("featured_round")], heading=_("Home page")),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("brand", widget=picker), FieldPanel("brand_soft", widget=picker)]),
                FieldRowPanel([FieldPanel("accent", widget=picker), FieldPanel("ink", widget=picker)]),
            ],
            heading=_("Colours"),
            help_text=_("Checked when you save: colours that people could not read on each other are refused."),
        ),
    ]  # fmt: skip

    class Meta:
        verbose_name = _("site settings")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse colours whose contrast is too low (WCAG 2.2 AA), each with its numbers."""
        super().clean()
        if not all(HEX.match(colour) for colour in (self.brand, self.brand_soft, self.accent, self.ink)):
            return  # the fields say so themselves
        faint: dict[str, list[str]] = {}
        for pair in too_faint(self.palette):
            faint.setdefault(pair.field, []).append(str(pair))
        if faint:
            raise ValidationError(faint)

    @property
    def palette(self) -> Palette:
        return Palette(self.brand.lower(), self.brand_soft.lower(), self.accent.lower(), self.ink.lower())

    @property
    def logo_url(self) -> str:
        return self.logo.get_rendition("height-120|format-png").url if self.logo else ""

    @property
    def theme_css(self) -> str:
        """The colours as CSS custom properties; empty while they are the ones that the style sheets have anyway."""
        if self.palette == DEFAULTS:
            return ""
        colours = self.palette
        return (
            f":root {{\n  --brand: {colours.brand};\n  --brand-soft: {colours.brand_soft};\n"
            f"  --marigold: {colours.accent};\n  --ink: {colours.ink};\n}}\n"
        )

    @property
    def theme_version(self) -> str:
        return hashlib.sha256(self.theme_css.encode()).hexdigest()[:12]

    @property
    def theme_url(self) -> str:
        """Changes with the colours, so that browsers may keep the file for good; empty when there is nothing to load."""
        return f"{reverse('cms:theme_css')}?v={self.theme_version}" if self.theme_css else ""
