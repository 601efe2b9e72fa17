"""How many ballots would have changed the outcome."""

import itertools
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budgets.tally.count import winners
from budgets.tally.election import Election, TallyProject
from budgets.tally.margin import Case, Margin, margins
from budgets.tally.rules import PRESETS, Rule
from budgets.tally.trial import Effort
from budgets.tally.unmoved import phragmen_unmoved, shares_unmoved
from budgets.tally.what_if import needed_by_losers
from tests.budgets.tally.data import needs_files, real, small

pytestmark = pytest.mark.pure


def case(election: Election, rule: Rule) -> Case:
    selected = frozenset(winners(election, rule))
    losers = [project for p, project in enumerate(election.ids) if p not in selected]
    return Case(election, rule, selected, needed_by_losers(election, rule, losers), 0)


def found(election: Election, rule: Rule) -> dict[str, Margin]:
    return margins(case(election, rule), Effort(1 << 40))


def test_on_paper() -> None:
    # a has 4 votes, b 2 and no room: two more ballots for b (the lot decides between equals), or three.
    election = small(10, {"a": 9, "b": 8}, ["a", "a", "a", "a", "b", "b"])
    margin = found(election, Rule("r", "greedy", ties=("id",)))
    assert margin["added"] == Margin(3, 3, "exact")
    assert margin["removed"] == Margin(3, 3, "exact")
    # One ballot changed from a to b leaves 3 to 3, where a is first by its id; two are enough.
    assert margin["changed"] == Margin(2, 2, "exact")
    margin = found(election, Rule("r", "max-welfare", utility="cardinality", ties=("id",)))
    # With two more ballots both sets are worth 4, and b is cheaper.
    assert margin["added"] == Margin(2, 2, "exact")


def test_a_loser_that_ends_the_count_sooner() -> None:
    # Stop at the first misfit: a, b win, c (8) does not fit. Ahead of b (2 ballots more), c ends the count before it.
    election = small(10, {"a": 5, "b": 3, "c": 8}, ["a"] * 5 + ["b"] * 3 + ["c"])
    rule = Rule("r", "greedy", misfit="stop", ties=("id",))
    assert found(election, rule)["added"] == Margin(3, 3, "exact")


def test_nothing_can_change() -> None:
    election = small(10, {"a": 5, "b": 11}, ["a", "ab"])
    assert found(election, PRESETS["greedy"])["added"] == Margin(0, None, "never")
    assert found(election, PRESETS["max-welfare"])["added"] == Margin(0, None, "never")


COSTS = [1, 2, 3, 4, 6]


@st.composite
def tiny(draw: st.DrawFn) -> Election:
    costs = draw(st.lists(st.sampled_from(COSTS), min_size=2, max_size=3))
    kind = draw(st.sampled_from(["approval", "choose-1"]))
    projects = [TallyProject("abc"[i], cost) for i, cost in enumerate(costs)]
    ballot = st.lists(st.sampled_from([p.id for p in projects]), unique=True, max_size=1 if kind == "choose-1" else 3)
    ballots = draw(st.lists(ballot, min_size=2, max_size=7))
    return Election.build(budget=draw(st.integers(2, 9)), projects=projects, ballots=ballots, vote_type=kind, unit=1)


def rebuilt(election: Election, ballots: list[tuple[str, ...]]) -> Election:
    return Election.build(
        budget=election.budget, projects=election.projects, ballots=ballots, vote_type=election.vote_type, unit=1
    )


def with_changes(election: Election, kind: str, k: int) -> Iterator[Election]:
    """Every election that k ballots added, removed or changed make of this one."""
    own = [tuple(project for project, _ in ballot) for ballot, weight in election.ballots() for _ in range(weight)]
    most = 1 if election.vote_type == "choose-1" else len(election.ids)
    every = [subset for size in range(most + 1) for subset in itertools.combinations(election.ids, size)]
    for kept in itertools.combinations(own, len(own) - (0 if kind == "added" else k)):
        for new in itertools.combinations_with_replacement(every, 0 if kind == "removed" else k):
            if kept or new:
                yield rebuilt(election, [*kept, *new])


RULES = [
    Rule("r", "greedy"),
    Rule("r", "greedy", misfit="stop", ties=("id",)),
    Rule("r", "greedy", threshold=2),
    Rule("r", "max-welfare", utility="cardinality"),
    Rule("r", "max-welfare"),
    Rule("r", "equal-shares"),
    Rule("r", "equal-shares", utility="cardinality", start="integral"),
    Rule("r", "phragmen"),
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.method}-{rule.misfit}-{rule.threshold}-{rule.utility}")
@settings(max_examples=25, deadline=None)
@given(election=tiny())
def test_bounds_by_trying_everything(rule: Rule, election: Election) -> None:
    selected = frozenset(winners(election, rule))
    for kind, margin in found(election, rule).items():
        most = 2 if kind == "changed" else 3
        below = range(1, most + 1) if margin.how == "never" else range(1, min(margin.lower, most + 1))
        for k in below:
            assert all(frozenset(winners(other, rule)) == selected for other in with_changes(election, kind, k))
        if margin.upper is not None and margin.upper <= most:
            others = with_changes(election, kind, margin.upper)
            assert any(frozenset(winners(other, rule)) != selected for other in others)


@settings(max_examples=200, deadline=None)
@given(tiny(), st.integers(1, 2), st.sampled_from([RULES[5], RULES[6], RULES[7]]))
def test_what_is_proven_unmoved_stays(election: Election, k: int, rule: Rule) -> None:
    selected = frozenset(winners(election, rule))
    unmoved = phragmen_unmoved if rule.method == "phragmen" else shares_unmoved
    if unmoved(election, rule, selected, k):
        others = with_changes(election, "added", k)
        assert all(frozenset(winners(other, rule)) == selected for other in others)


@pytest.mark.parametrize(("rule", "proven"), [(RULES[5], 3), (RULES[7], 20)], ids=["equal-shares", "phragmen"])
def test_a_clear_outcome_is_proven(rule: Rule, proven: int) -> None:
    # 60 voters for a, 39 for b, one for c, which costs all there is: with many more ballots a and b still come first.
    election = small(100, {"a": 30, "b": 30, "c": 100}, ["a"] * 60 + ["b"] * 39 + ["c"])
    selected = frozenset({0, 1})
    unmoved = phragmen_unmoved if rule.method == "phragmen" else shares_unmoved
    assert unmoved(election, rule, selected, proven)
    assert found(election, rule)["added"].lower > proven


@needs_files
def test_wieliczka() -> None:
    """Greedy's margin is exact; under Equal Shares four ballots would do, and fewer are partly excluded."""
    election = real("Poland_Wieliczka_2023_Green_Budget.pb")
    greedy, shares = (found(election, PRESETS[name]) for name in ("greedy", "equal-shares-plain"))
    assert greedy["added"].how == "exact"
    assert shares["added"].upper is not None
    assert 1 <= shares["added"].lower <= shares["added"].upper <= 4
