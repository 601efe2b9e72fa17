"""What the workbook of a package shows: a sheet for each kind of record, and notes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from commissioning.standards.outcome import Outcome, Rows
from commissioning.standards.records import KINDS, Decision, Package
from commissioning.standards.shapes import Cell, shapes, to_cell
from commissioning.standards.workbook import Column, Sheet

# The sheets in their order, and the kind of record on each.
KIND_OF_SHEET = {
    "Decisions": "decisions",
    "Cases": "cases",
    "Timeline": "steps",
    "Awards": "awards",
    "Contracts": "contracts",
    "Milestones": "milestones",
    "Payments": "transactions",
    "Metrics": "metrics",
    "Observations": "observations",
    "Places": "locations",
    "Organisations": "organisations",
    "Documents": "documents",
}
PROJECT_TITLE = "Project"  # shown beside the id; not read back
WIDTHS = {"text": 24, "flag": 10, "count": 10, "money": 16, "date": 14, "moment": 20, "number": 14, "texts": 24} | {
    "pairs": 30
}
LONG = {
    "description",
    "reason",
    "reply",
    "equality_impact",
    "learned",
    "notes",
    "says",
    "market_note",
    "amendment",
    "linked_strategy",
    "dispute",
}
LONG_WIDTH, ID_WIDTH, TITLE_WIDTH = 60, 26, 36


def sheets(outcome: Outcome, notes: Sequence[tuple[str, str]]) -> list[Sheet]:
    """All sheets; their rows are read when they are written. `notes`: (about what, what) below the package's head."""
    made = [_sheet(name, kind, outcome) for name, kind in KIND_OF_SHEET.items()]
    columns = (Column("About", "text", TITLE_WIDTH), Column("Note", "text", LONG_WIDTH * 2))
    return [*made, Sheet("Notes", columns, [*_head(outcome.package), *notes])]


def columns(kind: str) -> list[Column]:
    """Of a sheet of that kind."""
    own = [Column(shape.heading, shape.kind, _width(shape.name, shape.kind)) for shape in shapes(KINDS[kind])]
    if own[0].heading == "Project ID" and kind != "decisions":
        own.insert(1, Column(PROJECT_TITLE, "text", TITLE_WIDTH))
    return own


def _width(name: str, kind: str) -> int:
    if name in LONG:
        return LONG_WIDTH
    if name in ("title", "name"):
        return TITLE_WIDTH
    return ID_WIDTH if name == "id" or name.endswith("_id") else WIDTHS[kind]


def _sheet(name: str, kind: str, outcome: Outcome) -> Sheet:
    rows: Rows[object] = getattr(outcome, kind)
    if kind in ("decisions", "organisations"):
        return Sheet(name, columns(kind), (_cells(kind, row) for row in _lazily(rows)))
    return Sheet(name, columns(kind), _with_titles(kind, rows, outcome.decisions))


def _lazily(rows: Rows[object]) -> Iterator[object]:
    yield from rows()


def _cells(kind: str, row: object) -> list[Cell]:
    return [to_cell(shape, getattr(row, shape.name)) for shape in shapes(KINDS[kind])]


def _with_titles(kind: str, rows: Rows[object], decisions: Rows[Decision]) -> Iterator[list[Cell]]:
    """The rows with their project's title; both come in the order of projects."""
    titles = iter(decisions())
    decision = next(titles, None)
    for row in rows():
        cells = _cells(kind, row)
        project_id = str(cells[0])
        while decision is not None and decision.project_id < project_id:
            decision = next(titles, None)
        cells.insert(1, decision.title if decision and decision.project_id == project_id else "")
        yield cells


def _head(package: Package) -> Iterable[tuple[str, str]]:
    for shape in shapes(Package):
        value = getattr(package, shape.name)
        if value not in (None, ""):
            yield shape.heading, str(value)


def fields(kind: str) -> Mapping[str, str]:
    """Heading -> name of the field, of a sheet or CSV of that kind."""
    return {shape.heading: shape.name for shape in shapes(KINDS[kind])}
