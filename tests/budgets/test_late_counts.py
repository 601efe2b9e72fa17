"""Counts that come late or once more: only what lies in the box now is published, and nothing is said twice."""

from collections.abc import Iterator
from typing import Any

import pytest

from budgets.actions import tallies
from budgets.actions.sweeps import sweep_rounds
from budgets.actions.tallies import count_round
from budgets.models import BoardEntry, Result, Round
from tests.budgets.conftest import Town
from tests.budgets.strikes import count, strike, voted_town
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(db: None) -> Town:
    return voted_town()


def said(town: Town) -> list[int]:
    """How many ballots each result on the board stands on."""
    results = BoardEntry.objects.filter(round=town.round, kind="result").order_by("seq")
    return [entry.body["ballots"] for entry in results]


def overtaken(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """One counter has read the ballots; then a ballot is struck out, and another one counts and publishes; the first ends."""
    read = tallies.elections

    def slowly(round: Round) -> Iterator[Any]:
        monkeypatch.setattr(tallies, "elections", read)
        before = list(read(round))
        strike(town)
        count(town)
        yield from before

    monkeypatch.setattr(tallies, "elections", slowly)
    count_round(round_id=town.round.pk, now=NOW)


@pytest.mark.parametrize("published", [False, True], ids=["the first count", "a recount"])
def test_a_count_that_a_strike_has_overtaken_is_never_published(
    town: Town, monkeypatch: pytest.MonkeyPatch, published: bool
) -> None:
    if published:
        count(town)
        Round.objects.filter(pk=town.round.pk).update(recount_due=True)
    overtaken(town, monkeypatch)
    first = Result.objects.get(pot=town.whole)
    assert first.snapshot["ballots"] == 23
    assert Result.objects.outdated().count() == 0
    sweep_rounds(now=NOW)
    assert Result.objects.get(pot=town.whole) == first
    assert said(town) == [24, 23][not published :]


def test_a_count_that_a_strike_has_overtaken_leaves_the_recount_due(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.budgets.test_late_counts.count", lambda town: None)
    overtaken(town, monkeypatch)
    town.round.refresh_from_db()
    assert town.round.recount_due
    assert not Result.objects.exists()
    assert sweep_rounds(now=NOW) == [town.round.slug]
    assert said(town) == [23]


def test_a_pot_in_which_nothing_was_struck_out_keeps_its_count(town: Town) -> None:
    count(town)
    before = town.ward.tallies.get(rule="greedy")
    strike(town)
    sweep_rounds(now=NOW)
    assert Result.objects.get(pot=town.ward).tally == before == town.ward.tallies.get(rule="greedy")
    assert said(town) == [24, 23]


def test_another_engine_that_comes_to_the_same_outcome_publishes_nothing(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    count(town)
    results = list(Result.objects.order_by("pk").values())
    monkeypatch.setattr(tallies, "VERSION", "another")
    count(town)
    sweep_rounds(now=NOW)
    assert town.whole.tallies.filter(rule="greedy").count() == 2
    assert list(Result.objects.order_by("pk").values()) == results
    assert said(town) == [24]
    later = town.whole.tallies.get(rule="greedy", version="another")
    later.outcome["selected"], later.outcome["cost"] = ["2"], 500_000
    later.save()
    sweep_rounds(now=NOW)
    assert said(town) == [24, 24], "another outcome is said"
    assert Result.objects.get(pot=town.whole).tally == later
