"""Random small elections full of ties, against the plain reference; and what must hold for every election."""

import itertools
import json
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from budgets.tally.count import count
from budgets.tally.election import Election, TallyProject
from budgets.tally.exact import from_ratio
from budgets.tally.explain import sentence
from budgets.tally.incidence import Incidence
from budgets.tally.rules import PRESETS, Rule
from budgets.tally.shares import EqualShares
from budgets.tally.ties import tie_order
from tests.budgets.tally import reference

pytestmark = pytest.mark.pure

IDS = "abcdefgh"
Drawn = tuple[Election, reference.Costs, reference.Votes]


@st.composite
def elections(draw: st.DrawFn, points: bool = False) -> Drawn:
    """Few distinct costs and small numbers, so that exact ties are common."""
    costs = dict(
        zip(IDS, draw(st.lists(st.sampled_from([0, 1, 2, 3, 4, 6, 10, 12, 30]), min_size=1, max_size=8)), strict=False)
    )
    value = st.integers(1, 4) if points else st.just(1)
    votes = draw(st.lists(st.dictionaries(st.sampled_from(sorted(costs)), value, max_size=5), min_size=1, max_size=14))
    budget = draw(st.integers(0, 40))
    election = Election.build(
        budget=budget,
        projects=[TallyProject(p, cost) for p, cost in costs.items()],
        ballots=votes,
        vote_type="cumulative" if points else "approval",
        unit=draw(st.sampled_from([1, 2, 3])),
    )
    return election, costs, votes


def ranks(election: Election, rule: Rule) -> dict[str, int]:
    return dict(zip(election.ids, tie_order(election, rule, Incidence.of(election).votes), strict=True))


def within(costs: reference.Costs, votes: reference.Votes, budget: int) -> reference.Costs:
    return {p: cost for p, cost in costs.items() if cost <= budget and reference.supporters(votes, p)}


@pytest.mark.parametrize("places", [0, 1, 4, 61])
@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.booleans().flatmap(elections), st.booleans(), st.sampled_from(["", "x", "y"]))
def test_equal_shares_as_the_reference(
    monkeypatch: pytest.MonkeyPatch, places: int, drawn: Drawn, by_cost: bool, seed: str
) -> None:
    """With few binary places hardly anything is decided by the rounded money, and the exact count must step in."""
    monkeypatch.setattr(EqualShares, "most_places", places)
    election, costs, votes = drawn
    utility = "points" if election.values is not None else ("cost" if by_cost else "cardinality")
    rule = Rule("r", "equal-shares", utility=utility, lot_seed=seed)
    tally = count(election, rule)
    rank = ranks(election, rule)
    expected, money = reference.equal_shares(
        within(costs, votes, election.budget),
        votes,
        Fraction(election.budget, len(votes)),
        utility == "cost",
        rank.__getitem__,
    )
    assert list(tally.selected) == [p for p, _ in expected]
    prices = dict(expected)
    for row in tally.projects:
        params = row["reason"]["params"]
        if row["reason"]["code"] == "bought":
            assert from_ratio(params["price"]) == prices[row["id"]]
        if row["reason"]["code"] == "not_affordable":
            behind = sum(money[v] for v in reference.supporters(votes, row["id"]))
            assert from_ratio(params["money"]) == behind
            assert behind < row["cost"]


@settings(max_examples=200, deadline=None)
@given(st.booleans().flatmap(elections), st.booleans(), st.booleans())
def test_add1_as_the_reference(drawn: Drawn, by_cost: bool, exhaustive: bool) -> None:
    election, costs, votes = drawn
    utility = "points" if election.values is not None else ("cost" if by_cost else "cardinality")
    rule = Rule("r", "equal-shares", utility=utility, completion="add1", exhaustive_stop=exhaustive)
    tally = count(election, rule)
    winners, steps = reference.add1(
        costs, votes, election.budget, election.unit, utility == "cost", exhaustive, ranks(election, rule).__getitem__
    )
    assert list(tally.selected) == winners
    assert tally.log.get("steps", 0) == steps


@settings(max_examples=200, deadline=None)
@given(elections(), st.booleans())
def test_greedy_as_the_reference(drawn: Drawn, stop: bool) -> None:
    election, costs, votes = drawn
    rule = Rule("r", "greedy", misfit="stop" if stop else "skip")
    score = {p: len(reference.supporters(votes, p)) for p in costs}
    expected = reference.greedy(costs, score, election.budget, stop, ranks(election, rule).__getitem__)
    assert list(count(election, rule).selected) == expected


@settings(max_examples=200, deadline=None)
@given(elections())
def test_phragmen_as_the_reference(drawn: Drawn) -> None:
    election, costs, votes = drawn
    rule = PRESETS["phragmen"]
    expected = reference.phragmen(costs, votes, election.budget, ranks(election, rule).__getitem__)
    assert list(count(election, rule).selected) == expected


@settings(max_examples=200, deadline=None)
@given(st.booleans().flatmap(elections), st.booleans())
def test_no_set_within_the_budget_is_worth_more(drawn: Drawn, by_cost: bool) -> None:
    election, costs, votes = drawn
    utility = "points" if election.values is not None else ("cost" if by_cost else "cardinality")
    tally = count(election, Rule("r", "max-welfare", utility=utility))

    def worth(projects: tuple[str, ...]) -> int:
        return sum(ballot.get(p, 0) * (costs[p] if utility == "cost" else 1) for ballot in votes for p in projects)

    within_budget = [
        chosen
        for size in range(len(costs) + 1)
        for chosen in itertools.combinations(costs, size)
        if sum(costs[p] for p in chosen) <= election.budget
    ]
    best = max(worth(chosen) for chosen in within_budget)
    assert worth(tally.selected) == tally.log["total"] == best
    assert tally.cost == min(sum(costs[p] for p in chosen) for chosen in within_budget if worth(chosen) == best)


def as_text(document: dict[str, Any]) -> str:
    return json.dumps(document, sort_keys=True)


@settings(max_examples=60, deadline=None)
@given(elections(), st.randoms(use_true_random=False), st.sampled_from(sorted(PRESETS)))
def test_the_order_of_ballots_and_projects_never_matters(drawn: Drawn, random: Any, preset: str) -> None:
    election, _, votes = drawn
    if "points" in (PRESETS[preset].utility, PRESETS[preset].score):
        return
    projects, ballots = list(election.projects), [list(ballot) for ballot in votes]
    random.shuffle(projects)
    random.shuffle(ballots)
    for ballot in ballots:
        random.shuffle(ballot)
    again = Election.build(budget=election.budget, projects=projects, ballots=ballots, unit=election.unit)
    assert again.digest == election.digest
    assert again == Election.from_json(json.loads(as_text(election.to_json())))
    assert as_text(count(again, PRESETS[preset]).to_json()) == as_text(count(election, PRESETS[preset]).to_json())


@settings(max_examples=100, deadline=None)
@given(elections(), st.sampled_from(sorted(PRESETS)))
def test_the_budget_holds_and_every_project_is_explained(drawn: Drawn, preset: str) -> None:
    election, costs, _ = drawn
    if "points" in (PRESETS[preset].utility, PRESETS[preset].score):
        return
    tally = count(election, PRESETS[preset])
    assert tally.cost == sum(costs[p] for p in tally.selected) <= election.budget
    assert [row["id"] for row in tally.projects] == sorted(costs)
    for row in tally.projects:
        text = sentence(row)
        assert text.startswith("Funded" if row["id"] in tally.selected else "Not funded")
        assert text.endswith(".")
        assert (row["order"] is None) == (row["id"] not in tally.selected)
