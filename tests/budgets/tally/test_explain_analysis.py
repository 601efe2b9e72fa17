"""The sentences about an analysis."""

import pytest

from budgets.tally.analysis import analyse
from budgets.tally.count import count
from budgets.tally.explain_analysis import about_outcome, closeness, more_votes, spent_elsewhere
from budgets.tally.margin import Margin
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


@pytest.mark.parametrize(
    ("margin", "said"),
    [
        (Margin(1, 1, "exact"), "1 more ballot could have made other projects win."),
        (Margin(4, 4, "exact"), "4 more ballots could have made other projects win; fewer could not."),
        (Margin(1, 4, "bounds"), "4 more ballots could have made other projects win."),
        (Margin(3, 4, "bounds"), "4 more ballots could have made other projects win; fewer than 3 could not."),
        (Margin(1, None, "bounds"), "No number of further ballots was found that could have made other projects win."),
        (Margin(0, None, "never"), "No number of further ballots could have made other projects win."),
    ],
)
def test_margins(margin: Margin, said: str) -> None:
    assert closeness(margin.as_json()) == said


def test_the_outcome() -> None:
    # As in test_representation: three of nine voters get nothing under greedy, and their d under Equal Shares.
    ballots = ["abc"] * 6 + ["d"] * 3
    election = small(900, {"a": 300, "b": 300, "c": 300, "d": 300}, ballots)
    greedy, shares = PRESETS["greedy"], PRESETS["equal-shares-plain"]
    said = about_outcome(analyse(election, greedy, count(election, greedy)), {"d": "Dovecote"})
    assert said[1:] == [
        "3 people who chose Dovecote, with a share of the pot of £3 between them, chose no winner.",
        (
            "People with equal money could not have bought just these winners: for a, b, c they need £1.50 each, "
            "and with more than £1 each 3 of those who chose Dovecote could have bought that too."
        ),
    ]
    said = about_outcome(analyse(election, shares, count(election, shares)), {})
    assert said[1].startswith("Every group of people ")
    assert said[2] == "People with equal money could have bought these winners, and nothing else."


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
