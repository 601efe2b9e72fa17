"""Pictures of a running demo for docs/screenshots/: `python -m tests.browser.screenshots [http://localhost:8000]`.

Home, round, ballot and result, at 1280 and at 375 px. Signs in as the demo's resident, with the code from its mailbox.
"""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

from tests.browser.people import sign_in
from tests.running import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Page

TARGET = ROOT / "docs" / "screenshots"
RESIDENT = "resident@larkmoor.example"
SIZES = {"desktop": (1280, 800), "phone": (375, 780)}


def first_round(page: Page, with_part: str) -> str:
    """The address of the first round in the list that has this page, such as vote/."""
    page.goto("/rounds/")
    links = page.locator("main a[href^='/rounds/']").evaluate_all(
        "links => links.map(link => link.getAttribute('href'))"
    )
    for address in dict.fromkeys("/".join(link.split("/")[:3]) + "/" for link in links if len(link.split("/")) > 3):
        answer = page.goto(address + with_part)
        if answer is not None and answer.status == 200 and page.url.endswith(address + with_part):
            return str(address)
    raise SystemExit(f"No round of this site has a page {with_part}. Is it the demo?")


def take(page: Page, name: str, size: str, address: str) -> None:
    page.goto(address)
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready")
    page.screenshot(path=TARGET / f"{name}-{size}.png")
    print(f"{name}-{size}.png")


def main(url: str) -> None:
    from playwright.sync_api import sync_playwright

    TARGET.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for size, (width, height) in SIZES.items():
            context = browser.new_context(
                base_url=url, viewport={"width": width, "height": height}, locale="en-GB", reduced_motion="reduce"
            )
            page = context.new_page()
            page.set_default_timeout(60_000)
            sign_in(page, RESIDENT)
            voting, counted = first_round(page, "vote/"), first_round(page, "result/")
            take(page, "home", size, "/")
            take(page, "round", size, voting)
            take(page, "ballot", size, f"{voting}vote/")
            take(page, "result", size, f"{counted}result/")
            context.close()
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8000")
