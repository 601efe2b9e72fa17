"""Checking a whole package: its files, its records, and what stands in the files that others read."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from commissioning.standards import exact
from commissioning.standards import package as written
from commissioning.standards.check_grants import GrantChecks, untitled
from commissioning.standards.check_records import check_outcome
from commissioning.standards.check_releases import ReleaseChecks
from commissioning.standards.findings import Finding
from commissioning.standards.lines import NAME as LINES
from commissioning.standards.lines import Malformed, check_lines, read_lines
from commissioning.standards.read import check_files, read_manifest


class _Checks(Protocol):
    def add(self, row: int, item: Any, /) -> Iterator[Finding]: ...


def check_package(folder: Path) -> Iterator[Finding]:
    """Everything that is wrong with the package in a folder, file by file. Raises nothing for a bad file: it is named."""
    try:
        manifest = read_manifest(folder)
    except Malformed as error:
        yield error.finding
        return
    yield from check_files(folder, manifest)
    if (folder / LINES).is_file():
        yield from _records(folder / LINES)
    for name, check in (
        (written.GRANTS_JSON, check_grants_json),
        (written.GRANTS_CSV, check_grants_csv),
        (written.RELEASES, check_releases_json),
    ):
        if (folder / name).is_file():
            yield from check(folder / name)


def _records(path: Path) -> Iterator[Finding]:
    unreadable = False
    try:
        for finding in check_lines(path):
            unreadable = True
            yield finding
        if not unreadable:
            yield from check_outcome(read_lines(path))
    except Malformed as error:
        yield error.finding


def check_grants_json(path: Path) -> Iterator[Finding]:
    """A 360Giving package."""
    yield from _each(path, "grants", GrantChecks(path.name))


def check_releases_json(path: Path) -> Iterator[Finding]:
    """An OCDS release package."""
    checks = ReleaseChecks(path.name)
    yield from _each(path, "releases", checks)
    yield from checks.end()


def _each(path: Path, name: str, checks: _Checks) -> Iterator[Finding]:
    try:
        with path.open(encoding="utf-8-sig") as file:
            for row, item in exact.items(file, name):
                if row:
                    yield from checks.add(row, item)
                elif name not in item:
                    yield Finding("value_missing", path.name, None, "", name)
    except exact.NotJson as error:
        yield Finding("file_unreadable", path.name, error.line, "", "", str(error)[:80])
    except UnicodeDecodeError:
        yield Finding("file_unreadable", path.name, None, "", "", "not UTF-8")


def check_grants_csv(path: Path) -> Iterator[Finding]:
    """A 360Giving CSV with the standard's titles. It is read as a stream, so it may be of any length."""
    checks = GrantChecks(path.name)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            missing = {"Identifier", "Amount Awarded", "Award Date"} - set(reader.fieldnames or ())
            for title in sorted(missing):
                yield Finding("column_missing", path.name, 1, "", title)
            row = 2
            for cells in reader if not missing else ():
                texts = {title: text for title, text in cells.items() if isinstance(title, str) and text}
                yield from checks.add(row, untitled(texts))
                row = reader.line_num + 1
    except (csv.Error, UnicodeDecodeError) as error:
        yield Finding("file_unreadable", path.name, None, "", "", str(error)[:80])
