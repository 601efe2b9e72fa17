"""A real Chromium against a real site (`manage.py serve` on the tests' database file): with and without JavaScript,
at desktop and phone width, with axe-core at hand. Data stays in the database for the session, so each test makes its own."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from realtime import groups
from tests.factories import UserFactory
from tests.running import ROOT, RunningSite, collect_static

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize
    from pytest_django.plugin import DjangoDbBlocker

    from participation.accounts.models import User

DESKTOP: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 320, "height": 640}
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

OpenPage = Callable[..., "Page"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no chromium on this machine: install Debian's chromium to run the browser tests")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site(
    browser: Browser,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[RunningSite]:
    """The demo's settings: mails can be read in the browser, and staff need no second factor."""
    collect_static()
    log = tmp_path_factory.mktemp("site") / "log"
    with django_db_blocker.unblock():
        UserFactory(email="administrator@example.org", is_staff=True, is_superuser=True)
        # What a test changes by itself reaches nobody's socket: the site is another process.
        with pytest.MonkeyPatch.context() as patch, RunningSite("serve", log, GOOD_LOCAL_DEMO="1") as site:
            patch.setattr(groups, "send", lambda group, message: None)
            yield site
    assert "Traceback" not in log.read_text(), log.read_text()


@pytest.fixture(autouse=True)
def _database(site: RunningSite, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Straight into the site's database: what a test writes is there at once, as if another person had done it."""
    with django_db_blocker.unblock():
        yield


@pytest.fixture
def open_page(browser: Browser, site: RunningSite) -> Iterator[OpenPage]:
    """`open_page(user=None, js=True, size=DESKTOP)` gives a page of a new context, signed in as that person.

    A test fails for what the console reports as an error: a blocked script or style, a missing file, an exception.
    """
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def make(user: User | None = None, *, js: bool = True, size: ViewportSize = DESKTOP, **more: Any) -> Page:
        context = browser.new_context(
            base_url=site.url,
            viewport=size,
            java_script_enabled=js,
            locale="en-GB",
            **more,
        )
        contexts.append(context)
        context.set_default_timeout(30_000)
        if user is not None:
            context.add_cookies([{"name": "sessionid", "value": session_of(user), "url": site.url}])
        page = context.new_page()
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        return page

    yield make
    for context in contexts:
        context.close()
    # a form that is answered with 4xx is no fault of the page
    assert [e for e in errors if not re.search(r"status of (403|404|409|422)", e)] == []


def session_of(user: User) -> str:
    client = Client()
    client.force_login(user)
    return client.cookies["sessionid"].value


@pytest.fixture
def axe(browser: Browser, site: RunningSite) -> Iterator[Callable[[Page], None]]:
    """`axe(page)` fails with every violation axe-core finds, and when the page scrolls sideways.

    Where JavaScript is off, a copy of the page as it stands there is examined, its scripts taken out: axe-core itself
    needs JavaScript.
    """
    context = browser.new_context(base_url=site.url)

    def check(page: Page) -> None:
        page.wait_for_load_state("load")
        examined = page if page.evaluate("document.documentElement.classList.contains('js')") else copy_of(page)
        # evaluate() runs outside the page's content security policy, so the policy stays on
        examined.evaluate(AXE.read_text())
        found = examined.evaluate("rules => axe.run(document, {runOnly: rules})", AXE_RULES)["violations"]
        said = [f"{v['id']}: {v['help']} – {[n['html'][:120] for n in v['nodes'][:3]]}" for v in found]
        assert said == [], f"{page.url}\n" + "\n".join(said)
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow <= 0, f"{page.url} is {overflow} px wider than the window"

    def copy_of(page: Page) -> Page:
        copy = context.new_page()
        assert page.viewport_size is not None
        copy.set_viewport_size(page.viewport_size)
        copy.goto("/healthz")
        copy.set_content(re.sub(r"<script\b.*?</script>", "", page.content(), flags=re.DOTALL))
        copy.wait_for_load_state("load")
        return copy

    yield check
    context.close()
