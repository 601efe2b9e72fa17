"""Real elections: the outcomes that were decided, and those an exact trial count found."""

import csv

import pytest

from budgets.tally.count import count
from budgets.tally.pb import read_pb
from budgets.tally.rules import PRESETS, Rule
from tests.budgets.tally.data import GOLDEN, PABULIB, needs_files, real

pytestmark = [pytest.mark.pure, needs_files]

# The golden outcomes break ties by id.
BY_ID = ("id",)
SHARES = {
    "mes_cost": Rule("r", "equal-shares", ties=BY_ID),
    "mes_card": Rule("r", "equal-shares", utility="cardinality", ties=BY_ID),
    "mes_points": Rule("r", "equal-shares", utility="points", ties=BY_ID),
    "mes_cost_add1_exhaustive": Rule("r", "equal-shares", completion="add1", ties=BY_ID),
    "mes_points_add1_exhaustive": Rule("r", "equal-shares", utility="points", completion="add1", ties=BY_ID),
    "mes_cost_add1u": Rule("r", "equal-shares", completion="add1u", ties=BY_ID),
    "mes_cost_add1_no_exhaustive_stop": Rule("r", "equal-shares", completion="add1", exhaustive_stop=False, ties=BY_ID),
    "greedy_votes_skip": Rule("r", "greedy", ties=BY_ID),
}
STEPS = {
    "mes_cost_add1_exhaustive": "add1_exhaustive_k",
    "mes_points_add1_exhaustive": "add1_exhaustive_k",
    "mes_cost_add1_no_exhaustive_stop": "add1_noexh_k",
}


@pytest.mark.parametrize(
    ("name", "key"), [(name, key) for name, found in GOLDEN.items() for key in SHARES if key in found]
)
def test_the_golden_winners_in_purchase_order(name: str, key: str) -> None:
    tally = count(real(name), SHARES[key])
    assert list(tally.selected) == GOLDEN[name][key]
    if key in STEPS:
        assert tally.log["steps"] == int(GOLDEN[name][STEPS[key]])


@pytest.mark.parametrize("name", [name for name, found in GOLDEN.items() if "phragmen" in found])
def test_the_golden_winners_of_phragmen(name: str) -> None:
    tally = count(real(name), Rule("r", "phragmen", ties=BY_ID))
    assert sorted(tally.selected) == sorted(GOLDEN[name]["phragmen"])


def official(name: str) -> set[str]:
    return {project.id for project in read_pb(PABULIB / f"{name}.gz").projects if project.selected == 1}


def test_wieliczka_as_it_was_decided() -> None:
    name = "Poland_Wieliczka_2023_Green_Budget.pb"
    tally = count(real(name), PRESETS["wieliczka-2023"])
    assert set(tally.selected) == official(name)
    assert (len(tally.selected), tally.cost) == (30, 995_079_00)
    # The city's page: kept by 1,615 against 873; 17.8 % of voters without a project; 1.62 projects a voter less.
    assert tally.comparison is not None
    assert (tally.comparison["more_winners"], tally.comparison["fewer_winners"]) == (1615, 873)
    assert round(1 - tally.statistics["voters_with_winner"] / tally.n_ballots, 3) == 0.178
    # Stable for every whole endowment from 306 to 315; 316 spends 1,045,079.
    integral = Rule("r", "equal-shares", start="integral", completion="add1", exhaustive_stop=False)
    tally = count(real(name), integral)
    assert set(tally.selected) == official(name)
    assert tally.log["final_share"] == f"{315_00}/1"


def test_wieliczka_with_the_exhaustive_stop_is_another_outcome() -> None:
    tally = count(real("Poland_Wieliczka_2023_Green_Budget.pb"), PRESETS["equal-shares-add1"])
    assert (len(tally.selected), tally.cost) == (31, 984_579_00)


def test_assen_as_it_was_decided() -> None:
    name = "Netherlands_Assen_2024.pb"
    for rule in ("equal-shares-add1", "equal-shares-add1-no-exhaustive", "wieliczka-2023"):
        tally = count(real(name), PRESETS[rule])
        assert set(tally.selected) == official(name)
        assert tally.cost == 76_700_00
    assert set(count(real(name), PRESETS["equal-shares"]).selected) == official(name) | {"7"}


VARIANTS = {
    "skip": ("skip", False),
    "noskip": ("stop", False),
    "skip+thr": ("skip", True),
    "noskip+thr": ("stop", True),
}


def official_rows() -> list[tuple[str, str, int]]:
    path = PABULIB / "official_outcomes.csv"
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return [
            (row["file"], variant, int(row["threshold"] or 0))
            for row in csv.DictReader(file)
            for variant in row["reproduced_by"].split("|")
            if variant
        ]


@pytest.mark.parametrize(("name", "variant", "threshold"), official_rows())
def test_official_greedy_outcomes(name: str, variant: str, threshold: int) -> None:
    misfit, needs_threshold = VARIANTS[variant]
    score = "points" if real(name).values is not None else "votes"
    rule = Rule("r", "greedy", score=score, misfit=misfit, threshold=threshold if needs_threshold else 0, ties=BY_ID)
    tally = count(real(name), rule)
    winners = {project.id for project in read_pb(PABULIB / f"{name}.gz").projects if project.selected in (1, 2)}
    assert set(tally.selected) in (official(name), winners)
