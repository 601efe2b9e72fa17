"""Tables that come from elsewhere: as messy as they are, and as hostile as they can be."""

import io
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from commissioning.standards.lines import Malformed
from commissioning.standards.parts import Limits
from commissioning.standards.read import read_records, unpack
from commissioning.standards.tables import read_table
from commissioning.standards.workbook import Column, Sheet, write_workbook
from tests.commissioning.standards.data import SHARED

pytestmark = [pytest.mark.pure, pytest.mark.once]

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
TEXTS_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
SECONDS = 5.0  # of processor time; measured far below


# ── CSV ─────────────────────────────────────────────────────────────────────
def csv_rows(tmp_path: Path, data: bytes, **limits: int) -> list[tuple[int, dict[str, Any]]]:
    path = tmp_path / "cases.csv"
    path.write_bytes(data)
    return [(row.number, row.cells) for row in read_table(path, limits=Limits(**limits))]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_encodings_line_ends_and_delimiters(encoding: str, end: str, sign: str, tmp_path: Path) -> None:
    text = end.join(["", sign.join(["ID", "Title", ""]), sign.join(["C1", '"Café, £5; ""x"""', ""]), sign * 2, "C2"])
    read = csv_rows(tmp_path, text.encode(encoding))
    assert read == [(3, {"ID": "C1", "Title": 'Café, £5; "x"'}), (5, {"ID": "C2", "Title": None})]


def test_a_row_is_named_by_the_line_it_begins_on(tmp_path: Path) -> None:
    read = csv_rows(tmp_path, b'ID,Note\nC1,"one\ntwo\nthree"\nC2,x\n')
    assert [(number, cells["ID"]) for number, cells in read] == [(2, "C1"), (5, "C2")]


@pytest.mark.parametrize(
    ("data", "code", "row"),
    [
        (b'ID,Note\nC1,"never closed\n', "file_unreadable", 2),
        (b'ID,Note\nC1,"closed" early\n', "file_unreadable", 2),
        (b"ID,Note,ID\n", "column_repeated", 1),
        (b"ID,Note\nC1,x,more\n", "column_unknown", 2),
        (b"ID\nC\x001\n", "file_unreadable", None),
        (b"ID\n" + b"C\n" * 50, "file_large", 11),
        (b"ID\n" + b",".join(b"x" for _ in range(20)), "file_large", 2),
        (b"ID\n" + b"x" * (1 << 18), "file_unreadable", 2),
        (b"x" * 2_000_000, "file_large", None),
        (b"\xff\xfeI", "file_unreadable", None),
        (b"\xd0\xcf\x11\xe0 an old workbook", "file_unreadable", None),
    ],
)
def test_a_csv_that_cannot_be_read_is_named_with_its_row(
    data: bytes, code: str, row: int | None, tmp_path: Path
) -> None:
    with pytest.raises(Malformed) as caught:
        csv_rows(tmp_path, data, rows=10, columns=10, packed=1_000_000)
    assert (caught.value.finding.code, caught.value.finding.row) == (code, row)


def test_a_table_of_nothing_known_is_refused(tmp_path: Path) -> None:
    (tmp_path / "spells.csv").write_text("ID\n1\n")
    with pytest.raises(Malformed, match="no sheet that is known"):
        list(read_records(tmp_path / "spells.csv"))
    assert [row.record.id for row in read_records(tmp_path / "spells.csv", "Payments.csv") if row.record] == []


@pytest.mark.skipif(not (SHARED / "spend").exists(), reason="the real spend files (../shared/data/spend) are not here")
@pytest.mark.parametrize(("name", "rows"), [("hyndburn_2018-07.csv", 154), ("hyndburn_2023-11.csv", 293)])
def test_real_files_of_a_council_are_read(name: str, rows: int) -> None:
    assert len(list(read_table(SHARED / "spend" / name))) >= rows


# ── Workbooks ───────────────────────────────────────────────────────────────
def book(path: Path, change: Callable[[str, str], str | None], **more: str) -> Path:
    """A small workbook whose parts are changed (None: left out), packed as programs pack it."""
    file = io.BytesIO()
    write_workbook(file, [Sheet("Cases", [Column("ID", "text", 9)], [["C1"]])], "GBP")
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            text = change(name, source.read(name).decode())
            if text is not None:
                target.writestr(name, text)
        for name, text in more.items():
            target.writestr(name.replace("__", "/"), text)
    return path


def sheet(rows: str, before: str = "") -> Callable[[str, str], str]:
    text = f"{before}<worksheet {MAIN}><sheetData>{rows}</sheetData></worksheet>"
    return lambda name, old: text if name.endswith("sheet1.xml") else old


def styles(inner: str) -> Callable[[str, str], str]:
    return lambda name, old: f"<styleSheet {MAIN}>{inner}</styleSheet>" if name.endswith("styles.xml") else old


LAUGHS = '<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;">]>'
FETCH = '<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
A_CELL = '<row r="1"><c r="A1" t="inlineStr"><is><t>&a;</t></is></c></row>'
TEN_MEGABYTES = 10 << 20

HOSTILE: dict[str, tuple[Callable[[str, str], str | None], str]] = {
    "a gigabyte in a megabyte": (sheet(" " * (30 << 20)), "file_large"),
    "a billion laughs": (sheet(A_CELL, LAUGHS), "file_unsafe"),
    "a file from outside": (sheet(A_CELL, FETCH), "file_unsafe"),
    "laughs in the styles": (lambda name, old: LAUGHS + old[55:] if "styles" in name else old, "file_unsafe"),
    "a row far away": (sheet('<row r="1000000000"><c><v>1</v></c></row>'), "file_large"),
    "a column far away": (sheet('<row r="1"><c r="XFD1"><v>1</v></c></row>'), "file_large"),
    "a column that is none": (sheet('<row r="1"><c r="ZZZZZZZ1"><v>1</v></c></row>'), "file_unreadable"),
    "rows of nothing": (sheet("<row/>" * 50_000), "file_large"),
    "a row of a million cells": (sheet("<row>" + "<c/>" * 1_000_000 + "</row>"), "file_large"),
    "tags in tags": (sheet("<row>" + "<a>" * 20_000), "file_unreadable"),
    "a tag of many attributes": (sheet("<row " + " ".join(f'a{n}=""' for n in range(50_000)) + "/>"), "file_large"),
    "many styles": (styles("<cellXfs>" + "<xf/>" * 40_000 + "</cellXfs>"), "file_large"),
    "no sheet": (lambda name, old: None if name.endswith("sheet1.xml") else old, "sheet_unknown"),
    "no workbook": (lambda name, old: None if name == "xl/workbook.xml" else old, "file_unreadable"),
    "no XML": (sheet("<row></worksheet>"), "file_unreadable"),
    "a number that is none": (sheet('<row r="1"><c r="A1"><v>1e</v></c></row>'), "file_unreadable"),
    "a text that is not there": (sheet('<row r="1"><c r="A1" t="s"><v>7</v></c></row>'), "file_unreadable"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_workbook_is_refused_at_once(name: str, tmp_path: Path) -> None:
    change, code = HOSTILE[name]
    path = book(tmp_path / "cases.xlsx", change)
    before = time.process_time()
    with pytest.raises(Malformed) as caught:
        list(read_records(path))
    assert time.process_time() - before < SECONDS
    assert caught.value.finding.code == code
    assert caught.value.finding.file.startswith("cases.xlsx")


def test_texts_that_the_sheets_share_are_limited(tmp_path: Path) -> None:
    def typed(name: str, old: str) -> str:
        override = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{TEXTS_TYPE}"/></Types>'
        return old.replace("</Types>", override) if name.startswith("[") else old

    many = {"xl__sharedStrings.xml": f"<sst {MAIN}>" + "<si/>" * 400_000 + "</sst>"}
    with pytest.raises(Malformed, match="larger than can be read"):
        list(read_records(book(tmp_path / "cases.xlsx", typed, **many)))


def test_a_picture_is_not_taken_for_tags(tmp_path: Path) -> None:
    path = book(tmp_path / "cases.xlsx", lambda _, old: old, **{"xl__media__a.png": "\x89PNG" + "<=" * 100_000})
    assert len(list(read_records(path))) == 1


def test_an_archive_that_lies_about_a_size_is_refused(tmp_path: Path) -> None:
    path = book(tmp_path / "cases.xlsx", sheet(" " * (1 << 20)))
    with zipfile.ZipFile(path) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    data = path.read_bytes().replace(size.to_bytes(4, "little"), (100).to_bytes(4, "little"))
    path.write_bytes(data)
    with pytest.raises(Malformed, match="cannot be read"):
        list(read_records(path))


def test_a_row_of_a_workbook_is_named(tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    cases = made.active
    assert cases is not None
    cases.title = "Cases"
    for row in (["ID", "State", None], ["C1", "sent"], [], ["C2", "received", "stray"]):
        cases.append(row)
    made.save(tmp_path / "cases.xlsx")
    with pytest.raises(Malformed) as caught:
        list(read_records(tmp_path / "cases.xlsx"))
    assert (caught.value.finding.code, caught.value.finding.row) == ("column_unknown", 4)


# ── Archives of packages ────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("names", "code"),
    [
        (["../manifest.json"], "file_unsafe"),
        (["/p/manifest.json"], "file_unsafe"),
        (["a/b/manifest.json"], "file_unsafe"),
        (["a/manifest.json", "b/outcomes.jsonl"], "file_unsafe"),
        (["a/manifest.json", "a/manifest.json"], "file_unsafe"),
        ([f"a/{n}" for n in range(300)], "file_large"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_an_archive_of_more_than_one_folder_is_refused(names: list[str], code: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "p.zip", "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    with pytest.raises(Malformed) as caught:
        unpack(tmp_path / "p.zip", tmp_path / "in")
    assert caught.value.finding.code == code
    assert list((tmp_path / "in").iterdir()) == []


def test_an_archive_that_is_too_large_or_none_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "p.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("p/outcomes.jsonl", " " * TEN_MEGABYTES)
    with pytest.raises(Malformed, match="larger than"):
        unpack(tmp_path / "p.zip", tmp_path / "in", limit=1 << 20)
    (tmp_path / "q.zip").write_bytes(b"PK no")
    with pytest.raises(Malformed, match="cannot be read"):
        unpack(tmp_path / "q.zip", tmp_path / "in")
