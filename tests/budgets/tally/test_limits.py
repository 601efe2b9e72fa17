"""What a rule limits and promises: caps, guaranteed amounts, projects that exclude each other, a part for the next."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budgets.tally.count import Tally, count, winners
from budgets.tally.election import Election, TallyProject
from budgets.tally.explain import sentence
from budgets.tally.rules import Quota, Rule
from tests.budgets.tally.data import small
from tests.budgets.tally.limited import METHODS, divided, limited

pytestmark = pytest.mark.pure

EVERY = ["greedy", "equal-shares", "phragmen"]


def members(election: Election, quota: Quota) -> set[str]:
    """The ids of the projects in its area or category."""
    listed = {p.id: (p.area,) if quota.by == "area" else p.categories for p in election.projects}
    return {id for id, names in listed.items() if quota.name in names}


def spent(election: Election, tally: Tally, quota: Quota) -> int:
    among = members(election, quota).intersection(tally.selected)
    return sum(p.cost for p in election.projects if p.id in among)


@settings(max_examples=150, deadline=None)
@given(divided(), limited(METHODS))
def test_limits_hold_whatever_the_method(election: Election, rule: Rule) -> None:
    tally = count(election, rule)
    costs = {p.id: p.cost for p in election.projects}
    assert tally.cost == sum(costs[p] for p in tally.selected) <= election.budget
    for cap in rule.caps:
        assert spent(election, tally, cap) <= cap.amount
    for ids in rule.incompatible:
        assert len(set(ids).intersection(tally.selected)) <= 1
    kept = tally.comparison is None or tally.comparison["kept"]
    assert not kept or len(tally.log.get("guarantees", [])) == len(rule.guarantees)
    for promised, row in zip(rule.guarantees, tally.log.get("guarantees", []), strict=bool(kept)):
        assert set(row["selected"]) <= set(tally.selected) & members(election, promised)
        assert row["cost"] <= promised.amount
    for row in tally.projects:
        text = sentence(row)
        assert text.startswith("Not funded") == (not row["selected"] and row["reason"]["code"] != "part_funded")
        assert text.endswith(".")


@settings(max_examples=150, deadline=None)
@given(divided(), limited(METHODS))
def test_a_part_goes_to_a_project_that_may_take_it(election: Election, rule: Rule) -> None:
    tally = count(election, rule)
    part, projects = tally.part_funded, {p.id: p for p in election.projects}
    if rule.part_funding == "none":
        assert part is None
    elif part:
        assert part["project"] not in tally.selected
        assert 0 < part["amount"] <= min(projects[part["project"]].cost, election.budget - tally.cost)
        for cap in rule.caps:
            taken = part["amount"] if part["project"] in members(election, cap) else 0
            assert spent(election, tally, cap) + taken <= cap.amount
        for ids in rule.incompatible:
            assert part["project"] not in ids or not set(ids).intersection(tally.selected)


@settings(max_examples=60, deadline=None)
@given(divided(), limited(METHODS), st.randoms(use_true_random=False))
def test_the_order_of_ballots_and_projects_never_matters(election: Election, rule: Rule, random: object) -> None:
    ballots = [dict(ballot) for ballot, weight in election.ballots() for _ in range(weight)]
    projects = list(election.projects)
    random.shuffle(ballots)  # type: ignore[attr-defined]
    random.shuffle(projects)  # type: ignore[attr-defined]
    again = Election.build(budget=election.budget, projects=projects, ballots=ballots, unit=election.unit)
    assert json.dumps(count(again, rule).to_json()) == json.dumps(count(election, rule).to_json())


# -- by hand

NORTH = {"a": 6, "b": 4}
SOUTH = {"c": 5, "d": 3, "e": 2}
BALLOTS = ["ab", "ab", "ab", "abc", "acd", "cde"]


def town(budget: int = 12) -> Election:
    """Votes: a 5, b 4, c 3, d 2, e 1."""
    projects = [TallyProject(id, cost, area="North", categories=("play",)) for id, cost in NORTH.items()]
    projects += [TallyProject(id, cost, area="South") for id, cost in SOUTH.items()]
    return Election.build(budget=budget, projects=projects, ballots=[tuple(b) for b in BALLOTS], unit=1)


def test_without_limits() -> None:
    assert count(town(), Rule("r", "greedy")).selected == ("a", "b", "e")


@pytest.mark.parametrize("method", EVERY)
@pytest.mark.parametrize(("by", "name"), [("area", "North"), ("category", "play")])
def test_a_cap_leaves_out_what_would_pass_it(method: str, by: str, name: str) -> None:
    tally = count(town(100), Rule("r", method, completion="add1u", caps=(Quota(by, name, 7),)))
    assert set(tally.selected) in ({"a", "c", "d", "e"}, {"b", "c", "d", "e"})
    (out,) = [row for row in tally.projects if not row["selected"]]
    spent = sum(row["cost"] for row in tally.projects if row["selected"] and row["id"] in NORTH)
    assert out["reason"] == {"code": "over_cap", "params": {"by": by, "name": name, "cap": 7, "spent": spent}}


def test_a_cap_of_nothing_still_allows_what_is_free() -> None:
    free = [TallyProject("a", 0, area="North"), TallyProject("b", 1, area="North")]
    election = Election.build(budget=5, projects=free, ballots=[("a", "b")], unit=1)
    for method in EVERY:
        assert count(election, Rule("r", method, caps=(Quota("area", "North", 0),))).selected == ("a",)


@pytest.mark.parametrize("method", EVERY)
def test_one_of_incompatible_projects(method: str) -> None:
    tally = count(town(100), Rule("r", method, completion="add1u", incompatible=(("a", "b", "gone"), ("d", "e"))))
    assert len({"a", "b"}.intersection(tally.selected)) == len({"d", "e"}.intersection(tally.selected)) == 1
    rows = {row["id"]: row["reason"] for row in tally.projects}
    out = "b" if "a" in tally.selected else "a"
    assert rows[out] == {"code": "incompatible", "params": {"winner": "a" if out == "b" else "b"}}


def test_a_guarantee_is_counted_first_and_what_it_leaves_goes_back() -> None:
    rule = Rule("r", "greedy", guarantees=(Quota("area", "South", 8),))
    tally = count(town(), rule)
    assert tally.selected == ("c", "d", "b")
    assert tally.log["guarantees"] == [{"by": "area", "name": "South", "amount": 8, "selected": ["c", "d"], "cost": 8}]
    rows = {row["id"]: row["reason"]["code"] for row in tally.projects}
    assert rows["a"] == "over_rest"


def test_an_earlier_stage_counts_towards_a_later_guarantee() -> None:
    """What "play" got in the North's stage is part of what "play" is promised."""
    rule = Rule("r", "greedy", guarantees=(Quota("area", "North", 6), Quota("category", "play", 9)))
    log = count(town(10), rule).log["guarantees"]
    assert [(row["selected"], row["cost"]) for row in log] == [(["a"], 6), ([], 0)]
    rule = Rule("r", "greedy", guarantees=(Quota("area", "North", 6), Quota("category", "play", 10)))
    assert [row["selected"] for row in count(town(10), rule).log["guarantees"]] == [["a"], ["b"]]


def test_a_cap_spent_in_a_guaranteed_stage_binds_the_rest() -> None:
    rule = Rule("r", "greedy", caps=(Quota("category", "play", 9),), guarantees=(Quota("area", "North", 6),))
    assert count(town(100), rule).selected == ("a", "c", "d", "e")


@pytest.mark.parametrize("method", EVERY)
def test_the_next_in_line_takes_what_is_left(method: str) -> None:
    """Whatever is bought of 8, the rest is too little for the next by votes that is not."""
    tally = count(town(8), Rule("r", method, misfit="stop", part_funding="next"))
    left = 8 - tally.cost
    assert left > 0
    first = next(id for id in "abcde" if id not in tally.selected)
    assert tally.part_funded == {"project": first, "amount": left}
    assert next(row for row in tally.projects if row["id"] == first)["reason"]["code"] == "part_funded"


def test_what_is_left_and_pays_for_all_of_the_next_buys_it() -> None:
    """Nobody's share of 10 pays for b, which costs 4; a takes 5 of it, and b is next in line with 5 left."""
    election = small(10, {"a": 5, "b": 4, "c": 9}, ["a", "a", "b", "c"])
    plain = count(election, Rule("r", "equal-shares"))
    given = count(election, Rule("r", "equal-shares", part_funding="next"))
    assert plain.selected == ("a",)
    assert given.selected == ("a", "b")
    assert given.part_funded is None
    assert winners(election, Rule("r", "equal-shares", part_funding="next")) == [0, 1]


def test_no_part_for_a_project_a_winner_excludes_though_a_cap_barred_it_first() -> None:
    """b stands above its cap from the start; that does not hide that a, a winner, excludes it."""
    rule = Rule(
        "r", "greedy", caps=(Quota("category", "play", 6),), incompatible=(("b", "c"), ("a", "d")), part_funding="next"
    )
    projects = [TallyProject("b", 9, categories=("play",)), TallyProject("c", 3)]
    election = Election.build(budget=8, projects=projects, ballots=[("b", "c"), ("c",)], unit=1)
    assert count(election, rule).part_funded is None
    apart = Rule("r", "greedy", caps=rule.caps, part_funding="next")
    assert count(election, apart).part_funded is None
    assert count(
        Election.build(budget=9, projects=projects, ballots=[("b", "c"), ("c",)], unit=1), apart
    ).part_funded == {
        "project": "b",
        "amount": 6,
    }


def test_what_the_guarantees_left_too_little_for_is_told_how_much_that_was() -> None:
    """Of 100, the South uses its 60; north costs 80."""
    projects = [TallyProject("south", 60, area="South"), TallyProject("north", 80, area="North")]
    election = Election.build(budget=100, projects=projects, ballots=[("south",), ("north",)], unit=1)
    tally = count(election, Rule("r", "greedy", guarantees=(Quota("area", "South", 60),)))
    row = next(row for row in tally.projects if row["id"] == "north")
    assert row["reason"] == {"code": "over_rest", "params": {"cost": 80, "budget": 40}}
    assert "only £0.40 was left" in sentence(row)
