"""Reading and writing Pabulib `.pb` files: META, PROJECTS and VOTES, `;`-separated with CSV quoting.

Format: pabulib.org/format (arXiv 2012.06539 and 2305.11035). Money becomes whole minor units (two decimals).
`PbReader` decides what is right, line by line; `pb_votes` only takes from it, by the block, the ballots with nothing to
decide.
"""

from __future__ import annotations

import csv
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from budgets.tally.election import MOST_MONEY, MOST_POINTS, POINTS, VOTE_TYPES, BallotBox, Election, in_order
from budgets.tally.pb_lines import FileLines, Lines
from budgets.tally.pb_records import (
    OBLIGATORY,
    TEXTS,
    WHOLE,
    PbBallot,
    PbError,
    PbFile,
    PbProject,
    minor_units,
    split_list,
)
from budgets.tally.pb_votes import BlockReader, Columns, Ids
from budgets.tally.pb_write import write_pb

__all__ = ["PbBallot", "PbError", "PbFile", "PbProject", "PbReader", "read_election", "read_pb", "write_pb"]

VOTE_COLUMNS = frozenset({"voter_id", "vote", "points"})
Source = str | os.PathLike[str] | Iterable[str]


class PbReader:
    """Reads META and PROJECTS at once; `ballots()` or `election()` then streams VOTES, once."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = lines if isinstance(lines, Lines) else Lines(lines)
        self.repairs: list[str] = []
        self.meta: dict[str, str] = {}
        self.projects: list[PbProject] = []
        self._read_meta()
        self._read_projects()
        self.vote_type = self.meta["vote_type"]
        self._known = frozenset(project.id for project in self.projects)

    @property
    def line(self) -> int:
        return max(self._lines.number, 1)

    def fail(self, message: str) -> PbError:
        return PbError(self.line, message)

    def _rows(self, lines: Iterable[str] | None = None) -> Iterator[list[str]]:
        """Rows that are not blank, of what is left of the file or of the lines given."""
        reader = csv.reader(self._lines if lines is None else lines, delimiter=";", strict=True)
        while True:
            try:
                row = next(reader, None)
            except csv.Error as error:
                raise self.fail(f"cannot be read: {error}") from error
            if row is None:
                return
            if len(row) > 1 or (row and row[0].strip()):
                yield row

    def _section(self, name: str) -> Iterator[list[str]]:
        """Rows up to the line that opens the section `name`."""
        for row in self._rows():
            if len(row) == 1 and row[0].strip().upper() == name:
                return
            yield row
        raise self.fail(f"the {name} section is missing")

    def _header(self, rows: Iterator[list[str]], section: str, obligatory: tuple[str, ...]) -> list[str]:
        names = [cell.strip() for cell in next(rows, [])]
        for name in obligatory:
            if name not in names:
                raise self.fail(f"the {section} header lacks {name}")
        if len(set(names)) != len(names):
            raise self.fail(f"the {section} header names a column twice")
        return names

    def _same_length(self, row: list[str], header: list[str]) -> None:
        if len(row) != len(header):
            raise self.fail(f"{len(row)} cells where the header has {len(header)}")

    # -- META

    def _read_meta(self) -> None:
        for row in self._section("META"):
            raise self.fail(f"the file must begin with META, not {row[0][:40]!r}")
        for row in self._section("PROJECTS"):
            if len(row) != 2:
                raise self.fail(f"META {row[0][:40]!r}: {len(row)} cells where two are needed")
            key, value = (cell.strip() for cell in row)
            if key in self.meta:
                raise self.fail(f"META {key!r} is given twice")
            if (key, value) != ("key", "value"):
                self._check_meta(key, value)
                self.meta[key] = value
        for key in OBLIGATORY:
            if not self.meta.get(key):
                raise self.fail(f"META lacks {key}")

    def _check_meta(self, key: str, value: str) -> None:
        if key == "vote_type" and value not in VOTE_TYPES:
            raise self.fail(f"unknown vote_type {value!r}")
        if key in ("num_projects", "num_votes"):
            self._whole(value, key)
        if key == "budget":
            self._money(value, key, down=True)

    def _whole(self, text: str, what: str) -> int:
        if not WHOLE.fullmatch(text.strip()):
            raise self.fail(f"{what}: {text!r} is not a whole number")
        return int(text)

    def _money(self, text: str, what: str, down: bool = False) -> int:
        try:
            amount = minor_units(text, down)
        except ValueError as error:
            raise self.fail(f"{what}: {error}") from error
        if amount > MOST_MONEY:
            raise self.fail(f"{what}: {text!r} is more than can be counted")
        if minor_units(text, not down) != amount:
            self.repairs.append(f"line {self.line}: {what} {text.strip()} has more than two decimals, rounded")
        return amount

    # -- PROJECTS

    def _read_projects(self) -> None:
        rows = self._section("VOTES")
        header = self._header(rows, "PROJECTS", ("project_id", "cost"))
        seen: set[str] = set()
        for row in rows:
            self._same_length(row, header)
            project = self._project(dict(zip(header, row, strict=True)))
            if project.id in seen:
                raise self.fail(f"project {project.id!r} is listed twice")
            seen.add(project.id)
            self.projects.append(project)
        self._check_count("num_projects", len(self.projects), "projects")

    def _check_count(self, key: str, found: int, what: str) -> None:
        if int(self.meta[key]) != found:
            raise self.fail(f"{key} is {self.meta[key]}, but {found} {what} are listed")

    def _project(self, cells: dict[str, str]) -> PbProject:
        identifier = cells.pop("project_id").strip()
        if not identifier or "," in identifier:
            raise self.fail(f"{identifier!r} cannot be a project id")
        cost = self._money(cells.pop("cost"), "cost")
        votes, score, selected = (self._optional(cells.pop(name, ""), name) for name in ("votes", "score", "selected"))
        if selected not in (None, 0, 1, 2, 3):
            raise self.fail(f"selected: {selected} is not 0, 1, 2 or 3")
        # `target` was the name of this column until April 2026.
        beneficiaries = split_list(cells.pop("beneficiaries", "") or cells.pop("target", ""))
        return PbProject(
            identifier,
            cost,
            votes=votes,
            score=score,
            selected=selected,
            category=split_list(cells.pop("category", "")),
            beneficiaries=beneficiaries,
            **{name: cells.pop(name, "").strip() for name in TEXTS},
            extra=cells,
        )

    def _optional(self, text: str, what: str) -> int | None:
        return self._whole(text, what) if text.strip() else None

    # -- VOTES

    def ballots(self) -> Iterator[PbBallot]:
        named: Counter[str] = Counter()
        self._open_votes()
        for row in self._rows():
            self._check_ballot(row)
            vote, points, repeated = self._parse(row[self._vote], row[self._points] if self._points >= 0 else "")
            self._report(repeated)
            named.update(vote)
            extra = {
                name: cell for name, cell in zip(self._header_of_votes, row, strict=True) if name not in VOTE_COLUMNS
            }
            yield PbBallot(row[self._voter].strip(), vote, points, extra)
        self._check_count("num_votes", self._found, "ballots")
        self._compare(named)

    def election(self) -> Election:
        """Stream the ballots straight into an election, without keeping them."""
        listed = in_order(project.counted() for project in self.projects)
        box = BallotBox((project.id for project in listed), self.vote_type)
        columns = self._open_votes()
        if isinstance(self._lines, FileLines) and Ids.can_hold([project.id for project in listed]):
            self._count_blocks(
                self._lines, BlockReader([project.id for project in listed], self.vote_type, columns), box
            )
        for row in self._rows():
            self._count(row, box)
        self._check_count("num_votes", self._found, "ballots")
        election = Election.of_box(box, budget=minor_units(self.meta["budget"], down=True), projects=listed)
        self._compare(dict(zip(election.ids, election.votes(), strict=True)))
        return election

    def _count_blocks(self, lines: FileLines, reader: BlockReader, box: BallotBox) -> None:
        """All of the rest of the file, by the block where that is possible."""
        rows = self._rows()
        while text := lines.block():
            block = reader.read(text)
            if block is None:
                lines.hold(text)
                while lines.held and (row := next(rows, None)):
                    self._count(row, box)
                continue
            before = lines.number
            for line, odd in block.odd:
                lines.number = before + line + 1
                for row in self._rows([odd.decode()]):
                    self._count(row, box)
            lines.number = before + block.lines
            box.add_rows(block.rows)
            self._found += len(block.rows.lengths)

    def _count(self, row: list[str], box: BallotBox) -> None:
        self._check_ballot(row)
        if not box.add_text(row[self._vote]):
            vote, points, repeated = self._parse(row[self._vote], row[self._points] if self._pointed else "")
            box.add(zip(vote, points, strict=True) if self._pointed else vote)
            self._report(repeated)

    def _open_votes(self) -> Columns:
        header = self._header_of_votes = self._header(self._rows(), "VOTES", ("voter_id", "vote"))
        self._pointed = self.vote_type in POINTS
        if self._pointed and "points" not in header:
            raise self.fail(f"the VOTES header lacks points, which {self.vote_type} ballots need")
        self._voter, self._vote = header.index("voter_id"), header.index("vote")
        self._points = header.index("points") if "points" in header else -1
        self._found = 0
        return Columns(self._voter, self._vote, self._points, len(header))

    def _check_ballot(self, row: list[str]) -> None:
        self._same_length(row, self._header_of_votes)
        if not row[self._voter].strip():
            raise self.fail("the ballot has no voter_id")
        self._found += 1

    def _parse(self, vote: str, points: str) -> tuple[tuple[str, ...], tuple[int, ...], tuple[str, ...]]:
        """(projects, their points or nothing, the projects named more than once: only the first naming stands)."""
        named = split_list(vote)
        given = tuple(self._points_of(part) for part in split_list(points))
        if len(given) != len(named) and (given or self.vote_type in POINTS):
            raise self.fail(f"{len(named)} projects but {len(given)} points")
        for project in named:
            if project not in self._known:
                raise self.fail(f"the ballot names an unknown project {project!r}")
        distinct = tuple(dict.fromkeys(named))
        repeated: tuple[str, ...] = ()
        if len(distinct) < len(named):
            repeated = tuple(project for project in distinct if named.count(project) > 1)
            first = [named.index(project) for project in distinct]
            given = tuple(given[i] for i in first) if given else ()
        if self.vote_type == "choose-1" and len(distinct) > 1:
            raise self.fail(f"the ballot names {len(distinct)} projects, choose-1 allows one")
        return distinct, given, repeated

    def _points_of(self, text: str) -> int:
        points = self._whole(text, "points")
        if points > MOST_POINTS:
            raise self.fail(f"points: {text!r} is more than can be counted")
        return points

    def _report(self, repeated: tuple[str, ...]) -> None:
        for project in repeated:
            self.repairs.append(f"line {self.line}: the ballot names project {project!r} more than once, counted once")

    def _compare(self, votes: Mapping[str, int]) -> None:
        """Report where the file's own count differs. Files with points differ on whether 0 points are a vote."""
        if self.vote_type in POINTS:
            return
        for project in self.projects:
            found = votes.get(project.id, 0)
            if project.votes is not None and project.votes != found:
                self.repairs.append(
                    f"project {project.id!r}: {project.votes} votes in the file, {found} in its ballots"
                )


def read_pb(source: Source) -> PbFile:
    """Read a whole file, from a path (`.gz` too) or lines of text. Refuses with PbError; nothing is guessed silently:
    see `repairs`.
    """
    reader = PbReader(lines_of(source))
    return PbFile(reader.meta, reader.projects, list(reader.ballots()), reader.repairs)


def read_election(source: Source) -> tuple[Election, PbReader]:
    """For counting only: the election, and the reader for its META, projects and repairs. Keeps no voter in memory."""
    reader = PbReader(lines_of(source))
    return reader.election(), reader


def lines_of(source: Source) -> Iterable[str]:
    return FileLines(source) if isinstance(source, str | os.PathLike) else source
