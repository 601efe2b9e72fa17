"""Whether outcomes represent groups of voters."""

import itertools
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budgets.tally import price_system
from budgets.tally.analysis import analyse
from budgets.tally.count import count, winners
from budgets.tally.election import Election
from budgets.tally.incidence import Incidence
from budgets.tally.price_system import Priceable, priceable
from budgets.tally.replay import Replay
from budgets.tally.representation import Violation, ejr_plus
from budgets.tally.rules import PRESETS, Rule
from budgets.tally.simplex import feasible
from tests.budgets.tally.data import needs_files, real, small
from tests.budgets.tally.test_properties import Drawn, elections

pytestmark = pytest.mark.pure


def test_a_third_of_the_voters_with_nothing() -> None:
    # Nine voters, a pot of 9. Six name a, b, c (3 each), three name d (3): with shares of 1 these three could pay for d.
    election = small(9, {"a": 3, "b": 3, "c": 3, "d": 3}, ["abc"] * 6 + ["d"] * 3)
    who = Incidence.of(election)
    greedy = winners(election, PRESETS["greedy"])
    for by_cost in (True, False):
        assert ejr_plus(who, greedy, by_cost) == [Violation(3, 3, Fraction(3), 0)]
        assert not ejr_plus(who, winners(election, PRESETS["equal-shares-plain"]), by_cost)
    rule = PRESETS["greedy"]
    found = analyse(election, rule, count(election, rule))["representation"]
    assert found["ejr_plus"]["cost"] == [{"project": "d", "voters": 3, "entitled": 3, "exact": "3/1", "most": 0}]
    # The six need 3/2 each for a, b and c; with more than 1 each the other three could pay for d.
    assert found["priceability"] == {
        "holds": False,
        "how": "refuted",
        "refutation": {"least": "3/2", "winners": ["a", "b", "c"], "most": "1/1", "project": "d", "voters": 3},
    }


def everything_tried(election: Election, selected: frozenset[int], by_cost: bool) -> dict[int, int]:
    """Every group of voters of every project, by the definition; the largest violation of each project."""
    ballots = [
        {election.ids.index(project) for project, _ in ballot}
        for ballot, weight in election.ballots()
        for _ in range(weight)
    ]
    value = [cost if by_cost else 1 for cost in election.costs]
    found: dict[int, int] = {}
    for p, cost in enumerate(election.costs):
        supporters = [ballot for ballot in ballots if p in ballot]
        if p in selected or not 0 < cost <= election.budget:
            continue
        for size in range(1, len(supporters) + 1):
            worth = Fraction(size * election.budget * value[p], len(ballots) * cost)
            for group in itertools.combinations(supporters, size):
                if all(sum(value[q] for q in ballot & selected) + value[p] <= worth for ballot in group):
                    found[p] = size
    return found


@settings(max_examples=80, deadline=None)
@given(elections(), st.sampled_from(["greedy", "equal-shares-plain", "max-welfare"]), st.booleans())
def test_ejr_plus_by_trying_everything(drawn: Drawn, preset: str, by_cost: bool) -> None:
    election = drawn[0]
    selected = frozenset(winners(election, PRESETS[preset]))
    found = {v.project: v.voters for v in ejr_plus(Incidence.of(election), selected, by_cost)}
    assert found == everything_tried(election, selected, by_cost)


@settings(max_examples=100, deadline=None)
@given(elections(), st.booleans())
def test_equal_shares_satisfies_it(drawn: Drawn, by_cost: bool) -> None:
    rule = Rule("r", "equal-shares", utility="cost" if by_cost else "cardinality")
    assert not ejr_plus(Incidence.of(drawn[0]), winners(drawn[0], rule), by_cost)


# -- priceability


def by_program(election: Election, rule: Rule, selected: frozenset[int]) -> bool | None:
    case = price_system._Case(election, rule, Incidence.of(election), selected)
    return case.program().holds


@settings(max_examples=120, deadline=None)
@given(
    elections(),
    st.sampled_from(["greedy", "equal-shares-plain", "equal-shares", "phragmen", "max-welfare", "max-welfare-cost"]),
)
def test_the_quick_answers_are_those_of_the_linear_program(drawn: Drawn, preset: str) -> None:
    election, rule = drawn[0], PRESETS[preset]
    tally = count(election, rule)
    selected = frozenset(p for p, row in enumerate(tally.projects) if row["selected"])
    found = priceable(election, rule, selected, Replay.of(election, rule, tally))
    exact = by_program(election, rule, selected)
    assert found.holds == exact
    if against := found.refutation:
        assert against.least > against.most


@settings(max_examples=80, deadline=None)
@given(elections(), st.sets(st.integers(0, 3), max_size=3))
def test_any_set_of_projects(drawn: Drawn, positions: set[int]) -> None:
    election = drawn[0]
    who = Incidence.of(election)
    selected = frozenset(p for p in positions if p < len(election.ids) and who.votes[p])
    found = priceable(election, PRESETS["greedy"], selected, None)
    assert found.holds == by_program(election, PRESETS["greedy"], selected)


def test_a_program_by_hand() -> None:
    # x + y = 4, x - z = 1 has a solution; x = 1 and x + y = 0 has none.
    solution = feasible([{0: 1, 1: 1}, {0: 1, 2: -1}], [4, 1], 3)
    assert solution
    assert (solution[0] + solution[1], solution[0] - solution[2]) == (4, 1)
    assert min(solution) >= 0
    assert feasible([{0: 1}, {0: 1, 1: 1}], [1, 0], 2) is None


@needs_files
@pytest.mark.parametrize("preset", ["equal-shares-plain", "equal-shares-add1-no-exhaustive", "phragmen"])
def test_wieliczka_is_priceable_by_its_own_purchases(preset: str) -> None:
    election, rule = real("Poland_Wieliczka_2023_Green_Budget.pb"), PRESETS[preset]
    tally = count(election, rule)
    selected = [p for p, row in enumerate(tally.projects) if row["selected"]]
    found = priceable(election, rule, selected, Replay.of(election, rule, tally))
    assert found == Priceable(True, "purchases", found.share)
    assert not ejr_plus(Incidence.of(election), selected, by_cost=True)


@needs_files
def test_wieliczka_under_greedy_leaves_groups_out() -> None:
    election = real("Poland_Wieliczka_2023_Green_Budget.pb")
    found = ejr_plus(Incidence.of(election), winners(election, PRESETS["greedy"]), by_cost=True)
    assert found
    for violation in found:
        assert violation.most + election.costs[violation.project] <= violation.entitled
