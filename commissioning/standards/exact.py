"""Numbers as text and JSON with them, never through a float."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any, TextIO

LONGEST = 15  # digits of a number that anything here may have
PIECE = 1 << 16
OF_NUMBERS = "0123456789.eE+-"


class Number(str):
    """The text of a number, written into JSON as it is."""

    __slots__ = ()


def money(minor: int) -> Number:
    """1234550 -> `12345.50`, 1200 -> `12`, -5 -> `-0.05`."""
    whole, rest = divmod(abs(minor), 100)
    return Number(f"{'-' if minor < 0 else ''}{whole}{f'.{rest:02d}' if rest else ''}")


def number(value: Decimal) -> Number:
    """Without an exponent: `36`, `0.5`."""
    return Number(f"{value:f}")


def minor_units(value: Decimal) -> int:
    """`12345.5` -> 1234550. Refuses (ValueError) fractions of a minor unit and what is not a number of 15 digits."""
    if not value.is_finite() or value.adjusted() >= LONGEST - 2:
        raise ValueError("is no amount")
    scaled = value.scaleb(2)
    if scaled != scaled.to_integral_value():
        raise ValueError("has more than two decimals")
    return int(scaled)


def moment_text(moment: datetime) -> str:
    """`2026-06-01T12:00:00Z`, with microseconds only where there are some."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def start_of(day: date) -> str:
    return f"{day.isoformat()}T00:00:00Z"


def end_of(day: date) -> str:
    return f"{day.isoformat()}T23:59:59Z"


def filled(**values: Any) -> dict[str, Any]:
    """Without what is not known: None, empty texts, lists and objects. False and 0 stay."""
    return {name: value for name, value in values.items() if value is not None and value not in ("", [], {}, ())}


def dumps(value: Any) -> str:
    """Compact JSON of objects, lists, texts, Numbers, whole numbers, flags and None, keys in the order given."""
    kind = type(value)
    if kind is Number:
        return str(value)
    if isinstance(value, str):
        return encode_basestring(value)
    if kind is dict:
        return "{" + ",".join([f"{encode_basestring(name)}:{dumps(item)}" for name, item in value.items()]) + "}"
    if kind is list or kind is tuple:
        return "[" + ",".join([dumps(item) for item in value]) + "]"
    if value is None or kind is bool or kind is int:
        return json.dumps(value)
    raise TypeError(f"{kind.__name__} has no exact JSON")


class NotJson(ValueError):  # noqa: N818 - the file is at fault
    """`line` is where, counted from 1."""

    def __init__(self, line: int, why: str) -> None:
        self.line = line
        super().__init__(why)


def loads(text: str) -> Any:
    """JSON with every number that is not whole as a Decimal. Refuses (NotJson) the same key twice, NaN and depth."""
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise NotJson(error.lineno, error.msg) from error
    except (RecursionError, ValueError, ArithmeticError) as error:
        raise NotJson(1, str(error) or "too deep") from error


def items(file: TextIO, name: str) -> Iterator[tuple[int, Any]]:
    """Every item of the list `name` of the object that `file` holds, with its line; then (0, the object with that list
    empty). One item is in memory at a time, so it may be a list of any length. Raises NotJson."""
    reader = _Reader(file)
    head: dict[str, Any] = {}
    reader.take("{")
    while not reader.took("}"):
        if head:
            reader.take(",")
        key = reader.value()
        reader.take(":")
        if key == name and not isinstance(head.get(name), list):
            yield from reader.list()
            head[name] = []
        elif not isinstance(key, str) or key in head:
            raise NotJson(reader.line, f"the key {key!r} is there twice or is no text")
        else:
            head[key] = reader.value()
    reader.end()
    yield 0, head


class _Reader:
    """Takes JSON values one by one from a text that need not be in memory."""

    def __init__(self, file: TextIO) -> None:
        self.file, self.text, self.at, self.line = file, "", 0, 1

    def _more(self, size: int = PIECE) -> bool:
        piece = self.file.read(size)
        self.text, self.at = self.text[self.at :] + piece, 0
        return bool(piece)

    def _peek(self) -> str:
        while True:
            while self.at < len(self.text) and self.text[self.at] in " \t\r\n":
                self.line += self.text[self.at] == "\n"
                self.at += 1
            if self.at < len(self.text):
                return self.text[self.at]
            if not self._more():
                return ""

    def took(self, sign: str) -> bool:
        if self._peek() != sign:
            return False
        self.at += 1
        return True

    def take(self, sign: str) -> None:
        if not self.took(sign):
            raise NotJson(self.line, f"{sign!r} expected")

    def end(self) -> None:
        if self._peek():
            raise NotJson(self.line, "there is more after the end")

    def value(self) -> Any:
        self._peek()
        size = PIECE
        while True:
            try:
                value, end = _DECODER.raw_decode(self.text, self.at)
            except json.JSONDecodeError as error:
                if not self._more(size):
                    raise NotJson(self.line, error.msg) from error
                size *= 2
                continue
            except (RecursionError, ValueError, ArithmeticError) as error:
                raise NotJson(self.line, str(error) or "too deep") from error
            if self.text[end:].strip(OF_NUMBERS):
                break
            begun = self.at
            if not self._more(size):  # a number might have gone on
                end -= begun
                break
        self.line += self.text.count("\n", self.at, end)
        self.at = end
        return value

    def list(self) -> Iterator[tuple[int, Any]]:
        self.take("[")
        first = True
        while not self.took("]"):
            if not first:
                self.take(",")
            first = False
            self._peek()
            line = self.line
            yield line, self.value()


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is there twice")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number")


_DECODER = json.JSONDecoder(object_pairs_hook=_once, parse_float=Decimal, parse_constant=_no_constant)
