"""Equal Shares with bounded overspending: the examples of the paper, a plain reference, what must always hold."""

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
from budgets.tally.explain import sentence
from budgets.tally.overspending import Overspending
from budgets.tally.rules import PRESETS, Quota, Rule
from budgets.tally.shares import EqualShares
from tests.budgets.tally.data import needs_files, real, small
from tests.budgets.tally.reference import supporters
from tests.budgets.tally.reference_overspending import offers, overspending
from tests.budgets.tally.test_properties import Drawn, elections, ranks, within

pytestmark = pytest.mark.pure

RULE = PRESETS["equal-shares-bounded-overspending"]
# The running example of the paper: ten voters, six projects, a budget of one million.
TEN_BALLOTS = ["A", "ABCE", "ABC", "ABC", "ABC", "ABF", "DE", "DE", "DEF", "CDF"]
TEN = small(
    1_000_000,
    {"A": 300_000, "B": 400_000, "C": 300_000, "D": 240_000, "E": 170_000, "F": 100_000},
    TEN_BALLOTS,
)


def trace(election: Election, rule: Rule) -> list[str]:
    return list(count_traced(election, rule)[1])


def test_the_running_example_of_the_paper() -> None:
    tally = count(TEN, RULE)
    assert set(tally.selected) == set("ACDF")
    assert tally.cost == 940_000
    # Equal Shares alone leaves more unspent: the voters of none of the others can pay all of it.
    assert count(TEN, PRESETS["equal-shares-plain"]).cost < tally.cost


def test_a_large_group_short_of_its_project_is_not_beaten_by_a_tiny_one() -> None:
    """The tail of the paper's introduction: 403 voters hold 97 % of what their project costs, 11 all of theirs."""
    election = small(310_000, {"a": 310_000, "b": 6_000}, ["a"] * 403 + ["b"] * 11)
    assert count(election, PRESETS["equal-shares-plain"]).selected == ("b",)
    tally = count(election, RULE)
    assert tally.selected == ("a",)
    params = tally.projects[0]["reason"]["params"]
    part = Fraction(403, 414)
    assert from_ratio(params["part_of_cost"]) == part
    assert from_ratio(params["price"]) == Fraction(310_000, 414) / part
    assert from_ratio(params["raised"]) == 310_000 * part
    assert (params["full"], params["part"], params["broke"]) == (0, 403, 0)
    assert from_ratio(tally.log["overspent"]) == 310_000 * (1 - part)
    assert tally.projects[1]["reason"] == {"code": "no_room", "params": {"cost": 6_000, "left": 0, "votes": 11}}


def test_points_by_hand() -> None:
    """99 voters give a 100 points and b 2; one gives a 1 and b 2. Both cost the whole budget."""
    election = small(1, {"a": 1, "b": 1}, [{"a": 100, "b": 2}] * 99 + [{"a": 1, "b": 2}], "scoring")
    tally = count(election, replace(RULE, utility="points"))
    assert tally.selected == ("a",)
    # All of the cost of a is raised at x with 99 x min(1/100, 100 x) + min(1/100, x) = 1: only where all give all.
    assert from_ratio(tally.projects[0]["reason"]["params"]["price"]) <= Fraction(1, 100)


def test_the_least_ratio_is_at_an_end_of_a_piece() -> None:
    """Against a fine grid over the whole range, not only the ends."""
    votes = [{"a": 1}, {"a": 2}, {"a": 1}, {"a": 3}]
    money = [Fraction(1), Fraction(3), Fraction(5), Fraction(1, 2)]
    for cost in (1, 3, 7, 9, 10, 40):
        least = min(offers("a", cost, votes, money))[0]
        for step in range(1, 4000):
            x = Fraction(step, 500)
            part = sum(min(m, x * v["a"]) for m, v in zip(money, votes, strict=True)) / cost
            assert part > 1 or x / part**2 >= least


@pytest.mark.parametrize("places", [0, 1, 4, 61])
@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.booleans().flatmap(elections), st.booleans(), st.sampled_from(["", "x", "y"]))
def test_as_the_reference(monkeypatch: pytest.MonkeyPatch, places: int, drawn: Drawn, by_cost: bool, seed: str) -> None:
    monkeypatch.setattr(EqualShares, "most_places", places)
    election, costs, votes = drawn
    utility = "points" if election.values is not None else ("cost" if by_cost else "cardinality")
    rule = Rule("r", "overspending", utility=utility, lot_seed=seed)
    tally = count(election, rule)
    expected, money = overspending(
        within(costs, votes, election.budget),
        votes,
        election.budget,
        utility == "cost",
        ranks(election, rule).__getitem__,
    )
    assert list(tally.selected) == [p for p, _, _ in expected]
    found = {row["id"]: row["reason"]["params"] for row in tally.projects}
    for p, price, part in expected:
        assert (from_ratio(found[p]["price"]), from_ratio(found[p]["part_of_cost"])) == (price, part)
    paid = sum((from_ratio(found[p]["raised"]) for p, _, _ in expected), Fraction(0))
    assert paid == len(votes) * Fraction(election.budget, len(votes)) - sum(money)
    left = election.budget - tally.cost
    for row in tally.projects:
        if row["reason"]["code"] == "voters_spent":
            assert row["cost"] <= left
            assert not any(money[v] for v in supporters(votes, row["id"]))
        if row["reason"]["code"] == "no_room":
            assert row["cost"] > left == row["reason"]["params"]["left"]


@settings(max_examples=150, deadline=None)
@given(
    st.booleans().flatmap(elections),
    st.sampled_from(["cost", "cardinality", "points"]),
    st.sampled_from(["none", "utilitarian"]),
    st.sampled_from([(), (("a", "b"), ("b", "c", "d"))]),
)
def test_every_count_is_accepted_and_explained(
    drawn: Drawn, utility: str, completion: str, rivals: tuple[tuple[str, ...], ...]
) -> None:
    election, costs, _ = drawn
    if utility == "points" and election.values is None:
        return
    rule = replace(RULE, utility=utility, completion=completion, incompatible=rivals)
    tally, lines = count_traced(election, rule)
    assert verify.verify(lines).startswith("holds")
    assert tally.cost == sum(costs[p] for p in tally.selected) <= election.budget
    assert not any(len(set(tally.selected) & set(ids)) > 1 for ids in rivals)
    for row in tally.projects:
        assert sentence(row).startswith("Funded" if row["selected"] else "Not funded")
    if completion == "utilitarian" and not rivals:
        fits = [row["id"] for row in tally.projects if not row["selected"] and row["votes"]]
        assert all(costs[p] > election.budget - tally.cost for p in fits)


def test_caps_and_guarantees() -> None:
    parts = {"A": "x", "B": "x", "C": "x", "D": "y", "E": "y", "F": "y"}
    election = Election.build(
        budget=TEN.budget,
        projects=[replace(project, area=parts[project.id]) for project in TEN.projects],
        ballots=[tuple(ballot) for ballot in TEN_BALLOTS],
        unit=1,
    )
    capped = count(election, replace(RULE, caps=(Quota("area", "x", 300_000),)))
    assert capped.statistics["areas"]["x"]["cost"] <= 300_000
    assert {row["reason"]["code"] for row in capped.projects if row["id"] in "BC"} == {"over_cap"}
    rule = replace(RULE, guarantees=(Quota("area", "y", 500_000),))
    tally, lines = count_traced(election, rule)
    assert tally.statistics["areas"]["y"]["cost"] >= 400_000
    assert verify.verify(lines).startswith("holds")


def test_long_prices_are_rounded_up_as_declared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Overspending, "longest", 8)
    tally = count(TEN, RULE)
    assert set(tally.selected) == set("ACDF")
    denominators = [
        from_ratio(row["reason"]["params"]["price"]).denominator for row in tally.projects if row["selected"]
    ]
    assert all(d < 1 << 8 or (1 << 256) % d == 0 for d in denominators)


Lines = list[dict[str, Any]]


def another_price(lines: Lines) -> None:
    lines[2]["price"] = "1/3"


def another_part(lines: Lines) -> None:
    lines[2]["part"] = "1/2"


def another_order(lines: Lines) -> None:
    lines[2], lines[3] = lines[3], lines[2]


def one_purchase_less(lines: Lines) -> None:
    lines.pop(-2)
    lines[-1]["cost"] -= TEN.costs[TEN.ids.index(lines[-1]["selected"].pop())]


def one_purchase_more(lines: Lines) -> None:
    lines.insert(-1, {"type": "purchase", "project": "E", "price": "1/1", "part": "1/1", "tied": []})


def another_winner(lines: Lines) -> None:
    lines[-1]["selected"][-1] = "E"


@pytest.mark.parametrize(
    "forgery",
    [another_price, another_part, another_order, one_purchase_less, one_purchase_more, another_winner],
)
def test_forgeries_are_refused(forgery: Callable[[Lines], None]) -> None:
    lines = [json.loads(line) for line in trace(TEN, RULE)]
    assert [line["type"] for line in lines] == ["election", "rule", *["purchase"] * 4, "result"]
    forgery(lines)
    with pytest.raises(verify.WrongError):
        verify.verify(map(json.dumps, lines))


def test_what_the_rule_does_not_know_is_refused() -> None:
    for completion in ("add1", "add1u", "add-opt"):
        with pytest.raises(ValueError, match="complete"):
            replace(RULE, completion=completion)
    with pytest.raises(ValueError, match="exact share"):
        replace(RULE, start="integral")


@needs_files
@pytest.mark.parametrize(
    ("name", "utility", "cost"),
    [
        ("Poland_Wieliczka_2023_Green_Budget.pb", "cost", 999_496_00),
        ("Poland_Wieliczka_2023_Green_Budget.pb", "cardinality", 986_179_00),
        ("Switzerland_Zurich_S5D10.pb", "points", None),
        ("Poland_Lodz_2022.pb", "cost", 6_106_280_00),
    ],
)
def test_real_counts(name: str, utility: str, cost: int | None) -> None:
    tally, lines = count_traced(real(name), replace(RULE, utility=utility))
    assert tally.cost <= tally.budget
    assert cost in (None, tally.cost)
    assert verify.verify(lines).startswith("holds")
