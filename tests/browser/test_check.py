"""Checking a ballot box in a real browser: the published one, and files from the disk, whole and changed by one byte."""

from __future__ import annotations

import random
import re
import shutil
import tempfile
import warnings
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from budgets.actions.board import destroy_keys
from budgets.actions.bundles import Bundle, keep_bundle
from budgets.bundle.write import write_zip
from budgets.models import Ballot, Round
from tests.boxes import FORMATS, Box, filled, sign_again, wrong
from tests.browser.conftest import PHONE, OpenPage
from tests.factories import NOW, certify, staff_of
from tests.matrix.world import World

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

RIGHT, WRONG = "Everything checked here holds", "Something is wrong: "


@pytest.fixture(scope="module")
def certified(site: object) -> tuple[Round, Bundle]:
    round = World().published
    certify(by=staff_of(round.place, "organiser"), round_id=round.pk, now=NOW + timedelta(days=30))
    destroy_keys(round_id=round.pk)
    bundle = keep_bundle(round_id=round.pk)
    assert bundle is not None
    return round, bundle


def outcome(page: Page) -> str:
    page.locator("[data-check-outcome]").wait_for()
    return page.locator("[data-check-outcome]").inner_text()


def choose(page: Page, paths: list[Path]) -> str:
    """Check these files; what came of it."""
    form = page.locator("[data-check]")
    if not form.locator("#check-files").is_visible():
        form.get_by_text("Check files on your device instead").click()
    form.locator("#check-files").set_input_files(paths)
    form.get_by_role("button", name="Check these files").click()
    page.locator("[data-check-outcome]").wait_for()
    return outcome(page)


def test_the_published_box_is_checked_by_keyboard(
    certified: tuple[Round, Bundle], open_page: OpenPage, axe: Callable[[Page], None]
) -> None:
    round, bundle = certified
    page = open_page()
    page.goto(reverse("budgets:check_bundle", args=[round.slug]))
    page.get_by_text("Look for what I have kept").click()
    leaf = Ballot.objects.filter(round=round).order_by("leaf")[1].leaf
    page.locator("#check-receipt").fill(f" {leaf[:32]} {leaf[32:].upper()}")
    page.locator("#check-seen").fill(bundle.head)
    page.locator("[data-check-run=published]").focus()
    page.keyboard.press("Enter")
    said = outcome(page)
    assert RIGHT in said
    assert "3 ballots count; 0 were replaced by their voters and 0 struck out." in said
    assert "in line 2 of ballots.jsonl" in said
    assert "The fingerprint that you noted is on the board." in said
    assert bundle.head in said
    assert page.evaluate("document.activeElement.matches('[data-check-outcome]')")
    assert page.locator("[data-check-step][data-state=done]").count() == 5
    axe(page)
    page.set_viewport_size(PHONE)
    axe(page)
    page.locator("#check-receipt").fill("0" * 64)
    page.locator("[data-check-run=published]").click()
    page.locator(".notice--error").wait_for()
    assert "your receipt" in outcome(page)
    axe(page)


def test_one_changed_byte_is_found_and_its_file_named(
    certified: tuple[Round, Bundle], open_page: OpenPage, tmp_path: Path
) -> None:
    round, bundle = certified
    page = open_page()
    page.goto(reverse("budgets:check_bundle", args=[round.slug]))
    files = sorted(bundle.files.iterdir())
    assert RIGHT in choose(page, files)
    chance = random.Random(2026)
    for path in files:
        if path.name == "verify.py":
            continue
        whole = path.read_bytes()
        place = chance.randrange(len(whole))
        other = tmp_path / path.name
        other.write_bytes(whole[:place] + bytes([whole[place] ^ chance.randrange(1, 256)]) + whole[place + 1 :])
        said = choose(page, [other if each.name == path.name else each for each in files])
        assert f"{WRONG}{path.name}" in said, (path.name, place, said)
    assert f"{WRONG}result.csv" in choose(page, [path for path in files if path.name != "result.csv"])


@pytest.mark.parametrize("ballot_format", FORMATS)
def test_a_box_of_any_format_holds_without_a_connection(
    ballot_format: str, certified: tuple[Round, Bundle], open_page: OpenPage, tmp_path: Path
) -> None:
    """Once from the ZIP as we make it, once from one that somebody packed again."""
    round, _bundle = certified
    folder = filled(ballot_format, ballots=50, projects=6).write(tmp_path / "box")
    write_zip(tmp_path / "ours.zip", folder, "our-streets")
    with zipfile.ZipFile(tmp_path / "theirs.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.write(folder, "our-streets/")
        for path in folder.iterdir():
            packed.write(path, f"our-streets/{path.name}")
        packed.writestr("__MACOSX/our-streets/._rules.json", b"\0")
    page = open_page()
    page.goto(reverse("budgets:check_bundle", args=[round.slug]), wait_until="networkidle")
    page.context.set_offline(True)
    for name in ("ours.zip", "theirs.zip"):
        said = choose(page, [tmp_path / name])
        assert RIGHT in said, said
        assert "48 ballots count; 1 were replaced by their voters and 1 struck out." in said


def replaced(name: str, old: str, new: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        text = (folder / name).read_bytes().decode()
        assert old in text
        (folder / name).write_bytes(text.replace(old, new, 1).encode())

    return change


NO_TABLE, CHANGED = "result.csv\n\nIt is not a table", "result.csv\n\nIt says something else of"
FORGED: list[tuple[Callable[[Path], None], str]] = [
    (replaced("result.csv", "", ""), RIGHT),
    (replaced("result.csv", "\nw", '\nx"y\nw'), NO_TABLE),
    (replaced("result.csv", "\nw", "\rt000,Benches\nw"), NO_TABLE),
    (
        replaced("result.csv", "\nw", "\nw000,Benches,1,99,yes,1,,-Ward ,,GBP,No\nw"),
        "result.csv\n\nIt has 9 lines, but there are 8",
    ),
    (replaced("result.csv", ",funded,", ",winner,"), "result.csv\n\nIt has other columns than the table of a result."),
    (replaced("result.csv", ",GBP,", ",EUR,"), CHANGED),
    (replaced("result.csv", ",yes,", ",no,"), CHANGED),
]


def test_what_is_signed_but_forged_is_found(
    certified: tuple[Round, Bundle], open_page: OpenPage, tmp_path: Path
) -> None:
    """By somebody who has the key of the box. `verify.py` and the browser have to agree."""
    round, _bundle = certified
    page = open_page()
    page.goto(reverse("budgets:check_bundle", args=[round.slug]))

    def outcome_of(box: Box, change: Callable[[Path], None] = FORGED[0][0]) -> str:
        folder = box.write(Path(tempfile.mkdtemp(dir=tmp_path)))
        change(folder)
        sign_again(folder, box.key)
        said = choose(page, sorted(folder.iterdir()))
        assert (RIGHT in said) == (wrong(folder) == ""), (said, wrong(folder))
        return said

    for change, expected in FORGED:
        assert expected in outcome_of(filled(ballots=20, projects=6), change)
    reasonless = filled(ballots=20, projects=6)
    strike = next(entry for entry in reasonless.entries if entry["kind"] == "strike")
    strike["body"]["reason"] = ""
    assert "It strikes out a ballot without a reason." in outcome_of(reasonless)
    named = filled(ballots=20, projects=6)
    for entry in named.entries:
        for said in entry["body"].get("pots", []):
            said["rule"] = "phragmen"
    assert "It names another rule" in outcome_of(named)
    again = filled(ballots=20, projects=6)
    again.entries[-3]["body"]["pots"][0]["version"] = "99"
    assert RIGHT in outcome_of(again), "a newer engine came to the same"
    fixed = filled(ballots=20, projects=6, may_revise=False)
    assert "Ballots were replaced, which the rules forbid." in outcome_of(fixed)


def test_files_that_another_program_would_not_find_are_refused(
    certified: tuple[Round, Bundle], open_page: OpenPage, tmp_path: Path
) -> None:
    round, bundle = certified
    page = open_page()
    page.goto(reverse("budgets:check_bundle", args=[round.slug]))
    files = sorted(bundle.files.iterdir())
    (tmp_path / "constructor").write_text("x")
    assert f"{WRONG}constructor\n\nIt is not on the signed list." in choose(page, [*files, tmp_path / "constructor"])
    write_zip(tmp_path / "ours.zip", bundle.files, "box")
    said = choose(page, [tmp_path / "ours.zip", bundle.files / "result.csv"])
    assert f"{WRONG}result.csv\n\nThere are two files of this name." in said
    for number, more in enumerate(["box/.x/result.csv", "result.csv", "other/notes.txt", "box/result.csv"]):
        path = shutil.copy(tmp_path / "ours.zip", tmp_path / f"{number}.zip")
        with zipfile.ZipFile(path, "a") as archive, warnings.catch_warnings(action="ignore"):
            archive.writestr(more, "project_id\n")
        assert f"{WRONG}{number}.zip\n\nThis ZIP holds several folders" in choose(page, [Path(path)])


def test_a_browser_without_ed25519_uses_the_library(certified: tuple[Round, Bundle], open_page: OpenPage) -> None:
    round, bundle = certified
    page = open_page()
    asked: list[str] = []

    def without(route: Route) -> None:
        route.fulfill(response=(found := route.fetch()), body=found.text().replace('"Ed25519"', '"EdNone"'))

    page.context.route(re.compile(r"/js/proofs\b"), without)
    page.context.on("request", lambda request: asked.append(request.url))
    page.goto(reverse("budgets:check_bundle", args=[round.slug]))
    assert RIGHT in choose(page, sorted(bundle.files.iterdir()))
    assert any("noble-ed25519" in url for url in asked)


def test_without_scripts_the_page_says_how_to_use_the_program(
    certified: tuple[Round, Bundle], open_page: OpenPage, axe: Callable[[Page], None]
) -> None:
    round, _bundle = certified
    page = open_page(js=False, size=PHONE)
    page.goto(reverse("budgets:check_bundle", args=[round.slug]))
    assert "This part needs JavaScript." in page.locator("main").inner_text()
    assert page.get_by_text(f"python3 {round.slug}/verify.py {round.slug}", exact=True).is_visible()
    assert not page.locator("[data-check]").is_visible()
    axe(page)
