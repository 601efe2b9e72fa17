"""`outcomes.jsonl`: every record of a round, one on each line; the one file of a package that loses nothing.

The first line is `{"good-local-outcomes":1,"package":{…}}`, each further one `{"awards":{…}}`: the kind and the record.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from commissioning.standards import exact
from commissioning.standards.findings import Finding
from commissioning.standards.outcome import Outcome, Project
from commissioning.standards.records import KINDS, OF_A_PROJECT, Organisation, Package
from commissioning.standards.shapes import Misshapen, from_json, to_json

NAME = "outcomes.jsonl"
MARK = "good-local-outcomes"
VERSION = 1
LONGEST = 1 << 20  # characters of a line


class Malformed(ValueError):  # noqa: N818 - the file is at fault
    """A file that cannot be read. `finding` says which, where and why."""

    def __init__(self, finding: Finding) -> None:
        self.finding = finding
        super().__init__(str(finding))


class LinesWriter:
    """Writes the lines, a project's together."""

    def __init__(self, file: TextIO, package: Package) -> None:
        self.file, self.counts = file, dict.fromkeys(KINDS, 0)
        file.write(exact.dumps({MARK: VERSION, "package": to_json(package)}) + "\n")

    def organisation(self, row: Organisation) -> None:
        self._line("organisations", row)

    def add(self, project: Project) -> None:
        self._line("decisions", project.decision)
        for kind in OF_A_PROJECT:
            for row in getattr(project, kind):
                self._line(kind, row)

    def end(self) -> None:
        """Nothing follows the last line."""

    def _line(self, kind: str, row: Any) -> None:
        self.counts[kind] += 1
        self.file.write(exact.dumps({kind: to_json(row)}) + "\n")


def read_lines(path: Path) -> Outcome:
    """The outcome that a file holds; its rows are read from it anew each time. Raises Malformed, for a row when it is
    read."""
    head = next(_lines(path), None)
    if head is None:
        raise Malformed(Finding("file_unreadable", path.name, 1))
    data = _parsed(path, *head)
    if set(data) != {MARK, "package"} or data[MARK] != VERSION:
        raise Malformed(Finding("file_unreadable", path.name, 1, "", MARK))
    package = _record(path, head[0], Package, data["package"])
    return Outcome(package=package, **{kind: _Rows(path, kind) for kind in KINDS})


def check_lines(path: Path) -> Iterator[Finding]:
    """Every line that cannot be read."""
    for number, text in _lines(path):
        try:
            data = _parsed(path, number, text)
            if number > 1:
                _row(path, number, data)
        except Malformed as error:
            yield error.finding


class _Rows:
    """The rows of one kind; each call reads the file anew."""

    def __init__(self, path: Path, kind: str) -> None:
        self.path, self.kind = path, kind

    def __call__(self) -> Iterator[Any]:
        start = f'{{"{self.kind}":'
        for number, text in _lines(self.path):
            if text.startswith(start):
                yield _row(self.path, number, _parsed(self.path, number, text))


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    number = 0
    try:
        with path.open(encoding="utf-8", newline="\n") as file:
            while text := file.readline(LONGEST):
                number += 1
                if not text.endswith("\n"):
                    raise Malformed(
                        Finding("file_large" if len(text) == LONGEST else "file_unreadable", path.name, number)
                    )
                yield number, text
    except UnicodeDecodeError as error:
        raise Malformed(Finding("file_unreadable", path.name, number + 1, "", "", "not UTF-8")) from error
    except OSError as error:
        raise Malformed(Finding("file_missing", path.name)) from error


def _parsed(path: Path, number: int, text: str) -> dict[str, Any]:
    try:
        data = exact.loads(text)
    except exact.NotJson as error:
        raise Malformed(Finding("file_unreadable", path.name, number, "", "", str(error)[:80])) from error
    if not isinstance(data, dict):
        raise Malformed(Finding("file_unreadable", path.name, number))
    return data


def _row(path: Path, number: int, data: dict[str, Any]) -> Any:
    kind = next(iter(data), "")
    if kind not in KINDS or len(data) != 1:
        raise Malformed(Finding("field_unknown", path.name, number, "", str(kind)[:40]))
    return _record(path, number, KINDS[kind], data[kind])


def _record(path: Path, number: int, record: type[Any], data: Any) -> Any:
    if not isinstance(data, dict):
        raise Malformed(Finding("value_wrong", path.name, number))
    try:
        return from_json(record, data)
    except Misshapen as error:
        id = str(data.get("id", ""))[:80]
        raise Malformed(Finding(error.code, path.name, number, id, error.field, str(error)[:120])) from error
