"""The program that checks a bundle, against people who forge one: with the powers of an insider, without and with the key."""

from __future__ import annotations

import ast
import copy
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from budgets.bundle import verify
from budgets.bundle.write import ballot_line, board_line
from budgets.proofs import root
from tests.boxes import FORMATS, Box, filled, sign_again, wrong

pytestmark = pytest.mark.pure

STRANGER = Ed25519PrivateKey.from_private_bytes(b"somebody without the box's key  ")
OPEN, BATCH, LAST_BATCH, CLOSE, PROVISIONAL, STRIKE, AGAIN, CERTIFIED, DESTROYED, ERRATUM = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9


@pytest.fixture(scope="module")
def honest() -> Box:
    return filled("cumulative", ballots=40, projects=6)


@pytest.fixture(scope="module")
def original(honest: Box, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return honest.write(tmp_path_factory.mktemp("bundle") / "original")


@pytest.fixture
def box(honest: Box) -> Box:
    return Box(honest.key, copy.deepcopy(honest.rules), list(honest.ballots), copy.deepcopy(honest.entries))


@pytest.fixture
def folder(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "forged"))


def forge(folder: Path, box: Box) -> None:
    """Put the box in place of what is there, chained and signed by the key that it has; nothing is counted again."""
    (folder / "rules.json").write_text(verify.canonical(box.rules) + "\n")
    said = box.said()
    (folder / "board.jsonl").write_text("".join(map(board_line, said)))
    (folder / "ballots.jsonl").write_text("".join(ballot_line(*ballot) for ballot in sorted(box.ballots)))
    sign_again(folder, box.key, said[-1]["hash"])


@pytest.mark.parametrize("ballot_format", FORMATS)
def test_a_box_of_any_format_proves_itself_alone(ballot_format: str, tmp_path: Path) -> None:
    box = filled(
        ballot_format, ballots=30, projects=5, preset="greedy" if ballot_format == "ordinal" else "equal-shares"
    )
    folder = box.write(tmp_path / "bundle")
    command = [sys.executable, "-I", "-S", "-W", "error", str(folder / "verify.py"), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[:3] == [
        f"root {box.entries[CERTIFIED]['body']['root']}",
        "ballots 28, replaced 1, struck 1",
        "voted by web 29",
    ]
    assert {path.name for path in folder.iterdir()} == {path.name for path in folder.glob("*.*")}, (
        "it leaves nothing behind"
    )


def test_it_imports_nothing_but_the_standard_library() -> None:
    tree = ast.parse(Path(verify.__file__).read_text())
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names


# ── Somebody with the database and the files, but without the key ────────────
def lose_a_ballot(box: Box) -> None:
    del box.ballots[7]


def end_early(box: Box) -> None:
    del box.entries[ERRATUM]


def say_more(box: Box) -> None:
    box.entries.append({"kind": "erratum", "body": {"text": "The swing was meant."}})


def strike_another(box: Box) -> None:
    box.entries[STRIKE]["body"]["leaf"] = box.ballots[0][0]


@pytest.mark.parametrize("change", [lose_a_ballot, end_early, say_more, strike_another])
def test_without_the_key_nothing_can_be_signed(box: Box, folder: Path, change: Callable[[Box], None]) -> None:
    """Every hash is right, but whoever made them could not sign: the list, and the checkpoints after the change."""
    honest = (folder / "manifest.json").read_text()
    change(box)
    stolen = {
        entry["hash"]: entry["signature"]
        for entry in map(json.loads, (folder / "board.jsonl").read_text().split("\n")[:-1])
    }
    forge(folder, Box(STRANGER, box.rules, box.ballots, box.entries))
    assert wrong(folder) == "manifest.json: the signature is wrong"
    lines = [json.loads(line) for line in (folder / "board.jsonl").read_text().split("\n")[:-1]]
    for line in lines:
        line["signature"] = stolen.get(line["hash"], line["signature"])
    (folder / "board.jsonl").write_text("".join(map(board_line, lines)))
    (folder / "manifest.json").write_text(honest)
    assert wrong(folder).endswith("differs from the manifest")


def test_signatures_of_another_key_on_the_board_are_found(box: Box, folder: Path) -> None:
    forge(folder, Box(STRANGER, box.rules, box.ballots, box.entries))
    sign_again(folder, box.key)
    assert wrong(folder) == "board.jsonl, entry 0: the signature is wrong"


def test_a_key_of_its_own_in_the_rules_unseals_every_ballot(box: Box, folder: Path) -> None:
    box.rules["board_key"] = box.entries[OPEN]["body"]["board_key"] = STRANGER.public_key().public_bytes_raw().hex()
    forge(folder, Box(STRANGER, box.rules, box.ballots, box.entries))
    assert wrong(folder).startswith("rules.json: not the rules under which")


def test_a_key_with_which_anyone_could_sign_is_none(box: Box, folder: Path) -> None:
    """The neutral point: R = S·B fits every message."""
    neutral = (1).to_bytes(32, "little").hex()
    scalar = 12345
    x, y, z, _t = verify.times(scalar, verify.BASE)
    inverse = pow(z, verify.P - 2, verify.P)
    half = (y * inverse % verify.P | (x * inverse % verify.P & 1) << 255).to_bytes(32, "little")
    assert not verify.is_signed(neutral, b"anything", half.hex() + scalar.to_bytes(32, "little").hex())


def test_a_ballot_that_was_confirmed_again_has_two_openings(box: Box, folder: Path) -> None:
    """Reopened before voting began: the first opening was of other rules, signed with the key of those."""
    key = STRANGER.public_key().public_bytes_raw().hex()
    box.entries.insert(0, {"kind": "open", "body": {"rules_hash": "0" * 64, "board_key": key}, "by": STRANGER})
    forge(folder, box)
    assert wrong(folder) == ""
    box.entries[0]["by"] = box.key
    forge(folder, box)
    assert wrong(folder) == "board.jsonl, entry 0: the signature is wrong"


# ── Somebody with the key: what contradicts itself ───────────────────────────
def body(box: Box, number: int) -> dict[str, Any]:
    found: dict[str, Any] = box.entries[number]["body"]
    return found


def move(source: int, target: int) -> Callable[[Box], None]:
    return lambda box: box.entries.insert(target, box.entries.pop(source))


def again(number: int, at: int | None = None) -> Callable[[Box], None]:
    return lambda box: box.entries.insert(number if at is None else at, copy.deepcopy(box.entries[number]))


def without(number: int) -> Callable[[Box], None]:
    return lambda box: box.entries.__delitem__(number)


def put(number: int, **changed: object) -> Callable[[Box], None]:
    return lambda box: body(box, number).update(changed)


def swap_two_ballots(box: Box) -> None:
    """One voter gets the other's choices."""
    (a_leaf, a_salt, a), (b_leaf, b_salt, b) = sorted(box.ballots, key=lambda ballot: ballot[2])[
        :: len(box.ballots) - 1
    ]
    box.ballots = [x for x in box.ballots if x[0] not in (a_leaf, b_leaf)] + [(a_leaf, a_salt, b), (b_leaf, b_salt, a)]


def vote_anew(box: Box) -> None:
    """One ballot in place of another, with a leaf of its own."""
    _leaf, salt, selections = box.ballots[1]
    box.ballots[0] = (box.leaf_of(selections, salt[::-1]), salt[::-1], selections)


def count_the_replaced(box: Box) -> None:
    """The board says which one was replaced; somebody keeps the old ballot and drops the new one."""
    body(box, CLOSE)["superseded"] = [box.ballots[0][0]]
    body(box, CLOSE)["root"] = "0" * 64


def keep_the_replaced(box: Box) -> None:
    body(box, CLOSE)["superseded"], box.ballots = [box.ballots[0][0]], box.ballots[1:]


def count_the_struck(box: Box) -> None:
    del box.entries[STRIKE]


def other_rules(box: Box) -> None:
    box.rules["pots"][0]["amount"] += 1


def cheaper_project(box: Box) -> None:
    """The rules on the board are these, but people voted under others."""
    box.rules["pots"][0]["projects"][0]["cost"] -= 1
    body(box, OPEN)["rules_hash"] = verify.sha256(verify.canonical(box.rules).encode()).hex()


def sealed_twice(box: Box) -> None:
    leaves = sorted([*box.entries[LAST_BATCH]["body"]["leaves"], box.entries[BATCH]["body"]["leaves"][0]])
    box.entries[LAST_BATCH]["body"] = {"leaves": leaves, "root": root(leaves)}


def out_of_order(box: Box) -> None:
    leaves = box.entries[BATCH]["body"]["leaves"][::-1]
    box.entries[BATCH]["body"] = {"leaves": leaves, "root": root(leaves)}


def capitals(box: Box) -> None:
    leaves = sorted(leaf.upper() for leaf in box.entries[BATCH]["body"]["leaves"])
    box.entries[BATCH]["body"] = {"leaves": leaves, "root": root(leaves)}


def other_winners(box: Box) -> None:
    for number in (AGAIN, CERTIFIED):
        box.entries[number]["body"]["pots"][0]["selected"].pop()


def other_sum(box: Box) -> None:
    for number in (AGAIN, CERTIFIED):
        box.entries[number]["body"]["pots"][0]["cost"] += 1


def other_ballots_counted(box: Box) -> None:
    for number in (AGAIN, CERTIFIED):
        box.entries[number]["body"]["pots"][0]["election_digest"] = "0" * 64


def certify_another(box: Box) -> None:
    box.entries[CERTIFIED]["body"]["pots"][0]["selected"].pop()


def other_rule_name(box: Box) -> None:
    for number in (PROVISIONAL, AGAIN, CERTIFIED):
        for said in box.entries[number]["body"]["pots"]:
            said["rule"] = "phragmen"


def one_pot(box: Box) -> None:
    for number in (PROVISIONAL, AGAIN, CERTIFIED):
        box.entries[number]["body"]["pots"].pop()


FORGERIES: list[tuple[Callable[[Box], None], str]] = [
    (lose_a_ballot, "ballots.jsonl: 1 ballots that the board sealed are missing"),
    (swap_two_ballots, "its leaf is wrong"),
    (vote_anew, "the board never sealed it"),
    (count_the_replaced, "entry 3: its root is that of other ballots"),
    (keep_the_replaced, "entry 3: its root is that of other ballots"),
    (count_the_struck, "entry 5: counts another number of ballots"),
    (other_rules, "rules.json: not the rules under which"),
    (cheaper_project, "ballots.jsonl, line 1: its leaf is wrong"),
    (again(CLOSE), "entry 4: may not follow “close”"),
    (without(CLOSE), "entry 3: may not follow “batch”"),
    (move(PROVISIONAL, CLOSE), "entry 3: may not follow “batch”"),
    (move(STRIKE, CLOSE), "entry 3: may not follow “batch”"),
    (again(BATCH, at=PROVISIONAL), "entry 4: may not follow “close”"),
    (again(STRIKE), "entry 6: strikes out a ballot that did not stand"),
    (put(STRIKE, leaf="0" * 64), "entry 5: strikes out a ballot that did not stand"),
    (again(STRIKE, at=DESTROYED), "entry 8: may not follow “certified”"),
    (again(CERTIFIED), "entry 8: may not follow “certified”"),
    (again(CERTIFIED, at=ERRATUM), "entry 9: may not follow “key_destroyed”"),
    (again(DESTROYED), "entry 9: may not follow “key_destroyed”"),
    (without(DESTROYED), "does not end with the destruction of the key"),
    (without(CERTIFIED), "entry 7: may not follow “provisional”"),
    (move(ERRATUM, CERTIFIED), "entry 7: may not follow “provisional”"),
    (move(OPEN, BATCH), "entry 0: may not follow “”"),
    (again(OPEN, at=LAST_BATCH), "entry 2: may not follow “batch”"),
    (put(CERTIFIED, state="final"), "entry 7: may not follow"),
    (lambda box: box.entries[CERTIFIED].update(kind="certified"), "entry 7: may not follow"),
    (lambda box: box.entries[ERRATUM].update(kind="joke"), "entry 9: may not follow"),
    (sealed_twice, "entry 2: a leaf was sealed twice"),
    (out_of_order, "entry 1: its leaves are not in order"),
    (capitals, "entry 1: its leaves are not in order"),
    (put(BATCH, root="0" * 64), "entry 1: the root of the batch is wrong"),
    (put(CLOSE, voted={"web": 38}), "entry 3: voters and ballots do not balance"),
    (put(CLOSE, voted={"web": 40, "paper": -1}), "entry 3: a number of voters is none"),
    (put(CLOSE, superseded=["0" * 64]), "entry 3: a leaf was replaced but never sealed"),
    (put(CERTIFIED, ballots=39), "entry 7: counts another number of ballots"),
    (put(CERTIFIED, root="0" * 64), "entry 7: its root is that of other ballots"),
    (put(CLOSE, ballots="all of them"), "entry 3: counts another number of ballots"),
    (put(BATCH, leaves=None), "entry 1: its leaves are not in order"),
    (put(OPEN, rules_hash="0" * 64), "rules.json: not the rules under which"),
    (put(OPEN, board_key=""), "entry 0: the signature is wrong"),
    (other_winners, "town.trace.jsonl: the board names other winners"),
    (other_sum, "town.trace.jsonl: the board names another sum"),
    (other_ballots_counted, "town: other ballots were counted"),
    (certify_another, "entry 7: another result of the same ballots"),
    (one_pot, "entry 4: not of every pot once"),
    (other_rule_name, "town: the board names another rule"),
    (put(STRIKE, reason=""), "entry 5: strikes out a ballot without a reason"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "said"), FORGERIES)
def test_the_key_does_not_help_who_contradicts_himself(
    box: Box, folder: Path, change: Callable[[Box], None], said: str
) -> None:
    change(box)
    forge(folder, box)
    assert said in wrong(folder)


def test_a_newer_engine_may_count_the_same_again(box: Box, folder: Path) -> None:
    for said in body(box, CERTIFIED)["pots"]:
        said["version"] = "99"
    forge(folder, box)
    assert wrong(folder) == ""


def test_replaced_ballots_are_found_where_the_rules_forbid_them(tmp_path: Path) -> None:
    box = filled(ballots=12, projects=6, may_revise=False)
    assert wrong(box.write(tmp_path / "bundle")) == "board.jsonl: ballots were replaced, which the rules forbid"


FORBIDDEN: dict[str, list[dict[str, Any]]] = {
    "approval": [{"town": ["t001", "t001"]}, {"town": ["t002", "t001"]}, {"town": ["t000", "t001", "t002", "t003"]},
                 {"town": ["t999"]}, {"city": ["t001"]}, {"town": []}, {}, {"town": ["w001"]}],
    "knapsack": [{"ward": ["w000", "w001"]}],
    "cumulative": [{"town": [["t000", 11]]}, {"town": [["t000", 6], ["t001", 5]]}, {"town": [["t000", 0]]},
                   {"town": [["t000", True]]}, {"town": ["t000"]}],
    "scoring": [{"town": [["t000", -1]]}, {"town": [["t001", 3], ["t000", 3]]}],
    "ordinal": [{"town": ["t001", "t000", "t001"]}, {"town": {"t001": 5, "t000": "x"}}, {"town": "t000"}],
}  # fmt: skip


@pytest.mark.parametrize("ballot_format", FORMATS)
def test_ballots_that_the_rules_forbid_are_found(ballot_format: str) -> None:
    rules = filled(ballot_format, ballots=4, projects=6).rules
    rules["pots"][1]["amount"] = 45_099  # a penny less than both of its projects cost
    pots = {pot["key"]: {project["code"]: project["cost"] for project in pot["projects"]} for pot in rules["pots"]}
    for selections in FORBIDDEN[ballot_format]:
        try:
            assert not verify.may_stand(selections, rules, pots), selections
        except verify.MALFORMED:
            continue  # said as such


def test_a_forbidden_ballot_in_the_box_is_named(tmp_path: Path) -> None:
    folder = filled(ballots=12, projects=6, most=1).write(tmp_path / "bundle")
    assert re.fullmatch(r"ballots\.jsonl, line \d+: not a ballot that the rules allow", wrong(folder))


# ── Somebody with the key who writes everything anew ─────────────────────────
def test_only_an_earlier_note_shows_a_box_that_was_written_anew(honest: Box, original: Path, tmp_path: Path) -> None:
    """Other ballots, sealed, counted and signed by the key: nothing in the folder gives it away."""
    noted = honest.said()[LAST_BATCH]["hash"]
    assert wrong(original, noted) == ""
    rewritten = filled("cumulative", ballots=41, projects=6, key=honest.key).write(tmp_path / "anew")
    assert wrong(rewritten) == ""
    assert wrong(rewritten, noted) == f"board.jsonl: the fingerprint {noted} that you noted is not on it"
    command = [sys.executable, str(rewritten / "verify.py"), str(rewritten), "--seen", f" {noted.upper()}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stdout == f"WRONG: board.jsonl: the fingerprint {noted} that you noted is not on it\n"
