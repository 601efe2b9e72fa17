"""Exact Equal Shares: the examples of the papers, a plain reference, the next change of the endowment, what must hold."""

import json
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from budgets.tally import verify
from budgets.tally.count import count, count_traced
from budgets.tally.election import Election
from budgets.tally.exact import from_ratio
from budgets.tally.exact_run import ExactShares
from budgets.tally.explain import sentence
from budgets.tally.limits import Limits
from budgets.tally.prepare import Prepared, Stage
from budgets.tally.rules import PRESETS, Quota, Rule
from tests.budgets.tally import reference_exact_shares as reference
from tests.budgets.tally.data import needs_files, real, small
from tests.budgets.tally.test_properties import Drawn, elections, ranks, within

pytestmark = pytest.mark.pure

PLAIN, ADD_OPT = PRESETS["exact-shares"], PRESETS["exact-shares-add-opt"]
# Two examples of "Streamlining Equal Shares"; in the second all amounts ten times theirs.
FOUR = small(40, {"1": 10, "2": 16, "3": 21}, [("1",), ("1", "3"), ("2", "3"), ("2", "3")])
FIVE = small(100, {"1": 20, "2": 32, "3": 60}, [("1",), ("1", "3"), ("2", "3"), ("2", "3"), ("3",)])


def begin(election: Election, rule: Rule, share: Fraction) -> ExactShares:
    ground = Prepared(election, rule)
    stage = Stage(ground, election.budget, ground.eligible, Limits(election, rule))
    utility = [max(cost, 1) if rule.utility == "cost" else 1 for cost in election.costs]
    return ExactShares(stage, utility, share)


def bought(run: ExactShares) -> reference.Run:
    return [(run.who.election.ids[purchase.project], purchase.payers) for purchase in run.purchases]


def test_the_first_example_of_the_paper() -> None:
    tally = count(FOUR, replace(PLAIN, utility="cardinality"))
    assert tally.selected == ("1", "2")
    params = {row["id"]: row["reason"]["params"] for row in tally.projects}
    assert [params[p]["price"] for p in "12"] == ["5/1", "8/1"]
    # The third needs 7 from each of its three voters, who have 5, 2 and 2: 21 / 3 + 8 - 10 = 5 more.
    assert tally.projects[2]["reason"]["code"] == "not_together"
    assert params["3"]["needed"] == "5/1"


def test_the_next_change_of_the_second_example() -> None:
    rule = replace(PLAIN, utility="cardinality")
    run = begin(FIVE, rule, Fraction(20))
    run.advance()
    assert bought(run) == [("1", 2), ("2", 2)]
    run.look(Fraction(20), Fraction(100))
    # Half a unit more for everybody, as the paper finds: then all four share the third before the second is bought.
    assert run.change() == 25
    run.raise_to(Fraction(25))
    assert bought(run) == [("1", 2), ("3", 4)]
    rule = replace(ADD_OPT, utility="cardinality", exhaustive_stop=False)
    tally = count(FIVE, rule)
    assert (tally.selected, tally.log["stop"]) == (("1", "3"), "overspends")
    # The first outcome leaves too little for the third project already.
    assert count(FIVE, replace(rule, exhaustive_stop=True)).selected == ("1", "2")


def test_who_cannot_pay_the_whole_share_pays_nothing() -> None:
    """Equal Shares takes what is left of the poorer voter of b; here that voter keeps it."""
    election = small(30, {"a": 10, "b": 14}, ["a", "ab", "b"])
    assert count(election, PRESETS["equal-shares-plain"]).selected == ("a", "b")
    tally = count(election, PLAIN)
    assert tally.selected == ("a",)
    assert from_ratio(tally.projects[1]["reason"]["params"]["needed"]) == 2


@pytest.mark.parametrize("places", [0, 2, 60])
@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(elections(), st.booleans(), st.sampled_from(["", "x", "y"]))
def test_as_the_reference(monkeypatch: pytest.MonkeyPatch, places: int, drawn: Drawn, by_cost: bool, seed: str) -> None:
    monkeypatch.setattr(ExactShares, "most_places", places)
    election, costs, votes = drawn
    rule = replace(PLAIN, utility="cost" if by_cost else "cardinality", lot_seed=seed)
    tally = count(election, rule)
    share = Fraction(election.budget, len(votes))
    expected, history = reference.exact_shares(
        within(costs, votes, election.budget), votes, share, by_cost, ranks(election, rule).__getitem__
    )
    assert list(tally.selected) == [p for p, _ in expected]
    for row in tally.projects:
        params = row["reason"]["params"]
        if row["selected"]:
            assert params["payers"] == dict(expected)[row["id"]]
            assert from_ratio(params["price"]) * params["payers"] == row["cost"]
        elif row["reason"]["code"] == "not_together":
            needed = share + from_ratio(params["needed"])
            able = [
                reference.payers(row["id"], row["cost"], votes, [x - paid for paid in history[-1]])
                for x in (share, needed)
            ]
            assert (able[0], bool(able[1])) == ([], True)


@pytest.mark.parametrize("places", [0, 60])
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(elections(), st.booleans(), st.fractions(0, 12, max_denominator=6))
def test_the_change_is_the_first(
    monkeypatch: pytest.MonkeyPatch, places: int, drawn: Drawn, by_cost: bool, share: Fraction
) -> None:
    """Against runs of the reference: the same up to the change, another at it; and so on from change to change."""
    monkeypatch.setattr(ExactShares, "most_places", places)
    election, costs, votes = drawn
    rule = replace(PLAIN, utility="cost" if by_cost else "cardinality")
    rank, costs = ranks(election, rule).__getitem__, within(costs, votes, election.budget)
    run = begin(election, rule, share)
    if not run.eligible:
        return
    run.budget = sum(costs.values())  # so that no run ends early
    run.advance()
    run.look(share, share + 40)
    for _ in range(6):
        now = reference.exact_shares(costs, votes, run.share, by_cost, rank)[0]
        assert bought(run) == now
        change = run.change()
        if change is None:
            assert reference.exact_shares(costs, votes, run.horizon, by_cost, rank)[0] == now
            return
        assert change > run.share
        for part in (Fraction(1, 3), Fraction(1, 2), Fraction(999, 1000)):
            between = run.share + (change - run.share) * part
            assert reference.exact_shares(costs, votes, between, by_cost, rank)[0] == now
        assert reference.exact_shares(costs, votes, change, by_cost, rank)[0] != now
        run.raise_to(change)


@pytest.mark.parametrize("skip", [False, True])
@settings(max_examples=120, deadline=None)
@given(elections(), st.booleans(), st.booleans())
def test_add_opt_as_the_reference(skip: bool, drawn: Drawn, by_cost: bool, exhaustive: bool) -> None:
    election, costs, votes = drawn
    completion, utility = "add-opt-skip" if skip else "add-opt", "cost" if by_cost else "cardinality"
    rule = replace(ADD_OPT, completion=completion, utility=utility, exhaustive_stop=exhaustive)
    tally = count(election, rule)
    rank = ranks(election, rule).__getitem__
    expected, changes = reference.add_opt(costs, votes, election.budget, by_cost, exhaustive, rank, skip)
    assert list(tally.selected) == [p for p, _ in expected]
    assert tally.log.get("steps", 0) == changes


@settings(max_examples=150, deadline=None)
@given(elections(), st.booleans(), st.booleans())
def test_add1_as_the_reference(drawn: Drawn, by_cost: bool, exhaustive: bool) -> None:
    election, costs, votes = drawn
    rule = replace(PLAIN, completion="add1", utility="cost" if by_cost else "cardinality", exhaustive_stop=exhaustive)
    tally = count(election, rule)
    expected, steps = reference.add1(
        costs, votes, election.budget, election.unit, by_cost, exhaustive, ranks(election, rule).__getitem__
    )
    assert list(tally.selected) == [p for p, _ in expected]
    assert tally.log.get("steps", 0) == steps


@settings(max_examples=150, deadline=None)
@given(
    elections(),
    st.sampled_from(["cost", "cardinality"]),
    st.sampled_from(["none", "utilitarian", "add1", "add1u", "add-opt", "add-opt-skip"]),
    st.booleans(),
    st.sampled_from([(), (("a", "b"), ("b", "c", "d"))]),
)
def test_every_count_is_accepted_and_explained(
    drawn: Drawn, utility: str, completion: str, exhaustive: bool, rivals: tuple[tuple[str, ...], ...]
) -> None:
    election, costs, _ = drawn
    rule = replace(PLAIN, utility=utility, completion=completion, exhaustive_stop=exhaustive, incompatible=rivals)
    tally, lines = count_traced(election, rule)
    assert verify.verify(lines).startswith("holds")
    assert tally.cost == sum(costs[p] for p in tally.selected) <= election.budget
    assert not any(len(set(tally.selected) & set(ids)) > 1 for ids in rivals)
    for row in tally.projects:
        assert sentence(row).startswith("Funded" if row["selected"] else "Not funded")


def test_caps_and_guarantees() -> None:
    parts = {"1": "x", "2": "y", "3": "y"}
    ballots = [[p for p, _ in ballot] for ballot, weight in FIVE.ballots() for _ in range(weight)]
    projects = [replace(project, area=parts[project.id]) for project in FIVE.projects]
    election = Election.build(budget=100, projects=projects, ballots=ballots, unit=1)
    rule = replace(ADD_OPT, utility="cardinality")
    capped, lines = count_traced(election, replace(rule, caps=(Quota("area", "y", 50),)))
    assert verify.verify(lines).startswith("holds")
    assert capped.selected == ("1", "2")
    assert capped.projects[2]["reason"]["code"] == "over_cap"
    kept, lines = count_traced(election, replace(rule, guarantees=(Quota("area", "y", 70),)))
    assert verify.verify(lines).startswith("holds")
    assert kept.statistics["areas"]["y"]["cost"] >= 32


Lines = list[dict[str, Any]]


def heads(lines: Lines) -> Lines:
    return [line for line in lines if line["type"] == "run"]


def purchases(lines: Lines) -> Lines:
    return [line for line in lines if line["type"] == "purchase"]


def fewer_payers(lines: Lines) -> None:
    purchases(lines)[1] |= {"payers": 3, "price": "20/1"}


def another_price(lines: Lines) -> None:
    purchases(lines)[0]["price"] = "9/1"


def another_endowment(lines: Lines) -> None:
    heads(lines)[0]["share"] = "24/1"


def too_far_beyond(lines: Lines) -> None:
    heads(lines)[1]["share"] = "1000/1"


def nothing_beyond(lines: Lines) -> None:
    del lines[lines.index(heads(lines)[1]) : -1]


def another_order(lines: Lines) -> None:
    i = lines.index(purchases(lines)[0])
    lines[i], lines[i + 1] = lines[i + 1], lines[i]


@pytest.mark.parametrize(
    "forgery", [fewer_payers, another_price, another_endowment, too_far_beyond, nothing_beyond, another_order]
)
def test_forgeries_are_refused(forgery: Callable[[Lines], None]) -> None:
    rule = replace(ADD_OPT, utility="cardinality", exhaustive_stop=False)
    lines = [json.loads(line) for line in count_traced(FIVE, rule)[1]]
    assert [line["name"] for line in heads(lines)] == ["final", "beyond"]
    assert verify.verify(map(json.dumps, lines)).startswith("holds")
    forgery(lines)
    with pytest.raises(verify.WrongError):
        verify.verify(map(json.dumps, lines))


def test_what_the_rule_does_not_know_is_refused() -> None:
    with pytest.raises(ValueError, match="all who pay, pay the same"):
        replace(PLAIN, utility="points")
    with pytest.raises(ValueError, match="add-opt completes"):
        Rule("r", "equal-shares", completion="add-opt")


@needs_files
@pytest.mark.parametrize(
    ("name", "preset"),
    [
        ("Netherlands_Assen_2024.pb", "exact-shares-add-opt"),
        ("Netherlands_Assen_2024.pb", "exact-shares-add1"),
        ("Poland_Wieliczka_2023_Green_Budget.pb", "exact-shares-add-opt"),
        ("Poland_Wieliczka_2023_Green_Budget.pb", "exact-shares-add-opt-skip"),
        ("Poland_Lodz_2022.pb", "exact-shares"),
    ],
)
def test_real_counts(name: str, preset: str) -> None:
    tally, lines = count_traced(real(name), PRESETS[preset])
    assert 0 < tally.cost <= tally.budget
    assert verify.verify(lines).startswith("holds")
