"""The ballot box in the browser: the receipt that is found, and what the page never tells."""

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from asgiref.sync import async_to_sync
from django.contrib.auth.models import AnonymousUser
from django.test import AsyncRequestFactory, Client
from django.urls import reverse

from budgets.actions import board
from budgets.actions.ballots import cast_ballot
from budgets.actions.errata import propose_erratum, publish_erratum
from budgets.actions.strikes import confirm_strikes, propose_strikes
from budgets.actions.sweeps import sweep_rounds
from budgets.models import Ballot, BoardEntry, Elector, Round, Strike, UrnBallot
from budgets.templatetags.codes import grouped
from budgets.views.board import board_file
from tests.budgets.conftest import Town, build_town, seal_all
from tests.factories import NOW, BallotFactory, RoundFactory, certify, staff_of

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
    certify(by=staff_of(town.place, "organiser"), round_id=town.round.pk, now=NOW + timedelta(hours=1))
    assert "It is among the published ballots." in look(client, town, leaf)
    lines = b"".join(client.get(reverse("budgets:ballots_file", args=[town.round.slug])))  # type: ignore[arg-type]
    leaves = [json.loads(line)["leaf"] for line in lines.decode().splitlines()]
    assert leaves == sorted(Ballot.objects.values_list("leaf", flat=True))


def test_a_certified_box_that_nobody_used_has_a_file_without_ballots(client: Client) -> None:
    town = build_town(voting=False, closed=True, counting_rule="greedy")
    sweep_rounds(now=NOW)
    certify(by=staff_of(town.place, "organiser"), round_id=town.round.pk, now=NOW + timedelta(hours=1))
    address = reverse("budgets:ballots_file", args=[town.round.slug])
    assert f'href="{address}"' in look(client, town)
    response = client.get(address)
    assert (response.status_code, b"".join(response)) == (200, b"")  # type: ignore[arg-type]


@pytest.mark.parametrize(("code", "said"), [("abc", "not a whole receipt"), ("0" * 64, "No ballot with this code")])
def test_a_receipt_that_leads_nowhere_is_kept_and_explained(client: Client, town: Town, code: str, said: str) -> None:
    page = look(client, town, code)
    assert said in page
    assert f">{grouped(code)}</textarea>" in page


def test_a_replaced_receipt_says_so(client: Client, town: Town) -> None:
    resident = town.resident()
    first = cast_ballot(by=resident, round_id=town.round.pk, selections={"whole": ["1"]})
    seal_all(town)
    cast_ballot(by=resident, round_id=town.round.pk, selections={"whole": ["2"]})
    assert "This ballot was replaced" in look(client, town, first.receipt)


def test_the_board_as_a_file_is_a_chain(client: Client, town: Town) -> None:
    seal_all(town)
    response = client.get(reverse("budgets:board_file", args=[town.round.slug]))
    entries = [json.loads(line) for line in b"".join(response).decode().splitlines()]  # type: ignore[arg-type]
    assert [entry["kind"] for entry in entries] == ["open", "batch"]
    assert entries[1]["previous"] == entries[0]["hash"]
    assert "selections" not in str(entries)


def test_rounds_without_a_box_have_no_such_page(client: Client) -> None:
    round = RoundFactory(imported=True)
    assert client.get(reverse("budgets:board", args=[round.slug])).status_code == 404


def page_of(client: Client, town: Town, **query: str) -> str:
    return client.get(reverse("budgets:board", args=[town.round.slug]), query).content.decode()


def test_an_empty_box_stands(client: Client) -> None:
    """Nobody voted: closed, counted and certified all the same."""
    assert "The box is open" in page_of(client, build_town())
    town = build_town(voting=False, closed=True, counting_rule="greedy", challenge_days=3)
    assert "The box is closed" in page_of(client, town)
    sweep_rounds(now=NOW)
    with time_machine.travel(NOW, tick=False):
        page = page_of(client, town)
    assert "The count can be challenged" in page
    assert "It adds up" in page
    assert "<strong>0</strong> people voted" in page
    with time_machine.travel(NOW + timedelta(days=4), tick=False):
        assert "The count waits for a second person" in page_of(client, town)
    certify(by=staff_of(town.place, "organiser"), round_id=town.round.pk, now=NOW + timedelta(days=4))
    page = page_of(client, town)
    assert "The outcome is certified" in page
    assert "Nobody can find out any more whose ballot is whose." not in page
    board.destroy_keys(round_id=town.round.pk)
    assert "Nobody can find out any more whose ballot is whose." in page_of(client, town)


def test_a_box_is_there_before_voting_opens(client: Client) -> None:
    town = build_town(voting=False, review=True)
    assert "The box is ready, and empty" in page_of(client, town)
    overview = client.get(town.round.get_absolute_url()).content.decode()
    assert reverse("budgets:board", args=[town.round.slug]) in overview


@pytest.fixture
def disputed(db: None) -> tuple[Town, dict[str, str]]:
    """A closed box with a replaced and a struck ballot, counted again; and the codes: standing, replaced, struck."""
    town = build_town(voting=True, counting_rule="greedy")
    resident = town.resident()
    codes = {"replaced": cast_ballot(by=resident, round_id=town.round.pk, selections={"whole": ["1"]}).receipt}
    seal_all(town)
    codes["standing"] = cast_ballot(by=resident, round_id=town.round.pk, selections={"whole": ["2"]}).receipt
    guest = town.resident()
    codes["struck"] = cast_ballot(by=guest, round_id=town.round.pk, selections={"whole": ["3"]}).receipt
    Round.objects.filter(pk=town.round.pk).update(voting_closes_at=NOW - timedelta(hours=1))
    town.round.refresh_from_db()
    sweep_rounds(now=NOW)
    first, second = staff_of(town.place, "organiser"), staff_of(town.place, "organiser")
    elector = Elector.objects.get(round=town.round, person=guest)
    Elector.objects.filter(pk=elector.pk).update(person=None)  # the account is gone meanwhile: nobody has to be told
    strikes = propose_strikes(
        by=first, round_id=town.round.pk, elector_ids=[elector.pk], now=NOW, reason=Strike.Reason.NOT_ENTITLED,
        explanation="a <guest>", note="Said so.",
    )  # fmt: skip
    confirm_strikes(by=second, round_id=town.round.pk, strike_ids=[strike.pk for strike in strikes], now=NOW)
    sweep_rounds(now=NOW)
    return town, codes


def test_strikes_and_replaced_ballots_stay_explained(client: Client, disputed: tuple[Town, dict[str, str]]) -> None:
    town, codes = disputed
    for certified in (False, True):
        if certified:
            certify(by=staff_of(town.place, "organiser"), round_id=town.round.pk, now=NOW + timedelta(days=4))
            assert not UrnBallot.objects.filter(round=town.round).exists()
        assert "and it counts" in look(client, town, codes["standing"])
        assert "This ballot was replaced" in look(client, town, codes["replaced"])
        struck = look(client, town, codes["struck"])
        assert "This ballot was struck out" in struck
        assert "The reason: Not entitled to vote in this round: a &lt;guest&gt;" in struck
        page = page_of(client, town)
        assert "1 ballot struck out" in page
        assert "It adds up" in page
        voters = BoardEntry.objects.get(round=town.round, kind="close").body["ballots"]
        assert f"<strong>{voters}</strong> ballots in the box" in page
        assert f"<strong>{voters + 1}</strong> codes on the board" in page


def test_corrections_are_listed(client: Client, disputed: tuple[Town, dict[str, str]]) -> None:
    town, _codes = disputed
    people = [staff_of(town.place, "organiser") for _ in range(3)]
    certify(by=people[0], round_id=town.round.pk, now=NOW + timedelta(days=4))
    erratum = propose_erratum(by=people[1], round_id=town.round.pk, now=NOW, text="It was 4 & not 5 streets.")
    assert "not 5 streets" not in page_of(client, town)
    publish_erratum(by=people[2], erratum_id=erratum.pk, now=NOW)
    page = page_of(client, town)
    assert "<li>It was 4 &amp; not 5 streets." in page


def test_the_board_is_filtered_and_turned_over_to_a_line(client: Client, town: Town) -> None:
    for _ in range(40):
        board.write(town.round, "batch", {"leaves": ["0" * 64], "root": "0" * 64})
    assert 'id="line-40"' in page_of(client, town)
    assert 'id="line-5"' not in page_of(client, town)
    assert 'id="line-5"' in page_of(client, town, line="5")
    assert 'id="line-10"' in page_of(client, town, page="2")
    signed = page_of(client, town, signed="1")
    assert 'id="line-0"' in signed
    assert 'id="line-40"' not in signed
    for nonsense in ("-1", "x", "9" * 30, "²"):
        assert 'class="board__entry' in page_of(client, town, line=nonsense)


def test_a_long_board_costs_as_much_as_a_short_one(
    client: Client, town: Town, django_assert_max_num_queries: Any
) -> None:
    """However many batches there are: the same queries, and no leaves are read."""
    counts = []
    page_of(client, town)  # fills the caches of the site's settings
    for _ in range(2):
        for _ in range(40):
            board.write(town.round, "batch", {"leaves": ["0" * 64], "root": "0" * 64})
        with django_assert_max_num_queries(20) as queries:
            page_of(client, town)
        counts.append(len(queries))
        assert not any(', "budgets_boardentry"."body"' in query["sql"] for query in queries.captured_queries)
    assert counts[0] == counts[1]


def test_a_balance_that_does_not_hold_is_said_out_loud(client: Client) -> None:
    town = build_town(voting=False, closed=True, counting_rule="greedy")
    fill(town, 2)
    Elector.objects.filter(round=town.round).first().delete()  # type: ignore[union-attr]
    sweep_rounds(now=NOW)
    assert "It does not add up" in page_of(client, town)


def test_a_server_of_the_async_kind_sends_files_bit_by_bit(town: Town) -> None:
    seal_all(town)
    request = AsyncRequestFactory().get("/")
    request.user = AnonymousUser()
    response = board_file(request, town.round.slug)
    assert response.is_async

    async def collected() -> list[bytes]:
        return [part async for part in response]  # type: ignore[union-attr]

    lines = b"".join(async_to_sync(collected)()).decode().splitlines()
    assert [json.loads(line)["kind"] for line in lines] == ["open", "batch"]
