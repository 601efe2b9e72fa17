"""How many more votes a project needed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budgets.tally.count import count
from budgets.tally.election import Election
from budgets.tally.rules import PRESETS, Rule
from budgets.tally.what_if import Needed, votes_needed
from tests.budgets.tally.data import needs_files, real, small
from tests.budgets.tally.test_properties import Drawn, elections

pytestmark = pytest.mark.pure

RULES = (
    "greedy greedy-no-skip greedy-per-cost greedy-points phragmen max-welfare max-welfare-cost equal-shares-plain "
    "equal-shares-cardinality equal-shares equal-shares-add1-no-exhaustive wieliczka-2023 swiecie-2023"
).split()


def test_on_paper() -> None:
    # Greedy: b costs as much as a, so it must have more votes than a's three (or as many: then the lot decides).
    election = small(10, {"a": 9, "b": 8, "c": 11}, ["a", "a", "a", "b"])
    assert votes_needed(election, PRESETS["greedy"], "a") == Needed(0, 0, "smallest")
    assert votes_needed(election, PRESETS["greedy"], "b") == Needed(2, 2, "smallest")
    assert votes_needed(election, PRESETS["greedy"], "c") == Needed(None, 0, "never")
    assert votes_needed(election, Rule("r", "greedy", ties=("id",)), "b") == Needed(3, 3, "smallest")
    # Equal Shares: with k more voters of b each has 10 / (4 + k); (1 + k) of these reach 8 at k = 11.
    assert votes_needed(election, PRESETS["equal-shares-plain"], "b") == Needed(11, 11, "smallest")


def funded(election: Election, rule: Rule, project: str, k: int) -> bool:
    """By a whole new election."""
    most = 1 if election.values is None or not len(election.values) else int(election.values.max())
    ballot = [(project, most)] if election.values is not None else [project]
    return project in count(election.plus(ballot, k), rule).selected


@pytest.mark.parametrize("preset", RULES)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_the_smallest_number_is_the_smallest(preset: str, data: st.DataObject) -> None:
    rule = PRESETS[preset]
    election = data.draw(elections(points=rule.score == "points"))[0]
    for project in election.ids:
        needed = votes_needed(election, rule, project)
        assert not any(funded(election, rule, project, k) for k in range(min(needed.at_least, 40)))
        if needed.votes is not None:
            assert funded(election, rule, project, needed.votes)
            assert (needed.how == "smallest") == (needed.at_least == needed.votes)
            assert needed.votes == 0 or not funded(election, rule, project, needed.votes - 1)
        else:
            assert needed.how in ("never", "not-found")
            assert not any(funded(election, rule, project, k) for k in (0, 1, 2, 5, 50, 5000) if needed.how == "never")


@settings(max_examples=25, deadline=None)
@given(st.booleans().flatmap(elections), st.integers(0, 3))
def test_little_effort_claims_little(drawn: Drawn, effort: int) -> None:
    election, rule = drawn[0], PRESETS["equal-shares"]
    for project in election.ids:
        needed = votes_needed(election, rule, project, effort)
        assert not any(funded(election, rule, project, k) for k in range(min(needed.at_least, 20)))


@needs_files
def test_wieliczka() -> None:
    election = real("Poland_Wieliczka_2023_Green_Budget.pb")
    needed = votes_needed(election, PRESETS["equal-shares-plain"], "21")
    assert needed.votes is not None
    assert funded(election, PRESETS["equal-shares-plain"], "21", needed.votes)
    assert not funded(election, PRESETS["equal-shares-plain"], "21", needed.votes - 1)
    assert election.plus([], 0) == election
