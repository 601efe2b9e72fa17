"""Writing the bundle of a certified round: everything that anyone needs to check it, signed."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from budgets.actions.tallies import elections
from budgets.bundle import verify
from budgets.keys import sign_bundle
from budgets.models import BoardEntry, Result, Round
from budgets.models.urn import grouped_ballots
from budgets.outcomes import as_text
from budgets.rules import canonical
from budgets.tally import verify as verify_count
from budgets.tally.count import count_traced
from budgets.tally.rules import Rule
from participation.refusals import Refused


def write_bundle(*, round_id: int, folder: Path) -> list[str]:
    """Write the files of a certified round into `folder`, which is made; returns their names.

    Refuses not_certified, and has_no_board for an imported round. Raises FileExistsError for a folder that holds something.
    """
    round = Round.objects.select_related("place").get(pk=round_id)
    if round.is_imported:
        raise Refused("has_no_board")
    results = list(Result.objects.of_round(round).select_related("tally"))
    if not results or any(result.state != Result.State.CERTIFIED for result in results):
        raise Refused("not_certified")
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty")
    digests = {name: _write(folder / name, lines) for name, lines in _files(round, results)}
    head = BoardEntry.objects.filter(round=round).order_by("seq").last()
    assert head is not None, "a certified round has a board"
    manifest: dict[str, Any] = {"v": 1, "round": round.slug, "board": head.hash, "files": digests}
    signature = sign_bundle(round.rules["board_key"], hashlib.sha256(canonical(manifest).encode()).digest())
    _write(folder / "manifest.json", iter([canonical({**manifest, "signature": signature}) + "\n"]))
    _write(folder / "verify.py", _source(verify))
    return sorted([*digests, "manifest.json", "verify.py"])


def _files(round: Round, results: list[Result]) -> Iterator[tuple[str, Iterator[str]]]:
    """Name and text of every file that the manifest lists."""
    yield "rules.json", iter([canonical(round.rules) + "\n"])
    yield "board.jsonl", board_lines(round)
    yield "ballots.jsonl", ballot_lines(round)
    snapshots, states = [result.snapshot for result in results], [str(result.state) for result in results]
    yield "result.csv", iter([as_text("csv", snapshots, states, [])])
    for result in results:
        text = as_text("pb", [result.snapshot], [str(result.state)], grouped_ballots(round))
        yield f"{result.pot.key}.pb", iter([text])
    rule = Rule.from_json(round.rules["counting"]["rule"])
    for pot, election in elections(round):
        yield f"{pot.key}.trace.jsonl", (f"{line}\n" for line in count_traced(election, rule)[1])
    yield "verify_count.py", _source(verify_count)


def board_lines(round: Round) -> Iterator[str]:
    """The board as JSON lines, one canonical object an entry."""
    for entry in BoardEntry.objects.filter(round=round).order_by("seq").iterator():
        line = {
            "round": round.slug,
            "seq": entry.seq,
            "kind": entry.kind,
            "body": entry.body,
            "previous": entry.previous,
            "hash": entry.hash,
            "signature": entry.signature,
        }
        yield canonical(line) + "\n"


def ballot_lines(round: Round) -> Iterator[str]:
    """Every ballot with its salt, in the order of the leaves. The selections are canonical JSON already."""
    for leaf, salt, selections in round.ballots.order_by("leaf").values_list("leaf", "salt", "selections").iterator():
        yield f'{{"leaf":"{leaf}","salt":"{salt}","selections":{selections}}}\n'


def _source(module: Any) -> Iterator[str]:
    return iter([Path(module.__file__).read_text(encoding="utf-8")])


def _write(path: Path, texts: Iterator[str]) -> str:
    """Write the file and return its SHA-256 (hexadecimal)."""
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for text in texts:
            data = text.encode()
            digest.update(data)
            file.write(data)
    return digest.hexdigest()
