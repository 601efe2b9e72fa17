"""The lines of a `.pb` file: one by one as text or, for who reads columns of bytes, by whole blocks."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from io import BufferedReader, BytesIO
from pathlib import Path

from budgets.tally.pb_records import PbError

# Large enough that NumPy's start-up cost per block vanishes, small enough to stay in the processor's cache.
BLOCK = 1 << 19


class Lines:
    """Lines of text as they come, each with its line end; the byte order mark is taken off the first.

    `number`: how many were given out, so the number of the latest (1 for the first).
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self.number = 0
        self._texts = iter(texts)

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        text = self._text()
        self.number += 1
        return text.removeprefix("\ufeff") if self.number == 1 else text

    def _text(self) -> str:
        return next(self._texts)


class FileLines(Lines):
    """The lines of a file of UTF-8, packed with gzip where its name ends in `.gz`. Refuses with PbError and the line
    what cannot be unpacked or is not UTF-8."""

    def __init__(self, path: str | os.PathLike[str], size: int = BLOCK) -> None:
        super().__init__(())
        self._blocks = _blocks(Path(path), size)
        self._block = BytesIO()

    def _text(self) -> str:
        line = self._block.readline()
        if not line:
            self._block = BytesIO(self._next_block())
            line = self._block.readline()
        if not line:
            raise StopIteration
        try:
            return line.decode()
        except UnicodeDecodeError as error:
            raise PbError(self.number + 1, "the text is not UTF-8") from error

    def _next_block(self) -> bytes:
        try:
            return next(self._blocks, b"")
        except DamagedError as error:
            raise PbError(self.number + 1, f"the file cannot be unpacked: {error}") from error

    def block(self) -> bytes:
        """What is left of the block begun, or the next: whole lines, each ended by a line feed; empty at the end. Who
        takes it adds its lines to `number`, or gives it back with `hold`."""
        block = self._block.read() or self._next_block()
        return block if block.endswith(b"\n") or not block else block + b"\n"

    def hold(self, block: bytes) -> None:
        """Give a block back, to have its lines one by one; `held` until the last of them is given out."""
        self._block = BytesIO(block)

    @property
    def held(self) -> bool:
        return self._block.tell() < self._block.getbuffer().nbytes


class DamagedError(Exception):
    """A packed file is cut off or damaged."""


def _blocks(path: Path, size: int) -> Iterator[bytes]:
    """The file in blocks of about `size` bytes that end where a line ends."""
    with path.open("rb") as file:
        begun: list[bytes] = []
        for piece in _unpacked(file, size) if path.suffix == ".gz" else iter(lambda: file.read(size), b""):
            whole, end, rest = piece.rpartition(b"\n")
            if end:
                yield b"".join([*begun, whole, end])
                begun = []
            begun.append(rest)
        yield b"".join(begun)


def _unpacked(file: BufferedReader, size: int) -> Iterator[bytes]:
    """What is whole comes before the damage, so that the damage is found on its line."""
    import gzip  # few files are packed where speed counts
    import zlib

    pieces: list[bytes] = []
    with gzip.GzipFile(fileobj=file) as stream:
        while True:
            try:
                piece = stream.read1(size)
            except (gzip.BadGzipFile, EOFError, zlib.error) as error:
                yield b"".join(pieces)
                raise DamagedError(str(error)) from error
            pieces.append(piece)
            if not piece or sum(map(len, pieces)) >= size:
                yield b"".join(pieces)
                pieces = []
            if not piece:
                return
