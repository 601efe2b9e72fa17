"""Elections small enough to count on paper, the odd ones, and the large ones."""

import hashlib
import time
import tracemalloc
from fractions import Fraction

import numpy as np
import pytest

from budgets.tally.count import Tally, count
from budgets.tally.election import Election, TallyProject
from budgets.tally.exact import digits, from_ratio, ratio, whole
from budgets.tally.rules import PRESETS, Rule
from tests.budgets.tally.data import small

pytestmark = pytest.mark.pure


def why(tally: Tally, project: str) -> dict[str, object]:
    row = next(row for row in tally.projects if row["id"] == project)
    return {"code": row["reason"]["code"], **row["reason"]["params"]}


def test_equal_shares_on_paper() -> None:
    # Four voters with 25 each. a: 60 among 3 is 20 each. Then b: the voter of a has 5 left, d has 25: 5 + 25 = 30.
    election = small(100, {"a": 60, "b": 30, "c": 26}, ["ab", "a", "ac", "b"])
    tally = count(election, PRESETS["equal-shares-plain"])
    assert tally.selected == ("a", "b")
    assert why(tally, "a") == {
        "code": "bought", "price": "20/1", "full": 3, "part": 0, "broke": 0, "votes": 3, "points": False
    }  # fmt: skip
    assert why(tally, "b") == {
        "code": "bought", "price": "25/1", "full": 1, "part": 1, "broke": 0, "votes": 2, "points": False
    }  # fmt: skip
    assert why(tally, "c") == {
        "code": "not_affordable", "money": "5/1", "have": 5, "cost": 26, "short": 21, "votes": 1
    }  # fmt: skip
    assert (tally.cost, tally.n_ballots, tally.n_empty) == (90, 4, 0)
    assert tally.statistics["voters_with_winner"] == 4
    assert tally.statistics["winners_per_voter"] == "5/4"
    assert tally.statistics["voters_by_winners"] == [0, 3, 1]


def test_points_are_paid_in_proportion() -> None:
    # 10 each; a is worth 3 and 1 points: 4 a point is 12 > 10, so one pays 10 and the other 6 for his one point.
    election = small(20, {"a": 16}, [{"a": 3}, {"a": 1}], "cumulative")
    tally = count(election, PRESETS["equal-shares-points"])
    assert tally.selected == ("a",)
    assert why(tally, "a")["price"] == "6/1"
    assert (why(tally, "a")["full"], why(tally, "a")["part"]) == (1, 1)


def test_add1_stops_before_it_overspends() -> None:
    # Two voters, 5 each. a needs 8 of the first alone: raised by 3. b then costs too much together with a.
    election = small(10, {"a": 8, "b": 8}, ["a", "b"])
    tally = count(election, Rule("r", "equal-shares", completion="add1"))
    assert tally.selected == ()
    assert tally.log["stop"] == "overspends"
    assert tally.log["steps"] == 2
    assert tally.log["beyond"]["step"] == 3
    completed = count(election, PRESETS["equal-shares"])
    assert completed.selected in (("a",), ("b",))
    assert why(completed, completed.selected[0])["code"] == "bought_completion"


def test_greedy_skips_or_stops() -> None:
    election = small(10, {"a": 6, "b": 5, "c": 4, "d": 20}, ["abcd", "abd", "ad", "d"])
    tally = count(election, PRESETS["greedy"])
    assert tally.selected == ("a", "c")
    assert why(tally, "b") == {"code": "did_not_fit", "score": 2, "by": "votes", "left": 4}
    assert why(tally, "d") == {"code": "over_budget", "cost": 20, "budget": 10}
    stopped = count(election, PRESETS["greedy-no-skip"])
    assert stopped.selected == ("a",)
    assert why(stopped, "c")["code"] == "count_ended"


def test_thresholds() -> None:
    election = small(12, {"a": 1, "b": 1, "c": 12}, ["ab", "a", "c"])
    tally = count(election, Rule("r", "greedy", threshold=2))
    assert tally.selected == ("a",)
    assert why(tally, "b") == {"code": "below_threshold", "score": 1, "by": "votes", "threshold": 2}
    # c costs the whole budget: with 3 voters it needs 1/3 of them.
    assert why(count(election, Rule("r", "greedy", cost_share=3)), "c")["code"] == "did_not_fit"
    assert why(count(election, Rule("r", "greedy", cost_share=2)), "c") == {
        "code": "below_cost_share",
        "votes": 1,
        "needed": 2,
    }


def test_ties_lowest_cost_then_votes_then_the_lot() -> None:
    election = small(10, {"a": 9, "b": 8, "c": 8}, ["abc", "abc"])
    for seed in ("x", "y", "2026-05-01 town hall"):
        tally = count(election, Rule("r", "greedy", lot_seed=seed))
        first = min("bc", key=lambda p: hashlib.sha256((seed + p).encode()).digest())
        assert tally.selected == (first,)
        assert tally.ties == ({"first": first, "equal": [first, "b" if first == "c" else "c", "a"]},)
    tied = count(small(20, {"a": 9, "b": 8}, ["ab", "ab"]), PRESETS["equal-shares-plain"])
    assert tied.selected == ("b", "a")
    assert tied.ties == ({"first": "b", "equal": ["b", "a"]},)


@pytest.mark.parametrize(
    "preset", [name for name, rule in PRESETS.items() if "points" not in (rule.utility, rule.score)]
)
def test_odd_elections_end_properly(preset: str) -> None:
    rule = PRESETS[preset]
    assert count(small(10, {"a": 5}, []), rule).selected == ()
    assert count(small(10, {}, [""]), rule).selected == ()
    assert count(small(10, {"a": 5}, ["", ""]), rule).selected == ()
    assert set(count(small(10, {"a": 0, "b": 0, "c": 10}, ["ac", "c"]), rule).selected) == {"a", "c"}
    assert count(small(0, {"a": 0, "b": 1}, ["ab"]), rule).selected == ("a",)
    everything = count(small(10, {"a": 4, "b": 5, "c": 0}, ["ab", "abc"]), rule)
    assert set(everything.selected) == {"a", "b", "c"}
    if rule.method == "equal-shares":
        assert everything.log["stop"] == ("none" if rule.completion == "none" else "everything")


def test_a_rule_that_needs_points_refuses_ballots_without() -> None:
    with pytest.raises(ValueError, match="needs points"):
        count(small(10, {"a": 5}, ["a"]), PRESETS["equal-shares-points"])


def test_eleven_hundred_winners() -> None:
    names = [f"p{n:04}" for n in range(1100)]
    rng = np.random.default_rng(1)
    ballots = [[names[i] for i in rng.choice(1100, 40, replace=False)] for _ in range(600)]
    projects = [TallyProject(name, 100 + n % 7) for n, name in enumerate(names)]
    election = Election.build(budget=10**9, projects=projects, ballots=ballots)
    for preset in ("equal-shares-plain", "phragmen"):
        started = time.process_time()
        assert len(count(election, PRESETS[preset]).selected) == 1100
        assert time.process_time() - started < 30


def test_a_narrow_pot_with_long_fractions() -> None:
    """Nearly every voter runs out: the exact prices grow denominators of thousands of digits, and still print."""
    rng = np.random.default_rng(2)
    names = [f"p{n:03}" for n in range(150)]
    ballots = [[names[i] for i in rng.choice(150, 9, replace=False)] for _ in range(1501)]
    costs = rng.integers(1000, 99999, 150)
    projects = [TallyProject(name, int(cost)) for name, cost in zip(names, costs, strict=True)]
    tally = count(Election.build(budget=4_000_000, projects=projects, ballots=ballots), PRESETS["equal-shares-plain"])
    last = why(tally, tally.selected[-1])
    assert isinstance(last["price"], str)
    assert len(last["price"]) > 150
    assert 0 < from_ratio(last["price"]) < 4_000_000


def test_memory_does_not_grow_with_the_steps() -> None:
    def peak(steps: int) -> int:
        # One voter alone wants a, which costs the whole budget: money is raised until that voter can pay it.
        election = small(steps, {"a": steps, "b": 1}, ["a", *["b"] * 99])
        tracemalloc.start()
        count(election, Rule("r", "equal-shares", completion="add1", exhaustive_stop=False))
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    assert peak(1500) < 2 * peak(100)


def test_long_numbers_as_text() -> None:
    for power in (0, 1, 3999, 4000, 4001, 8000, 12345, 20000):
        number = 10**power + 7
        assert whole(digits(number)) == number
        assert digits(number)[-1] in "78"
    assert from_ratio(ratio(Fraction(10**9000, 3))) == Fraction(10**9000, 3)
    with pytest.raises(ValueError):
        whole("1x")
