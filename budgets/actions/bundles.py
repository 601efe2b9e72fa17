"""The bundle of a certified round: everything that anyone needs to check it, signed; made once and kept on the disk."""

import json
import logging
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet, Subquery

from budgets.actions.board import destroy_keys
from budgets.actions.engine import TIME_LIMIT, ask_trace
from budgets.actions.tallies import elections
from budgets.bundle.write import UNLISTED, Contents, ballot_line, board_line, write_files, write_zip
from budgets.keys import KeyGoneError, sign_bundle
from budgets.models import BoardEntry, Result, Round
from budgets.models.locks import alone_counting
from budgets.models.urn import grouped_ballots
from budgets.tally.rules import Rule
from participation.refusals import Refused

logger = logging.getLogger(__name__)

PAGE = 500  # rows read at once
AGAIN = 3600  # seconds until a bundle that could not be made is tried again
WRITING = -2  # in place of a pot's id: one bundle at a time
FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Bundle:
    """What is kept of a round, in a folder named after the head of its board: another line on the board, another bundle."""

    home: Path

    @property
    def files(self) -> Path:
        return self.home / "files"

    @property
    def zip(self) -> Path:
        return self.home / "bundle.zip"

    @property
    def head(self) -> str:
        return self.home.name

    def names(self) -> list[str]:
        """Of every file, in the order to read them in."""
        first = ["rules.json", "board.jsonl", "ballots.jsonl", "result.csv"]
        found = {path.name for path in self.files.iterdir()}
        return first + sorted(found - {*first, "verify_count.py", *UNLISTED}) + ["verify_count.py", *UNLISTED]


def bundle_of(round: Round) -> Bundle | None:
    """The bundle that goes with the board as it stands, or None while there is none. One query."""
    head = BoardEntry.objects.filter(round=round).order_by("-seq").values_list("hash", flat=True).first()
    if head is None or round.rules is None:
        return None
    bundle = Bundle(Path(settings.BUNDLE_DIR) / round.rules["board_key"] / head)
    return bundle if bundle.home.is_dir() else None


def write_bundle(*, round_id: int, folder: Path) -> list[str]:
    """Write the files of a certified round into `folder`, which is made; returns their names. Destroys the key to the
    electors' handles first, if no sweep has done so yet: the board is published with its last lines.

    Refuses not_certified, has_no_board for an imported round, and KeyGoneError. Raises FileExistsError for a folder that
    holds something, subprocess.SubprocessError where the trace cannot be made.
    """
    round = Round.objects.select_related("place").get(pk=round_id)
    if round.is_imported:
        raise Refused("has_no_board")
    results = list(Result.objects.of_round(round).select_related("tally"))
    if not results or any(result.state != Result.State.CERTIFIED for result in results):
        raise Refused("not_certified")
    destroy_keys(round_id=round_id)
    head = BoardEntry.objects.filter(round=round).latest("seq")
    contents = Contents(
        rules=round.rules,
        head=head.hash,
        board=partial(board_lines, round, head.seq),
        ballots=partial(ballot_lines, round),
        grouped=partial(grouped_ballots, round),
        snapshots=[result.snapshot for result in results],
        trace=partial(_trace, round),
        sign=partial(sign_bundle, round.rules["board_key"]),
    )
    return write_files(folder, contents)


def _trace(round: Round, pot_key: str) -> Iterator[str]:
    election = next(election for pot, election in elections(round) if pot.key == pot_key)
    return ask_trace(election, Rule.from_json(round.rules["counting"]["rule"]))


def board_lines(round: Round, last: int | None = None) -> Iterator[str]:
    """The board as JSON lines, one canonical object an entry, up to the number `last`."""
    entries = BoardEntry.objects.filter(round=round)
    for entry in _by_pages(entries if last is None else entries.filter(seq__lte=last), "seq"):
        yield board_line(
            {
                "round": round.slug,
                "seq": entry.seq,
                "kind": entry.kind,
                "body": entry.body,
                "previous": entry.previous,
                "hash": entry.hash,
                "signature": entry.signature,
            }
        )


def ballot_lines(round: Round) -> Iterator[str]:
    """Every ballot with its salt, in the order of the leaves. The selections are canonical JSON already."""
    for ballot in _by_pages(round.ballots.only("leaf", "salt", "selections"), "leaf"):
        yield ballot_line(ballot.leaf, ballot.salt, ballot.selections)


def _by_pages(rows: QuerySet[Any], key: str) -> Iterator[Any]:
    """In the order of a unique key, some rows at a time: whoever fetches a file slowly keeps no reading transaction open,
    which on SQLite would hold up everyone who casts a ballot."""
    page = list(rows.order_by(key)[:PAGE])
    while page:
        yield from page
        page = list(rows.filter(**{f"{key}__gt": getattr(page[-1], key)}).order_by(key)[:PAGE])


def keep_bundle(*, round_id: int) -> Bundle | None:
    """Make the bundle that goes with the board as it stands, if there is none yet, and drop the ones before it.

    None where it cannot be made now: another thread is at it, or it failed within the hour: the keys could not be reached,
    say, or `verify.py` did not accept it. Nothing is kept that does not prove itself. Refuses what `write_bundle` refuses.
    """
    round = Round.objects.get(pk=round_id)
    parent = Path(settings.BUNDLE_DIR) / round.rules["board_key"]
    with alone_counting(WRITING) as alone:
        bundle = bundle_of(round)
        if bundle or not alone or _failed_lately(parent):
            return bundle
        parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=parent, prefix=".") as made:
            try:
                head = _make(round, Path(made) / "home")
                (Path(made) / "home").rename(parent / head)
            except (KeyGoneError, subprocess.SubprocessError, OSError, ValueError) as failure:
                logger.exception("the bundle of %s could not be made", round.slug)
                (parent / FAILED).write_text(getattr(failure, "output", None) or str(failure))
                return None
        for old in parent.iterdir():
            if old.name != head:
                shutil.rmtree(old) if old.is_dir() else old.unlink()
    return Bundle(parent / head)


def _make(round: Round, home: Path) -> str:
    """Write the files and the ZIP, let `verify.py` check them in a process of its own; the head of their board."""
    bundle = Bundle(home)
    write_bundle(round_id=round.pk, folder=bundle.files)
    gently = ["nice"] if shutil.which("nice") else []
    command = [*gently, sys.executable, "-I", str(bundle.files / "verify.py"), str(bundle.files)]
    subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=TIME_LIMIT)
    write_zip(bundle.zip, bundle.files, round.slug)
    return str(json.loads((bundle.files / "manifest.json").read_bytes())["board"])


def _failed_lately(parent: Path) -> bool:
    failed = parent / FAILED
    return failed.exists() and time.time() - failed.stat().st_mtime < AGAIN


def without_bundle() -> list[int]:
    """Ids of the certified rounds, their keys destroyed, whose bundle is not there as their board stands. One query."""
    lines = BoardEntry.objects.filter(round=OuterRef("pk"))
    certified = lines.filter(kind=BoardEntry.Kind.RESULT, body__state="certified")
    done = Round.objects.filter(Exists(certified), Exists(lines.filter(kind=BoardEntry.Kind.KEY_DESTROYED)))
    heads = done.annotate(head=Subquery(lines.order_by("-seq").values("hash")[:1]))
    kept = Path(settings.BUNDLE_DIR)
    return [
        pk for pk, key, head in heads.values_list("pk", "rules__board_key", "head") if not (kept / key / head).is_dir()
    ]
