"""The bundle: written by the command, checked by a program that runs alone, and refused after any change."""

import json
import random
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import CommandError, call_command

from budgets.actions.results import certify_results
from budgets.actions.sweeps import sweep_boards, sweep_rounds
from budgets.bundle import verify
from tests.budgets.conftest import Town, build_town
from tests.factories import NOW, BallotFactory, staff_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def closed(db: None) -> Town:
    town = build_town(voting=False, closed=True, counting_rule="equal-shares")
    for n in range(30):
        BallotFactory(round=town.round, choices={"whole": ["1", "3"] if n % 3 else ["2"]})
    BallotFactory(round=town.round, choices={"ward": ["4"]})
    sweep_rounds(now=NOW)
    return town


@pytest.fixture
def folder(closed: Town, tmp_path: Path) -> Path:
    certify_results(by=staff_of(closed.place, "organiser"), round_id=closed.round.pk, now=NOW + timedelta(hours=1))
    sweep_boards(now=NOW)
    call_command("bundle", closed.round.slug, "--out", str(tmp_path / "bundle"))
    return tmp_path / "bundle"


def run(folder: Path) -> tuple[int, str]:
    command = [sys.executable, "-I", "-S", str(folder / "verify.py"), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stdout + done.stderr


def test_the_bundle_proves_itself_alone(folder: Path) -> None:
    code, said = run(folder)
    assert code == 0, said
    assert said.splitlines()[0].startswith("root ")
    assert "ballots 31, replaced 0, struck 0" in said
    assert said.endswith("everything holds\n")


def test_an_uncertified_round_has_no_bundle(closed: Town, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="not been certified"):
        call_command("bundle", closed.round.slug, "--out", str(tmp_path / "bundle"))


def test_a_folder_that_holds_something_is_left_alone(folder: Path, closed: Town) -> None:
    with pytest.raises(CommandError, match="not empty"):
        call_command("bundle", closed.round.slug, "--out", str(folder))


def holds(folder: Path) -> str:
    """What the verifier finds wrong, or nothing."""
    try:
        list(verify.verify(folder))
    except verify.WrongError as error:
        return str(error)
    return ""


def test_any_changed_byte_is_found_and_its_file_named(folder: Path) -> None:
    chance = random.Random(2026)
    names = sorted(path.name for path in folder.iterdir() if path.name != "verify.py")
    for name in names:
        path = folder / name
        whole = path.read_bytes()
        for _ in range(12):
            position, flip = chance.randrange(len(whole)), chance.randrange(1, 256)
            path.write_bytes(whole[:position] + bytes([whole[position] ^ flip]) + whole[position + 1 :])
            wrong = holds(folder)
            assert wrong, f"byte {position} of {name} was changed and nothing noticed"
        path.write_bytes(whole)
    assert holds(folder) == ""


def test_missing_and_added_files_are_named(folder: Path, tmp_path: Path) -> None:
    (folder / "extra.txt").write_text("x")
    assert holds(folder) == "extra.txt: not in the manifest"
    (folder / "extra.txt").unlink()
    (folder / "result.csv").rename(tmp_path / "result.csv")
    assert holds(folder) == "result.csv: is missing"


def test_a_forger_with_another_key_is_found(folder: Path, tmp_path: Path) -> None:
    """Everything rewritten consistently, but for the key that the rules name."""
    forged = tmp_path / "forged"
    shutil.copytree(folder, forged)
    manifest = json.loads((forged / "manifest.json").read_text())
    del manifest["signature"]
    key = Ed25519PrivateKey.generate()
    signature = key.sign(verify.BUNDLE + verify.sha256(verify.canonical(manifest).encode())).hex()
    (forged / "manifest.json").write_text(verify.canonical({**manifest, "signature": signature}) + "\n")
    assert holds(forged) == "manifest.json: the signature is wrong"


@pytest.mark.pure
def test_signatures_as_the_library_makes_them() -> None:
    chance = random.Random(8032)
    for _ in range(8):
        key, message = Ed25519PrivateKey.from_private_bytes(chance.randbytes(32)), chance.randbytes(40)
        public, signature = key.public_key().public_bytes_raw().hex(), key.sign(message).hex()
        assert verify.is_signed(public, message, signature)
        assert not verify.is_signed(public, message + b"x", signature)
        other = bytearray.fromhex(signature)
        other[chance.randrange(64)] ^= 1 << chance.randrange(8)
        assert not verify.is_signed(public, message, other.hex())
        assert not verify.is_signed(public, message, signature.upper())
