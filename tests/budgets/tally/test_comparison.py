"""Two counts side by side."""

import pytest
from hypothesis import given, settings

from budgets.tally.analysis import analyse
from budgets.tally.comparison import compare
from budgets.tally.count import count
from budgets.tally.rules import PRESETS
from tests.budgets.tally.data import needs_files, real, small
from tests.budgets.tally.test_properties import Drawn, elections

pytestmark = pytest.mark.pure


def test_on_paper() -> None:
    # Greedy buys a, b, c of the six; Equal Shares gives the three others d, and what the six can pay: a and b.
    election = small(9, {"a": 3, "b": 3, "c": 3, "d": 3}, ["abc"] * 6 + ["d"] * 3)
    greedy, shares = (count(election, PRESETS[name]) for name in ("greedy", "equal-shares-plain"))
    found = compare(election, greedy, shares)
    assert set(found["common"]) | set(found["lost"]) == {"a", "b", "c"}
    assert len(found["lost"]) == 1
    assert found["gained"] == ["d"]
    assert found["cost"] == {"": [9, 9]}
    assert found["winners"] == found["worth"] == {"more": 3, "fewer": 6, "same": 0}
    back = compare(election, shares, greedy)
    assert (back["lost"], back["gained"]) == (["d"], found["lost"])
    whole = analyse(election, PRESETS["greedy"], greedy, others=[shares])
    assert whole["compared"] == [found]


@settings(max_examples=60, deadline=None)
@given(elections())
def test_voter_by_voter(drawn: Drawn) -> None:
    election, costs, votes = drawn
    one, two = (count(election, PRESETS[name]) for name in ("greedy", "phragmen"))
    found = compare(election, one, two)
    for key, value in (("winners", dict.fromkeys(costs, 1)), ("worth", costs)):
        gains = [
            sum(value[p] for p in ballot if p in two.selected) - sum(value[p] for p in ballot if p in one.selected)
            for ballot in votes
        ]
        assert found[key] == {
            "more": sum(gain > 0 for gain in gains),
            "fewer": sum(gain < 0 for gain in gains),
            "same": gains.count(0),
        }


def test_other_ballots_are_refused() -> None:
    one, two = small(9, {"a": 3}, ["a"]), small(9, {"a": 3}, ["a", "a"])
    rule = PRESETS["greedy"]
    with pytest.raises(ValueError, match="not of this election"):
        compare(one, count(one, rule), count(two, rule))


@needs_files
def test_wieliczka() -> None:
    """The comparison step of 2023: 1,615 voters had more winners under Equal Shares, 873 under greedy."""
    election = real("Poland_Wieliczka_2023_Green_Budget.pb")
    shares, greedy = (count(election, PRESETS[name]) for name in ("equal-shares-add1-no-exhaustive", "greedy"))
    found = compare(election, greedy, shares)
    assert (found["winners"]["more"], found["winners"]["fewer"]) == (1615, 873)
