"""Money in templates."""

from __future__ import annotations

import pytest
from django.template import Context, Template
from django.test import override_settings

from budgets.tally.explain import AFTER, BEFORE
from budgets.tally.explain import money as in_a_sentence
from budgets.templatetags.money import minus, money, share

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        (6_000_000, "GBP", "£60,000"),
        (0, "GBP", "£0"),
        (1_250, "GBP", "£12.50"),
        (1_205, "GBP", "£12.05"),
        (123_456_789, "GBP", "£1,234,567.89"),
        (-12_400_50, "GBP", "−£12,400.50"),
        (123_400, "PLN", "1,234\u00a0zł"),
        (100, "SEK", "1\u00a0kr"),
        (100_050, "XYZ", "1,000.50\u00a0XYZ"),
        (500, "", "£5"),
        (None, "GBP", ""),
    ],
)
def test_minor_units_as_money(amount: int | None, currency: str, shown: str) -> None:
    assert money(amount, currency) == shown


@pytest.mark.parametrize("currency", [*BEFORE, *AFTER, "XYZ"])
def test_a_page_writes_money_as_the_sentences_of_a_count_do(currency: str) -> None:
    assert money(123_450, currency).replace("\u00a0", " ") == in_a_sentence(123_450, currency).replace("\u00a0", " ")


def test_what_is_left() -> None:
    assert minus(6_000_000, 7_240_050) == -1_240_050


@pytest.mark.parametrize(
    ("part", "whole", "length"),
    [
        (0, 100, "0"),
        (50, 100, "500"),
        (1, 3, "333"),
        (200, 100, "1000"),
        (-5, 100, "0"),
        (5, 0, "0"),
        (None, None, "0"),
    ],
)
def test_a_share_is_a_length_between_nothing_and_all(part: int | None, whole: int | None, length: str) -> None:
    assert share(part, whole) == length


@override_settings(USE_THOUSAND_SEPARATOR=True)
def test_a_length_is_never_localised() -> None:
    assert Template("{% load money %}{{ part|share:whole }}").render(Context({"part": 7, "whole": 5})) == "1000"
