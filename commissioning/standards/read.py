"""Reading packages and tables of records back: what another site sends, or what people filled in."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from commissioning.standards import package as written
from commissioning.standards.findings import Finding
from commissioning.standards.lines import NAME as LINES
from commissioning.standards.lines import Malformed, read_lines
from commissioning.standards.outcome import Outcome
from commissioning.standards.parts import LIMITS, Limits
from commissioning.standards.records import KINDS
from commissioning.standards.shapes import missing, shapes, values_of_cells
from commissioning.standards.sheets import KIND_OF_SHEET, PROJECT_TITLE
from commissioning.standards.tables import Row, read_table

MANIFEST_BYTES = 1 << 20
PACKAGE_BYTES = 2 << 30  # unpacked
PACKAGE_FILES = 200
CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class ReadPackage:
    """A package that was read: what `write_package` was given, and its manifest."""

    outcome: Outcome
    elections: tuple[tuple[str, Callable[[], Iterable[str]]], ...]
    manifest: Mapping[str, Any]


def read_package(folder: Path) -> ReadPackage:
    """The package in a folder, whose files have to be those that its manifest names. Rows are read when they are asked
    for, and Malformed is raised then, or here for the manifest, a missing or changed file and the head."""
    manifest = read_manifest(folder)
    for finding in check_files(folder, manifest):
        raise Malformed(finding)
    names = sorted(name for name in manifest["files"] if written.ELECTION_NAME.fullmatch(name))
    elections = tuple((name, _Text(folder / name)) for name in names)
    return ReadPackage(read_lines(folder / LINES), elections, manifest)


def read_manifest(folder: Path) -> dict[str, Any]:
    """Raises Malformed where there is none or it is none."""
    path = folder / written.MANIFEST
    try:
        if path.stat().st_size > MANIFEST_BYTES:
            raise Malformed(Finding("file_large", written.MANIFEST))
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Malformed(Finding("file_missing", written.MANIFEST)) from error
    except (ValueError, RecursionError) as error:
        if isinstance(error, Malformed):
            raise
        row = error.lineno if isinstance(error, json.JSONDecodeError) else None
        raise Malformed(Finding("file_unreadable", written.MANIFEST, row)) from error
    if not isinstance(data, dict) or (data.get("format"), data.get("version")) != (written.FORMAT, written.VERSION):
        raise Malformed(Finding("file_unreadable", written.MANIFEST, None, "", "format"))
    files = data.get("files")
    if not isinstance(files, dict) or not all(isinstance(entry, dict) for entry in files.values()):
        raise Malformed(Finding("file_unreadable", written.MANIFEST, None, "", "files"))
    return data


def check_files(folder: Path, manifest: Mapping[str, Any]) -> Iterator[Finding]:
    """Files that are missing, changed or not named."""
    files = {name: entry.get("sha256") for name, entry in manifest["files"].items()}
    for name in sorted({LINES, *files}):
        path = folder / name
        if PurePosixPath(name).name != name or not path.is_file() or path.is_symlink():
            yield Finding("file_missing", name)
        elif name not in files:
            yield Finding("file_unlisted", name)
        elif written.digest(path) != files[name]:
            yield Finding("file_changed", name)
    for path in sorted(folder.iterdir()):
        if path.name not in {written.MANIFEST, LINES, *files}:
            yield Finding("file_unlisted", path.name)


class _Text:
    """The text of a file in pieces, line ends as they are; each call reads it anew."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __call__(self) -> Iterator[str]:
        with self.path.open(encoding="utf-8", newline="") as file:
            try:
                while piece := file.read(CHUNK):
                    yield piece
            except UnicodeDecodeError as error:
                raise Malformed(Finding("file_unreadable", self.path.name)) from error


def unpack(archive: Path, folder: Path, *, limit: int = PACKAGE_BYTES) -> None:
    """Unpack a package's ZIP into `folder`, which is made: files of one folder or none, nothing else. Raises Malformed."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with zipfile.ZipFile(archive) as opened:
            parts = [part for part in opened.infolist() if not part.is_dir()]
            _safe(archive.name, parts, limit)
            for part in parts:
                _unpack(opened, part, folder / PurePosixPath(part.filename).name)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        raise Malformed(Finding("file_unreadable", archive.name, None, "", "", str(error)[:80])) from error


def _safe(name: str, parts: list[zipfile.ZipInfo], limit: int) -> None:
    size = sum(part.file_size for part in parts)
    if size > limit or len(parts) > PACKAGE_FILES:
        raise Malformed(Finding("file_large", name, None, "", "", f"{size >> 20} MB in {len(parts)} files unpacked"))
    paths = [PurePosixPath(part.filename) for part in parts]
    names = {path.name for path in paths}
    parents = {path.parent for path in paths}
    if (
        len(names) < len(paths)
        or len(parents) > 1
        or any(len(parent.parts) > 1 or ".." in parent.parts for parent in parents)
    ):
        raise Malformed(Finding("file_unsafe", name, None, "", "", "files of more than one folder"))


def _unpack(opened: zipfile.ZipFile, part: zipfile.ZipInfo, target: Path) -> None:
    with opened.open(part) as source, target.open("xb") as file:
        while piece := source.read(CHUNK):
            file.write(piece)


# ── Tables of records ───────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class TableRow:
    """A row of a table: what it says of which fields, and what is wrong with it. `record` is None where it is not a whole
    record, as in a table of new states alone; `missing` are then the fields that one needs. `columns`: the fields that the
    table has a column for, so that an emptied cell can be told from a column that is not there."""

    kind: str
    file: str
    number: int
    values: Mapping[str, Any]
    record: Any
    missing: tuple[str, ...]
    findings: tuple[Finding, ...]
    columns: frozenset[str]


def read_records(path: Path, name: str = "", limits: Limits = LIMITS) -> Iterator[TableRow]:
    """The rows of a workbook, or of a CSV that is named like a sheet or a kind, such as `cases.csv`. Sheets that are not known
    are passed over; a column that is not known is a fault of its rows. Raises Malformed for what cannot be read at all,
    also where no sheet is known."""
    name = name or path.name
    any_known = False
    for row in read_table(path, name, limits):
        kind = kind_of(row.sheet)
        if kind is None:
            continue
        any_known = True
        yield _record(kind, f"{name} {row.sheet}" if row.sheet != Path(name).stem else name, row)
    if not any_known:
        raise Malformed(Finding("sheet_unknown", name))


def kind_of(sheet: str) -> str | None:
    """`Payments`, `payments` and `transactions` are the same."""
    names = {name.lower(): kind for name, kind in KIND_OF_SHEET.items()} | {kind: kind for kind in KINDS}
    return names.get(sheet.strip().lower())


def _record(kind: str, file: str, row: Row) -> TableRow:
    known = {shape.heading.lower(): shape.name for shape in shapes(KINDS[kind])}
    cells, findings = {}, []
    for heading, value in row.cells.items():
        field = known.get(heading.lower())
        if field is not None:
            cells[field] = _plain(value)
        elif heading.lower() != PROJECT_TITLE.lower() and value is not None:
            findings.append(Finding("column_unknown", file, row.number, "", heading))
    values, wrong = values_of_cells(KINDS[kind], cells)
    id = str(values.get("id") or values.get("project_id") or "")
    findings += [Finding(error.code, file, row.number, id, error.field, str(error)[:120]) for error in wrong]
    lacking = tuple(name for name in missing(KINDS[kind], values) if name not in {error.field for error in wrong})
    record = None if lacking or wrong else KINDS[kind](**values)
    return TableRow(kind, file, row.number, values, record, lacking, tuple(findings), frozenset(cells))


def _plain(value: Any) -> Any:
    """A text without the apostrophe that a CSV puts before what looks like a formula."""
    if isinstance(value, str) and value[:1] == "'" and value[1:2] in ("=", "+", "-", "@", "\t", "\r"):
        return value[1:]
    return value
