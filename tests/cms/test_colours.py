"""Colours that people could not read on each other are refused, with the numbers."""

import pytest
from django.core.exceptions import ValidationError
from wagtail.models import Site

from cms.colours import Palette, contrast, mix, too_faint
from cms.models import SiteSettings
from cms.models.settings import DEFAULTS

pure = pytest.mark.pure


@pure
def test_contrast_of_known_pairs():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)
    assert contrast("#0b5d57", "#0b5d57") == pytest.approx(1)


@pure
def test_mixing_is_what_css_does():
    assert mix("#000000", "#ffffff", 0.82) == "#2e2e2e"


@pure
def test_the_colours_we_ship_can_be_read():
    assert too_faint(DEFAULTS) == []


@pure
@pytest.mark.parametrize(
    ("palette", "field"),
    [
        (Palette("#f2b134", "#e3f0ee", "#f2b134", "#1d2433"), "brand"),
        (Palette("#0b5d57", "#0b5d57", "#f2b134", "#1d2433"), "brand_soft"),
        (Palette("#0b5d57", "#e3f0ee", "#1d2433", "#1d2433"), "accent"),
        (Palette("#0b5d57", "#e3f0ee", "#f2b134", "#888888"), "ink"),
    ],
)
def test_each_colour_can_be_at_fault(palette, field):
    assert field in {pair.field for pair in too_faint(palette)}


@pytest.mark.django_db
def test_saving_says_which_colour_and_how_faint():
    settings = SiteSettings.for_site(Site.objects.get(is_default_site=True))
    settings.brand = "#f2b134"
    with pytest.raises(ValidationError) as refused:
        settings.full_clean()
    assert "1.9 to 1" in str(refused.value.message_dict["brand"])
    assert "4.5 to 1" in str(refused.value.message_dict["brand"])


@pytest.mark.django_db
@pytest.mark.parametrize("colour", ["red", "#12345", "#12345g", "0b5d57", "#0b5d57;} body{display:none"])
def test_only_hexadecimal_colours(colour):
    settings = SiteSettings(site=Site.objects.get(is_default_site=True), brand=colour)
    with pytest.raises(ValidationError) as refused:
        settings.full_clean()
    assert "brand" in refused.value.message_dict
