"""Whether the parts of a workbook can be unpacked and parsed without harm, found out before a parser builds anything.

A few bytes can stand for gigabytes: packed ones for unpacked ones, a name for an entity, a tag for an object. So sizes are
added up, document types refused, and tags and attributes counted in the raw bytes, where each costs no more than itself.
"""

from __future__ import annotations

import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.parsers import expat

from commissioning.standards.findings import Finding
from commissioning.standards.lines import Malformed

CHUNK = 1 << 18
LONG_RUN = 1_000  # bytes; a shorter tag has few attributes
# What an XML parser accepts as a beginning; at anything else, such as a picture, it stops at once.
BEGINNINGS = (b"<", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\0<", b" ", b"\t", b"\r", b"\n")


@dataclass(frozen=True, slots=True)
class Limits:
    """What a table from elsewhere may have. The defaults keep a hostile file under 5 seconds and 512 MB."""

    packed: int = 16 << 20  # bytes of the file
    unpacked: int = 24 << 20  # bytes of a workbook's parts together
    parts: int = 500  # of a workbook
    tags: int = 600_000  # of a workbook's sheets together
    texts: int = 300_000  # tags of the table of texts that the sheets share
    frame: int = 30_000  # tags of any other part: styles, names
    attributes: int = 600_000  # of all parts together
    attributes_of_tag: int = 2_000
    sheets: int = 30
    rows: int = 20_000
    columns: int = 100
    cells: int = 100_000
    text: int = 1 << 17  # characters of a CSV's cell


LIMITS = Limits()


def check_parts(path: Path, name: str, limits: Limits) -> None:
    """Refuse (Malformed) what `Limits` does not allow, a document type, a password, and what is no archive."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            size = sum(part.file_size for part in parts)
            if size > limits.unpacked or len(parts) > limits.parts:
                raise _large(name, f"{size >> 20} MB in {len(parts)} parts unpacked")
            if any(part.flag_bits & 1 for part in parts):
                raise Malformed(Finding("file_unreadable", name, None, "", "", "it has a password"))
            _check_tags(archive, name, limits)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, ValueError) as error:
        if isinstance(error, Malformed):
            raise
        raise Malformed(Finding("file_unreadable", name, None, "", "", str(error)[:80])) from error


def _large(name: str, why: str) -> Malformed:
    return Malformed(Finding("file_large", name, None, "", "", why))


def _check_tags(archive: zipfile.ZipFile, name: str, limits: Limits) -> None:
    allowed = {"worksheet": limits.tags, "sst": limits.texts}
    tags: Counter[str] = Counter()
    attributes = 0
    for part in archive.infolist():
        counted = _count(archive, part, name)
        kind = counted.root.name if counted.root.name in allowed else part.filename
        tags[kind] += counted.tags
        attributes += counted.attributes
        most = counted.attributes_of_tag > limits.attributes_of_tag
        if most or tags[kind] > allowed.get(kind, limits.frame) or attributes > limits.attributes:
            raise _large(f"{name} {part.filename}", f"{tags[kind]} tags, {attributes} attributes")


@dataclass(slots=True)
class _Counts:
    """The most that a part can have: `<` and `=` may also stand in a text, but neither a tag nor an attribute is without."""

    root: _Root
    tags: int = 0
    attributes: int = 0
    attributes_of_tag: int = 0
    since_tag: int = 0

    def add(self, piece: bytes) -> None:
        before, *runs = piece.split(b"<")
        self.tags += len(runs)
        self.attributes += piece.count(b"=")
        self.since_tag += before.count(b"=")
        if runs:
            long = (run.count(b"=") for run in runs[:-1] if len(run) > LONG_RUN)
            self.attributes_of_tag = max(self.attributes_of_tag, self.since_tag, max(long, default=0))
            self.since_tag = runs[-1].count(b"=")
        self.attributes_of_tag = max(self.attributes_of_tag, self.since_tag)


def _count(archive: zipfile.ZipFile, part: zipfile.ZipInfo, name: str) -> _Counts:
    """Of what is no XML nothing is counted."""
    counts = _Counts(_Root())
    for piece in _pieces(archive, part):
        if not counts.root.begun and not piece.startswith(BEGINNINGS):
            break
        counts.add(piece)
        try:
            counts.root.feed(piece)
        except _DocumentType as error:
            raise Malformed(Finding("file_unsafe", f"{name} {part.filename}")) from error
    return counts


def _pieces(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """What a part says of its size holds: no more than that is ever unpacked."""
    with archive.open(part) as file:
        while piece := file.read(CHUNK):
            yield piece


class _DocumentType(Exception):  # noqa: N818 - the file is at fault
    pass


class _Root:
    """Parses until the first tag, to learn its name, and finds a document type before it."""

    def __init__(self) -> None:
        self.name, self.begun = "", False
        self.parser: expat.XMLParserType | None = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartElementHandler = self._element
        self.parser.StartDoctypeDeclHandler = self._document_type

    def feed(self, piece: bytes) -> None:
        self.begun = True
        if self.parser is not None:
            try:
                self.parser.Parse(piece, False)
            except expat.ExpatError:
                self.parser = None  # the real parser will say so

    def _element(self, name: str, _: dict[str, str]) -> None:
        self.name = self.name or name.rpartition(" ")[2]
        self.parser = None

    def _document_type(self, *_: object) -> None:
        raise _DocumentType
