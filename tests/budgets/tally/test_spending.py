"""What a project's supporters spent on which winners."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budgets.tally import spending as module
from budgets.tally.analysis import analyse
from budgets.tally.count import count
from budgets.tally.election import Election
from budgets.tally.replay import Replay
from budgets.tally.rules import PRESETS, Quota, Rule
from budgets.tally.spending import Spending, spending
from tests.budgets.tally import reference
from tests.budgets.tally.data import needs_files, real, small
from tests.budgets.tally.test_properties import Drawn, elections, ranks, within

pytestmark = pytest.mark.pure


def of(election: Election, rule: Rule) -> Spending:
    replay = Replay.of(election, rule, count(election, rule))
    assert replay
    return spending(replay)


def test_on_paper() -> None:
    # Four voters with 3 each. a costs 6, shared by three: 2 each; then c's two voters have 1 + 3 left of its 5.
    election = small(12, {"a": 6, "b": 3, "c": 5}, ["ab", "a", "ac", "c"])
    found = analyse(election, PRESETS["equal-shares-plain"], count(election, PRESETS["equal-shares-plain"]), exact=True)
    table = found["spending"]
    assert table["winners"] == ["a"]
    exact = {"started": "6/1", "spent": ["2/1"], "left": "4/1"}
    assert table["projects"]["c"] == {"started": 6, "spent": [2], "left": 4, "exact": exact}
    assert table["everyone"] == {
        "started": 12,
        "spent": [6],
        "left": 6,
        "exact": {"started": "12/1", "spent": ["6/1"], "left": "6/1"},
    }


@pytest.mark.parametrize("rows", [2, 1 << 14])
@settings(max_examples=80, deadline=None)
@given(st.booleans().flatmap(elections), st.sampled_from(["cost", "cardinality", "points"]))
def test_as_the_reference(rows: int, drawn: Drawn, utility: str) -> None:
    """Voter by voter, in the plain reference."""
    election, costs, votes = drawn
    utility = "points" if election.values is not None else utility.replace("points", "cost")
    rule = Rule("r", "equal-shares", utility=utility)
    if Replay.of(election, rule, count(election, rule)) is None:
        assert not within(costs, votes, election.budget)
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "ROWS", rows)
        found = of(election, rule)
    share = Fraction(election.budget, len(votes))
    bought, left = reference.equal_shares(
        within(costs, votes, election.budget), votes, share, utility == "cost", ranks(election, rule).__getitem__
    )
    money = [share] * len(votes)
    assert [election.ids[p] for p in found.winners] == [p for p, _ in bought]
    for q, (winner, price) in enumerate(bought):
        paid = [min(money[v], price * votes[v].get(winner, 0)) for v in range(len(votes))]
        money = [had - gave for had, gave in zip(money, paid)]
        for p, project in enumerate(election.ids):
            ours = sum((paid[v] for v in reference.supporters(votes, project)), Fraction(0))
            assert Fraction(found.spent[p][q], found.denominator) == ours
        assert found.spent[-1][q] == costs[winner] * found.denominator
    for p, project in enumerate(election.ids):
        ours = sum((left[v] for v in reference.supporters(votes, project)), Fraction(0))
        assert Fraction(found.left[p], found.denominator) == ours
        assert found.behind(p, 0) == found.started[p]
        assert found.behind(p, len(bought)) == found.left[p]


def test_where_it_is_not_defined() -> None:
    election = small(12, {"a": 6, "b": 3, "c": 5}, ["ab", "a", "ac", "c"])
    guaranteed = Rule("r", "equal-shares", guarantees=(Quota("area", "", 5),))
    for rule in (PRESETS["greedy"], PRESETS["phragmen"], PRESETS["max-welfare"], guaranteed):
        assert not {"spending", "rounds"} & analyse(election, rule, count(election, rule)).keys()


def test_with_a_cap() -> None:
    # With a bought, the cap leaves nothing for b.
    election = small(12, {"a": 6, "b": 3, "c": 5}, ["ab", "ab", "ac", "c"])
    rule = Rule("r", "equal-shares", caps=(Quota("area", "", 6),))
    tally = count(election, rule)
    assert tally.selected == ("a",)
    found = analyse(election, rule, tally)
    assert found["spending"]["winners"] == ["a"]
    assert found["rounds"]["effective"][1] == [None, None, None]


@needs_files
def test_wieliczka() -> None:
    """Every column sums to the cost of its winner, over all voters; every row to what the voters had."""
    election, rule = real("Poland_Wieliczka_2023_Green_Budget.pb"), PRESETS["equal-shares-add1-no-exhaustive"]
    found = of(election, rule)
    assert len(found.winners) == 30
    assert [n // found.denominator for n in found.spent[-1]] == [election.costs[p] for p in found.winners]
    assert all(had == sum(row) + left for had, row, left in zip(found.started, found.spent, found.left))
    tally = count(election, rule)
    for row in tally.projects:
        if row["reason"]["code"] == "not_affordable":
            assert found.exact(found.left[election.ids.index(row["id"])]) == row["reason"]["params"]["money"]
