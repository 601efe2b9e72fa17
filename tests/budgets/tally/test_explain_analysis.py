"""The sentences about an analysis."""

import pytest

from budgets.tally.analysis import analyse
from budgets.tally.count import count
from budgets.tally.explain_analysis import more_votes, spent_elsewhere
from budgets.tally.rules import PRESETS
from budgets.tally.what_if import Needed
from tests.budgets.tally.data import needs_files, real, small

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("needed", "said"),
    [
        (Needed(1, 1, "smallest"), "1 more vote for it alone would have funded it."),
        (Needed(1100, 1100, "smallest"), "1,100 more votes for it alone would have funded it; fewer would not."),
        (Needed(41, 7, "found"), "41 more votes for it alone would have funded it; 40 would not."),
        (Needed(None, 0, "never"), "No number of further votes for it alone would have funded it."),
        (Needed(None, 9, "not-found"), "No number of further votes for it alone was found that would have funded it."),
        (Needed(None, 1, "not-searched"), ""),
    ],
)
def test_votes_needed(needed: Needed, said: str) -> None:
    assert more_votes(needed.as_json()) == said


def test_what_supporters_spent() -> None:
    # Six voters with £5 each: a (£9) is bought by three at £3 each; c's two voters then have £2 and £5 of its £8.
    election = small(3000, {"a": 900, "b": 3100, "c": 800}, ["a", "a", "ac", "c", "b", "b"])
    rule = PRESETS["equal-shares-plain"]
    tally = count(election, rule)
    spending = analyse(election, rule, tally)["spending"]
    rows = {row["id"]: row for row in tally.projects}
    assert spent_elsewhere(rows["c"], spending, {"a": "Apple trees"}) == (
        "Its 2 supporters started with £10 between them; they spent £3 on Apple trees, and had £7 left of the £8 it costs."
    )
    assert spent_elsewhere(rows["b"], spending, {}) == (
        "Its 2 supporters had £10 between them, spent nothing of it, and the project costs £31."
    )


@needs_files
def test_many_winners_are_summed_up() -> None:
    election, rule = real("Poland_Wieliczka_2023_Green_Budget.pb"), PRESETS["equal-shares-plain"]
    tally = count(election, rule)
    spending = analyse(election, rule, tally, effort=0)["spending"]
    row = next(row for row in tally.projects if row["id"] == "21")
    said = spent_elsewhere(row, spending, {}, "PLN")
    bills = [amount for amount in spending["projects"]["21"]["spent"] if amount]
    assert len(bills) > 5
    assert f" on {len(bills) - 5} other projects, and had " in said
