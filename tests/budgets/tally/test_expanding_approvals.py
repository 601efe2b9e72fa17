"""Expanding approvals: by hand, against the plain reference, under limits, and on real ballots."""

import json
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budgets.tally import verify
from budgets.tally.count import count, count_traced
from budgets.tally.election import Election, TallyProject
from budgets.tally.expanding_approvals import ranks_of
from budgets.tally.explain import sentence
from budgets.tally.incidence import Incidence
from budgets.tally.rules import PRESETS, Quota, Rule
from budgets.tally.ties import tie_order
from tests.budgets.tally.data import needs_files, real, small
from tests.budgets.tally.reference_expanding_approvals import expanding_approvals

pytestmark = pytest.mark.pure

RULE = Rule("r", "expanding-approvals")
PER_COST = Rule("r", "expanding-approvals", score="votes-per-cost")
IDS = "abcdefg"
PARTS = ["abc", "abc", "b"]
Drawn = tuple[Election, dict[str, int], list[dict[str, int]]]


@st.composite
def elections(draw: st.DrawFn, vote_type: str = "ordinal") -> Drawn:
    """The votes as points too, more for what is preferred."""
    costs = dict(zip(IDS, draw(st.lists(st.sampled_from([0, 1, 2, 3, 4, 6, 12]), min_size=1, max_size=7))))
    known = st.sampled_from(sorted(costs))
    if vote_type == "ordinal":
        ballots: Any = draw(st.lists(st.lists(known, unique=True, max_size=5), min_size=1, max_size=9))
        votes = [{p: -rank for rank, p in enumerate(ballot)} for ballot in ballots]
    else:
        value = st.integers(1, 3) if vote_type == "scoring" else st.just(1)
        ballots = votes = draw(st.lists(st.dictionaries(known, value, max_size=5), min_size=1, max_size=9))
    return small(draw(st.sampled_from([0, 1, 6, 9, 12, 18, 24])), costs, ballots, vote_type), costs, votes


def test_the_rank_at_which_enough_agree_decides() -> None:
    """Six voters of 10 each. At rank 1 only a is paid, by all its voters have; at rank 2 the other three can pay b."""
    ballots = ["ab", "ab", "ab", "cb", "db", "eb"]
    tally, lines = count_traced(small(60, dict.fromkeys("abcde", 30), ballots, "ordinal"), RULE)
    assert tally.selected == ("a", "b")
    assert [line for line in map(json.loads, lines) if line["type"] == "purchase"] == [
        {"type": "purchase", "project": "a", "rank": 1, "part": "1/1"},
        {"type": "purchase", "project": "b", "rank": 2, "part": "1/1"},
    ]
    assert tally.log["ranks"] == 2
    dearer = count(small(60, {**dict.fromkeys("acde", 30), "b": 31}, ballots, "ordinal"), RULE)
    assert dearer.selected == ("a",)
    assert sentence(dearer.projects[1]) == "Not funded: its 6 supporters had £0.30 left of the £0.31 it costs."


def test_a_purchase_takes_the_same_part_of_what_each_has_left() -> None:
    """After a (10 of the 20 held) its two voters hold 5 each, the third 10; b takes three quarters of that from each."""
    tally, lines = count_traced(small(30, {"a": 10, "b": 15, "c": 2}, PARTS, "ordinal"), RULE)
    steps = [(line["project"], line["rank"], line["part"]) for line in map(json.loads, lines) if "part" in line]
    assert steps == [("a", 1, "1/2"), ("b", 2, "3/4"), ("c", 3, "4/5")]
    assert [sentence(row) for row in tally.projects] == [
        "Funded, 1st: the 2 supporters with it as first choice held £0.20 together, and it costs £0.10.",
        "Funded, 2nd: the 3 supporters with it among their first 2 choices held £0.20 together, and it costs £0.15.",
        "Funded, 3rd: the 2 supporters with it among their first 3 choices held £0.02 together, and it costs £0.02.",
    ]


def test_ranks_count_what_is_preferred() -> None:
    election = small(1, dict.fromkeys("abcd", 1), [{"a": 5, "b": 3, "c": 5, "d": 1}, {"b": 2, "d": 2}], "scoring")
    assert ranks_of(election).tolist() in ([1, 3, 1, 4, 1, 1], [1, 1, 1, 3, 1, 4])
    assert ranks_of(small(1, {"a": 1}, ["a"])).tolist() == [1]
    assert ranks_of(small(1, {"a": 1}, [[]], "ordinal")).tolist() == []


@pytest.mark.parametrize("vote_type", ["ordinal", "approval", "scoring"])
@pytest.mark.parametrize("rule", [RULE, PER_COST])
@settings(max_examples=80, deadline=None)
@given(st.data())
def test_as_the_reference(vote_type: str, rule: Rule, data: st.DataObject) -> None:
    """In exact fractions throughout: whole coins never change a decision here, ties included."""
    election, costs, votes = data.draw(elections(vote_type))
    place = dict(zip(election.ids, tie_order(election, rule, Incidence.of(election).votes), strict=True))
    known = {p: cost for p, cost in costs.items() if cost <= election.budget and any(p in ballot for ballot in votes)}
    # Ranks count all the projects of a ballot, those that cannot be bought too.
    per_cost = rule.score == "votes-per-cost"
    expected = expanding_approvals(known, votes, election.budget, per_cost, place.__getitem__)
    tally, lines = count_traced(election, rule)
    assert [(line["project"], line["rank"]) for line in map(json.loads, lines) if "rank" in line] == expected
    assert list(tally.selected) == [p for p, _ in expected]


LIMITED: dict[str, Any] = {
    "caps": (Quota("area", "north", 6),),
    "guarantees": (Quota("area", "south", 4),),
    "incompatible": (("a", "b"),),
}


@settings(max_examples=80, deadline=None)
@given(elections(), st.booleans(), st.integers(0, 9))
def test_limits_hold_and_the_verifier_agrees(drawn: Drawn, completed: bool, seed: int) -> None:
    election, costs, votes = drawn
    projects = [TallyProject(p, cost, area="north" if p in "ace" else "south") for p, cost in costs.items()]
    ballots = [sorted(ballot, key=lambda p: -ballot[p]) for ballot in votes]
    limited = Election.build(budget=election.budget, projects=projects, ballots=ballots, vote_type="ordinal", unit=1)
    rule = Rule(
        "r", "expanding-approvals", completion="utilitarian" if completed else "none", lot_seed=str(seed), **LIMITED
    )
    tally, lines = count_traced(limited, rule)
    assert verify.verify(lines).startswith("holds")
    assert sum(costs[p] for p in tally.selected if p in "ace") <= 6
    assert not {"a", "b"} <= set(tally.selected)
    assert tally.cost <= election.budget
    for row in tally.projects:
        assert sentence(row).startswith("Funded" if row["selected"] else "Not funded")
    shuffled = random.Random(seed).sample(ballots, len(ballots))
    again = Election.build(
        budget=election.budget, projects=projects[::-1], ballots=shuffled, vote_type="ordinal", unit=1
    )
    assert count(again, rule).to_json() == tally.to_json()


Lines = list[dict[str, Any]]


def another_rank(lines: Lines) -> None:
    lines[3]["rank"] = 3


def an_earlier_rank(lines: Lines) -> None:
    lines[3]["rank"] = 1


def another_part(lines: Lines) -> None:
    lines[2]["part"] = "1/3"


def another_order(lines: Lines) -> None:
    lines[2], lines[3] = lines[3], lines[2]


def one_purchase_less(lines: Lines) -> None:
    del lines[4]
    lines[-1]["selected"] = ["a", "b"]
    lines[-1]["cost"] = 25


@pytest.mark.parametrize("forgery", [another_rank, an_earlier_rank, another_part, another_order, one_purchase_less])
def test_forgeries_are_refused(forgery: Callable[[Lines], None]) -> None:
    election = small(30, {"a": 10, "b": 15, "c": 2}, PARTS, "ordinal")
    lines = [json.loads(line) for line in count_traced(election, RULE)[1]]
    assert verify.verify(map(json.dumps, lines)).startswith("holds")
    forgery(lines)
    with pytest.raises(verify.WrongError):
        verify.verify(map(json.dumps, lines))


@needs_files
@pytest.mark.parametrize(
    ("name", "winners"),
    [("Switzerland_Zurich_S5R.pb", 9), ("Poland_Krakow_2021.pb", 43), ("Poland_Lodz_2022.pb", 52)],
)
def test_real_ballots(name: str, winners: int) -> None:
    tally, lines = count_traced(real(name), PRESETS["expanding-approvals"])
    assert len(tally.selected) == winners
    if "Lodz" not in name:  # there the verifier takes seconds
        assert verify.verify(lines).startswith("holds")


def test_a_thousand_winners() -> None:
    """Coins stay as short as they were: exact fractions would long have filled the memory."""
    projects = {f"p{i:04}": 1 for i in range(1200)}
    rng = np.random.default_rng(7)
    ballots = [[f"p{i:04}" for i in rng.permutation(1200)[:40]] for _ in range(300)]
    tally, lines = count_traced(small(1100, projects, ballots, "ordinal"), PRESETS["expanding-approvals"])
    assert tally.cost == len(tally.selected) == 1100
    assert max(len(line) for line in lines if '"purchase"' in line) < 200
