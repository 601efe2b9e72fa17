"""The verifier accepts what the count did and nothing else."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budgets.tally import verify
from budgets.tally.count import count_traced
from budgets.tally.election import Election, TallyProject
from budgets.tally.rules import PRESETS, Quota, Rule
from tests.budgets.tally.data import needs_files, real, small
from tests.budgets.tally.limited import METHODS, divided, limited
from tests.budgets.tally.test_properties import Drawn, elections

pytestmark = pytest.mark.pure

SCRIPT = Path(verify.__file__)
PAPER = small(100, {"a": 60, "b": 30, "c": 26, "d": 26}, ["ab", "a", "ac", "b"])


def trace(election: Election, rule: Rule) -> list[str]:
    return list(count_traced(election, rule)[1])


@settings(max_examples=200, deadline=None)
@given(
    st.booleans().flatmap(elections),
    st.sampled_from([name for name, rule in PRESETS.items() if rule.method in verify.METHODS]),
    st.sampled_from(["", "seed"]),
)
def test_every_count_is_accepted(drawn: Drawn, preset: str, seed: str) -> None:
    rule = replace(PRESETS[preset], lot_seed=seed)
    if "points" in (rule.score, rule.utility) and drawn[0].values is None:
        return
    assert verify.verify(trace(drawn[0], rule)).startswith("holds")


@settings(max_examples=200, deadline=None)
@given(divided(), limited(METHODS))
def test_every_count_with_limits_is_accepted(election: Election, rule: Rule) -> None:
    assert verify.verify(trace(election, rule)).startswith("holds")


@needs_files
@pytest.mark.parametrize(
    ("name", "preset"),
    [
        ("Netherlands_Assen_2024.pb", "equal-shares"),
        ("Poland_Wieliczka_2023_Green_Budget.pb", "wieliczka-2023"),
        ("Poland_Wieliczka_2023_Green_Budget.pb", "phragmen"),
        ("Switzerland_Zurich_S5D10.pb", "equal-shares-points-add1"),
        ("Switzerland_Zurich_S5R.pb", "equal-shares-points"),
        ("Poland_Krakow_2021.pb", "greedy-points"),
        ("Poland_Lodz_2022.pb", "equal-shares-plain"),
    ],
)
def test_real_counts_are_accepted(name: str, preset: str) -> None:
    assert verify.verify(trace(real(name), PRESETS[preset])).startswith("holds")


Lines = list[dict[str, Any]]


def more_ballots(lines: Lines) -> None:
    lines[0]["election"]["ballots"][0][2] += 1


def another_price(lines: Lines) -> None:
    lines[3]["price"] = "21/1"


def another_order(lines: Lines) -> None:
    lines[3], lines[4] = lines[4], lines[3]


def one_purchase_less(lines: Lines) -> None:
    del lines[4]


def another_endowment(lines: Lines) -> None:
    lines[2]["share"] = "26/1"


def another_step(lines: Lines) -> None:
    lines[2] |= {"step": 1, "share": "26/1"}


def another_winner(lines: Lines) -> None:
    lines[-1]["selected"][-1] = "c"


def another_cost(lines: Lines) -> None:
    lines[-1]["cost"] -= 1


def another_rule(lines: Lines) -> None:
    lines[1]["rule"]["completion"] = "utilitarian"


@pytest.mark.parametrize(
    "forgery",
    [
        *(more_ballots, another_price, another_order, one_purchase_less, another_endowment, another_step),
        *(another_winner, another_cost, another_rule),
    ],
)
def test_forgeries_are_refused(forgery: Callable[[Lines], None]) -> None:
    lines = [json.loads(line) for line in trace(PAPER, PRESETS["equal-shares-plain"])]
    assert [line["type"] for line in lines] == ["election", "rule", "run", "purchase", "purchase", "result"]
    forgery(lines)
    with pytest.raises(verify.WrongError):
        verify.verify(map(json.dumps, lines))


TOWN = Election.build(
    budget=14,
    projects=[
        *(TallyProject(id, cost, area="North") for id, cost in {"a": 6, "b": 4}.items()),
        *(TallyProject(id, cost, area="Süd") for id, cost in {"c": 5, "d": 3}.items()),
    ],
    ballots=[tuple(ballot) for ballot in ["ab", "ab", "ab", "abc", "acd", "cd"]],
    unit=1,
)


def another_guarantee(lines: Lines) -> None:
    lines[2]["guarantee"]["amount"] = 7


def without_a_stage(lines: Lines) -> None:
    del lines[2]


def another_stage_budget(lines: Lines) -> None:
    lines[2]["budget"] = 9


def over_the_cap(lines: Lines) -> None:
    lines[-1] |= {"selected": ["c", "d", "a"], "cost": 14}


def another_part(lines: Lines) -> None:
    lines[-1]["part_funded"] = {"project": "a", "amount": 3}


def without_a_part(lines: Lines) -> None:
    del lines[-1]["part_funded"]


def caps_forgotten(lines: Lines) -> None:
    """With a digest that fits: the result is then not the rule's."""
    del lines[1]["rule"]["caps"]
    rule = {key: value for key, value in lines[1]["rule"].items() if key != "name"}
    lines[1]["digest"] = verify.sha256(rule, ascii=True)


@pytest.mark.parametrize("method", ["greedy", "equal-shares", "phragmen"])
@pytest.mark.parametrize(
    "forgery",
    [
        *(another_guarantee, without_a_stage, another_stage_budget, over_the_cap),
        *(another_part, without_a_part, caps_forgotten),
    ],
)
def test_forged_limits_are_refused(method: str, forgery: Callable[[Lines], None]) -> None:
    rule = Rule(
        *("r", method), completion="add1u", part_funding="next", lot_seed="żółw",
        caps=(Quota("area", "North", 6),), guarantees=(Quota("area", "Süd", 8),), incompatible=(("b", "d"),),
    )  # fmt: skip
    lines = [json.loads(line) for line in trace(TOWN, rule)]
    assert sorted(lines[-1]["selected"]) == ["a", "c", "d"]
    lines = [json.loads(line) for line in trace(TOWN, replace(rule, caps=(Quota("area", "North", 5),)))]
    assert verify.verify(map(json.dumps, lines)).startswith("holds")
    forgery(lines)
    with pytest.raises(verify.WrongError):
        verify.verify(map(json.dumps, lines))


def test_a_step_too_early_is_refused() -> None:
    rule = Rule("r", "equal-shares", completion="add1", exhaustive_stop=False)
    lines = [json.loads(line) for line in trace(small(10, {"a": 8, "b": 8}, ["a", "b"]), rule)]
    runs = [line for line in lines if line["type"] == "run"]
    assert [(run["name"], run["step"]) for run in runs] == [("final", 2), ("beyond", 3)]
    runs[0] |= {"step": 1, "share": "6/1"}
    with pytest.raises(verify.WrongError, match="not the next one"):
        verify.verify(map(json.dumps, lines))


STEPS = small(24, {"a": 4, "b": 11, "c": 14}, ["ab", "c", "c", "a"])


def raised() -> Lines:
    rule = Rule("r", "equal-shares", utility="cardinality", completion="add1", exhaustive_stop=False)
    return [json.loads(line) for line in trace(STEPS, rule)]


def exhaustive(lines: Lines) -> None:
    """Under that rule the count had ended at step 1, where b is too dear for what is left."""
    lines[1]["rule"]["exhaustive_stop"] = True
    lines[1]["digest"] = verify.sha256({k: v for k, v in lines[1]["rule"].items() if k != "name"}, ascii=True)


def a_gap(lines: Lines) -> None:
    del lines[4]


def no_start(lines: Lines) -> None:
    del lines[2:4]


def too_long(lines: Lines) -> None:
    lines[2]["last"] = 1


def too_soon(lines: Lines) -> None:
    lines[4]["first"] = 0


def backwards(lines: Lines) -> None:
    lines[5] |= {"first": 4, "last": 3}


def something_else(lines: Lines) -> None:
    lines[4]["bought"] = ["a"]


def not_in_time(lines: Lines) -> None:
    del lines[5]


def test_the_steps_before_are_shown() -> None:
    shown = [(line["first"], line["last"], line["bought"]) for line in raised() if line["type"] == "steps"]
    assert shown == [(0, 0, ["a"]), (1, 1, ["a", "c"]), (2, 4, ["a", "c"]), (4, 6, ["a", "c"])]
    assert verify.verify(map(json.dumps, raised())).startswith("holds")


@pytest.mark.parametrize(
    "forgery", [exhaustive, a_gap, no_start, too_long, too_soon, backwards, something_else, not_in_time]
)
def test_forged_steps_are_refused(forgery: Callable[[Lines], None]) -> None:
    lines = raised()
    forgery(lines)
    with pytest.raises(verify.WrongError):
        verify.verify(map(json.dumps, lines))


def test_as_a_program_alone(tmp_path: Path) -> None:
    """The file is published by itself: it runs outside the project, with nothing installed."""
    script = tmp_path / "verify.py"
    script.write_bytes(SCRIPT.read_bytes())
    good, forged, nonsense = tmp_path / "good.jsonl", tmp_path / "forged.jsonl", tmp_path / "nonsense.jsonl"
    good.write_text("\n".join(trace(PAPER, PRESETS["equal-shares"])))
    forged.write_text(good.read_text().replace('"cost":90', '"cost":89'))
    nonsense.write_text("{}")

    def run(path: Path) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-I", "-S", str(script), str(path)], capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout

    assert run(good)[0] == 0
    assert run(good)[1].startswith("holds: 4 ballots")
    assert run(forged) == (1, run(forged)[1])
    assert run(nonsense)[0] == 2
