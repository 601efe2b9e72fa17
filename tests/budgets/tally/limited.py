"""Small elections in areas and categories, with rules that limit and promise, for the random tests."""

from typing import Any

from hypothesis import strategies as st

from budgets.tally.election import Election, TallyProject
from budgets.tally.rules import Quota, Rule

AREAS, CATEGORIES = ("North", "South", "Östra"), ("green", "play")
IDS = "abcdefgh"


@st.composite
def divided(draw: st.DrawFn, points: bool = False) -> Election:
    """Few distinct costs and small numbers, so that exact ties are common."""
    costs = draw(st.lists(st.sampled_from([0, 1, 2, 3, 4, 6, 10, 12]), min_size=1, max_size=8))
    projects = [
        TallyProject(
            id,
            cost,
            area=draw(st.sampled_from(AREAS)),
            categories=tuple(sorted(draw(st.sets(st.sampled_from(CATEGORIES))))),
        )
        for id, cost in zip(IDS, costs, strict=False)
    ]
    value = st.integers(1, 4) if points else st.just(1)
    ids = st.sampled_from(IDS[: len(costs)])
    return Election.build(
        budget=draw(st.integers(0, 30)),
        projects=projects,
        ballots=draw(st.lists(st.dictionaries(ids, value, max_size=5), min_size=1, max_size=12)),
        vote_type="cumulative" if points else "approval",
        unit=draw(st.sampled_from([1, 2])),
    )


def quotas(most: int) -> st.SearchStrategy[tuple[Quota, ...]]:
    amount = st.integers(0, 20)
    area = st.builds(Quota, st.just("area"), st.sampled_from(AREAS), amount)
    category = st.builds(Quota, st.just("category"), st.sampled_from(CATEGORIES), amount)
    return st.lists(st.one_of(area, category), max_size=most).map(tuple)


incompatible = st.lists(st.sets(st.sampled_from(IDS), min_size=2, max_size=3).map(sorted).map(tuple), max_size=2)


def limited(methods: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[Rule]:
    """Rules with some limits; `methods`: the fields that name the method."""
    fields = st.fixed_dictionaries(
        {
            "caps": quotas(3),
            "guarantees": quotas(3),
            "incompatible": incompatible.map(tuple),
            "part_funding": st.sampled_from(["none", "next"]),
            "comparison": st.sampled_from(["none", "greedy"]),
            "misfit": st.sampled_from(["skip", "stop"]),
            "ties": st.sampled_from([("lowest-cost", "most-votes", "lot"), ("id",)]),
            "lot_seed": st.sampled_from(["", "żółw"]),
        }
    )
    return st.builds(lambda method, limits: Rule("r", **{**limits, **method}), methods, fields)


# The fields that name a method, for plain ballots.
METHODS = st.one_of(
    st.fixed_dictionaries({"method": st.just("greedy"), "score": st.sampled_from(["votes", "votes-per-cost"])}),
    st.fixed_dictionaries(
        {
            "method": st.just("equal-shares"),
            "utility": st.sampled_from(["cost", "cardinality"]),
            "completion": st.sampled_from(["none", "add1", "add1u", "utilitarian"]),
            "exhaustive_stop": st.booleans(),
            "start": st.sampled_from(["exact", "integral"]),
        }
    ),
    st.just({"method": "phragmen"}),
)
