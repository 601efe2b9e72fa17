"""Rules are complete, hashed and refuse what they do not know; elections have one canonical form."""

import json
from dataclasses import fields, replace

import pytest

from budgets.tally.election import MOST_MONEY, Election, TallyProject
from budgets.tally.rules import LIMITS, PRESETS, Rule
from tests.budgets.tally.data import small

pytestmark = pytest.mark.pure


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_presets_survive_json_and_have_their_own_digest(preset: str) -> None:
    rule = PRESETS[preset]
    assert rule.name == preset
    assert Rule.from_json(json.loads(json.dumps(rule.to_json()))) == rule
    assert len({other.digest for other in PRESETS.values()}) == len(PRESETS)
    assert replace(rule, name="another name").digest == rule.digest
    assert replace(rule, lot_seed="drawn on Monday").digest != rule.digest
    unused = {name for name, value in LIMITS.items() if getattr(rule, name) == value}
    assert set(rule.to_json()) == {field.name for field in fields(Rule)} - unused


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"method": "dice"},
        {"method": "greedy", "speed": 1},
        {"method": "greedy", "threshold": -1},
        {"method": "greedy", "threshold": True},
        {"method": "greedy", "increment": 0},
        {"method": "greedy", "ties": []},
        {"method": "greedy", "name": 5},
        {"method": "greedy", "ties": ["lot", "most-votes"]},
        {"method": "greedy", "ties": "lot"},
        {"method": "greedy", "ties": ["age", "lot"]},
        {"method": "greedy", "exhaustive_stop": 1},
        {"method": "greedy", "lot_seed": 7},
    ],
)
def test_unknown_rules_are_refused(document: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="rule: "):
        Rule.from_json(document)


def test_the_digest_is_of_what_decides() -> None:
    ballots = [("a", "b"), ("b",), ("b", "a"), ()]
    election = small(10, {"a": 1, "b": 2}, ballots)
    assert election.digest == small(10, {"b": 2, "a": 1}, reversed(ballots)).digest
    assert list(election.ballots()) == [((), 1), ((("a", 1), ("b", 1)), 2), ((("b", 1),), 1)]
    named = Election.build(
        budget=10, projects=[TallyProject("a", 1, "Bench"), TallyProject("b", 2)], ballots=ballots, unit=1
    )
    assert named.digest == election.digest
    assert named != election
    for other in (
        small(11, {"a": 1, "b": 2}, ballots),
        small(10, {"a": 1, "b": 3}, ballots),
        small(10, {"a": 1, "b": 2}, ballots[1:]),
        small(10, {"a": 1, "b": 2}, ballots, unit=100),
        small(10, {"a": 1, "b": 2}, ballots, "knapsack"),
    ):
        assert other.digest != election.digest


def test_the_digest_never_changes() -> None:
    """Published results name it."""
    election = small(1000, {"a": 100, "é": 250}, ["a", "aé", "aé"], unit=100)
    assert election.digest == "a3004932ddb47b9404b0bbf4cb7c99d59ad1fe6ed9a62ca351c7b14df88f30a8"


def test_ranked_and_pointed_ballots_keep_their_values() -> None:
    ranked = small(10, {"a": 1, "b": 2}, ["ba", "ab", "ba"], "ordinal")
    assert list(ranked.ballots()) == [((("a", 1), ("b", 2)), 1), ((("a", 2), ("b", 1)), 2)]
    pointed = small(10, {"a": 1, "b": 2}, [{"a": 3, "b": 0}, [("b", 2)]], "scoring")
    assert list(pointed.ballots()) == [((("a", 3),), 1), ((("b", 2),), 1)]
    for election in (ranked, pointed):
        assert Election.from_json(json.loads(json.dumps(election.to_json()))) == election


@pytest.mark.parametrize(
    ("budget", "costs", "ballots", "vote_type", "message"),
    [
        (10, {"a": 1}, ["b"], "approval", "unknown project 'b'"),
        (10, {"a": 1}, ["aa"], "approval", "names a project twice"),
        (10, {"a": 1, "b": 1}, ["ab"], "choose-1", "allows one"),
        (10, {"a": 1}, ["a"], "acclaim", "unknown vote type"),
        (10, {"a": -1}, [], "approval", "not a sum of money"),
        (-1, {"a": 1}, [], "approval", "not a sum of money"),
        (MOST_MONEY + 1, {"a": 1}, [], "approval", "not a sum of money"),
        (10.0, {"a": 1}, [], "approval", "not a sum of money"),
        (10, {"": 1}, [], "approval", "has no id"),
        (10, {"a": 1}, [{"a": 1.5}], "scoring", "whole number"),
        (10, {"a": 1}, [{"a": -1}], "scoring", "whole number"),
    ],
)
def test_elections_that_cannot_be_counted_are_refused(
    budget: int, costs: dict[str, int], ballots: list[object], vote_type: str, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        small(budget, costs, ballots, vote_type)


def test_two_projects_with_one_id_and_a_ballot_that_is_text() -> None:
    with pytest.raises(ValueError, match="share an id"):
        Election.build(budget=1, projects=[TallyProject("a", 1), TallyProject("a", 2)], ballots=[])
    with pytest.raises(ValueError, match="not one string"):
        Election.build(budget=1, projects=[TallyProject("a", 1)], ballots=["a"])
