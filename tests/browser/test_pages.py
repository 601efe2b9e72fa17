"""Every page for everyone: axe-core finds nothing, at desktop width and at 320 px, and with JavaScript off."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import PHONE, OpenPage
from tests.matrix.addresses import address
from tests.matrix.test_urls import GET
from tests.matrix.world import ROLES, World

if TYPE_CHECKING:
    from playwright.sync_api import Page

NOT_PAGES = {
    "participation:boundaries", "participation:picture", "participation:healthz", "budgets:ballots_so_far",
    "budgets:count_progress", "budgets:board_file", "budgets:outcome", "cms:theme_css", "commissioning:photo",
}  # fmt: skip
PAGES = [name for name, row in GET.items() if 200 in row and name not in NOT_PAGES]
WAGTAIL = [
    "/",
    "/how-it-works/",
    "/how-your-vote-is-counted/",
    "/privacy/",
    "/cookies/",
    "/accessibility/",
    "/terms/",
    "/contact/",
]
ACCOUNTS = ["/accounts/login/", "/accounts/signup/", "/accounts/login/code/", "/no-such-page/"]


@pytest.fixture(scope="module")
def world(site: object) -> World:
    return World()


def seen_by(name: str) -> str:
    """Somebody who sees the page: whoever belongs there, before those who may look."""
    return next(role for role, seen in zip(ROLES, GET[name], strict=True) if seen == 200)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_accessible(name: str, world: World, open_page: OpenPage, axe: Callable[[Page], None]) -> None:
    user = world.people.get(seen_by(name))
    url = address(name, world)
    page = open_page(user)
    response = page.goto(url)
    assert response is not None
    assert response.status == 200
    axe(page)
    page.set_viewport_size(PHONE)
    axe(page)


@pytest.mark.parametrize("url", [*WAGTAIL, *ACCOUNTS])
def test_pages_of_the_cms_and_of_accounts_are_accessible(
    url: str, world: World, open_page: OpenPage, axe: Callable[[Page], None]
) -> None:
    assert world.voting
    page = open_page()
    page.goto(url)
    axe(page)
    page.set_viewport_size(PHONE)
    axe(page)
