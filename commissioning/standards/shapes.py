"""What each field of a record is, and its value as JSON, as a cell and back. One definition for every file that is ours."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, get_type_hints

from commissioning.standards import exact
from commissioning.standards.records import Money

Cell = str | int | Decimal | bool | date | datetime | None


@dataclass(frozen=True, slots=True)
class Shape:
    """`name` in Python, `key` in JSON (`awardID`), `heading` in a table (`Award ID`); `kind` is one of READERS."""

    name: str
    key: str
    heading: str
    kind: str
    required: bool
    default: Any


class Misshapen(ValueError):  # noqa: N818 - the value is at fault
    """A value that is not of its field's kind. `field` is the name in Python; `code` is one of the checks' codes."""

    def __init__(self, field: str, code: str, why: str) -> None:
        self.field, self.code = field, code
        super().__init__(why)


def shapes(record: type[Any]) -> tuple[Shape, ...]:
    """Of every field, in the order of the record."""
    if record not in _SHAPES:
        _SHAPES[record] = _shapes(record)
    return _SHAPES[record]


_SHAPES: dict[type[Any], tuple[Shape, ...]] = {}


def _shapes(record: type[Any]) -> tuple[Shape, ...]:
    hints = get_type_hints(record, include_extras=True)
    found = []
    for field in dataclasses.fields(record):
        required = field.default is dataclasses.MISSING
        first, *rest = field.name.split("_")
        key = first + "".join("ID" if word == "id" else word.capitalize() for word in rest)
        heading = re.sub(r"\bid\b", "ID", field.name.replace("_", " "))
        default = None if required else field.default
        heading = heading[0].upper() + heading[1:]
        found.append(Shape(field.name, key, heading, _kind(hints[field.name]), required, default))
    return tuple(found)


def _kind(hint: Any) -> str:
    kinds: dict[Any, str] = {
        str: "text",
        bool: "flag",
        int: "count",
        Money: "money",
        date: "date",
        datetime: "moment",
        Decimal: "number",
        tuple[str, ...]: "texts",
        tuple[tuple[str, str], ...]: "pairs",
    }
    kinds.update({bool | None: "flag", int | None: "count", Money | None: "money", date | None: "date"})
    kinds.update({datetime | None: "moment", Decimal | None: "number"})
    return kinds[hint]


def to_json(record: Any) -> dict[str, Any]:
    """For `exact.dumps`: what is not the default, money in whole units, keys in the order of the record."""
    written: dict[str, Any] = {}
    for shape in shapes(type(record)):
        value = getattr(record, shape.name)
        if shape.required or value != shape.default:
            write = WRITERS.get(shape.kind)
            written[shape.key] = value if write is None or value is None else write(value)
    return written


def from_json(record: type[Any], data: Mapping[str, Any]) -> Any:
    """The record that `to_json` wrote. Raises Misshapen, also for a key it does not know."""
    known = {shape.key: shape for shape in shapes(record)}
    strange = sorted(set(data) - set(known))
    if strange:
        raise Misshapen(strange[0], "field_unknown", f"{record.__name__} has no field {strange[0]!r}")
    values = {known[key].name: read(known[key], value, strict=True) for key, value in data.items() if value is not None}
    for name in missing(record, values):
        raise Misshapen(name, "value_missing", f"{name} is missing")
    return record(**values)


def values_of_cells(record: type[Any], cells: Mapping[str, Any]) -> tuple[dict[str, Any], list[Misshapen]]:
    """The values of a table's row by field, and what is wrong with the others. `cells`: by field, as people and programs
    leave them: texts with spaces around, numbers as text with £ and commas, dates as 20/06/2026. Empty is not known."""
    values, wrong = {}, []
    for shape in shapes(record):
        given = cells.get(shape.name)
        cell = given.strip() if isinstance(given, str) else given
        if cell is None or cell == "":
            continue
        try:
            values[shape.name] = read(shape, cell, strict=False)
        except Misshapen as error:
            wrong.append(error)
    return values, wrong


def missing(record: type[Any], values: Mapping[str, Any]) -> list[str]:
    """The fields that the record cannot be without."""
    return [shape.name for shape in shapes(record) if shape.required and shape.name not in values]


def read(shape: Shape, value: Any, *, strict: bool) -> Any:
    """`strict`: just as `to_json` writes it."""
    try:
        return (STRICT if strict else LOOSE)[shape.kind](value)
    except (ValueError, InvalidOperation, OverflowError, TypeError, AttributeError) as error:
        shown = str(value)[:40]
        raise Misshapen(shape.name, CODES.get(shape.kind, "value_wrong"), f"{shape.heading}: {shown!r}") from error


CODES = {"money": "amount_no_number", "number": "amount_no_number", "count": "amount_no_number"} | {
    "date": "date_no_date",
    "moment": "date_no_date",
}


def to_cell(shape: Shape, value: Any) -> Cell:
    """For a table: lists as `a; b` and `name: value`, everything else as it is; money still in minor units."""
    if shape.kind == "texts":
        return "; ".join(map(_escaped, value))
    if shape.kind == "pairs":
        return "; ".join(f"{_escaped(name)}: {_escaped(text)}" for name, text in value)
    cell: Cell = value
    return cell


def _escaped(text: str) -> str:
    return re.sub(r"([\\;:])", r"\\\1", text)


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text).strip()


WRITERS: dict[str, Any] = {
    "money": exact.money,
    "number": exact.number,
    "date": date.isoformat,
    "moment": exact.moment_text,
    "texts": list,
    "pairs": dict,
}


# ── Just as written ─────────────────────────────────────────────────────────
def _of(*types: type[Any]) -> Any:
    def check(value: Any) -> Any:
        if type(value) not in types:
            raise TypeError
        return value

    return check


def _amount(value: Any) -> int:
    return exact.minor_units(Decimal(_of(int, Decimal)(value)))


def _number(value: Any) -> Decimal:
    given = Decimal(_of(int, Decimal)(value))
    if not given.is_finite() or abs(given.adjusted()) > exact.LONGEST:
        raise ValueError("is no number")
    return given


def _moment(value: str) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError("has no time zone")
    return moment.astimezone(UTC)


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(map(_of(str), _of(list)(value)))


def _pairs(value: Any) -> tuple[tuple[str, str], ...]:
    return tuple((name, _of(str)(text)) for name, text in _of(dict)(value).items())


STRICT: dict[str, Any] = {
    "text": _of(str),
    "flag": _of(bool),
    "count": _of(int),
    "money": _amount,
    "number": _number,
    "date": date.fromisoformat,
    "moment": _moment,
    "texts": _texts,
    "pairs": _pairs,
}


# ── As people leave it in a cell ────────────────────────────────────────────
FLAGS = {"yes": True, "true": True, "y": True, "1": True, "no": False, "false": False, "n": False, "0": False}
DATES = ("%Y-%m-%d", "%d/%m/%Y", "%d/%m/%y", "%d-%b-%y", "%d-%b-%Y", "%d %B %Y", "%d %b %Y", "%d.%m.%Y")


def _cell_text(value: Any) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, float):
        return f"{_decimal(value):f}"
    return str(value)


def _decimal(value: Any) -> Decimal:
    """A spreadsheet's float is the decimal that it shows, which has 15 digits: 0.1 + 0.2 is 0.3."""
    if isinstance(value, bool | date):
        raise TypeError
    if isinstance(value, float):
        given = Decimal(f"{value:.15g}")
        return given.quantize(Decimal(1)) if given == given.to_integral_value() else given
    text = str(value).strip().replace(",", "").replace("£", "").strip()
    if text.endswith("-"):  # ledgers write credits so
        text = f"-{text[:-1]}"
    if text.startswith("(") and text.endswith(")"):
        text = f"-{text[1:-1]}"
    if not re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)", text):
        raise ValueError("is no number")
    return Decimal(text)


def _cell_count(value: Any) -> int:
    given = _decimal(value)
    if given != given.to_integral_value() or abs(given) >= 10**exact.LONGEST:
        raise ValueError("is no whole number")
    return int(given)


def _cell_flag(value: Any) -> bool:
    return FLAGS[str(value).strip().lower()] if str(value).strip().lower() in FLAGS else _of(bool)(value)


def _cell_date(value: Any) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = _of(str)(value)
    for form in DATES:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC).date()
        except ValueError:
            continue
    return _moment(text).date()


def _cell_moment(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    if isinstance(value, str) and "T" in value:
        return _moment(value)
    day = _cell_date(value)
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _split(text: str, sign: str) -> list[str]:
    """At each `sign` without a backslash before it; the backslashes stay."""
    parts = [""]
    for token in re.findall(r"\\.|.", text, re.DOTALL):
        if token == sign:
            parts.append("")
        else:
            parts[-1] += token
    return parts


def _cell_texts(value: Any) -> tuple[str, ...]:
    return tuple(_unescaped(part) for part in _split(str(value), ";") if part.strip())


def _cell_pairs(value: Any) -> tuple[tuple[str, str], ...]:
    halves = [_split(part, ":") for part in _split(str(value), ";") if part.strip()]
    return tuple((_unescaped(name), _unescaped(text)) for name, text in halves)


LOOSE: dict[str, Any] = {
    "text": _cell_text,
    "flag": _cell_flag,
    "count": _cell_count,
    "money": lambda value: exact.minor_units(_decimal(value)),
    "number": lambda value: _number(_decimal(value)),
    "date": _cell_date,
    "moment": _cell_moment,
    "texts": _cell_texts,
    "pairs": _cell_pairs,
}
