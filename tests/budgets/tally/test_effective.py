"""Effective votes, round by round."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budgets.tally.analysis import analyse
from budgets.tally.count import count
from budgets.tally.effective import rounds
from budgets.tally.replay import Replay
from budgets.tally.rules import PRESETS, Rule
from tests.budgets.tally import reference
from tests.budgets.tally.data import needs_files, real, small
from tests.budgets.tally.test_properties import Drawn, elections, ranks, within

pytestmark = pytest.mark.pure


def test_on_paper() -> None:
    # Four voters with 3 each; a (6, three votes) is bought at 2 each. b (4): its voters then have 1 and 3: the price is
    # 3, so that 4 / 3 of the two votes count. c (5) is beyond the 4 its voters have.
    election = small(12, {"a": 6, "b": 4, "c": 5}, ["ab", "a", "ac", "bc"])
    rule = PRESETS["equal-shares-plain"]
    found = analyse(election, rule, count(election, rule), exact=True)["rounds"]
    assert found["bought"] == ["a", "b", None]
    assert found["projects"] == ["a", "b", "c"]
    assert found["money"] == [[9, 6, 6], [3, 4, 4], [2, 0, 1]]
    assert found["effective"] == [[3.0, 2.0, 2.0], [None, 1.3, None], [None, None, None]]
    assert found["exact"]["effective"][1] == [None, "4/3", None]
    assert found["exact"]["money"][1] == ["3/1", "4/1", "4/1"]


@settings(max_examples=80, deadline=None)
@given(st.booleans().flatmap(elections), st.booleans())
def test_as_the_reference(drawn: Drawn, by_cost: bool) -> None:
    election, costs, votes = drawn
    utility = "points" if election.values is not None else ("cost" if by_cost else "cardinality")
    rule = Rule("r", "equal-shares", utility=utility)
    replay = Replay.of(election, rule, count(election, rule))
    if replay is None:
        return
    share = Fraction(election.budget, len(votes))
    taking_part = within(costs, votes, election.budget)
    bought, _ = reference.equal_shares(taking_part, votes, share, utility == "cost", ranks(election, rule).__getitem__)
    money, done = [share] * len(votes), set[str]()
    found = rounds(replay)
    assert len(found) == len(bought) + 1
    for stage, (winner, price) in zip(found, [*bought, (None, Fraction(0))]):
        for p, project in enumerate(election.ids):
            x = reference.price(project, costs[project], votes, money) if project in taking_part else None
            if project in done or x is None:
                assert stage.effective[p] is None
            elif costs[project]:
                assert stage.effective[p] == costs[project] / x
            else:
                assert stage.effective[p] == sum(votes[v][project] for v in reference.supporters(votes, project))
        if winner is None:
            assert stage.bought is None
            continue
        assert stage.bought is not None
        assert election.ids[stage.bought] == winner
        if by_cost and utility == "cost":
            assert (
                stage.effective[stage.bought] == max(e for e in stage.effective if e is not None) or 0 in costs.values()
            )
        money = [had - min(had, price * votes[v].get(winner, 0)) for v, had in enumerate(money)]
        done.add(winner)


@needs_files
def test_wieliczka() -> None:
    """In every round the project with the most effective votes is bought, the last has none that can be paid."""
    election, rule = real("Poland_Wieliczka_2023_Green_Budget.pb"), PRESETS["equal-shares-add1-no-exhaustive"]
    replay = Replay.of(election, rule, count(election, rule))
    assert replay
    found = rounds(replay)
    assert len(found) == 31
    for stage in found[:-1]:
        assert stage.bought is not None
        assert stage.effective[stage.bought] == max(votes for votes in stage.effective if votes is not None)
    assert not any(found[-1].effective)
