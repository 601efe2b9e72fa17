"""What a strike leaves for everyone to check: a bundle that verifies, and that not even the board's key can change."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import call_command

from budgets.actions.sweeps import sweep_boards
from budgets.bundle import verify
from budgets.keys import sign, sign_bundle
from budgets.proofs import entry_hash
from tests.budgets.conftest import Town
from tests.budgets.strikes import count, organiser, strike, voted_town
from tests.factories import NOW, certify

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(db: None) -> Town:
    return voted_town()


@pytest.fixture
def folder(town: Town, tmp_path: Path) -> Path:
    """The bundle of a certified round from which a ballot was struck out after its provisional result."""
    count(town)
    strike(town)
    count(town)
    certify(by=organiser(town), round_id=town.round.pk, now=NOW)
    sweep_boards(now=NOW)
    call_command("bundle", town.round.slug, "--out", str(tmp_path / "bundle"))
    return tmp_path / "bundle"


def holds(folder: Path) -> str:
    try:
        list(verify.verify(folder))
    except verify.WrongError as error:
        return str(error)
    return ""


def rewrite(folder: Path, key: str, change: Callable[[list[dict[str, object]]], None]) -> None:
    """Write the board anew as somebody could who has its key: chained, signed, and listed in the manifest."""
    entries = [json.loads(line) for line in (folder / "board.jsonl").read_text().splitlines()]
    change(entries)
    previous = "0" * 64
    for seq, entry in enumerate(entries):
        entry |= {"seq": seq, "previous": previous}
        stated = {name: entry[name] for name in ("round", "seq", "kind", "body", "previous")}
        entry["hash"] = previous = entry_hash(stated)
        entry["signature"] = sign(key, previous) if entry["signature"] else ""
    text = "".join(f"{verify.canonical(entry)}\n" for entry in entries)
    (folder / "board.jsonl").write_text(text)
    manifest = json.loads((folder / "manifest.json").read_text())
    del manifest["signature"]
    manifest["board"] = previous
    manifest["files"]["board.jsonl"] = verify.sha256(text.encode()).hex()
    signature = sign_bundle(key, verify.sha256(verify.canonical(manifest).encode()))
    (folder / "manifest.json").write_text(verify.canonical({**manifest, "signature": signature}) + "\n")


def _drop(entries: list[dict[str, object]]) -> None:
    entries[:] = [entry for entry in entries if entry["kind"] != "strike"]


def _twice(entries: list[dict[str, object]]) -> None:
    place = [entry["kind"] for entry in entries].index("strike")
    entries.insert(place, dict(entries[place]))


def _another(entries: list[dict[str, object]]) -> None:
    struck = next(entry for entry in entries if entry["kind"] == "strike")
    (batch,) = [entry for entry in entries if entry["kind"] == "batch"]
    leaves: list[str] = batch["body"]["leaves"]  # type: ignore[index]
    other = next(leaf for leaf in leaves if leaf != struck["body"]["leaf"])  # type: ignore[index]
    struck["body"] = {**struck["body"], "leaf": other}  # type: ignore[dict-item]


def _nobodys(entries: list[dict[str, object]]) -> None:
    struck = next(entry for entry in entries if entry["kind"] == "strike")
    struck["body"] = {**struck["body"], "leaf": "0" * 64}  # type: ignore[dict-item]


def _after_the_result(entries: list[dict[str, object]]) -> None:
    place = [entry["kind"] for entry in entries].index("strike")
    entries.append(entries.pop(place))


def _without_reason(entries: list[dict[str, object]]) -> None:
    struck = next(entry for entry in entries if entry["kind"] == "strike")
    struck["body"] = {"leaf": struck["body"]["leaf"]}  # type: ignore[index]


def test_not_even_with_the_key_can_a_strike_be_changed_unseen(folder: Path, town: Town, tmp_path: Path) -> None:
    said = "\n".join(verify.verify(folder))
    assert "ballots 23" in said
    assert "struck 1" in said
    rewrite(folder, town.round.rules["board_key"], lambda entries: None)
    assert holds(folder) == "", "written anew as it was"
    for change in (_drop, _twice, _another, _nobodys, _after_the_result, _without_reason):
        forged = tmp_path / change.__name__
        shutil.copytree(folder, forged)
        rewrite(forged, town.round.rules["board_key"], change)
        assert holds(forged).startswith("board.jsonl, entry "), change.__name__
    path = folder / "board.jsonl"
    path.write_text(path.read_text().replace("Lives elsewhere", "Lives nowhere at"))
    assert holds(folder).startswith("board.jsonl: differs")
