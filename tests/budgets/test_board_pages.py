"""The ballot box in the browser: the receipt that is found, and what the page never tells."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from budgets.actions import board
from budgets.actions.ballots import cast_ballot
from budgets.actions.results import certify_results
from budgets.actions.sweeps import sweep_rounds
from budgets.models import Ballot, UrnBallot
from budgets.templatetags.codes import grouped
from tests.budgets.conftest import Town, build_town
from tests.factories import NOW, BallotFactory, RoundFactory, staff_of

pytestmark = pytest.mark.django_db


def look(client: Client, town: Town, receipt: str = "") -> str:
    return client.post(reverse("budgets:board", args=[town.round.slug]), {"receipt": receipt}).content.decode()


def fill(town: Town, number: int) -> None:
    for _ in range(number):
        BallotFactory(round=town.round, choices={"whole": ["1"]})


def test_a_receipt_from_the_urn_to_the_published_ballots(client: Client) -> None:
    town = build_town(voting=False, closed=True, counting_rule="greedy")
    fill(town, 22)
    leaf = UrnBallot.objects.order_by("leaf")[3].leaf
    assert "goes on the board together with others" in look(client, town, leaf)
    sweep_rounds(now=NOW)
    spaced = " ".join([leaf[:20], leaf[20:40].upper(), leaf[40:]])
    page = look(client, town, spaced)
    assert "it counts" in page
    assert "as code 4 of 22" in page
    assert "The ballots are out" not in page
    assert client.get(reverse("budgets:ballots_file", args=[town.round.slug])).status_code == 404
    certify_results(by=staff_of(town.place, "organiser"), round_id=town.round.pk, now=NOW + timedelta(hours=1))
    assert "It is among the published ballots." in look(client, town, leaf)
    lines = b"".join(client.get(reverse("budgets:ballots_file", args=[town.round.slug])))  # type: ignore[arg-type]
    leaves = [json.loads(line)["leaf"] for line in lines.decode().splitlines()]
    assert leaves == sorted(Ballot.objects.values_list("leaf", flat=True))


@pytest.mark.parametrize(("code", "said"), [("abc", "not a whole receipt"), ("0" * 64, "No ballot with this code")])
def test_a_receipt_that_leads_nowhere_is_kept_and_explained(client: Client, town: Town, code: str, said: str) -> None:
    page = look(client, town, code)
    assert said in page
    assert f">{grouped(code)}</textarea>" in page


def test_a_replaced_receipt_says_so(client: Client, town: Town) -> None:
    resident = town.resident()
    first = cast_ballot(by=resident, round_id=town.round.pk, selections={"whole": ["1"]})
    fill(town, board.LEAST_BATCH)
    board.seal(round_id=town.round.pk)
    cast_ballot(by=resident, round_id=town.round.pk, selections={"whole": ["2"]})
    assert "This ballot was replaced" in look(client, town, first.receipt)


def test_the_board_as_a_file_is_a_chain(client: Client, town: Town) -> None:
    fill(town, board.LEAST_BATCH)
    board.seal(round_id=town.round.pk)
    response = client.get(reverse("budgets:board_file", args=[town.round.slug]))
    entries = [json.loads(line) for line in b"".join(response).decode().splitlines()]  # type: ignore[arg-type]
    assert [entry["kind"] for entry in entries] == ["open", "batch"]
    assert entries[1]["previous"] == entries[0]["hash"]
    assert "selections" not in str(entries)


def test_rounds_without_a_box_have_no_such_page(client: Client) -> None:
    round = RoundFactory(imported=True)
    assert client.get(reverse("budgets:board", args=[round.slug])).status_code == 404
