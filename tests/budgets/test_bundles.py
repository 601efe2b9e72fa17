"""The bundle: written by the command, checked by a program that runs alone, and refused after any change."""

import io
import json
import os
import random
import shutil
import subprocess
import sys
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import transaction
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import reverse

from budgets.actions import board
from budgets.actions.results import publish_results
from budgets.actions.sweeps import sweep_boards, sweep_bundles
from budgets.actions.tallies import count_round
from budgets.bundle import verify
from budgets.models import Ballot, BoardEntry, Round
from budgets.models.locks import hold_round
from budgets.views.bundles import DiskFile
from tests.budgets.conftest import Town, build_town
from tests.factories import NOW, BallotFactory, certify, staff_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def closed(db: None) -> Town:
    town = build_town(voting=False, closed=True, counting_rule="equal-shares")
    for n in range(30):
        BallotFactory(round=town.round, choices={"whole": ["1", "3"] if n % 3 else ["2"]})
    BallotFactory(round=town.round, choices={"ward": ["4"]})
    count_round(round_id=town.round.pk, now=NOW)
    publish_results(by=None, round_id=town.round.pk, now=NOW)
    return town


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, settings: Any) -> Path:
    settings.BUNDLE_DIR = tmp_path / "bundles"
    return tmp_path / "bundles"


@pytest.fixture
def certified(closed: Town) -> Round:
    certify(by=staff_of(closed.place, "organiser"), round_id=closed.round.pk, now=NOW + timedelta(hours=1))
    closed.round.refresh_from_db()
    return closed.round


@pytest.fixture
def folder(certified: Round, closed: Town, tmp_path: Path) -> Path:
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


def test_the_command_ends_the_board_before_it_publishes_it(folder: Path) -> None:
    last = json.loads((folder / "board.jsonl").read_text().rstrip("\n").split("\n")[-1])
    assert last["kind"] == "key_destroyed"


# ── What the site keeps and shows ────────────────────────────────────────────
def at(name: str, round: Round, *more: str) -> str:
    return reverse(f"budgets:{name}", args=[round.slug, *more])


def body(response: HttpResponseBase) -> bytes:
    assert response.status_code == 200
    return b"".join(response)  # type: ignore[arg-type]


def test_the_site_publishes_the_same_bytes_as_the_command(
    certified: Round, client: Client, tmp_path: Path, kept: Path
) -> None:
    assert "being prepared" in client.get(at("check_bundle", certified)).content.decode()
    assert client.get(at("bundle_zip", certified)).status_code == 404
    assert sweep_bundles() == [], "the board is not at its end"
    sweep_boards(now=NOW)
    (head,) = sweep_bundles()
    assert sweep_bundles() == []
    assert BoardEntry.objects.filter(round=certified).latest("seq").hash == head
    call_command("bundle", certified.slug, "--out", str(tmp_path / "command"))
    names = {path.name for path in (tmp_path / "command").iterdir()}
    page = client.get(at("check_bundle", certified)).content.decode()
    box = client.get(at("board", certified)).content.decode()
    assert box.count(f'href="{at("bundle_zip", certified)}"') == 1
    with zipfile.ZipFile(io.BytesIO(body(client.get(at("bundle_zip", certified))))) as archive:
        assert archive.testzip() is None
        assert {name.removeprefix(f"{certified.slug}/") for name in archive.namelist()} == names
        for name in names:
            written = (tmp_path / "command" / name).read_bytes()
            assert body(client.get(at("bundle_file", certified, name))) == written
            assert archive.read(f"{certified.slug}/{name}") == written
            assert at("bundle_file", certified, name) in page
    for name in ("../bundle.zip", "nothing.txt", "%2e%2e"):
        assert client.get(f"/rounds/{certified.slug}/box/bundle/{name}").status_code == 404
    first = (kept / certified.rules["board_key"] / head / "bundle.zip").read_bytes()
    shutil.rmtree(kept)
    assert sweep_bundles() == [head], "made again when it is missing"
    assert (kept / certified.rules["board_key"] / head / "bundle.zip").read_bytes() == first


def test_a_line_more_on_the_board_makes_another_bundle(certified: Round, client: Client, kept: Path) -> None:
    sweep_boards(now=NOW)
    (before,) = sweep_bundles()
    address = at("bundle_file", certified, "board.jsonl")
    response = client.get(address)
    etag, _read = response["ETag"], body(response)
    assert client.get(address, headers={"If-None-Match": etag}).status_code == 304
    with transaction.atomic():
        hold_round(certified.pk)
        board.write(certified, BoardEntry.Kind.ERRATUM, {"text": "The benches stand in Mill Lane."})
    assert client.get(address).status_code == 404
    (after,) = sweep_bundles()
    assert after != before
    assert [path.name for path in (kept / certified.rules["board_key"]).iterdir()] == [after]
    assert "Mill Lane" in body(client.get(address, headers={"If-None-Match": etag})).decode()


def test_what_does_not_prove_itself_is_not_published(
    certified: Round, client: Client, caplog: pytest.LogCaptureFixture, kept: Path
) -> None:
    """Somebody changed a ballot in the database after the certification."""
    sweep_boards(now=NOW)
    ballot = Ballot.objects.filter(round=certified).order_by("leaf").first()
    assert ballot is not None
    Ballot.objects.filter(pk=ballot.pk).update(
        selections='{"whole":["2"]}' if "2" not in ballot.selections else '{"whole":["1"]}'
    )
    assert sweep_bundles() == []
    (failed,) = kept.rglob("failed")
    assert "WRONG: ballots.jsonl, line 1: its leaf is wrong" in failed.read_text()
    caplog.clear()
    assert sweep_bundles() == []
    assert not caplog.records, "tried again within the hour"
    os.utime(failed, (0, 0))
    assert sweep_bundles() == []
    assert caplog.records
    assert "being prepared" in client.get(at("check_bundle", certified)).content.decode()


def test_a_bundle_waits_for_the_key(certified: Round, kept: Path) -> None:
    sweep_boards(now=NOW)
    key = Path(settings.KEY_DIR) / f"{certified.rules['board_key']}.board"
    key.rename(key.with_suffix(".away"))
    assert sweep_bundles() == []
    key.with_suffix(".away").rename(key)
    (failed,) = kept.rglob("failed")
    os.utime(failed, (0, 0))
    assert len(sweep_bundles()) == 1
    assert list(kept.rglob("failed")) == []


async def test_a_file_is_sent_piece_by_piece_by_the_asynchronous_server_too(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(bytes(DiskFile.block_size * 2 + 5))
    response = DiskFile((tmp_path / "file").open("rb"))
    assert [len(piece) async for piece in response] == [DiskFile.block_size, DiskFile.block_size, 5]
    response.close()


def test_recount_says_root_and_number_and_finds_a_changed_ballot(
    certified: Round, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("recount")
    certificate = BoardEntry.objects.filter(round=certified, kind="result").latest("seq").body
    said = capsys.readouterr().out
    assert f"{certified.slug}: root {certificate['root']}, 31 ballots: as published" in said
    assert f"{certified.slug}, Whole town: the same" in said
    ballot = Ballot.objects.filter(round=certified).first()
    assert ballot is not None
    ballot.delete()
    with pytest.raises(SystemExit):
        call_command("recount")
    assert "30 ballots: different: the board's result stands on other ballots" in capsys.readouterr().out


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
