"""The outcome package of a round: a folder, and a ZIP of it, in every format that commissioners read.

    outcomes.xlsx      for people
    outcomes.jsonl     everything; what another site reads
    360giving.json     grants, 360Giving 1.4.3
    360giving.csv      the same for spreadsheets
    ocds.json          contracts, OCDS 1.1.5 with the United Kingdom and metrics extensions
    vcse-grants.csv    grants to voluntary organisations, Transparency Code 2015
    *.pb               the votes, Pabulib
    manifest.json      SHA-256 of each file, counts, versions, what each file does not carry, what the checks found

The same facts give the same bytes, on any machine. A file that would hold nothing is not written.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, Protocol, TextIO

from commissioning.standards import exact, grants, releases
from commissioning.standards.check_records import RecordChecks
from commissioning.standards.lines import NAME as LINES
from commissioning.standards.lines import LinesWriter
from commissioning.standards.outcome import Outcome, Project, in_order, projects
from commissioning.standards.records import Organisation
from commissioning.standards.sheets import sheets
from commissioning.standards.workbook import write_workbook

FORMAT = "good-local-outcome-package"
VERSION = 1
MANIFEST = "manifest.json"
WORKBOOK = "outcomes.xlsx"
GRANTS_JSON, GRANTS_CSV, RELEASES, VCSE = "360giving.json", "360giving.csv", "ocds.json", "vcse-grants.csv"
ELECTION_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}\.pb")
VERSIONS = {"360Giving": grants.SCHEMA, "OCDS": "1.1.5", "Transparency Code": "2015", "workbook": "1", "lines": "1"}

NOT_CARRIED = {
    "package": (
        "Who voted, proposed, supported or follows, and their accounts and messages.",
        "Pictures and papers themselves: only their addresses.",
        "Discussions, comments and drafts; what a case said before it was changed, but for its steps.",
        "The sealed board and its proofs, which the round’s own bundle carries.",
    ),
    WORKBOOK: ("Texts beyond 32,767 characters.",),
    GRANTS_JSON: (
        "Awards that are no grants, or are not in force; earlier versions of an award.",
        "Projects that were not funded, votes, cases and replies, contracts, milestones, metrics and observations.",
        "Legal form, ownership and size of organisations.",
    ),
    GRANTS_CSV: (
        "What the JSON does not carry.",
        "Of each grant: places but the first, single payments, documents and the category.",
    ),
    RELEASES: (
        "Projects that are not contracted, and grants in those that are.",
        "Milestones, payments and actual observations without a contract; who verified a milestone, and disputes.",
        "Places; steps, owners, strategy and notes of a case; criteria and weights of metrics; review dates of contracts.",
        "Legal form and ownership of organisations; registration numbers besides the identifier.",
    ),
    VCSE: ("All but seven facts of each grant, and grants to other recipients.",),
}
NOT_CARRIED_BY_ELECTIONS = ("Everything that came after the vote, and reasons.",)

Election = tuple[str, Iterable[str]]
"""The name of a Pabulib file and its text in pieces, line ends as they shall be."""


class ProjectWriter(Protocol):
    """Writes one file, project by project."""

    count: int

    def add(self, project: Project) -> None: ...

    def end(self) -> None: ...


def write_package(folder: Path, outcome: Outcome, elections: Iterable[Election] = ()) -> dict[str, Any]:
    """Write all files into `folder`, which is made; returns the manifest. Raises FileExistsError where it holds something,
    OutOfOrder for rows that are not in order, ValueError for an election's name that is none. Faults of the records do not
    stop it; their codes are counted in the manifest, and `check_records.check_outcome` names them."""
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty")
    organisations = {row.id: row for row in in_order("organisations", outcome.organisations())}
    counts, faults = _write_streams(folder, outcome, organisations)
    elected = [_write_election(folder, name, text) for name, text in elections]
    written = [name for name in (LINES, *WRITERS) if (folder / name).exists()]
    with (folder / WORKBOOK).open("w+b") as file:
        write_workbook(file, sheets(outcome, _notes([WORKBOOK, *written])), outcome.package.currency)
    manifest = _manifest(folder, outcome, sorted([WORKBOOK, *written, *elected]))
    manifest |= {"counts": counts, "findings": dict(sorted(faults.items()))}
    _write_json(folder / MANIFEST, manifest)
    return manifest


WRITERS: dict[str, Callable[..., ProjectWriter]] = {
    GRANTS_JSON: grants.GrantsJson,
    GRANTS_CSV: grants.GrantsCsv,
    RELEASES: releases.ReleasesJson,
    VCSE: grants.VcseCsv,
}


def _write_streams(
    folder: Path, outcome: Outcome, organisations: dict[str, Organisation]
) -> tuple[dict[str, int], Counter[str]]:
    """Everything that is written project by project, in one pass. Returns counts of records and codes of faults."""
    with ExitStack() as stack:

        def opened(name: str) -> TextIO:
            return stack.enter_context((folder / name).open("w", encoding="utf-8", newline=""))

        package = outcome.package
        lines = LinesWriter(opened(LINES), package)
        for organisation in organisations.values():
            lines.organisation(organisation)
        wanted = {name: writer for name, writer in WRITERS.items() if name != RELEASES or package.ocid_prefix}
        writers = {name: writer(opened(name), package, organisations) for name, writer in wanted.items()}
        checks = RecordChecks(package, organisations.values())
        faults = Counter(finding.code for finding in checks.start())
        for project in projects(outcome):
            lines.add(project)
            for writer in writers.values():
                writer.add(project)
            faults.update(finding.code for finding in checks.add(project))
        for writer in writers.values():
            writer.end()
    for name, writer in writers.items():
        if not writer.count:
            (folder / name).unlink()
    return lines.counts, faults


def _write_election(folder: Path, name: str, text: Iterable[str]) -> str:
    if not ELECTION_NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name for an election's file")
    with (folder / name).open("x", encoding="utf-8", newline="") as file:
        file.writelines(text)
    return name


def _notes(written: Sequence[str]) -> list[tuple[str, str]]:
    """For the last sheet. No word of the elections, which may be many."""
    return [(f"Not carried by {name}", text) for name in ("package", *written) for text in NOT_CARRIED.get(name, ())]


def _manifest(folder: Path, outcome: Outcome, names: Sequence[str]) -> dict[str, Any]:
    package = outcome.package
    lost = {name: NOT_CARRIED_BY_ELECTIONS if name.endswith(".pb") else NOT_CARRIED.get(name, ()) for name in names}
    return {
        "format": FORMAT,
        "version": VERSION,
        "round": package.identifier,
        "title": package.title,
        "place": package.place,
        "publisher": package.publisher,
        "license": package.license,
        "currency": package.currency,
        "issued": exact.moment_text(package.issued),
        "versions": VERSIONS,
        "files": {name: {"sha256": digest(folder / name), "bytes": (folder / name).stat().st_size} for name in names},
        "notCarried": {name: list(texts) for name, texts in {"package": NOT_CARRIED["package"], **lost}.items()},
    }


def _write_json(path: Path, data: Any) -> None:
    path.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="")


def digest(path: Path) -> str:
    """SHA-256, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_zip(file: IO[bytes], folder: Path, name: str) -> None:
    """All files of `folder` under `name`/, in order and without times. Not compressed, so that no version of a compressor
    makes other bytes."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(folder.iterdir()):
            entry = zipfile.ZipInfo(f"{name}/{path.name}")
            entry.create_system, entry.external_attr, entry.file_size = 3, 0o644 << 16, path.stat().st_size
            with path.open("rb") as source, archive.open(entry, "w") as target:
                shutil.copyfileobj(source, target, 1 << 20)
