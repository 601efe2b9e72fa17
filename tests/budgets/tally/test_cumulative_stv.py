"""Cumulative STV: by hand, against the plain reference, and on real ballots."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budgets.tally.count import count_traced
from budgets.tally.election import Election
from budgets.tally.explain import sentence
from budgets.tally.incidence import Incidence
from budgets.tally.rules import PRESETS, Rule
from budgets.tally.ties import tie_order
from tests.budgets.tally.data import small
from tests.budgets.tally.reference_cumulative_stv import Reference

pytestmark = pytest.mark.pure

NAMES = [name for name, rule in PRESETS.items() if rule.method == "cumulative-stv"]
IDS = "abcdefg"


@st.composite
def elections(draw: st.DrawFn) -> tuple[Election, dict[str, int], list[dict[str, int]]]:
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
def test_as_the_reference(name: str, drawn: tuple[Election, dict[str, int], list[dict[str, int]]]) -> None:
    """In exact fractions throughout: whole coins never change a decision here, ties included."""
    election = drawn[0]
    expected = reference(*drawn, PRESETS[name])
    tally, lines = count_traced(election, PRESETS[name])
    assert list(tally.selected) == expected.run()
    steps = [line for line in map(json.loads, lines) if line["type"] not in ("election", "rule", "result")]
    assert [(line["type"], line["project"]) for line in steps] == expected.steps
    for row in tally.projects:
        assert sentence(row).startswith("Funded" if row["selected"] else "Not funded")
