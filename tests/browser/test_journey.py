"""The whole journey, as four people walk it: a resident has an idea, an organiser costs it, residents vote, the worker
counts, everyone sees why, a commissioner takes the outcome away. Once with JavaScript, once without and at 320 px."""

from __future__ import annotations

import csv
import io
import re
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from budgets.models import Project, Round, UrnBallot
from participation.models.roles import RoleKind
from tests.browser import people
from tests.browser.conftest import DESKTOP, PHONE, OpenPage
from tests.factories import (
    PlaceFactory,
    PostcodeFactory,
    PotFactory,
    ProjectFactory,
    RoundFactory,
    UserFactory,
    WardFactory,
    freeze,
    resident_of,
    staff_of,
)
from tests.matrix.world import jpeg

if TYPE_CHECKING:
    from playwright.sync_api import Page

SECOND = timedelta(seconds=1)


def move_timetable(round: Round, **moments: datetime) -> None:
    """The clock cannot be turned on a running site, so the timetable is."""
    Round.objects.filter(pk=round.pk).update(**moments)


def wait_for(true: Callable[[], Any], seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.5)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "bend.jpg"
    path.write_bytes(jpeg())
    return path


@pytest.mark.parametrize(
    ("format", "js", "size"),
    [(Round.Format.KNAPSACK, True, DESKTOP), (Round.Format.APPROVAL, False, PHONE)],
    ids=["knapsack with JavaScript", "approval without JavaScript on a phone"],
)
def test_from_an_idea_to_the_outcome(
    format: str, js: bool, size: Any, open_page: OpenPage, axe: Callable[[Page], None], picture: Path
) -> None:
    place = PlaceFactory()
    ward = WardFactory(parent=place)
    postcode = PostcodeFactory(ward=ward)
    organiser = staff_of(place, RoleKind.ORGANISER)
    commissioner = staff_of(place, RoleKind.COMMISSIONER)
    round = RoundFactory(place=place, ballot_format=format, max_choices=2)
    pot = PotFactory(round=round, key="town", amount=150_000)

    def visit(user: Any = None) -> Page:
        return open_page(user, js=js, size=size)

    # A resident signs up, says where they live, and hands in an idea.
    resident, email = visit(), f"ann.{round.slug}@example.org"
    people.sign_up(resident, "Ann", email)
    people.give_postcode(resident, str(postcode))
    people.write_idea(resident, round, "Benches along the river", picture)
    axe(resident)
    reference = people.hand_in(resident)
    axe(resident)

    # An organiser puts it on the ballot beside another one, and confirms the ballot.
    desk = visit(organiser)
    people.put_on_the_ballot(desk, round, reference, "1000")
    axe(desk)
    mine = Project.objects.get(round=round)
    rival = ProjectFactory(pot=pot, code="rival", name="A longer bus shelter", cost=90_000)
    now = timezone.now()
    move_timetable(
        round,
        proposing_opens_at=now - 30 * SECOND,
        shaping_opens_at=now - 20 * SECOND,
        review_opens_at=now - 10 * SECOND,
        voting_opens_at=now + 30 * SECOND,
    )
    desk.goto(f"/organise/{round.slug}/confirm/")
    axe(desk)
    people.submit(desk, "Confirm the ballot")
    round.refresh_from_db()
    assert round.rules_frozen_at
    move_timetable(round, voting_opens_at=timezone.now())

    # Residents vote; one of them changes their mind.
    resident.goto(f"/rounds/{round.slug}/vote/")
    axe(resident)
    people.choose(resident, round, "rival")
    axe(resident)
    people.cast(resident)
    axe(resident)
    resident.goto(f"/rounds/{round.slug}/vote/")
    resident.locator("input[value='rival']").uncheck()
    resident.locator(f"input[value='{mine.code}']").check()
    people.submit(resident, "Check my vote")
    receipt = people.cast(resident)
    # On paper the ticket alone, on the smallest sheet.
    assert re.findall(rb"/Count (\d+)", resident.pdf(format="A6")) == [b"1"]
    neighbour = visit(resident_of(ward))
    people.choose(neighbour, round, mine.code)
    people.cast(neighbour)
    assert UrnBallot.objects.filter(round=round).count() == 2
    assert UrnBallot.objects.filter(round=round, leaf=receipt, revision=1).exists()

    # Voting closes; the worker counts by itself; the result says why.
    move_timetable(round, voting_closes_at=timezone.now())
    wait_for(lambda: Round.objects.get(pk=round.pk).has_result())
    anyone = visit()
    anyone.goto(f"/rounds/{round.slug}/result/")
    assert "Benches along the river" in anyone.locator("main").inner_text()
    axe(anyone)

    # A commissioner takes the outcome away.
    office = visit(commissioner)
    office.goto("/commission/")
    axe(office)
    with office.expect_download() as download:
        office.locator(f"a[href$='/rounds/{round.slug}/outcome/all.csv']").click()
    rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text("utf-8-sig"))))
    assert list(rows[0])[:5] == ["project_id", "name", "cost", "votes", "funded"]
    assert {row["project_id"]: (row["votes"], row["funded"]) for row in rows} == {
        mine.code: ("2", "yes"),
        rival.code: ("0", "no"),
    }


def test_the_number_of_ballots_changes_without_a_reload(open_page: OpenPage) -> None:
    place = PlaceFactory()
    now = timezone.now()
    round = RoundFactory(
        place=place, voting=True, eligibility=Round.Eligibility.EMAIL, voting_closes_at=now + 3600 * SECOND
    )
    pot = PotFactory(round=round)
    project = ProjectFactory(pot=pot)
    freeze(round)
    watcher = open_page()
    watcher.goto(round.get_absolute_url())
    number = watcher.locator("[data-live-fragment] .stat__value")
    watcher.locator("[data-live=on]").wait_for()
    marked = "window.stillTheSamePage = true"
    watcher.evaluate(marked)
    for votes in (1, 2):
        voter = open_page(UserFactory())
        people.choose(voter, round, project.code)
        people.cast(voter)
        number.filter(has_text=str(votes)).wait_for()
    assert watcher.evaluate("window.stillTheSamePage")
