"""What may stand as a ballot, and what stands in the way of a vote: the pure rules, case by case."""

from typing import Any

import pytest

from budgets.permissions import refusal
from budgets.rules import canonical_selections, check_ballot, check_configuration

pytestmark = pytest.mark.pure


def configuration(**changes: Any) -> dict[str, Any]:
    """Two pots of £1,000: one for all with three projects, one for a ward with two."""
    whole = [("1", "Benches", 60_000), ("2", "Lights", 50_000), ("3", "Trees", 30_000)]
    ward = [("4", "Swing", 70_000), ("5", "Slide", 40_000)]
    return {
        "v": 1,
        "currency": "GBP",
        "ballot": {"format": "approval", "max_choices": 2, "may_revise": True},
        "pots": [pot("whole", "Whole town", whole), pot("ward", "First ward", ward)],
    } | changes


def pot(key: str, name: str, projects: list[tuple[str, str, int]], amount: int = 100_000) -> dict[str, Any]:
    listed = [{"code": code, "name": title, "cost": cost} for code, title, cost in projects]
    return {"key": key, "name": name, "area": None, "amount": amount, "projects": listed}


KNAPSACK = {"format": "knapsack", "max_choices": 1, "may_revise": True}


@pytest.mark.parametrize(
    ("selections", "problems"),
    [
        ({"whole": ["1"]}, []),
        ({"whole": ["1", "2"], "ward": ["4", "5"]}, []),
        ({"whole": ["1"], "ward": []}, []),
        ({}, ["nothing_chosen"]),
        ({"whole": [], "ward": []}, ["nothing_chosen"]),
        ({"whole": ["1", "2", "3"]}, ["too_many_choices"]),
        ({"whole": ["9"]}, ["unknown_project"]),
        ({"whole": ["4"]}, ["unknown_project"]),
        ({"whole": ["1", "1"]}, ["project_twice"]),
        ({"river": ["1"]}, ["unknown_pot"]),
        ({"whole": ["9"], "ward": ["4", "4"]}, ["unknown_project", "project_twice"]),
    ],
)
def test_an_approval_ballot(selections: dict[str, list[str]], problems: list[str]) -> None:
    assert [p.code for p in check_ballot(configuration(), {"whole", "ward"}, selections)] == problems


@pytest.mark.parametrize(
    ("selections", "problems"),
    [
        ({"whole": ["1", "3"]}, []),  # £900 of £1,000, and more choices than an approval ballot would allow
        ({"whole": ["1", "2"]}, ["over_pot"]),
        ({"whole": ["1"], "ward": ["4", "5"]}, ["over_pot"]),
        ({"ward": ["4"]}, []),
    ],
)
def test_a_knapsack_ballot(selections: dict[str, list[str]], problems: list[str]) -> None:
    assert [p.code for p in check_ballot(configuration(ballot=KNAPSACK), {"whole", "ward"}, selections)] == problems


def test_a_knapsack_ballot_may_spend_the_pot_to_the_last_penny() -> None:
    config = configuration(ballot=KNAPSACK, pots=[pot("whole", "Whole town", [("1", "A", 60_000), ("2", "B", 40_000)])])
    assert check_ballot(config, {"whole"}, {"whole": ["1", "2"]}) == []


CUMULATIVE = {"format": "cumulative", "max_choices": 1, "points": 10, "may_revise": True}
SCORING = {**CUMULATIVE, "format": "scoring", "points": 5}
ORDINAL = {**CUMULATIVE, "format": "ordinal", "max_choices": 2}


@pytest.mark.parametrize(
    ("ballot", "section", "problems"),
    [
        (CUMULATIVE, [["1", 7], ["2", 3]], []),
        (CUMULATIVE, [["1", 10], ["2", 0]], []),
        (CUMULATIVE, [["1", 8], ["2", 3]], ["too_many_points"]),
        (CUMULATIVE, [["1", 0]], ["nothing_chosen"]),
        (SCORING, [["1", 5], ["2", 5], ["3", 5]], []),
        (SCORING, [["1", 6]], ["bad_points"]),
        (SCORING, [["1", 1], ["1", 1]], ["project_twice"]),
        (SCORING, [["9", 1]], ["unknown_project"]),
        *((SCORING, [["1", points]], ["bad_points"]) for points in (-1, 1.0, float("nan"), 2**63, "3", True, None, [])),
        *((SCORING, section, ["wrong_shape"]) for section in (["1"], [["1"]], [[1, 1]], "1", {"1": 1}, [["1", 1, 1]])),
        (ORDINAL, ["3", "1"], []),
        (ORDINAL, ["3", "1", "2"], ["too_many_choices"]),
        (ORDINAL, ["3", "3"], ["project_twice"]),
        (ORDINAL, [["3", 1]], ["wrong_shape"]),
        *((KNAPSACK, section, ["wrong_shape"]) for section in ("12", {"1": 1}, [1], [None], 7, True)),
    ],
)
def test_ballots_with_points_and_ranks(ballot: dict[str, Any], section: Any, problems: list[str]) -> None:
    found = check_ballot(configuration(ballot=ballot), {"whole", "ward"}, {"whole": section})
    assert [p.code for p in found] == problems
    assert all(str(refusal(problem)) for problem in found)


def test_a_pot_of_another_area() -> None:
    (problem,) = check_ballot(configuration(), {"whole"}, {"whole": ["1"], "ward": ["4"]})
    assert (problem.code, problem.where) == ("not_your_pot", "ward")
    assert str(refusal(problem)) == "The pot “First ward” is for the people of another area."


def test_an_empty_section_of_another_area_is_no_problem() -> None:
    assert check_ballot(configuration(), {"whole"}, {"whole": ["1"], "ward": []}) == []


def test_too_dear_says_by_how_much() -> None:
    (problem,) = check_ballot(configuration(ballot=KNAPSACK), {"whole"}, {"whole": ["1", "2"]})
    assert (
        str(refusal(problem)) == "Your choices in “Whole town” cost £100 more than the pot holds. Take something out."
    )


def test_two_ballots_that_mean_the_same_are_the_same() -> None:
    assert canonical_selections("approval", {"ward": [], "whole": ["3", "1"]}) == {"whole": ["1", "3"]}
    points = {"whole": [["3", 2], ["1", 5], ["2", 0]], "ward": [["4", 0]]}
    assert canonical_selections("cumulative", points) == {"whole": [["1", 5], ["3", 2]]}
    assert canonical_selections("ordinal", {"whole": ["3", "1"], "ward": []}) == {"whole": ["3", "1"]}


GOOD = {"undecided": 0, "reachable": {"whole": True, "ward": True}, "over": False, "dates_in_order": True}


@pytest.mark.parametrize(
    ("changes", "facts", "problems"),
    [
        ({}, {}, []),
        ({}, {"undecided": 2}, [("undecided_submissions", "review")]),
        ({}, {"dates_in_order": False}, [("dates_out_of_order", "timetable")]),
        ({}, {"over": True}, [("voting_is_over", "timetable")]),
        ({}, {"reachable": {"whole": True, "ward": False}}, [("nobody_eligible", "ward")]),
        ({"pots": []}, {"reachable": {}}, [("no_pot", "pots")]),
        ({"pots": [pot("whole", "Town", [])]}, {}, [("no_project", "whole")]),
        ({"pots": [pot("whole", "Town", [("1", "A", 100)], amount=0)]}, {}, [("empty_pot", "whole")]),
        (
            {"pots": [pot("whole", "Town", [("1", "A", 0), ("2", "B", 100_000), ("3", "C", 9)])]},
            {},
            [("project_without_cost", "1")],
        ),
        (
            {"pots": [pot("whole", "Town", [("1", "A", 100_001), ("2", "B", 100_000)])]},
            {},
            [("dearer_than_pot", "1")],
        ),
    ],
)
def test_a_configuration(changes: dict[str, Any], facts: dict[str, Any], problems: list[tuple[str, str]]) -> None:
    found = check_configuration(configuration(**changes), GOOD | facts)
    assert [(p.code, p.where) for p in found] == problems
    assert all(p.blocking for p in found)
    assert all(str(refusal(p)) for p in found)


def test_a_vote_with_nothing_to_decide_is_only_worth_knowing() -> None:
    config = configuration(pots=[pot("whole", "Town", [("1", "A", 60_000), ("2", "B", 40_000)])])
    (note,) = check_configuration(config, GOOD)
    assert (note.code, note.blocking) == ("everything_fits", False)


def test_ideas_may_still_come_in() -> None:
    (note,) = check_configuration(configuration(), GOOD | {"taking_ideas": True})
    assert (note.code, note.where, note.blocking) == ("ideas_still_open", "timetable", False)


def test_what_blocks_comes_first() -> None:
    config = configuration(pots=[pot("a", "A", [("1", "A", 1)]), pot("b", "B", [])])
    assert [p.blocking for p in check_configuration(config, GOOD)] == [True, False]
