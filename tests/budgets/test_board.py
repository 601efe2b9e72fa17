"""The board and the urn: what is sealed, what closing and certifying leave behind, and what nobody can change."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.test import Client

from budgets.actions import board
from budgets.actions.ballots import ballot_of, cast_ballot
from budgets.actions.sweeps import sweep_boards, sweep_rounds
from budgets.keys import has_urn_key
from budgets.models import Ballot, BoardEntry, Elector, Result, Round, UrnBallot
from budgets.models.urn import counted_ballots
from budgets.proofs import entry_hash, root
from tests.budgets.conftest import Town, build_town, seal_all
from tests.factories import NOW, BallotFactory, certify, staff_of
from tests.refusals import refuses

pytestmark = pytest.mark.django_db


def entries(round: Round) -> list[BoardEntry]:
    return list(BoardEntry.objects.filter(round=round).order_by("seq"))


def fill(town: Town, number: int) -> None:
    for n in range(number):
        BallotFactory(round=town.round, choices={"whole": ["1", "3"] if n % 3 else ["2"]})


def chain_holds(round: Round) -> bool:
    previous = board.FIRST
    for seq, entry in enumerate(entries(round)):
        stated = {"round": round.slug, "seq": seq, "kind": entry.kind, "body": entry.body, "previous": previous}
        if (entry.seq, entry.previous, entry.hash) != (seq, previous, entry_hash(stated)):
            return False
        previous = entry.hash
    return True


def test_a_batch_waits_until_nobody_stands_out(town: Town) -> None:
    fill(town, 2 * board.LEAST_BATCH - 1)
    assert board.seal(round_id=town.round.pk) == 0
    fill(town, 1)
    before = set(UrnBallot.objects.values_list("id", "leaf", "handle", "selections"))
    assert board.seal(round_id=town.round.pk) == board.LEAST_BATCH
    assert set(UrnBallot.objects.values_list("id", "leaf", "handle", "selections")) == before
    batch = entries(town.round)[-1]
    leaves = sorted(UrnBallot.objects.filter(batch=batch.seq).values_list("leaf", flat=True))
    assert batch.body == {"leaves": leaves, "root": root(leaves)}
    assert board.seal(round_id=town.round.pk) == 0
    assert chain_holds(town.round)


def test_the_last_batch_is_never_a_single_late_voter(town: Town) -> None:
    """Whoever voted last, and said so, would be known by the batch at the close."""
    fill(town, 2 * board.LEAST_BATCH)
    board.seal(round_id=town.round.pk)
    fill(town, 1)
    assert board.seal(round_id=town.round.pk) == 0
    Round.objects.update(voting_closes_at=NOW)
    sweep_rounds(now=NOW)
    sizes = [len(entry.body["leaves"]) for entry in entries(town.round) if entry.kind == "batch"]
    assert sizes == [board.LEAST_BATCH, board.LEAST_BATCH + 1]


def test_sealed_ballots_lie_in_the_order_of_their_leaves(town: Town) -> None:
    fill(town, 2 * board.LEAST_BATCH)
    board.seal(round_id=town.round.pk)
    place = "ctid" if connection.vendor == "postgresql" else "rowid"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT leaf FROM budgets_urnballot WHERE batch IS NOT NULL ORDER BY {place}")
        stored = [leaf for (leaf,) in cursor.fetchall()]
    assert stored == sorted(stored)


@pytest.mark.parametrize("change", ["UPDATE budgets_boardentry SET kind = 'close'", "DELETE FROM budgets_boardentry"])
def test_the_database_refuses_to_change_the_board(town: Town, change: str) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)
    assert len(entries(town.round)) == 1


@pytest.mark.parametrize("triggers", ["ON", "OFF"])
@pytest.mark.parametrize("number", ["id", "id + 1000"], ids=["same id", "another id"])
def test_no_entry_of_the_board_is_pushed_out_by_a_replace(town: Town, number: str, triggers: str) -> None:
    """What PostgreSQL does not even read as a statement. Another program may open the file without our PRAGMA."""
    before = entries(town.round)[0].body
    columns = "round_id, seq, kind, body, previous, hash, signature"
    forged = columns.replace("body", "'{}'")
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA recursive_triggers")
            assert cursor.fetchone() == (1,)
            cursor.execute(f"PRAGMA recursive_triggers = {triggers}")
        try:
            with pytest.raises(DatabaseError), transaction.atomic():
                cursor.execute(
                    f"INSERT OR REPLACE INTO budgets_boardentry (id, {columns}) "
                    f"SELECT {number}, {forged} FROM budgets_boardentry"
                )
        finally:
            if connection.vendor == "sqlite":
                cursor.execute("PRAGMA recursive_triggers = ON")
    assert entries(town.round)[0].body == before


def test_what_a_changed_vote_leaves_is_written_anew_with_the_next_batch(town: Town) -> None:
    """By the transaction or the place of that row one could find the ballot that came in its place."""
    person = town.resident()
    cast_ballot(by=person, round_id=town.round.pk, selections={"whole": ["1"]})
    seal_all(town)
    cast_ballot(by=person, round_id=town.round.pk, selections={"whole": ["2"]})
    fill(town, 2 * board.LEAST_BATCH)
    board.seal(round_id=town.round.pk)
    last = entries(town.round)[-1].seq
    postgres = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        column, order = ("xmin::text", "ctid") if postgres else ("rowid", "rowid")
        cursor.execute(
            f"SELECT leaf, {column} FROM budgets_urnballot WHERE batch = {last} OR state = 'superseded' ORDER BY {order}"
        )
        rows = cursor.fetchall()
    assert len(rows) > board.LEAST_BATCH
    if postgres:
        assert len({mark for _leaf, mark in rows}) == 1
    else:
        assert [leaf for leaf, _mark in rows] == sorted(leaf for leaf, _mark in rows)


def test_a_changed_vote_leaves_its_sealed_leaf_and_nothing_else(town: Town) -> None:
    resident = town.resident()
    first = cast_ballot(by=resident, round_id=town.round.pk, selections={"whole": ["1"]})
    seal_all(town)
    second = cast_ballot(by=resident, round_id=town.round.pk, selections={"whole": ["2"]})
    replaced = UrnBallot.objects.get(leaf=first.receipt)
    assert (replaced.state, replaced.handle, replaced.selections, replaced.salt) == ("superseded", None, "", "")
    mine = ballot_of(resident, town.round)
    assert mine is not None
    assert (mine.leaf, mine.batch, mine.revision) == (second.receipt, None, 1)
    assert counted_ballots(town.round).filter(leaf=second.receipt).exists()
    third = cast_ballot(by=resident, round_id=town.round.pk, selections={"whole": ["3"]})
    assert not UrnBallot.objects.filter(leaf=second.receipt).exists(), "never sealed, so nobody knows of it"
    assert third.revision == 2


def certified(town: Town) -> Round:
    sweep_rounds(now=NOW)
    certify(by=staff_of(town.place, "organiser"), round_id=town.round.pk, now=NOW + timedelta(hours=1))
    town.round.refresh_from_db()
    return town.round


@pytest.fixture
def closed(db: None) -> Town:
    town = build_town(voting=False, closed=True, counting_rule="greedy")
    fill(town, 25)
    return town


def test_closing_seals_the_rest_and_says_how_many(closed: Town) -> None:
    sweep_rounds(now=NOW)
    kinds = [entry.kind for entry in entries(closed.round)]
    assert kinds == ["open", "batch", "close", "result"]
    body = entries(closed.round)[2].body
    leaves = sorted(UrnBallot.objects.values_list("leaf", flat=True))
    assert body == {"ballots": 25, "root": root(leaves), "superseded": [], "voted": {"web": 25}}
    assert [bool(entry.signature) for entry in entries(closed.round)] == [True, False, True, True]
    sweep_rounds(now=NOW)
    assert len(entries(closed.round)) == 4
    assert chain_holds(closed.round)


def test_certifying_opens_the_box_and_cuts_every_link(closed: Town) -> None:
    before = sorted(UrnBallot.objects.values_list("leaf", "selections", "salt"))
    round = certified(closed)
    assert not UrnBallot.objects.exists()
    assert sorted(Ballot.objects.values_list("leaf", "selections", "salt")) == before
    assert {field.name for field in Ballot._meta.get_fields()} == {"id", "round", "selections", "salt", "leaf", "batch"}
    assert entries(round)[-1].body["state"] == "certified"
    assert has_urn_key(round.rules["board_key"])
    assert sweep_boards(now=NOW) == 1
    assert not has_urn_key(round.rules["board_key"])
    assert entries(round)[-1].kind == "key_destroyed"
    assert sweep_boards(now=NOW) == 0
    assert chain_holds(round)


def test_a_crash_between_the_key_and_the_board_is_made_good(closed: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    round = certified(closed)
    with monkeypatch.context() as patched:
        patched.setattr(board, "write", lambda *args: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            sweep_boards(now=NOW)
    assert not has_urn_key(round.rules["board_key"])
    assert sweep_boards(now=NOW) == 1
    assert entries(round)[-1].kind == "key_destroyed"


def test_a_box_that_does_not_balance_is_not_certified(closed: Town) -> None:
    sweep_rounds(now=NOW)
    Elector.objects.filter(round=closed.round).first().delete()  # type: ignore[union-attr]
    with refuses("out_of_balance"):
        certify(by=staff_of(closed.place, "organiser"), round_id=closed.round.pk, now=NOW)
    assert UrnBallot.objects.count() == 25
    assert not Ballot.objects.exists()


def test_after_certification_nobody_finds_the_own_ballot(town: Town) -> None:
    resident = town.resident()
    cast_ballot(by=resident, round_id=town.round.pk, selections={"whole": ["1"]})
    assert ballot_of(resident, town.round)
    Round.objects.filter(pk=town.round.pk).update(voting_closes_at=NOW - timedelta(hours=1), publish_at_close=True)
    certified(town)
    sweep_boards(now=NOW)
    assert ballot_of(resident, town.round) is None


def lose_keys(round: Round) -> None:
    for kind in ("urn", "board"):
        (Path(settings.KEY_DIR) / f"{round.rules['board_key']}.{kind}").unlink()


def test_a_ballot_is_refused_while_the_key_cannot_be_reached_and_nobody_is_marked_as_having_voted(town: Town) -> None:
    lose_keys(town.round)
    with refuses("keys_unreachable"):
        cast_ballot(by=town.resident(), round_id=town.round.pk, selections={"whole": ["1"]})
    assert not UrnBallot.objects.exists()
    assert not Elector.objects.filter(status=Elector.Status.VOTED).exists()


def test_the_page_keeps_the_choices_while_the_key_cannot_be_reached(town: Town, sign_in: Callable[..., Client]) -> None:
    lose_keys(town.round)
    client = sign_in(town.resident())
    ballot = {"pot-whole": ["1"], "old_enough": "on"}
    page = client.post(f"/rounds/{town.round.slug}/vote/check/", ballot)
    assert page.status_code == 503
    assert "Try again in a few minutes" in page.content.decode()
    assert re.search(r'<input[^>]* name="pot-whole" value="1"[^>]* checked', page.content.decode())
    answer = client.post(f"/rounds/{town.round.slug}/vote/check/", ballot, headers={"accept": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (503, "keys_unreachable")


def test_a_round_that_cannot_be_published_yet_keeps_no_other_waiting(closed: Town) -> None:
    stuck = build_town(voting=False, closed=True)
    Round.objects.filter(pk=stuck.round.pk).update(counted_at=NOW)  # and no count of it is there
    sweep_rounds(now=NOW)
    assert Result.objects.filter(pot__round=closed.round).exists()
    assert not Result.objects.filter(pot__round=stuck.round).exists()


def test_a_round_without_its_keys_keeps_no_other_waiting(closed: Town, caplog: pytest.LogCaptureFixture) -> None:
    lose_keys(closed.round)
    other = build_town(voting=False, closed=True, counting_rule="greedy")
    fill(other, 3)
    assert sweep_rounds(now=NOW) == [other.round.slug]
    assert [entry.kind for entry in entries(closed.round)] == ["open"], "nothing was written in part"
    assert "cannot be reached" in caplog.text
