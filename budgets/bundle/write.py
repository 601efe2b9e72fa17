"""Writing a bundle: the files of a certified round, a signed list of them, and a ZIP of it all. Pure: asks no database.

The same contents give the same bytes, in every file and in the ZIP, on any machine.
"""

import hashlib
import os
import shutil
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from budgets.bundle import verify
from budgets.outcomes import as_text
from budgets.rules import canonical
from budgets.tally import verify as verify_count

UNLISTED = ("manifest.json", "verify.py")  # the list itself, and what everyone should rather take from elsewhere


@dataclass(frozen=True, slots=True)
class Contents:
    """What a bundle is made of. The functions read their lines anew each time, so that none has to be kept.

    `board`: lines as `board_line` spells them, up to the entry with the hash `head`; `ballots`: as `ballot_line`.
    `snapshots`: one for each pot, as `budgets.actions.results.snapshot` describes; `grouped`: (selections, how many).
    `trace`: the lines of a pot's count, by its key. `sign`: SHA-256 of the manifest → signature, hexadecimal.
    """

    rules: Mapping[str, Any]
    head: str
    board: Callable[[], Iterable[str]]
    ballots: Callable[[], Iterable[str]]
    grouped: Callable[[], Iterable[tuple[str, int]]]
    snapshots: Sequence[Mapping[str, Any]]
    trace: Callable[[str], Iterable[str]]
    sign: Callable[[bytes], str]


def board_line(entry: Mapping[str, Any]) -> str:
    """`entry`: {"round", "seq", "kind", "body", "previous", "hash", "signature" (empty where it is no checkpoint)}."""
    return canonical(dict(entry)) + "\n"


def ballot_line(leaf: str, salt: str, selections: str) -> str:
    """`selections`: canonical JSON already."""
    return f'{{"leaf":"{leaf}","salt":"{salt}","selections":{selections}}}\n'


def write_files(folder: Path, contents: Contents) -> list[str]:
    """Write everything into `folder`, which is made; returns the names. Raises FileExistsError where it holds something."""
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty")
    digests = {name: _write(folder / name, lines) for name, lines in _files(contents)}
    manifest = {"v": 1, "round": contents.rules["round"], "board": contents.head, "files": digests}
    signature = contents.sign(hashlib.sha256(canonical(manifest).encode()).digest())
    _write(folder / "manifest.json", [canonical({**manifest, "signature": signature}) + "\n"])
    _write(folder / "verify.py", _source(verify))
    return sorted([*digests, *UNLISTED])


def _files(contents: Contents) -> Iterator[tuple[str, Iterable[str]]]:
    """Name and text of every file that the manifest lists."""
    yield "rules.json", [canonical(dict(contents.rules)) + "\n"]
    yield "board.jsonl", contents.board()
    yield "ballots.jsonl", contents.ballots()
    states = ["certified"] * len(contents.snapshots)
    yield "result.csv", [as_text("csv", contents.snapshots, states, [])]
    for snapshot in contents.snapshots:
        key = snapshot["pot"]["key"]
        yield f"{key}.pb", [as_text("pb", [snapshot], states[:1], contents.grouped())]
        yield f"{key}.trace.jsonl", contents.trace(key)
    yield "verify_count.py", _source(verify_count)


def _source(module: Any) -> list[str]:
    return [Path(module.__file__).read_text(encoding="utf-8")]


def _write(path: Path, texts: Iterable[str]) -> str:
    """Write the file, on the disk when this returns, and give its SHA-256 (hexadecimal)."""
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for text in texts:
            data = text.encode()
            digest.update(data)
            file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


def write_zip(path: Path, folder: Path, name: str) -> None:
    """All files of `folder` under `name`/, in order and without times. Not compressed: a compressor's next version would
    make other bytes of the same files, and leaves hardly shrink."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for file in sorted(folder.iterdir()):
            entry = zipfile.ZipInfo(f"{name}/{file.name}")
            entry.create_system, entry.external_attr, entry.file_size = 3, 0o644 << 16, file.stat().st_size
            with file.open("rb") as source, archive.open(entry, "w") as target:
                shutil.copyfileobj(source, target, 1 << 20)
