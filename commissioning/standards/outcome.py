"""A round's records as streams, and one project's records together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any, TypeVar

from commissioning.standards.records import (
    KIND_OF,
    KINDS,
    OF_A_PROJECT,
    Award,
    Case,
    Contract,
    Decision,
    Document,
    Location,
    Metric,
    Milestone,
    Observation,
    Organisation,
    Package,
    Step,
    Transaction,
    key,
)

R = TypeVar("R")
Rows = Callable[[], Iterable[R]]
"""Reads the rows anew, in the order of `key`, so that none has to be kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A round's facts. Each field but the first reads its rows anew, sorted by `key`: a project's together, in the same
    order of projects everywhere, which is by code point. Organisations are the only rows a writer holds all at once."""

    package: Package
    organisations: Rows[Organisation]
    decisions: Rows[Decision]
    cases: Rows[Case]
    steps: Rows[Step]
    awards: Rows[Award]
    contracts: Rows[Contract]
    milestones: Rows[Milestone]
    transactions: Rows[Transaction]
    metrics: Rows[Metric]
    observations: Rows[Observation]
    locations: Rows[Location]
    documents: Rows[Document]

    def rows(self, kind: str) -> Iterable[Any]:
        """The rows of one of KINDS."""
        read: Rows[Any] = getattr(self, kind)
        return read()


def held(package: Package, records: Iterable[Any]) -> Outcome:
    """An outcome of records that are in memory, in any order."""
    lists: dict[str, list[Any]] = {kind: [] for kind in KINDS}
    for record in records:
        lists[KIND_OF[type(record)]].append(record)
    for rows in lists.values():
        rows.sort(key=key)
    return Outcome(package=package, **{kind: _again(rows) for kind, rows in lists.items()})


def _again(rows: list[Any]) -> Rows[Any]:
    return lambda: iter(rows)


class OutOfOrder(ValueError):  # noqa: N818 - the row is at fault
    """A row that is not where `key` wants it, is there twice or belongs to no decision. `kind` and `record` name the row,
    `code` says which: row_unsorted, row_repeated, project_unknown."""

    def __init__(self, code: str, kind: str, record: Any) -> None:
        self.code, self.kind, self.record = code, kind, record
        super().__init__(f"{kind} {'/'.join(map(str, key(record)))}: {code}")


@dataclass(frozen=True, slots=True)
class Project:
    """All that belongs to one decision, each list sorted by `key`."""

    decision: Decision
    cases: list[Case]
    steps: list[Step]
    awards: list[Award]
    contracts: list[Contract]
    milestones: list[Milestone]
    transactions: list[Transaction]
    metrics: list[Metric]
    observations: list[Observation]
    locations: list[Location]
    documents: list[Document]


def projects(outcome: Outcome) -> Iterator[Project]:
    """Every decision with its rows; one project is in memory at a time. Raises OutOfOrder."""
    groups = {kind: _Groups(kind, outcome.rows(kind)) for kind in OF_A_PROJECT}
    for decision in in_order("decisions", outcome.decisions()):
        yield Project(decision, **{kind: group.of(decision.project_id) for kind, group in groups.items()})
    for group in groups.values():
        group.end()


def in_order(kind: str, rows: Iterable[R]) -> Iterator[R]:
    """The rows, if they are sorted and each is there once."""
    before: tuple[Any, ...] | None = None
    for row in rows:
        now = key(row)
        if before is not None and now <= before:
            raise OutOfOrder("row_repeated" if now == before else "row_unsorted", kind, row)
        before = now
        yield row


class _Groups:
    """The rows of a kind, taken project by project."""

    def __init__(self, kind: str, rows: Iterable[Any]) -> None:
        self.kind = kind
        self.groups = groupby(in_order(kind, rows), lambda row: row.project_id)
        self.held: tuple[str, list[Any]] | None = None

    def of(self, project_id: str) -> list[Any]:
        project, rows = self._next()
        if project is None or project > project_id:
            return []
        self.held = None
        if project < project_id:
            raise OutOfOrder("project_unknown", self.kind, rows[0])
        return rows

    def end(self) -> None:
        project, rows = self._next()
        if project is not None:
            raise OutOfOrder("project_unknown", self.kind, rows[0])

    def _next(self) -> tuple[str | None, list[Any]]:
        if self.held is None:
            found = next(self.groups, None)
            if found is None:
                return None, []
            self.held = found[0], list(found[1])
        return self.held


def latest(rows: Iterable[R]) -> list[R]:
    """Of rows sorted by `key`, the last version of each id."""
    return list({row.id: row for row in rows}.values())  # type: ignore[attr-defined]
