"""One election in the form that is counted: whole numbers only, sorted, identical ballots merged exactly.

Shapes: `m` projects sorted by id; `g` groups of identical ballots; group `k` names the projects
`members[starts[k]:starts[k + 1]]` (positions in `projects`, ascending) and was cast by `weights[k]` voters.
`values`, parallel to `members`, holds points (cumulative, scoring) or the rank, 1 for the best (ordinal).
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from budgets.tally.canonical import ballots_text, rows_of
from budgets.tally.grouping import Groups, Rows, grouped, spans

Ints = NDArray[np.int64]

PLAIN = frozenset({"approval", "choose-1", "knapsack"})
POINTS = frozenset({"cumulative", "scoring"})
RANKED = frozenset({"ordinal"})
VOTE_TYPES = PLAIN | POINTS | RANKED

# The count works in 63-bit integers; a budget this large (90 billion pounds in pence) leaves room for the fractions.
MOST_MONEY = 1 << 43
MOST_POINTS = 1 << 20

Key = tuple[bytes, bytes]


@dataclass(frozen=True)
class TallyProject:
    """A project as the count sees it. `cost` in minor units; `area` and `categories` only matter to rules with caps."""

    id: str
    cost: int
    name: str = ""
    area: str = ""
    categories: tuple[str, ...] = ()


class BallotBox:
    """Merges ballots as they arrive, so that a million of them never stand in memory as objects.

    Refuses (ValueError) an unknown project, one named twice, and points that are not whole and not negative.
    """

    def __init__(self, ids: Iterable[str], vote_type: str) -> None:
        if vote_type not in VOTE_TYPES:
            raise ValueError(f"unknown vote type {vote_type!r}")
        self.vote_type = vote_type
        # Four big-endian bytes a project: comparing the joined bytes is comparing the lists of positions.
        self._code = {project: position.to_bytes(4, "big") for position, project in enumerate(ids)}
        self._count: Counter[Key] = Counter()
        self._rows: list[Rows] = []

    def add(self, ballot: Iterable[Any], weight: int = 1) -> None:
        """One ballot (or `weight` equal ones): ids; ids best first (ordinal); a mapping or pairs id, points."""
        if not isinstance(weight, int) or weight < 1:
            raise ValueError("a ballot's weight must be a whole number, at least 1")
        self._count[self.key(ballot)] += weight

    def add_text(self, listed: str) -> bool:
        """One plain ballot, ids separated by commas: the quick way for large files. False, and nothing added, if it is
        anything else or needs a closer look."""
        try:
            codes = sorted(map(self._code.__getitem__, listed.split(",")))
        except KeyError:
            return False
        plain = self.vote_type in PLAIN and len(set(codes)) == len(codes)
        if not plain or (self.vote_type == "choose-1" and len(codes) > 1):
            return False
        self._count[b"".join(codes), b""] += 1
        return True

    def takes(self, rows: Rows) -> bool:
        """Whether rows of known projects, each once, are ballots of this type as they stand."""
        if self.vote_type in RANKED and rows.values is not None:
            owner = np.repeat(np.arange(len(rows.lengths)), rows.lengths)
            ranks = 1 + np.arange(len(owner)) - (np.cumsum(rows.lengths) - rows.lengths)[owner]
            return bool((rows.values[np.lexsort((rows.values, owner))] == ranks).all())
        if self.vote_type in POINTS and rows.values is not None:
            return bool(rows.values.max(initial=0) <= MOST_POINTS)
        return bool(self.vote_type != "choose-1" or rows.lengths.max(initial=0) <= 1)

    def add_rows(self, rows: Rows) -> None:
        """Many ballots at once, each with its positions ascending, known to be right."""
        self._rows.append(rows)

    def key(self, ballot: Iterable[Any]) -> Key:
        if self.vote_type in POINTS:
            pairs = ballot.items() if isinstance(ballot, Mapping) else ballot
            return self._valued([(project, points) for project, points in pairs if points != 0])
        if self.vote_type in RANKED:
            return self._valued([(project, rank) for rank, project in enumerate(ballot, start=1)])
        codes = sorted(self._codes(ballot))
        if self.vote_type == "choose-1" and len(codes) > 1:
            raise ValueError(f"a ballot names {len(codes)} projects, this vote allows one")
        return b"".join(codes), b""

    def _codes(self, ballot: Iterable[str]) -> list[bytes]:
        if isinstance(ballot, str):
            raise ValueError("a ballot is a list of project ids, not one string")
        codes = []
        for project in ballot:
            code = self._code.get(project)
            if code is None:
                raise ValueError(f"unknown project {project!r}")
            codes.append(code)
        if len(set(codes)) != len(codes):
            raise ValueError("a ballot names a project twice")
        return codes

    def _valued(self, pairs: list[tuple[str, int]]) -> Key:
        for project, value in pairs:
            if not isinstance(value, int) or not 0 < value <= MOST_POINTS:
                raise ValueError(f"points for {project!r} must be a whole number, 0 to {MOST_POINTS}")
        coded = sorted(zip(self._codes([project for project, _ in pairs]), (v for _, v in pairs), strict=True))
        return b"".join(code for code, _ in coded), b"".join(value.to_bytes(4, "big") for _, value in coded)

    @classmethod
    def of(cls, election: Election) -> BallotBox:
        """A box that holds the ballots of an election already."""
        box = cls(election.ids, election.vote_type)
        box.add_rows(Rows(np.diff(election.starts), election.members, election.values, election.weights))
        return box

    def groups(self) -> Groups:
        """(starts, members, values or None, weights) in canonical order."""
        added = [self._counted()] if self._count or not self._rows else []
        return grouped([*self._rows, *added])

    def _counted(self) -> Rows:
        """What was added one by one."""
        members, values = (np.frombuffer(b"".join([key[part] for key in self._count]), dtype=">u4") for part in (0, 1))
        lengths = np.fromiter((len(key[0]) // 4 for key in self._count), dtype=np.int64, count=len(self._count))
        weights = np.fromiter(self._count.values(), dtype=np.int64, count=len(self._count))
        valued = None if self.vote_type in PLAIN else values.astype(np.int64)
        return Rows(lengths, members.astype(np.int32), valued, weights)


@dataclass(frozen=True, eq=False)
class Election:
    """Make one with `build`. `unit`: minor units in one unit of the currency, the step by which Add1 raises money."""

    budget: int
    projects: tuple[TallyProject, ...]
    vote_type: str
    unit: int
    starts: Ints = field(repr=False)
    members: NDArray[np.int32] = field(repr=False)
    values: Ints | None = field(repr=False)
    weights: Ints = field(repr=False)

    @classmethod
    def build(
        cls,
        *,
        budget: int,
        projects: Iterable[TallyProject],
        ballots: Iterable[Any],
        vote_type: str = "approval",
        unit: int = 100,
    ) -> Election:
        """`ballots`: one entry a voter, as `BallotBox.add` takes them. Refuses (ValueError) what cannot be counted."""
        listed = in_order(projects)
        box = BallotBox((project.id for project in listed), vote_type)
        for ballot in ballots:
            box.add(ballot)
        return cls.of_box(box, budget=budget, projects=listed, unit=unit)

    @classmethod
    def of_box(cls, box: BallotBox, *, budget: int, projects: Iterable[TallyProject], unit: int = 100) -> Election:
        """From a filled box, whose ids are those of `projects` in sorted order."""
        listed = in_order(projects)
        for name, number, least in (("budget", budget, 0), ("unit", unit, 1), *((p.id, p.cost, 0) for p in listed)):
            if type(number) is not int or not least <= number <= MOST_MONEY:
                raise ValueError(f"{name}: {number!r} is not a sum of money that can be counted")
        starts, members, values, weights = box.groups()
        for array in (starts, members, values, weights):
            if array is not None:
                array.setflags(write=False)
        return cls(budget, listed, box.vote_type, unit, starts, members, values, weights)

    @cached_property
    def n_ballots(self) -> int:
        return int(self.weights.sum())

    @cached_property
    def ids(self) -> tuple[str, ...]:
        return tuple(project.id for project in self.projects)

    @cached_property
    def costs(self) -> list[int]:
        return [project.cost for project in self.projects]

    def votes(self) -> list[int]:
        """For each project, how many ballots name it (with points: give it any)."""
        votes = np.zeros(len(self.projects))
        for first, last in spans(self.starts):
            cast = np.repeat(self.weights[first:last], np.diff(self.starts[first : last + 1]))
            votes += np.bincount(self.members[self.starts[first] : self.starts[last]], cast, len(votes))
        return [int(count) for count in votes]  # sums of whole numbers far below 2 to the 53

    def plus(self, ballot: Iterable[Any], times: int) -> Election:
        """The same election with `times` more ballots equal to this one (as `BallotBox.add` takes them)."""
        box = BallotBox.of(self)
        if times:
            box.add(ballot, times)
        return Election.of_box(box, budget=self.budget, projects=self.projects, unit=self.unit)

    def ballots(self) -> Iterator[tuple[tuple[tuple[str, int], ...], int]]:
        """Each distinct ballot as ((id, value), …) and how many cast it; the value is 1 for a plain approval."""
        ids, starts, members = self.ids, self.starts.tolist(), self.members.tolist()
        values = [1] * len(members) if self.values is None else self.values.tolist()
        for group, weight in enumerate(self.weights.tolist()):
            span = range(starts[group], starts[group + 1])
            yield tuple((ids[members[i]], values[i]) for i in span), weight

    def _grouped(self) -> list[list[Any]]:
        bounds, members, weights = self.starts.tolist(), self.members.tolist(), self.weights.tolist()
        spans = zip(bounds, bounds[1:], weights, strict=False)
        if self.values is None:
            return [[members[a:b], [], weight] for a, b, weight in spans]
        values = self.values.tolist()
        return [[members[a:b], values[a:b], weight] for a, b, weight in spans]

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) of the compact, key-sorted JSON of everything but the names; a ballot is
        [positions in the sorted projects, values, how many cast it].
        """
        # "ballots" comes first; they are written apart, as they are by far the most.
        rest = {
            "budget": self.budget,
            "projects": [[p.id, p.cost, p.area, sorted(p.categories)] for p in self.projects],
            "unit": self.unit,
            "vote_type": self.vote_type,
        }
        hashed = hashlib.sha256(b'{"ballots":')
        for piece in ballots_text(Groups(self.starts, self.members, self.values, self.weights)):
            hashed.update(piece)
        text = json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        hashed.update(b"," + text.encode()[1:])
        return hashed.hexdigest()

    def to_json(self) -> dict[str, Any]:
        """A JSON-able dict; `from_json` makes an equal election of it."""
        return {
            "budget": self.budget,
            "unit": self.unit,
            "vote_type": self.vote_type,
            "projects": [
                {"id": p.id, "cost": p.cost, "name": p.name, "area": p.area, "categories": list(p.categories)}
                for p in self.projects
            ],
            "ballots": self._grouped(),
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Election:
        """Refuses (ValueError, KeyError, TypeError) what `to_json` did not write."""
        projects = [TallyProject(**{**p, "categories": tuple(p.get("categories", ()))}) for p in document["projects"]]
        ids = [project.id for project in projects]
        box = BallotBox((project.id for project in in_order(projects)), document["vote_type"])
        rows = rows_of(document["ballots"], len(ids), box.vote_type not in PLAIN) if ids == sorted(ids) else None
        if rows is not None and box.takes(rows):
            box.add_rows(rows)
        else:
            for members, values, weight in document["ballots"]:
                if any(position < 0 for position in members):
                    raise ValueError("a ballot names a project at a negative position")
                named = [ids[position] for position in members]
                box.add(_ballot(named, values, box.vote_type), weight)
        return cls.of_box(box, budget=document["budget"], projects=projects, unit=document["unit"])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Election) and self.projects == other.projects and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)


def _ballot(named: list[str], values: list[int], vote_type: str) -> list[Any]:
    if vote_type in PLAIN:
        return named
    pairs = list(zip(named, values, strict=True))
    return pairs if vote_type in POINTS else [project for project, _ in sorted(pairs, key=lambda pair: pair[1])]


def in_order(projects: Iterable[TallyProject]) -> tuple[TallyProject, ...]:
    """Sorted by id (as text). Refuses (ValueError) an empty id and two projects with one id."""
    given = list(projects)
    if not all(isinstance(project.id, str) for project in given):
        raise ValueError("a project's id is a text")
    listed = tuple(sorted(given, key=lambda project: project.id))
    ids = {project.id for project in listed}
    if len(ids) != len(listed) or "" in ids:
        raise ValueError("two projects share an id" if "" not in ids else "a project has no id")
    return listed
