"""What people do in the browser, step by step, as the journeys need it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from budgets.models import Round


def submit(page: Page, name: str) -> None:
    """Press the button and wait until the next page is there."""
    with page.expect_navigation():
        page.get_by_role("button", name=name).click()


def read_code(page: Page, email: str) -> str:
    """The newest code sent to this address, from the mailbox page."""
    mailbox = page.context.new_page()
    mailbox.goto("/mailbox/")
    code = mailbox.get_by_role("row").filter(has_text=email).first.locator("code").inner_text()
    mailbox.close()
    return code


def sign_up(page: Page, name: str, email: str) -> None:
    page.goto("/accounts/signup/")
    page.locator("[name=name]").fill(name)
    page.locator("[name=email]").fill(email)
    submit(page, "Continue")
    page.locator("[name=code]").fill(read_code(page, email))
    with page.expect_navigation():
        page.locator("main form [type=submit]").first.click()


def sign_in(page: Page, email: str) -> None:
    page.goto("/accounts/login/")
    page.locator("[name=email], [name=login]").first.fill(email)
    submit(page, "Send me a code")
    page.locator("[name=code]").fill(read_code(page, email))
    with page.expect_navigation():
        page.locator("main form [type=submit]").first.click()


def give_postcode(page: Page, postcode: str) -> None:
    page.goto("/account/postcode/")
    page.locator("[name=postcode]").fill(postcode)
    submit(page, "Find my ward")


def write_idea(page: Page, round: Round, title: str, picture: Path) -> None:
    """Up to the page that shows all answers."""
    page.goto(f"/rounds/{round.slug}/propose/")
    submit(page, "Start writing")
    page.locator("[name=title]").fill(title)
    page.locator("[name=what]").fill("Three benches where the path bends, with arm rests.")
    page.locator("[name=why]").fill("People who cannot walk far have nowhere to rest.")
    page.locator("[name=beneficiaries]").fill("Older people, and parents with small children.")
    page.locator("[name=where]").fill("By the footbridge")
    page.locator("[name=picture]").set_input_files(picture)
    page.locator("[name=picture_alt]").fill("The bend of the path, without a bench")
    submit(page, "Check my answers")


def hand_in(page: Page) -> str:
    """The reference shown on the confirmation."""
    submit(page, "Hand in my idea")
    found = re.search(r"P-[0-9A-Z]{6}", page.locator("main").inner_text())
    assert found
    return found[0]


def put_on_the_ballot(page: Page, round: Round, reference: str, cost: str) -> None:
    page.goto(f"/organise/{round.slug}/review/{reference}/")
    form = page.locator("form", has=page.get_by_role("button", name="Put it on the ballot"))
    form.locator("[name$=cost]").fill(cost)
    form.locator("[name$=feasibility]").fill("The parks team can do it in a week for this sum.")
    for name in ("name", "summary"):
        field = form.locator(f"[name$={name}]").first
        if not field.input_value():
            field.fill("Benches along the river")
    submit(page, "Put it on the ballot")


def choose(page: Page, round: Round, *codes: str) -> None:
    """Tick these and go on to the check."""
    page.goto(f"/rounds/{round.slug}/vote/")
    for code in codes:
        page.locator(f"input[type=checkbox][value='{code}']").check()
    submit(page, "Check my vote")


def cast(page: Page) -> str:
    """The receipt's code."""
    for box in page.locator("form input[type=checkbox]").all():
        box.check()
    submit(page, "Put my vote in the box")
    return "".join(page.locator(".receipt__groups").inner_text().split())
