"""`python -m budgets.tally` as a program: what it prints, what it refuses, and that it needs no Django."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from budgets.tally.count import count
from budgets.tally.rules import PRESETS
from tests.budgets.tally.data import small
from tests.budgets.tally.test_pb import GOOD

pytestmark = pytest.mark.pure
ROOT = Path(__file__).parents[3]


def run(*arguments: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "budgets.tally", *arguments],
        cwd=ROOT, input=stdin, capture_output=True, text=True, check=False, env={**os.environ, **environment},
    )  # fmt: skip


@pytest.fixture
def good(tmp_path: Path) -> str:
    path = tmp_path / "good.pb"
    path.write_text(GOOD)
    return str(path)


def test_json_of_a_file(good: str) -> None:
    done = run(good, "--rule", "greedy", "--json")
    document = json.loads(done.stdout)
    assert done.returncode == 0
    assert {"rule", "digest", "selected", "cost", "budget", "projects"} <= set(document)
    assert {"id", "cost", "votes", "reason"} <= set(document["projects"][0])
    assert document["selected"] == ["a"]
    assert document["rule"] == "greedy"


def test_rules_side_by_side(good: str) -> None:
    done = run(good, "--rule", "greedy", "--compare", "equal-shares", "phragmen")
    assert done.stdout.splitlines()[-3:] == [
        "greedy: 1 project, £500, 1 of 2 voters with a winner",
        "equal-shares: 1 project, £500, 1 of 2 voters with a winner",
        "phragmen: 1 project, £500, 1 of 2 voters with a winner",
    ]
    document = json.loads(run(good, "--json", "--compare", "max-welfare").stdout)
    assert (document["rule"], document["compared"][0]["rule"]) == ("equal-shares", "max-welfare")


def test_plain_words_of_a_file(good: str) -> None:
    done = run(good, "--rule", json.dumps({"method": "greedy", "misfit": "stop"}))
    assert done.stdout.splitlines()[0] == "greedy: 1 project, £500"
    assert "Not funded: with 1 vote its turn came when £500.50 was left" in done.stdout


def test_the_same_bytes_under_every_hash_seed() -> None:
    election = small(40, {"a": 7, "b": 7, "c": 9, "d": 12}, ["abc", "bcd", "ad", "abcd", "c", "ab"])
    document = json.dumps({"election": election.to_json(), "rule": PRESETS["equal-shares"].to_json()})
    outputs = {run("--stdin-json", stdin=document, PYTHONHASHSEED=seed).stdout for seed in ("0", "1", "77")}
    assert [json.loads(output) for output in outputs] == [
        json.loads(json.dumps(count(election, PRESETS["equal-shares"]).to_json()))
    ]


def question(id: object = "a", cost: object = 1, ballot: object = (0,)) -> dict[str, object]:
    """What `--stdin-json` reads, with one thing in it that cannot be."""
    election = {
        "budget": 10,
        "unit": 1,
        "vote_type": "approval",
        "projects": [{"id": id, "cost": cost}, {"id": "b", "cost": 1}],
        "ballots": [[ballot, [], 1]],
    }
    return {"election": election, "rule": {"method": "greedy"}}


@pytest.mark.parametrize(
    ("arguments", "stdin", "message"),
    [
        (["FILE", "--rule", "dice"], "", "rule: 'dice' is none of"),
        (["FILE", "--rule", '{"method": "dice"}'], "", "rule: method must be one of"),
        (["FILE", "--rule", '{"method"'], "", "rule: "),
        (["FILE", "--rule", "equal-shares-points"], "", "needs points"),
        (["REPAIRED", "--rule", "equal-shares-points"], "", "needs points"),
        (["FILE", "--rule", '{"method":' + "[" * 50_000], "", "recursion"),
        (["BROKEN"], "", "line 21: the ballot names an unknown project 'z'"),
        (["missing.pb"], "", "No such file"),
        (["--stdin-json"], "{}", "not an election and a rule"),
        (["--stdin-json"], "nonsense", "Expecting value"),
        (["--stdin-json"], json.dumps(question(id=5)), "id is a text"),
        (["--stdin-json"], json.dumps(question(cost=True)), "not a sum of money"),
        (["--stdin-json"], json.dumps(question(ballot=[-1])), "negative position"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    arguments: list[str], stdin: str, message: str, good: str, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.pb"
    broken.write_text(GOOD.replace("1;a,b", "1;a,z"))
    repaired = tmp_path / "repaired.pb"
    repaired.write_text(GOOD.replace("1;a,b", "1;a,b,a"))
    paths = {"FILE": good, "BROKEN": str(broken), "REPAIRED": str(repaired)}
    done = run(*[paths.get(argument, argument) for argument in arguments], stdin=stdin)
    assert done.returncode == 2
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""


def test_it_imports_no_django() -> None:
    code = "import sys, budgets.tally.__main__ as m; sys.exit(any(n.split('.')[0] == 'django' for n in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
