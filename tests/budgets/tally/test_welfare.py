"""Maximum welfare within limits: against every subset, against CP-SAT, and what the verifier makes of its proof."""

import itertools
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budgets.tally import verify, welfare
from budgets.tally.count import count, count_traced
from budgets.tally.election import Election
from budgets.tally.incidence import Incidence
from budgets.tally.prepare import Prepared
from budgets.tally.rules import PRESETS, Quota, Rule
from budgets.tally.ties import tie_order
from tests.budgets.tally.data import FILES, needs_files, real, small
from tests.budgets.tally.limited import divided, limited

pytestmark = pytest.mark.pure

WELFARE = st.fixed_dictionaries(
    {"method": st.just("max-welfare"), "utility": st.sampled_from(["cost", "cardinality"]), "guarantees": st.just(())}
)


def worths(election: Election, rule: Rule) -> dict[str, int]:
    parts = Incidence.of(election, by_value=rule.utility == "points").parts
    units = election.costs if rule.utility == "cost" else [1] * len(parts)
    return dict(zip(election.ids, (part * unit for part, unit in zip(parts, units)), strict=True))


def allowed(election: Election, rule: Rule, chosen: tuple[str, ...]) -> bool:
    bought = [project for project in election.projects if project.id in chosen]
    for cap in rule.caps:
        within = (p for p in bought if cap.name in ((p.area,) if cap.by == "area" else p.categories))
        if sum(p.cost for p in within) > cap.amount:
            return False
    one_of_each = all(len(set(ids).intersection(chosen)) <= 1 for ids in rule.incompatible)
    return one_of_each and sum(p.cost for p in bought) <= election.budget


def best_by_hand(election: Election, rule: Rule) -> set[str]:
    """Of all subsets: the most worth, then the least cost, then the first project in tie order that the other lacks."""
    worth, cost = worths(election, rule), dict(zip(election.ids, election.costs, strict=True))
    place = dict(zip(election.ids, tie_order(election, rule, Incidence.of(election).votes), strict=True))
    eligible = [election.ids[p] for p in Prepared(election, rule).eligible]
    subsets = (c for size in range(len(eligible) + 1) for c in itertools.combinations(eligible, size))

    def key(chosen: tuple[str, ...]) -> tuple[int, int, list[bool]]:
        total, price = (sum(of[p] for p in chosen) for of in (worth, cost))
        return total, -price, [p in chosen for p in sorted(eligible, key=place.__getitem__)]

    return set(max((c for c in subsets if allowed(election, rule, c)), key=key))


@settings(max_examples=200, deadline=None)
@given(divided(), limited(WELFARE))
def test_no_set_within_the_limits_is_better(election: Election, rule: Rule) -> None:
    rule = replace(rule, comparison="none")
    tally, lines = count_traced(election, rule)
    assert set(tally.selected) == best_by_hand(election, rule)
    assert verify.verify(lines).startswith("holds")


@settings(max_examples=60, deadline=None)
@given(divided(points=True), limited(st.just({"method": "max-welfare", "utility": "points", "guarantees": ()})))
def test_with_points(election: Election, rule: Rule) -> None:
    rule = replace(rule, comparison="none")
    assert set(count(election, rule).selected) == best_by_hand(election, rule)


@settings(max_examples=100, deadline=None)
@given(divided(), limited(st.fixed_dictionaries({"method": st.just("max-welfare")})))
def test_in_stages_the_verifier_agrees(election: Election, rule: Rule) -> None:
    tally, lines = count_traced(election, rule)
    assert verify.verify(lines).startswith("holds")
    for cap in rule.caps:
        assert allowed(election, Rule("r", "greedy", caps=(cap,)), tally.selected)


@settings(max_examples=40, deadline=None)
@given(divided(), limited(WELFARE))
def test_any_prices_are_safe(election: Election, rule: Rule) -> None:
    """Prices only tell what may be dropped: with none at all the same is found."""
    expected = count(election, rule).selected
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(welfare, "proposed", lambda worth, takes, limits, unit: (0,) * len(limits))
        assert count(election, rule).selected == expected


def test_more_than_can_be_told_apart_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(welfare, "MOST", 3)
    monkeypatch.setattr(welfare, "TRIALS", ())
    costs = {f"p{i}": 1000 + 37 * i for i in range(20)}
    with pytest.raises(OverflowError, match="too many sets"):
        count(small(9999, costs, [list(costs)]), PRESETS["max-welfare-cost"])


# -- forged proofs

Lines = list[dict[str, Any]]
ELECTION = small(10, {"a": 6, "b": 5, "c": 5, "d": 2}, ["abc", "ab", "ac", "ad", "bd"])


def proof() -> Lines:
    return [json.loads(line) for line in count_traced(ELECTION, PRESETS["max-welfare"])[1]]


def a_worse_set(lines: Lines) -> None:
    lines[2]["bought"] = ["b", "c"]
    lines[-1] |= {"selected": ["b", "c"], "cost": 10}


def a_dearer_set(lines: Lines) -> None:
    lines[2]["bought"] = ["a", "b", "d"]
    lines[-1] |= {"selected": ["a", "b", "d"], "cost": 13}


def prices_of_nothing(lines: Lines) -> None:
    lines[2]["prices"] = []


def prices_below_nothing(lines: Lines) -> None:
    a_worse_set(lines)
    lines[2]["prices"] = [-(1 << 200)]


def prices_that_are_no_number(lines: Lines) -> None:
    a_worse_set(lines)
    lines[2]["prices"] = [float("nan")]


@pytest.mark.parametrize(
    "forgery", [a_worse_set, a_dearer_set, prices_of_nothing, prices_below_nothing, prices_that_are_no_number]
)
def test_forged_proofs_are_refused(forgery: Callable[[Lines], None]) -> None:
    lines = proof()
    assert lines[2]["type"] == "best"
    assert verify.verify(map(json.dumps, lines)).startswith("holds")
    forgery(lines)
    with pytest.raises(verify.WrongError):
        verify.verify(map(json.dumps, lines))


def test_a_proof_that_leaves_too_much_open_is_no_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "TOO_MANY", 1)
    lines = proof()
    lines[2]["prices"] = [0]
    with pytest.raises(verify.NotProvenError):
        verify.verify(map(json.dumps, lines))


# -- real elections


def capped(election: Election, utility: str, by: str) -> Rule:
    """Caps for every area or category, of twice what an even split would give."""
    names = (
        {p.area for p in election.projects} if by == "area" else {c for p in election.projects for c in p.categories}
    )
    caps = tuple(Quota(by, name, election.budget * 2 // (len(names) + 1)) for name in sorted(names))
    pairs = tuple(zip(election.ids[::9], election.ids[1::9], strict=False))
    return Rule("r", "max-welfare", utility=utility, caps=caps if len(caps) > 1 else (), incompatible=pairs)


@needs_files
@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("utility", ["cost", "cardinality"])
def test_real_elections_are_proven(name: str, utility: str) -> None:
    lines = count_traced(real(name), Rule("r", "max-welfare", utility=utility))[1]
    assert verify.verify(lines).startswith("holds")


@needs_files
@pytest.mark.parametrize(
    ("name", "utility", "by"),
    [
        ("France_Toulouse_2019.pb", "cost", "area"),
        ("France_Toulouse_2024.pb", "cardinality", "area"),
        ("Hungary_Budapest_2024.pb", "cost", "category"),
        ("Netherlands_Amsterdam_252.pb", "cost", "area"),
        ("Poland_Lodz_2022.pb", "cost", "category"),
        ("Poland_Lodz_2023.pb", "cardinality", "category"),
        ("Poland_Warszawa_2026.pb", "cardinality", "category"),
        ("Poland_Wroclaw_2015_150_-_500.pb", "cardinality", "area"),
    ],
)
def test_real_elections_with_limits_as_cp_sat(name: str, utility: str, by: str) -> None:
    cp_model = pytest.importorskip("ortools.sat.python.cp_model", reason="OR-tools is not installed")
    election = real(name)
    rule = capped(election, utility, by)
    ground = Prepared(election, rule)
    worth = [part * (cost if utility == "cost" else 1) for part, cost in zip(ground.who.parts, election.costs)]
    model = cp_model.CpModel()
    bought = {p: model.new_bool_var(election.ids[p]) for p in ground.eligible}
    model.add(sum(election.costs[p] * x for p, x in bought.items()) <= election.budget)
    for cap in rule.caps:
        of = {
            p: q.area == cap.name if cap.by == "area" else cap.name in q.categories
            for p, q in enumerate(election.projects)
        }
        model.add(sum(election.costs[p] * x for p, x in bought.items() if of[p]) <= cap.amount)
    for ids in rule.incompatible:
        model.add(sum(x for p, x in bought.items() if election.ids[p] in ids) <= 1)
    model.maximize(sum(worth[p] * x for p, x in bought.items()))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    assert solver.solve(model) == cp_model.OPTIMAL
    tally, lines = count_traced(election, rule)
    assert tally.log["total"] == sum(worth[p] for p, x in bought.items() if solver.value(x))
    assert verify.verify(lines).startswith("holds")
