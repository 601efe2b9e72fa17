"""What must hold for every record, amount and text."""

import io
import json
import tempfile
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commissioning.standards import exact
from commissioning.standards.outcome import Outcome, held
from commissioning.standards.package import write_package
from commissioning.standards.read import read_package
from commissioning.standards.records import KINDS
from commissioning.standards.shapes import from_json, shapes, to_cell, to_json, values_of_cells
from commissioning.standards.workbook import Column, Sheet, unescaped, write_workbook
from tests.commissioning.standards.data import PACKAGE, files

pytestmark = [pytest.mark.pure, pytest.mark.once]

texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
words = st.text("ab:;\\= 'ż", min_size=1, max_size=6).map(str.strip).filter(bool)
amounts = st.integers(-(10**14) + 1, 10**14 - 1)
OF_KIND: dict[str, st.SearchStrategy[Any]] = {
    "text": texts,
    "flag": st.booleans(),
    "count": st.integers(0, 10**9),
    "money": amounts,
    "number": st.decimals(-(10**9), 10**9, allow_nan=False, allow_infinity=False, places=3),
    "date": st.dates(date(1900, 1, 1)),
    "moment": st.datetimes(datetime(1900, 1, 1), timezones=st.just(UTC)),
    "texts": st.lists(words, max_size=3).map(tuple),
    "pairs": st.dictionaries(words, words, max_size=3).map(lambda pairs: tuple(pairs.items())),
}


@st.composite
def records(draw: st.DrawFn, kind: str, projects: tuple[str, ...] = ("P1",)) -> Any:
    values = {}
    for shape in shapes(KINDS[kind]):
        if shape.name == "project_id":
            values["project_id"] = draw(st.sampled_from(projects))
        elif shape.required or draw(st.booleans()):
            values[shape.name] = draw(OF_KIND[shape.kind])
    return KINDS[kind](**values)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=15)
@given(data=st.data())
def test_a_record_comes_back_from_its_line(kind: str, data: st.DataObject) -> None:
    record = data.draw(records(kind))
    assert from_json(KINDS[kind], exact.loads(exact.dumps(to_json(record)))) == record


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.one_of(*(records(kind) for kind in KINDS if kind not in ("organisations", "decisions"))), max_size=6)
)
def test_a_package_of_anything_comes_back_to_the_byte(drawn: list[Any]) -> None:
    """Also one full of faults."""
    decision = KINDS["decisions"](project_id="P1", title="One", cost=1, funded=True)
    unique = {(type(row), row.id, getattr(row, "version", 1)): row for row in drawn}
    outcome: Outcome = held(PACKAGE, [decision, *unique.values()])
    with tempfile.TemporaryDirectory() as folder:
        first, second = Path(folder, "first"), Path(folder, "second")
        write_package(first, outcome)
        write_package(second, read_package(first).outcome)
        assert files(first) == files(second)
        json.loads(files(first).get("ocds.json", b"{}"))


@settings(max_examples=100)
@given(amounts)
def test_an_amount_is_exact(minor: int) -> None:
    text = exact.money(minor)
    assert exact.minor_units(Decimal(text)) == minor
    assert Decimal(text) * 100 == minor
    assert json.loads(exact.dumps({"amount": text}), parse_float=Decimal, parse_int=Decimal) == {
        "amount": Decimal(text)
    }


@settings(max_examples=60, deadline=None)
@given(st.lists(texts.filter(bool), min_size=1, max_size=8))
def test_a_text_comes_back_from_a_cell(written: list[str]) -> None:
    file = io.BytesIO()
    write_workbook(file, [Sheet("Sheet", [Column("Text", "text", 9)], [[text] for text in written])], "GBP")
    sheet = openpyxl.load_workbook(file)["Sheet"]
    assert [unescaped(sheet.cell(n, 1).value) for n in range(2, len(written) + 2)] == written


@pytest.mark.parametrize("kind", ["texts", "pairs"])
@settings(max_examples=50)
@given(data=st.data())
def test_a_list_comes_back_from_a_cell(kind: str, data: st.DataObject) -> None:
    record, name = {"texts": ("organisations", "roles"), "pairs": ("observations", "dimensions")}[kind]
    shape = next(shape for shape in shapes(KINDS[record]) if shape.name == name)
    value = data.draw(OF_KIND[kind])
    values, wrong = values_of_cells(KINDS[record], {name: to_cell(shape, value)})
    assert wrong == []
    assert values.get(name, ()) == value


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), texts, st.decimals(allow_nan=False, allow_infinity=False)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=6,
)


@settings(max_examples=60)
@given(st.lists(json_values, max_size=4), st.sampled_from([None, 0, 1]), st.integers(1, 7))
def test_items_are_read_whatever_the_pieces(values: list[Any], indent: int | None, piece: int) -> None:
    text = json.dumps({"a": 1, "items": values, "z": [2]}, indent=indent, default=float)
    whole = json.loads(text, parse_float=Decimal)
    read = list(exact.items(_Slow(text, piece), "items"))
    assert [item for row, item in read if row] == whole["items"]
    assert read[-1] == (0, {**whole, "items": []})


class _Slow(io.StringIO):
    """Gives a few characters at a time."""

    def __init__(self, text: str, piece: int) -> None:
        super().__init__(text)
        self.piece = piece

    def read(self, size: int | None = -1, /) -> str:
        return super().read(self.piece)


@pytest.mark.parametrize(
    "text",
    [
        *("", "[]", '{"a":1', '{"a" 1}', '{"a":1,}', '{"a":1} x', '{"items":[1 2]}', '{"items":[1,', '{"a":1,"a":2}'),
        *("{1:2}", '{"items":[' + "[" * 100_000, '{"a":NaN}', '{"items":[1],"items":[2]}'),
    ],
    ids=range(13),
)
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(exact.NotJson):
        list(exact.items(io.StringIO(text), "items"))


def test_what_has_no_exact_number_is_refused() -> None:
    with pytest.raises(TypeError, match="float has no exact JSON"):
        exact.dumps({"a": 0.1})
    for text in ("1.001", "NaN", "1e20"):
        with pytest.raises(ValueError):
            exact.minor_units(Decimal(text))
