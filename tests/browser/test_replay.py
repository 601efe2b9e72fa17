"""The count step by step and the other rules, in a real browser: by keyboard, by itself, and without any script."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from budgets.actions.tallies import analyse_results, count_round
from budgets.models import Round
from tests.browser.conftest import PHONE, OpenPage
from tests.factories import NOW
from tests.matrix.world import World

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.fixture(scope="module")
def published(site: object) -> Round:
    """A round with two winners, analysed, and counted by a second rule."""
    round = World().published
    count_round(round_id=round.pk, now=NOW, rule="greedy")
    count_round(round_id=round.pk, now=NOW, rule="phragmen")
    analyse_results(round_id=round.pk)
    return round


def at(name: str, round: Round) -> str:
    return reverse(f"budgets:{name}", args=[round.slug, "town"])


def heading(page: Page, text: str) -> None:
    page.locator("#stage-heading", has_text=text).wait_for()


def test_the_arrow_keys_move_through_the_count(published: Round, open_page: OpenPage) -> None:
    page = open_page()
    page.goto(at("replay", published))
    heading(page, "How it begins")
    page.evaluate("window.stillTheSamePage = true")
    page.keyboard.press("ArrowRight")
    heading(page, "Step 1 of")
    assert page.url.endswith("?step=1")
    said = page.locator("[data-replay-said]")
    said.filter(has_text="Step 1 of").wait_for(state="attached")
    page.locator("#step-on").focus()
    page.keyboard.press("Enter")
    heading(page, "Step 2 of")
    assert page.evaluate("document.activeElement.id") == "step-on"  # one may press Enter again and again
    page.keyboard.press("ArrowLeft")
    heading(page, "Step 1 of")
    assert page.evaluate("window.stillTheSamePage")


def test_it_plays_only_when_asked_and_stops_at_the_end(published: Round, open_page: OpenPage) -> None:
    page = open_page()
    page.goto(at("replay", published))
    button = page.locator("[data-replay-play]")
    button.wait_for()
    page.wait_for_timeout(4000)
    heading(page, "How it begins")
    button.click()
    button.filter(has_text="Pause").wait_for()
    heading(page, "How it ends")
    button.filter(has_text="Play").wait_for()


def test_every_picture_of_it_is_accessible_also_without_a_script(
    published: Round, open_page: OpenPage, axe: Callable[[Page], None]
) -> None:
    for js in (True, False):
        page = open_page(js=js)
        page.goto(at("replay", published))
        while True:
            axe(page)
            page.set_viewport_size(PHONE)
            axe(page)
            if page.locator("[data-again]").count():
                break
            was = page.locator("#stage-heading").inner_text()
            page.locator("#step-on").click()
            page.locator("#stage-heading").filter(has_not_text=was).wait_for()
        assert "How it ends" in page.locator("#stage-heading").inner_text()


def test_another_rule_is_one_choice_away_and_has_its_own_address(
    published: Round, open_page: OpenPage, axe: Callable[[Page], None]
) -> None:
    page = open_page()
    page.goto(at("what_if", published))
    page.get_by_label("Earning together").check()
    page.wait_for_url("**rule=phragmen")
    page.locator(".side", has_text="What if").filter(has_text="Earning together").wait_for()
    axe(page)
    plain = open_page(js=False)
    plain.goto(at("what_if", published))
    plain.get_by_label("Earning together").check()
    plain.get_by_role("button", name="Compare").click()
    assert plain.url.endswith("?rule=phragmen")
    axe(plain)
