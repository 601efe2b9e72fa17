"""An XLSX workbook, written as a stream: texts stay texts, money and dates are numbers with a format, rows are not kept.

Written by hand (ECMA-376, the parts a plain table needs): the same rows give the same bytes under any version of any
library, which is what a hash in a manifest needs. For the same reason nothing is compressed.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import IO
from xml.sax.saxutils import escape, quoteattr

from commissioning.standards import exact
from commissioning.standards.shapes import Cell

ROWS = 1_048_576  # of a sheet, its header included
TEXT = 32_767  # characters of a cell
EPOCH = datetime(1899, 12, 30, tzinfo=UTC)
FIRST_DAY = date(1900, 3, 1)  # before it programs disagree about the number of a day
STRANGE = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]|_(?=x[0-9A-Fa-f]{4}_)")
TEXT_STYLE, HEAD_STYLE, MONEY_STYLE, DATE_STYLE, MOMENT_STYLE, PLAIN_STYLE = range(6)  # as _styles lists them
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
LINKS = "http://schemas.openxmlformats.org/package/2006/relationships"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


@dataclass(frozen=True, slots=True)
class Column:
    """`kind`: as in `shapes`; `width` in characters."""

    heading: str
    kind: str
    width: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """`rows` are read once, when the sheet is written."""

    name: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Cell]]


class SheetFull(ValueError):  # noqa: N818 - the sheet is
    """More rows than a sheet can hold."""


def write_workbook(file: IO[bytes], sheets: Sequence[Sheet], currency: str) -> dict[str, int]:
    """Write the workbook into a file that can seek; returns how many rows each sheet has below its header. Raises
    SheetFull. A text longer than TEXT is cut and ends in `…`."""
    counts: dict[str, int] = {}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, text in _frame(sheets, currency):
            with archive.open(_entry(name), "w") as part:
                part.write(text.encode())
        for number, sheet in enumerate(sheets, start=1):
            with archive.open(_entry(f"xl/worksheets/sheet{number}.xml"), "w") as part:
                counts[sheet.name] = _write_sheet(part, sheet)
    return counts


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.create_system, entry.external_attr = 3, 0o644 << 16
    return entry


def _frame(sheets: Sequence[Sheet], currency: str) -> Iterable[tuple[str, str]]:
    """The parts around the sheets."""
    numbers = range(1, len(sheets) + 1)
    yield (
        "[Content_Types].xml",
        f'{HEAD}<Types xmlns="{TYPES}">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{SHEET_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{SHEET_TYPE}.styles+xml"/>'
        + "".join(
            f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{SHEET_TYPE}.worksheet+xml"/>'
            for n in numbers
        )
        + "</Types>",
    )
    yield (
        "_rels/.rels",
        (
            f'{HEAD}<Relationships xmlns="{LINKS}"><Relationship Id="rId1" Type="{OFFICE}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>'
        ),
    )
    yield (
        "xl/workbook.xml",
        f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><bookViews><workbookView/></bookViews><sheets>'
        + "".join(f'<sheet name={quoteattr(s.name)} sheetId="{n}" r:id="rId{n}"/>' for n, s in enumerate(sheets, 1))
        + "</sheets></workbook>",
    )
    yield (
        "xl/_rels/workbook.xml.rels",
        f'{HEAD}<Relationships xmlns="{LINKS}">'
        + "".join(
            f'<Relationship Id="rId{n}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in numbers
        )
        + f'<Relationship Id="rId{len(sheets) + 1}" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>',
    )
    yield "xl/styles.xml", _styles(currency)


def _styles(currency: str) -> str:
    sign = "[$£-809]" if currency == "GBP" else f"[${currency}] "
    money = escape(f"{sign}#,##0.00;[Red]-{sign}#,##0.00", {'"': "&quot;"})
    styles = (
        '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyAlignment="1">'
        '<alignment vertical="top" wrapText="1"/></xf>'
        '<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1" applyNumberFormat="1"/>'
        '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
        '<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
        '<xf numFmtId="166" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
        '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    )
    return (
        f'{HEAD}<styleSheet xmlns="{MAIN}"><numFmts count="3"><numFmt numFmtId="164" formatCode="{money}"/>'
        '<numFmt numFmtId="165" formatCode="d\\ mmm\\ yyyy"/><numFmt numFmtId="166" formatCode="d\\ mmm\\ yyyy\\ hh:mm"/>'
        '</numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
        '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
        '</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        f'<cellXfs count="6">{styles}</cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    )


def _write_sheet(part: IO[bytes], sheet: Sheet) -> int:
    letters = [_letters(n) for n in range(len(sheet.columns))]
    widths = "".join(
        f'<col min="{n}" max="{n}" width="{column.width}" customWidth="1"/>'
        for n, column in enumerate(sheet.columns, start=1)
    )
    part.write(
        (
            f'{HEAD}<worksheet xmlns="{MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" '
            'topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
            f'<cols>{widths}</cols><sheetData><row r="1">'
            + "".join(_text(f"{a}1", HEAD_STYLE, c.heading) for a, c in zip(letters, sheet.columns, strict=True))
            + "</row>"
        ).encode()
    )
    kinds = [column.kind for column in sheet.columns]
    number = 1
    for number, row in enumerate(sheet.rows, start=2):
        if number > ROWS:
            raise SheetFull(f"{sheet.name} has more than {ROWS - 1} rows")
        cells = "".join(
            _cell(f"{a}{number}", kind, value)
            for a, kind, value in zip(letters, kinds, row, strict=True)
            if value is not None and value != ""
        )
        part.write(f'<row r="{number}">{cells}</row>'.encode())
    part.write(b"</sheetData></worksheet>")
    return number - 1


def _letters(number: int) -> str:
    """0 -> A, 26 -> AA."""
    before, last = divmod(number, 26)
    return (_letters(before - 1) if before else "") + chr(65 + last)


def _cell(place: str, kind: str, value: Cell) -> str:
    if isinstance(value, bool):
        return f'<c r="{place}" s="{PLAIN_STYLE}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, int):
        text, style = (exact.money(value), MONEY_STYLE) if kind == "money" else (str(value), PLAIN_STYLE)
        return f'<c r="{place}" s="{style}"><v>{text}</v></c>'
    if isinstance(value, Decimal):
        return f'<c r="{place}" s="{PLAIN_STYLE}"><v>{exact.number(value)}</v></c>'
    if isinstance(value, date):
        return _day(place, value)
    return _text(place, TEXT_STYLE, str(value))


def _day(place: str, value: date) -> str:
    if isinstance(value, datetime):
        serial = value.astimezone(UTC) - EPOCH
        if value.date() < FIRST_DAY or value.microsecond:  # a cell holds no more than milliseconds
            return _text(place, TEXT_STYLE, exact.moment_text(value))
        days = Decimal(serial.days) + (Decimal(serial.seconds) / 86400).quantize(Decimal("1e-10"))
        return f'<c r="{place}" s="{MOMENT_STYLE}"><v>{days.normalize():f}</v></c>'
    if value < FIRST_DAY:
        return _text(place, TEXT_STYLE, value.isoformat())
    return f'<c r="{place}" s="{DATE_STYLE}"><v>{(value - EPOCH.date()).days}</v></c>'


def _text(place: str, style: int, text: str) -> str:
    written = STRANGE.sub(lambda found: f"_x{ord(found.group()):04X}_", text)
    if len(written) > TEXT:
        written = written[: TEXT - 1] + "…"
    return f'<c r="{place}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{escape(written)}</t></is></c>'


def unescaped(text: str) -> str:
    """The text of a cell that this module, or Excel, wrote."""
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found.group(1), 16)), text)
