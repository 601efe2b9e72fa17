"""Cumulative STV: by hand, against the plain reference, and on real ballots."""

import json
import random
from collections.abc import Callable, Iterable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budgets.tally import verify
from budgets.tally.count import count, count_traced
from budgets.tally.cumulative_stv import Points
from budgets.tally.election import Election, TallyProject
from budgets.tally.explain import sentence
from budgets.tally.incidence import Incidence
from budgets.tally.limits import Limits
from budgets.tally.prepare import Prepared, Stage
from budgets.tally.rules import PRESETS, Quota, Rule
from budgets.tally.ties import tie_order
from tests.budgets.tally.data import needs_files, real, small
from tests.budgets.tally.reference_cumulative_stv import Reference

pytestmark = pytest.mark.pure

NAMES = [name for name, rule in PRESETS.items() if rule.method == "cumulative-stv"]
MINIMAL, ELIMINATION = PRESETS["cumulative-stv"], PRESETS["cumulative-stv-elimination-excess"]
IDS = "abcdefg"
Drawn = tuple[Election, dict[str, int], list[dict[str, int]]]


def steps(lines: Iterable[str]) -> list[tuple[str, str, str]]:
    """(what happened, to which project, at what price) of a trace."""
    parsed = [json.loads(line) for line in lines]
    return [(line["type"], line["project"], line.get("price", "")) for line in parsed if "project" in line]


@st.composite
def elections(draw: st.DrawFn) -> Drawn:
    costs = dict(zip(IDS, draw(st.lists(st.sampled_from([0, 1, 2, 3, 4, 6, 12]), min_size=1, max_size=7))))
    ballot = st.dictionaries(st.sampled_from(sorted(costs)), st.integers(1, 4), max_size=4)
    votes = draw(st.lists(ballot, min_size=1, max_size=9))
    budget = draw(st.sampled_from([0, 1, 6, 9, 12, 18, 24]))
    return small(budget, costs, votes, "cumulative"), costs, votes


def reference(election: Election, costs: dict[str, int], votes: list[dict[str, int]], rule: Rule) -> Reference:
    order = tie_order(election, rule, Incidence.of(election).votes)
    known = {p: cost for p, cost in costs.items() if cost <= election.budget and any(p in ballot for ballot in votes)}
    place = dict(zip(election.ids, order, strict=True))
    per_cost, minimal = rule.score == "votes-per-cost", rule.transfers == "minimal"
    return Reference(known, votes, election.budget, per_cost, minimal, place.__getitem__)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=120, deadline=None)
@given(drawn=elections())
def test_as_the_reference(name: str, drawn: Drawn) -> None:
    """In exact fractions throughout: whole coins never change a decision here, ties included."""
    election = drawn[0]
    expected = reference(*drawn, PRESETS[name])
    tally, lines = count_traced(election, PRESETS[name])
    assert list(tally.selected) == expected.run()
    assert [(kind, project) for kind, project, _ in steps(lines)] == expected.steps
    for row in tally.projects:
        assert sentence(row).startswith("Funded" if row["selected"] else "Not funded")


def test_what_a_project_does_not_need_flows_on() -> None:
    """Two voters of 10: a has 14 of its 7, so each supporter pays half of the part; what is left brings b its 10."""
    votes = [{"a": 4, "b": 1}, {"a": 3, "b": 2}]
    tally, lines = count_traced(small(20, {"a": 7, "b": 10, "c": 9}, votes, "cumulative"), MINIMAL)
    assert tally.selected == ("a", "b")
    assert steps(lines) == [("purchase", "a", "1/2"), ("purchase", "b", "10/13")]
    assert [sentence(row) for row in tally.projects] == [
        "Funded, 1st: the points of its 2 supporters stood for £0.14, and it costs £0.07.",
        "Funded, 2nd: the points of its 2 supporters stood for £0.13, and it costs £0.10.",
        "Not funded: nobody voted for it.",
    ]


def test_minimal_transfers_raise_all_parts_alike_up_to_all_there_is() -> None:
    """Voters of 12. The parts for a are 9, 4 and 0; they become 12 (no more is there) and 6: 1.5 times the second."""
    votes = [{"a": 3, "b": 1}, {"a": 1, "b": 2}, {"c": 1}]
    rule = replace(MINIMAL, completion="none")
    tally, lines = count_traced(small(36, {"a": 18, "b": 20, "c": 13}, votes, "cumulative"), rule)
    assert steps(lines) == [("purchase", "a", "3/2")]
    assert [sentence(row) for row in tally.projects] == [
        (
            "Funded, 1st: the points of its 2 supporters stood for £0.13 of the £0.18 it costs, "
            "and they added £0.05 of what they had for other projects."
        ),
        "Not funded: its 2 supporters had £0.06 left of the £0.20 it costs.",
        "Not funded: its 1 supporter had £0.12 left of the £0.13 it costs.",
    ]


def rounds(parts: list[tuple[float, float]], cost: float) -> list[float]:
    """The paper's minimal transfers: again and again, everybody's part by the ratio lacking, up to all there is."""
    raised = [part for part, _ in parts]
    for _ in range(2000):
        raised = [min(whole, part * cost / sum(raised)) for part, (_, whole) in zip(raised, parts)]
    return raised


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 9)), min_size=1, max_size=8), st.integers(1, 99))
def test_the_rounds_of_the_paper_lead_to_the_same_payments(ballots: list[tuple[int, int]], percent: int) -> None:
    """One project is raised to its cost by voters of 1,000 each; what they have left shows what they paid."""
    votes = [{"a": a, **({"b": b} if b else {})} for a, b in ballots]
    held = 1000 * len(votes)
    support = sum(Fraction(1000 * a, a + b) for a, b in ballots)
    cost = int(support + (held - support) * percent / 100)
    election = small(held, {"a": cost, "b": held}, votes, "cumulative")
    stage = Stage(
        Prepared(election, MINIMAL), held, [0, 1] if any(b for _, b in ballots) else [0], Limits(election, MINIMAL)
    )
    run = Points(stage)
    before = {g: run.money[g] for g in range(len(run.money))}
    run.take(0)
    paid = {
        tuple(sorted(dict(ballot).items())): (before[g] - run.money[g]) / (run.coin)
        for g, (ballot, _) in enumerate(election.ballots())
    }
    expected = rounds([(1000 * a / (a + b), 1000.0) for a, b in ballots], max(cost, 1e-9))
    for vote, amount in zip(votes, expected) if cost > support else ():
        assert paid[tuple(sorted(vote.items()))] == pytest.approx(amount, rel=1e-6)


def test_elimination_passes_support_on_and_the_last_given_up_comes_back_first() -> None:
    """Voters of 10: d, furthest from its cost, goes first and makes a eligible; then c; b never gets there, c fits again."""
    votes = [{"a": 5, "d": 5}, {"a": 5, "d": 5}, {"b": 1}, {"c": 1}]
    tally, lines = count_traced(small(40, {"a": 20, "b": 12, "c": 13, "d": 30}, votes, "cumulative"), ELIMINATION)
    assert steps(lines) == [
        ("elimination", "d", ""),
        ("purchase", "a", "1/1"),
        ("elimination", "c", ""),
        ("elimination", "b", ""),
        ("acceptance", "b", ""),
    ]
    assert [sentence(row) for row in tally.projects][1:] == [
        "Funded, 2nd, with money left over: £0.20 was left, and it was next in line among those that fitted.",
        (
            "Not funded: when no project had enough, it was the furthest from its cost – its points stood for £0.10 "
            "of £0.13 – and at the end only £0.08 was left."
        ),
        (
            "Not funded: when no project had enough, it was the furthest from its cost – its points stood for £0.10 "
            "of £0.30 – and at the end only £0.08 was left."
        ),
    ]


def test_equal_projects_are_a_tie_however_their_fractions_were_rounded() -> None:
    """Three voters give thirds, which no decimal holds; a and b are exactly equal before and after c."""
    votes = [{"a": 1, "b": 1, "c": 1}] * 3
    tally = count(small(30, {"a": 9, "b": 9, "c": 7}, votes, "cumulative"), MINIMAL)
    assert tally.selected[0] == "c"
    assert tally.ties[0] == {"first": tally.selected[1], "equal": list(tally.selected[1:])}


LIMITED: dict[str, Any] = {
    "caps": (Quota("area", "north", 6),),
    "guarantees": (Quota("area", "south", 4),),
    "incompatible": (("a", "b"),),
}


@settings(max_examples=150, deadline=None)
@given(elections(), st.sampled_from(NAMES), st.booleans(), st.integers(0, 9))
def test_limits_hold_and_the_verifier_agrees(drawn: Drawn, name: str, completed: bool, seed: int) -> None:
    election, costs, votes = drawn
    projects = [TallyProject(p, cost, area="north" if p in "ace" else "south") for p, cost in costs.items()]
    limited = Election.build(budget=election.budget, projects=projects, ballots=votes, vote_type="cumulative", unit=1)
    completion = "utilitarian" if completed else "none"
    rule = replace(PRESETS[name], completion=completion, lot_seed=str(seed), **LIMITED)
    tally, lines = count_traced(limited, rule)
    assert verify.verify(lines).startswith("holds")
    assert sum(costs[p] for p in tally.selected if p in "ace") <= 6
    assert not {"a", "b"} <= set(tally.selected)
    assert tally.cost <= election.budget
    for row in tally.projects:
        assert sentence(row).startswith("Funded" if row["selected"] else "Not funded")
    shuffled = random.Random(seed).sample(votes, len(votes))
    again = Election.build(
        budget=election.budget, projects=projects[::-1], ballots=shuffled, vote_type="cumulative", unit=1
    )
    assert count(again, rule).to_json() == tally.to_json()


Lines = list[dict[str, Any]]


def another_price(lines: Lines) -> None:
    lines[3]["price"] = "2/3"


def another_kind(lines: Lines) -> None:
    lines[3]["type"] = "elimination"


def another_order(lines: Lines) -> None:
    lines[3], lines[4] = lines[4], lines[3]


def one_elimination_less(lines: Lines) -> None:
    del lines[4]


def another_acceptance(lines: Lines) -> None:
    lines[-2]["project"] = lines[-1]["selected"][-1] = "c"
    lines[-1]["cost"] = 33


def no_acceptance(lines: Lines) -> None:
    del lines[-2], lines[-1]["selected"][-1]
    lines[-1]["cost"] = 20


@pytest.mark.parametrize(
    "forgery",
    [another_price, another_kind, another_order, one_elimination_less, another_acceptance, no_acceptance],
)
def test_forgeries_are_refused(forgery: Callable[[Lines], None]) -> None:
    votes = [{"a": 5, "d": 5}, {"a": 5, "d": 5}, {"b": 1}, {"c": 1}]
    election = small(40, {"a": 20, "b": 12, "c": 13, "d": 30}, votes, "cumulative")
    lines = [json.loads(line) for line in count_traced(election, ELIMINATION)[1]]
    assert verify.verify(map(json.dumps, lines)).startswith("holds")
    forgery(lines)
    with pytest.raises(verify.WrongError):
        verify.verify(map(json.dumps, lines))


def test_a_price_that_pays_too_little_or_too_much_is_refused() -> None:
    votes = [{"a": 3, "b": 1}, {"a": 1, "b": 2}, {"c": 1}]
    election = small(36, {"a": 18, "b": 20, "c": 13}, votes, "cumulative")
    for price in ("1/1", "4/3", "8/5", "3/1"):
        lines = [line.replace('"3/2"', f'"{price}"') for line in count_traced(election, MINIMAL)[1]]
        with pytest.raises(verify.WrongError, match="do not pay its cost"):
            verify.verify(lines)


@needs_files
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("file", "winners"),
    [("Poland_Czestochowa_2025.pb", (14, 22, 22, 22)), ("Switzerland_Zurich_S5D10.pb", (8, 11, 10, 10))],
)
def test_real_ballots(file: str, winners: tuple[int, ...], name: str) -> None:
    tally, lines = count_traced(real(file), PRESETS[name])
    assert len(tally.selected) == dict(zip(NAMES, winners, strict=True))[name]
    assert verify.verify(lines).startswith("holds")


def test_five_hundred_winners() -> None:
    """Coins stay as short as they were: exact fractions would long have filled the memory."""
    rng = np.random.default_rng(7)
    projects = {f"p{i:03}": 100 for i in range(500)}
    votes = [{f"p{i:03}": int(rng.integers(1, 9)) for i in rng.choice(500, 12, replace=False)} for _ in range(300)]
    tally, lines = count_traced(small(50_000, projects, votes, "cumulative"), MINIMAL)
    assert len(tally.selected) == 500
    assert max(len(line) for line in lines if '"purchase"' in line) < 250


def test_what_makes_no_rule_is_refused() -> None:
    with pytest.raises(ValueError, match="completed by utilitarian"):
        Rule("r", "cumulative-stv", completion="add1")
    with pytest.raises(ValueError, match="only cumulative-stv"):
        Rule("r", "greedy", transfers="elimination")
    with pytest.raises(ValueError, match="needs points"):
        count(small(1, {"a": 1}, ["a"]), MINIMAL)
    plain = Rule("r", "cumulative-stv", ties=("id",))
    assert count(small(2, {"a": 1, "b": 1}, ["ab"]), plain).selected == ("a", "b")
