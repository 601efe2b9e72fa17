"""The workbook: as people's programs see it, and read back."""

import io
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from commissioning.standards import workbook
from commissioning.standards.package import write_package
from commissioning.standards.read import read_records
from commissioning.standards.records import KINDS, Award, Case
from commissioning.standards.workbook import Column, Sheet, SheetFull, write_workbook
from tests.commissioning.standards.data import outcome, with_

pytestmark = [pytest.mark.pure, pytest.mark.once]


def written(columns: list[Column], rows: list[list[Any]]) -> Any:
    file = io.BytesIO()
    write_workbook(file, [Sheet("Sheet", columns, rows)], "GBP")
    return openpyxl.load_workbook(file)["Sheet"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_package(tmp_path / "p", outcome())
    return tmp_path / "p"


def test_its_sheets(folder: Path) -> None:
    book = openpyxl.load_workbook(folder / "outcomes.xlsx")
    assert book.sheetnames == [
        *("Decisions", "Cases", "Timeline", "Awards", "Contracts", "Milestones", "Payments", "Metrics", "Observations"),
        *("Places", "Organisations", "Documents", "Notes"),
    ]
    awards = book["Awards"]
    assert awards.freeze_panes == "A2"
    assert awards["A1"].font.bold
    assert [cell.value for cell in awards[2]][:4] == ["P1", "Community kitchen", "360G-larkmoor-P1", 1]
    assert min(width.width for width in awards.column_dimensions.values()) >= 10
    notes = {row[0].value for row in book["Notes"].iter_rows(min_row=2)}
    assert {"Identifier", "Not carried by package", "Not carried by ocds.json"} <= notes


def test_money_is_a_number_with_its_currency_and_dates_are_dates(folder: Path) -> None:
    book = openpyxl.load_workbook(folder / "outcomes.xlsx")
    cells = {cell.value: book["Awards"].cell(2, cell.column) for cell in book["Awards"][1]}
    assert cells["Amount awarded"].value == 14999.99
    assert cells["Amount awarded"].number_format.startswith("[$£-809]#,##0.00")
    assert cells["Award date"].value == datetime(2026, 6, 20)
    assert cells["Award date"].is_date
    assert cells["Date modified"].value == datetime(2026, 6, 20, 9)


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("https://x.example")', "\t=1", "1e5", "007"]
)
def test_a_text_stays_a_text(text: str) -> None:
    cell = written([Column("Text", "text", 10)], [[text]])["A2"]
    assert (cell.data_type, cell.value) == ("s", text)


def test_a_moment_keeps_its_seconds_or_is_a_text() -> None:
    start = datetime(2026, 6, 20, 9, 0, 1, tzinfo=UTC)
    moments = [start + timedelta(seconds=7919 * n) for n in range(50)]
    sheet = written([Column("When", "moment", 20)], [[moment] for moment in moments])
    assert [sheet.cell(n + 2, 1).value for n in range(50)] == [moment.replace(tzinfo=None) for moment in moments]
    sheet = written([Column("When", "moment", 20)], [[start.replace(microsecond=5)], [date(1066, 10, 14)]])
    assert [sheet["A2"].value, sheet["A3"].value] == ["2026-06-20T09:00:01.000005Z", "1066-10-14"]


def test_a_very_long_text_is_cut_visibly() -> None:
    sheet = written([Column("Text", "text", 10)], [["x" * 40_000]])
    assert (len(sheet["A2"].value), sheet["A2"].value[-1]) == (32_767, "…")


def test_a_full_sheet_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "ROWS", 3)
    with pytest.raises(SheetFull, match="Sheet has more than 2 rows"):
        written([Column("Number", "count", 10)], [[1], [2], [3]])


def test_its_bytes_do_not_depend_on_when(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    write_package(tmp_path / "later", outcome())
    assert (tmp_path / "later" / "outcomes.xlsx").read_bytes() == (folder / "outcomes.xlsx").read_bytes()


@pytest.mark.parametrize("currency", ["GBP", "EUR"])
def test_the_currency_of_the_round_is_shown(currency: str) -> None:
    file = io.BytesIO()
    write_workbook(file, [Sheet("Sheet", [Column("Money", "money", 10)], [[-1]])], currency)
    cell = openpyxl.load_workbook(file)["Sheet"]["A2"]
    assert cell.value == -0.01
    assert ("£" if currency == "GBP" else "EUR") in cell.number_format


# ── Read back ───────────────────────────────────────────────────────────────
def test_every_record_comes_back_from_the_workbook(tmp_path: Path) -> None:
    read = back(tmp_path, outcome())
    for kind in KINDS:
        assert read[kind] == list(outcome().rows(kind)), kind


def back(tmp_path: Path, rows: Any) -> dict[str, list[Any]]:
    write_package(tmp_path / "p", rows)
    read: dict[str, list[Any]] = {kind: [] for kind in KINDS}
    for row in read_records(tmp_path / "p" / "outcomes.xlsx"):
        assert row.findings == ()
        read[row.kind].append(row.record)
    return read


def test_strange_texts_come_back(tmp_path: Path) -> None:
    strange = "x\r\n _x0041_ \x07 <&>\nline ]]> \ufffe x"
    moment = datetime(2026, 6, 15, 9, 0, 0, 7, UTC)
    cases = back(tmp_path, outcome(with_(Case, "C1", reason=strange, date_modified=moment)))["cases"]
    assert (cases[0].reason, cases[0].date_modified) == (strange, moment)


def test_what_people_change_in_a_row_is_read(folder: Path) -> None:
    book = openpyxl.load_workbook(folder / "outcomes.xlsx")
    awards = book["Awards"]
    columns = {cell.value: cell.column for cell in awards[1]}
    awards.cell(2, columns["Amount awarded"]).value = 12.345
    awards.cell(3, columns["Amount awarded"]).value = "£1,234.50"
    awards.cell(3, columns["Amount gross"]).value = 1000.1 + 1000.2
    awards.cell(3, columns["Award date"]).value = "01/07/2026"
    awards.cell(4, columns["Above threshold"]).value = "maybe"
    awards.cell(1, awards.max_column + 1).value = "Our own"
    awards.cell(4, awards.max_column).value = "note"
    book.save(folder / "changed.xlsx")
    rows = [row for row in read_records(folder / "changed.xlsx") if row.kind == "awards"]
    assert [(finding.code, finding.row, finding.field) for finding in rows[0].findings] == [
        ("amount_no_number", 2, "amount_awarded")
    ]
    assert rows[1].record.amount_awarded == 1_234_50
    assert rows[1].record.amount_gross == 2_000_30
    assert rows[1].record.award_date == date(2026, 7, 1)
    assert {(finding.code, finding.row) for finding in rows[2].findings} == {("column_unknown", 4), ("value_wrong", 4)}
    assert "recipient_organization" in rows[0].columns


def test_a_csv_named_like_a_sheet_is_read(tmp_path: Path) -> None:
    path = tmp_path / "Awards.csv"
    path.write_bytes(
        "Project ID,ID,Route,Title,Amount awarded,Date modified,Planned months\r\n"
        'P1,360G-x-1,grant,"\'=Caf\xe9, the\nfirst","1,000.00",2026-06-20,12\r\n'.encode("cp1252")
    )
    (row,) = read_records(path)
    assert row.record == Award(
        project_id="P1",
        id="360G-x-1",
        route="grant",
        title="=Café, the\nfirst",
        amount_awarded=1_000_00,
        planned_months=12,
        date_modified=datetime(2026, 6, 20, tzinfo=UTC),
    )


def test_a_table_of_few_columns_is_read_for_what_it_says(tmp_path: Path) -> None:
    path = tmp_path / "Cases.csv"
    path.write_text("Project ID,State,Reason,Decision date\nP1,declined,,15/06/2026\nP2,changed,Too dear,soon\n")
    first, second = read_records(path)
    assert first.record is None
    assert first.findings == ()
    assert first.values == {"project_id": "P1", "state": "declined", "decision_date": date(2026, 6, 15)}
    assert first.missing == ("id", "date_modified")
    assert "reason" in first.columns
    assert [(finding.code, finding.row, finding.field) for finding in second.findings] == [
        ("date_no_date", 3, "decision_date")
    ]
