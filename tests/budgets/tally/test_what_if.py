"""How many more votes a project needed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budgets.tally.count import count
from budgets.tally.explain import more_votes
from budgets.tally.rules import PRESETS, Rule
from budgets.tally.what_if import votes_needed
from tests.budgets.tally.data import needs_files, real, small
from tests.budgets.tally.test_properties import Drawn, elections

pytestmark = pytest.mark.pure


def test_on_paper() -> None:
    # Greedy: b costs as much as a, so it must have more votes than a's three (or as many: then the lot decides).
    election = small(10, {"a": 9, "b": 8, "c": 11}, ["a", "a", "a", "b"])
    assert votes_needed(election, PRESETS["greedy"], "a") == 0
    assert votes_needed(election, PRESETS["greedy"], "b") == 2
    assert votes_needed(election, PRESETS["greedy"], "c") is None
    assert votes_needed(election, Rule("r", "greedy", ties=("id",)), "b") == 3
    # Equal Shares: with k more voters of b each has 10 / (4 + k); (1 + k) of these reach 8 at k = 11.
    assert votes_needed(election, PRESETS["equal-shares-plain"], "b") == 11
    assert more_votes(11) == "11 more votes for it alone would have funded it."
    assert more_votes(1) == "1 more vote for it alone would have funded it."


@settings(max_examples=25, deadline=None)
@given(st.booleans().flatmap(elections), st.sampled_from(["greedy", "equal-shares-plain", "equal-shares", "phragmen"]))
def test_it_is_funded_with_them_and_not_with_one_less(drawn: Drawn, preset: str) -> None:
    election, rule = drawn[0], PRESETS[preset]
    most = 1 if election.values is None or not len(election.values) else int(election.values.max())
    for project in election.ids:
        ballot = [(project, most)] if election.values is not None else [project]
        needed = votes_needed(election, rule, project)
        if needed is None:
            assert project not in count(election, rule).selected
        elif needed == 0:
            assert project in count(election, rule).selected
        else:
            assert project in count(election.plus(ballot, needed), rule).selected
            assert project not in count(election.plus(ballot, needed - 1), rule).selected


@needs_files
def test_wieliczka() -> None:
    election = real("Poland_Wieliczka_2023_Green_Budget.pb")
    needed = votes_needed(election, PRESETS["equal-shares-plain"], "21")
    assert needed is not None
    assert "21" in count(election.plus(["21"], needed), PRESETS["equal-shares-plain"]).selected
    assert election.plus([], 0) == election
