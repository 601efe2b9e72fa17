"""Reading tables that come from elsewhere, XLSX and CSV, without believing them.

A workbook is a ZIP of XML: `parts` looks at it first, defusedxml expands and fetches no entity, and rows, columns and
cells are counted while they are read. A CSV is UTF-8, with or without a byte order mark, UTF-16 with one, or
Windows-1252, whichever line ends it has.
"""

from __future__ import annotations

import csv
import io
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import openpyxl
from defusedxml import DefusedXmlException

from commissioning.standards.findings import Finding
from commissioning.standards.lines import Malformed
from commissioning.standards.parts import LIMITS, Limits, check_parts
from commissioning.standards.workbook import unescaped

SPREADSHEET = zipfile.BadZipFile, KeyError, ValueError, TypeError, IndexError, AttributeError, OSError, ParseError


@dataclass(frozen=True, slots=True)
class Row:
    """A row below the header: `number` as the program that shows the file numbers it; of a CSV the line it begins on."""

    sheet: str
    number: int
    cells: dict[str, Any]  # by heading; a workbook's numbers, dates and flags as such, otherwise texts


def read_table(path: Path, name: str = "", limits: Limits = LIMITS) -> Iterator[Row]:
    """The rows of a workbook's sheets or of a CSV, told apart by how the file begins; empty rows are left out. `name`: as
    people know it, otherwise the path's. Raises Malformed."""
    name = name or path.name
    if path.stat().st_size > limits.packed:
        raise Malformed(Finding("file_large", name, None, "", "", f"more than {limits.packed >> 20} MB"))
    with path.open("rb") as file:
        begins = file.read(4)
    if begins == b"PK\x03\x04":
        yield from _workbook(path, name, limits)
    elif begins[:2] == b"PK" or begins == b"\xd0\xcf\x11\xe0":
        raise Malformed(
            Finding("file_unreadable", name, None, "", "", "an old or empty workbook; save it as XLSX or CSV")
        )
    else:
        yield from _csv(path, name, limits)


# ── Workbooks ───────────────────────────────────────────────────────────────
def _workbook(path: Path, name: str, limits: Limits) -> Iterator[Row]:
    check_parts(path, name, limits)
    at = _Place(name)
    try:
        with path.open("rb") as file:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of styles and extensions it does not know
                book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
            yield from _sheets(book, at, limits)
    except DefusedXmlException as error:
        raise Malformed(Finding("file_unsafe", at.file, at.row)) from error
    except Malformed:
        raise
    except SPREADSHEET as error:
        raise Malformed(Finding("file_unreadable", at.file, at.row, "", "", str(error)[:80])) from error


@dataclass(slots=True)
class _Place:
    """Where in a workbook the reader is: what it was last able to read, and the row after that."""

    file: str
    row: int | None = None


def _sheets(book: Any, at: _Place, limits: Limits) -> Iterator[Row]:
    if len(book.worksheets) > limits.sheets:
        raise Malformed(Finding("file_large", at.file, None, "", "", f"{len(book.worksheets)} sheets"))
    budget, name = _Budget(limits), at.file
    for sheet in book.worksheets:
        at.file, at.row = f"{name} {sheet.title}", 1
        sheet.reset_dimensions()  # what it says of its size need not be so
        rows = budget.count(at.file, sheet.iter_rows(values_only=True))
        for row in _with_headings(at.file, sheet.title, rows):
            at.row = row.number + 1
            yield row


@dataclass(slots=True)
class _Budget:
    """Counts across all sheets of a workbook."""

    limits: Limits
    cells: int = 0

    def count(self, place: str, rows: Iterator[tuple[Any, ...]]) -> Iterator[tuple[int, tuple[Any, ...]]]:
        for number, row in enumerate(rows, start=1):
            self.cells += sum(value is not None for value in row)
            if number > self.limits.rows or self.cells > self.limits.cells or len(row) > self.limits.columns:
                raise Malformed(Finding("file_large", place, number, "", "", "too many rows, columns or cells"))
            yield number, tuple(unescaped(value) if isinstance(value, str) else value for value in row)


# ── CSV ─────────────────────────────────────────────────────────────────────
def decoded(data: bytes) -> str:
    """The text of a file whose encoding nobody states."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _csv(path: Path, name: str, limits: Limits) -> Iterator[Row]:
    try:
        text = decoded(path.read_bytes())
    except UnicodeDecodeError as error:
        raise Malformed(Finding("file_unreadable", name, None, "", "", "encoding")) from error
    if "\0" in text:
        raise Malformed(Finding("file_unreadable", name, None, "", "", "this is no text"))
    sheet = Path(name).stem
    yield from _with_headings(name, sheet, _counted(name, text.replace("\r\n", "\n").replace("\r", "\n"), limits))


def _counted(name: str, text: str, limits: Limits) -> Iterator[tuple[int, tuple[Any, ...]]]:
    head = text.lstrip("\n").partition("\n")[0]
    reader = csv.reader(io.StringIO(text), delimiter=max(",;\t", key=head.count), strict=True)
    line, cells = 1, 0
    csv.field_size_limit(limits.text)
    try:
        for count, row in enumerate(reader, start=1):
            cells += len(row)
            if count > limits.rows or cells > limits.cells or len(row) > limits.columns:
                raise Malformed(Finding("file_large", name, line, "", "", "too many rows, columns or cells"))
            yield line, tuple(value.strip() or None for value in row)
            line = reader.line_num + 1
    except csv.Error as error:
        raise Malformed(Finding("file_unreadable", name, line, "", "", str(error)[:80])) from error


# ── Both ────────────────────────────────────────────────────────────────────
def _with_headings(place: str, sheet: str, rows: Iterator[tuple[int, tuple[Any, ...]]]) -> Iterator[Row]:
    """The first row with anything in it is the header; a column without a heading may hold nothing."""
    headings: list[str] | None = None
    for number, values in rows:
        if all(value is None for value in values):
            continue
        if headings is None:
            headings = ["" if value is None else " ".join(str(value).split()) for value in values]
            twice = next((h for n, h in enumerate(headings) if h and h in headings[:n]), None)
            if twice:
                raise Malformed(Finding("column_repeated", place, number, "", twice))
            continue
        strange = [value for heading, value in _paired(headings, values) if not heading and value is not None]
        if strange:
            raise Malformed(Finding("column_unknown", place, number, "", "", str(strange[0])[:40]))
        yield Row(sheet, number, {heading: value for heading, value in _paired(headings, values) if heading})


def _paired(headings: list[str], values: tuple[Any, ...]) -> Iterator[tuple[str, Any]]:
    for n in range(max(len(headings), len(values))):
        yield headings[n] if n < len(headings) else "", values[n] if n < len(values) else None
