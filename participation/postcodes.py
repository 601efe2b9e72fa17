"""Reading the ONS postcode directories (ONSPD, NSPL): CSV, plain or gzipped, millions of rows, one at a time."""

import csv
import gzip
import hashlib
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# The columns carry the year of their codes (wd24cd, lad25cd), so they are found by what comes before it.
_COLUMNS = {
    "code": r"pcds",
    "district_code": r"lad(\d\d)?(cd)?|laua",
    "ward_code": r"wd(\d\d)?(cd)?|osward",
    "lsoa_code": r"lsoa21(cd)?",
    "latitude": r"lat",
    "longitude": r"long",
}
_NEEDED = {"code": "pcds", "district_code": "lad", "ward_code": "wd"}
_POSTCODE = re.compile(r"[A-Z0-9]{5,7}")
_AREA = re.compile(r"[A-Z]\d{8}")
_NO_GRID_REFERENCE = 99.0  # the directories write 99.999999 where a postcode has no place on the map


class BadPostcodeFile(Exception):  # noqa: N818 - said to the operator
    """One sentence, with the line number where there is one."""


@dataclass(frozen=True, slots=True)
class Row:
    """One postcode: `code` upper case without space, the codes of its areas ("" if unknown), WGS 84 degrees."""

    code: str
    district_code: str
    ward_code: str
    lsoa_code: str
    latitude: float | None
    longitude: float | None


def digest(path: Path) -> str:
    """SHA-256 of the file, which tells whether an interrupted import is taken up again."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_postcodes(path: Path) -> Iterator[Row]:
    """Every row of the file in its order. Raises BadPostcodeFile at the first that cannot be right."""
    line = 1
    try:
        opened = gzip.open if path.suffix == ".gz" else open
        with opened(path, "rt", encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            columns = _find_columns(next(reader, []))
            for cells in reader:
                line = reader.line_num
                yield _read_row(cells, columns, line)
        if line == 1:
            raise BadPostcodeFile("line 2: there is no postcode in this file")
    except (csv.Error, UnicodeDecodeError) as problem:
        raise BadPostcodeFile(f"line {line + 1}: this is not a text file with commas ({problem})") from problem
    except (EOFError, zlib.error, gzip.BadGzipFile) as problem:
        raise BadPostcodeFile(f"after line {line}: the compressed file is broken or cut off") from problem


def _find_columns(header: list[str]) -> dict[str, int]:
    names = [name.strip().lower() for name in header]
    columns = {
        field: next((i for i, name in enumerate(names) if re.fullmatch(pattern, name)), -1)
        for field, pattern in _COLUMNS.items()
    }
    missing = [f"{start}…" if start != "pcds" else start for field, start in _NEEDED.items() if columns[field] < 0]
    if missing:
        raise BadPostcodeFile(
            f"line 1: no column called {' or '.join(missing)}; columns like those of ONSPD are needed"
        )
    return columns


def _read_row(cells: list[str], columns: dict[str, int], line: int) -> Row:
    if len(cells) <= max(columns.values()):
        raise BadPostcodeFile(f"line {line}: {len(cells)} columns where {max(columns.values()) + 1} are needed")
    value = {field: cells[i].strip() if i >= 0 else "" for field, i in columns.items()}
    code = "".join(value["code"].split()).upper()
    if not _POSTCODE.fullmatch(code):
        raise BadPostcodeFile(f"line {line}: {value['code'][:20]!r} is not a postcode")
    for field in ("district_code", "ward_code", "lsoa_code"):
        if value[field] and not _AREA.fullmatch(value[field]):
            raise BadPostcodeFile(f"line {line}: {value[field][:20]!r} is not the code of an area")
    latitude, longitude = _degrees(value["latitude"], 90, line), _degrees(value["longitude"], 180, line)
    if latitude is None or longitude is None:
        latitude = longitude = None
    return Row(code, value["district_code"], value["ward_code"], value["lsoa_code"], latitude, longitude)


def _degrees(text: str, most: int, line: int) -> float | None:
    try:
        degrees = float(text) if text else None
    except ValueError as problem:
        raise BadPostcodeFile(f"line {line}: {text[:20]!r} is not a number of degrees") from problem
    if degrees is None or (most == 90 and degrees > _NO_GRID_REFERENCE):
        return None
    if not -most <= degrees <= most:  # also what is not a number at all
        raise BadPostcodeFile(f"line {line}: {text[:20]!r} is not a number of degrees")
    return degrees
