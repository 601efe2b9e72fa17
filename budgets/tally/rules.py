"""Counting rules as declared objects: everything that can change an outcome is a field, and the fields are hashed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

CHOICES: dict[str, frozenset[str]] = {
    "method": frozenset(
        {
            *("greedy", "equal-shares", "phragmen", "max-welfare"),
            *("exact-shares", "overspending", "cumulative-stv", "expanding-approvals"),
        }
    ),
    "score": frozenset({"votes", "points", "votes-per-cost"}),
    "utility": frozenset({"cost", "cardinality", "points"}),
    "misfit": frozenset({"skip", "stop"}),
    "start": frozenset({"exact", "integral"}),
    "completion": frozenset({"none", "add1", "add1u", "utilitarian", "add-opt", "add-opt-skip"}),
    "comparison": frozenset({"none", "greedy"}),
    "part_funding": frozenset({"none", "next"}),
    "transfers": frozenset({"minimal", "elimination"}),
}
TIES = frozenset({"lowest-cost", "most-votes", "id", "lot"})
# What a rule may limit or promise, or only one method reads. Left out of the digest where it is not used, so that a rule
# keeps its digest when a new kind of limit or method is thought of.
LIMITS = {"caps": (), "guarantees": (), "incompatible": (), "part_funding": "none", "transfers": "minimal"}


@dataclass(frozen=True)
class Quota:
    """`amount` (minor units) for the projects of one area or one category. Refuses (ValueError) anything else."""

    by: str
    name: str
    amount: int

    def __post_init__(self) -> None:
        if self.by not in ("area", "category") or not isinstance(self.name, str):
            raise ValueError("rule: a cap or guarantee is for an area or a category, by name")
        if type(self.amount) is not int or self.amount < 0:
            raise ValueError("rule: the amount of a cap or guarantee must be a whole number of minor units")


@dataclass(frozen=True)
class Rule:
    """Refuses (ValueError) a value it does not know.

    - method: greedy (most votes first), equal-shares (Method of Equal Shares), phragmen (sequential), max-welfare (the
      set within the budget with the most utility over all voters), cumulative-stv (points are money that flows on),
      expanding-approvals (voters pay for what they rank high); each of these has a module that says it precisely.
    - score: what greedy ranks by: ballots naming a project, the sum of its points (for ranked ballots Borda points:
      the best gets as many as the longest ballot has ranks, each next one fewer), or votes divided by cost.
    - utility: what a voter gets from a winner: its cost, 1 (cardinality), or the points given to it (for ranked ballots
      Borda points).
    - misfit: greedy meets a project that does not fit what is left: skip it, or stop there.
    - start: each voter's share of the budget, exact or cut to a whole currency unit.
    - completion: how Equal Shares spends what is left: not at all; raise every share by `increment` currency units
      until the next step overspends (add1); the same and then by score (add1u); at once by score (utilitarian);
      raise every share to the next endowment at which the outcome changes, whatever that is (add-opt, exact-shares only);
      the same, leaving out changes of who pays alone (add-opt-skip).
    - exhaustive_stop: Add1 also stops as soon as nothing more fits what is left.
    - comparison: "greedy" keeps the outcome unless more voters have more winners under greedy.
    - threshold: least number of votes (with score "points": of points) a project needs to be counted.
    - cost_share: if not 0, a project also needs votes / voters >= cost / (cost_share x budget).
    - ties: between equals, decided in this order; "id" is the order of the ids as text, "lot" that of
      SHA-256(lot_seed + project id), drawn once.
    - caps: the most that may be spent on the projects of an area or category; what would pass it is not bought.
    - guarantees: amounts set aside, in this order. Each is counted first by the same method among the projects of its
      area or category alone; what they cannot use of it goes back into the pot. Then everything left is counted.
    - incompatible: sets of project ids of which only one can be bought.
    - part_funding: "next" gives what is left at the end to the highest-scoring project that can still take it; where that
      is its whole cost, it is bought.
    - transfers: what cumulative STV does while no project has the support it costs: bring one there by the smallest
      transfers (minimal), or give one up (elimination). With score "votes-per-cost" both it and expanding approvals buy
      by money per cost, otherwise by money above the cost; of the completions they know "none" and "utilitarian".
    """

    name: str
    method: str
    score: str = "votes"
    utility: str = "cost"
    misfit: str = "skip"
    start: str = "exact"
    completion: str = "none"
    exhaustive_stop: bool = True
    increment: int = 1
    comparison: str = "none"
    threshold: int = 0
    cost_share: int = 0
    ties: tuple[str, ...] = ("lowest-cost", "most-votes", "lot")
    lot_seed: str = ""
    caps: tuple[Quota, ...] = ()
    guarantees: tuple[Quota, ...] = ()
    incompatible: tuple[tuple[str, ...], ...] = ()
    part_funding: str = "none"
    transfers: str = "minimal"

    def __post_init__(self) -> None:
        for name, allowed in CHOICES.items():
            if getattr(self, name) not in allowed:
                raise ValueError(f"rule: {name} must be one of {', '.join(sorted(allowed))}")
        for name, least in (("increment", 1), ("threshold", 0), ("cost_share", 0)):
            number = getattr(self, name)
            if type(number) is not int or number < least:
                raise ValueError(f"rule: {name} must be a whole number, at least {least}")
        if type(self.exhaustive_stop) is not bool or not all(
            isinstance(text, str) for text in (self.name, self.lot_seed)
        ):
            raise ValueError("rule: exhaustive_stop must be true or false, name and lot_seed texts")
        if not set(self.ties) <= TIES or self.ties[-1:] not in (("lot",), ("id",)):
            raise ValueError(f"rule: ties must name some of {', '.join(sorted(TIES))}, with lot or id at the end")
        self._fit_together()

    def _fit_together(self) -> None:
        if self.completion in ("add-opt", "add-opt-skip") and self.method != "exact-shares":
            raise ValueError("rule: add-opt completes exact-shares only")
        if self.method in ("cumulative-stv", "expanding-approvals") and self.completion not in ("none", "utilitarian"):
            raise ValueError(f"rule: {self.method} is completed by utilitarian or not at all")
        if self.transfers != "minimal" and self.method != "cumulative-stv":
            raise ValueError("rule: only cumulative-stv transfers by elimination")
        if self.method == "overspending" and self.completion not in ("none", "utilitarian"):
            raise ValueError("rule: overspending is completed by utilitarian or not at all")
        if self.method == "overspending" and self.start != "exact":
            raise ValueError("rule: overspending starts from the exact share")
        if self.method == "exact-shares" and self.utility == "points":
            raise ValueError("rule: in exact-shares all who pay, pay the same: utility is cost or cardinality")
        if any(len(set(ids)) < 2 for ids in self.incompatible):
            raise ValueError("rule: a set of incompatible projects names at least two")

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of the compact, key-sorted JSON of every field but the name and the limits not used."""
        document = {key: value for key, value in self.to_json().items() if key != "name"}
        return hashlib.sha256(json.dumps(document, sort_keys=True, separators=(",", ":")).encode()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """Without the limits that are not used."""
        document = {key: value for key, value in asdict(self).items() if value != LIMITS.get(key)}
        for name in READ.keys() & document.keys():
            document[name] = [list(entry) if name == "incompatible" else entry for entry in document[name]]
        return {**document, "ties": list(self.ties)}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Rule:
        """Missing fields take their defaults; an unknown field is refused (ValueError)."""
        unknown = sorted(set(document) - {field.name for field in fields(cls)})
        if unknown:
            raise ValueError(f"rule: unknown field {unknown[0]}")
        if "method" not in document:
            raise ValueError("rule: method is missing")
        given = dict(document)
        for name in ("ties", "caps", "guarantees", "incompatible"):
            if not isinstance(given.get(name, []), list):
                raise ValueError(f"rule: {name} must be a list")
            if name in given:
                given[name] = tuple(READ.get(name, str)(entry) for entry in given[name])
        return cls(**{"name": given["method"], **given})


def _quota(entry: Any) -> Quota:
    if not isinstance(entry, Mapping) or set(entry) != {"by", "name", "amount"}:
        raise ValueError("rule: a cap or guarantee has by, name and amount")
    return Quota(**entry)


def _ids(entry: Any) -> tuple[str, ...]:
    if not isinstance(entry, list) or not all(isinstance(id, str) for id in entry):
        raise ValueError("rule: incompatible projects are lists of ids")
    return tuple(entry)


READ: dict[str, Callable[[Any], Any]] = {"caps": _quota, "guarantees": _quota, "incompatible": _ids}


PRESETS: dict[str, Rule] = {
    rule.name: rule
    for rule in (
        Rule("greedy", "greedy"),
        Rule("greedy-no-skip", "greedy", misfit="stop"),
        Rule("greedy-threshold", "greedy", threshold=1),
        Rule("greedy-points", "greedy", score="points"),
        Rule("greedy-per-cost", "greedy", score="votes-per-cost"),
        Rule("equal-shares", "equal-shares", completion="add1u"),
        Rule("equal-shares-add1", "equal-shares", completion="add1"),
        Rule("equal-shares-add1-no-exhaustive", "equal-shares", completion="add1", exhaustive_stop=False),
        Rule("equal-shares-plain", "equal-shares"),
        Rule("equal-shares-cardinality", "equal-shares", utility="cardinality"),
        Rule("equal-shares-points", "equal-shares", score="points", utility="points"),
        Rule("equal-shares-points-add1", "equal-shares", score="points", utility="points", completion="add1"),
        Rule("wieliczka-2023", "equal-shares", completion="add1", exhaustive_stop=False, comparison="greedy"),
        Rule("swiecie-2023", "equal-shares", completion="add1", comparison="greedy", cost_share=3),
        Rule("phragmen", "phragmen"),
        Rule("max-welfare", "max-welfare", utility="cardinality"),
        Rule("max-welfare-cost", "max-welfare"),
        Rule("cumulative-stv", "cumulative-stv", score="votes-per-cost", utility="points", completion="utilitarian"),
        Rule("cumulative-stv-excess", "cumulative-stv", utility="points", completion="utilitarian"),
        Rule(
            "cumulative-stv-elimination",
            "cumulative-stv",
            score="votes-per-cost",
            utility="points",
            completion="utilitarian",
            transfers="elimination",
        ),
        Rule(
            "cumulative-stv-elimination-excess",
            "cumulative-stv",
            utility="points",
            completion="utilitarian",
            transfers="elimination",
        ),
        Rule("expanding-approvals", "expanding-approvals", score="votes-per-cost", completion="utilitarian"),
        Rule("equal-shares-bounded-overspending", "overspending"),
        Rule("exact-shares", "exact-shares"),
        Rule("exact-shares-add1", "exact-shares", completion="add1"),
        Rule("exact-shares-add-opt", "exact-shares", completion="add-opt"),
        Rule("exact-shares-add-opt-skip", "exact-shares", completion="add-opt-skip"),
    )
}
