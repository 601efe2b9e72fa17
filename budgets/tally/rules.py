"""Counting rules as declared objects: everything that can change an outcome is a field, and the fields are hashed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

CHOICES: dict[str, frozenset[str]] = {
    "method": frozenset({"greedy", "equal-shares", "phragmen", "max-welfare"}),
    "score": frozenset({"votes", "points", "votes-per-cost"}),
    "utility": frozenset({"cost", "cardinality", "points"}),
    "misfit": frozenset({"skip", "stop"}),
    "start": frozenset({"exact", "integral"}),
    "completion": frozenset({"none", "add1", "add1u", "utilitarian"}),
    "comparison": frozenset({"none", "greedy"}),
}
TIES = frozenset({"lowest-cost", "most-votes", "id", "lot"})


@dataclass(frozen=True)
class Rule:
    """Refuses (ValueError) a value it does not know.

    - method: greedy (most votes first), equal-shares (Method of Equal Shares), phragmen (sequential), max-welfare (the
      set within the budget with the most utility over all voters).
    - score: what greedy ranks by: ballots naming a project, the sum of its points (for ranked ballots Borda points:
      the best gets as many as the longest ballot has ranks, each next one fewer), or votes divided by cost.
    - utility: what a voter gets from a winner: its cost, 1 (cardinality), or the points given to it.
    - misfit: greedy meets a project that does not fit what is left: skip it, or stop there.
    - start: each voter's share of the budget, exact or cut to a whole currency unit.
    - completion: how Equal Shares spends what is left: not at all; raise every share by `increment` currency units
      until the next step overspends (add1); the same and then by score (add1u); at once by score (utilitarian).
    - exhaustive_stop: Add1 also stops as soon as nothing more fits what is left.
    - comparison: "greedy" keeps the outcome unless more voters have more winners under greedy.
    - threshold: least number of votes (with score "points": of points) a project needs to be counted.
    - cost_share: if not 0, a project also needs votes / voters >= cost / (cost_share x budget).
    - ties: between equals, decided in this order; "id" is the order of the ids as text, "lot" that of
      SHA-256(lot_seed + project id), drawn once.
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

    def __post_init__(self) -> None:
        for name, allowed in CHOICES.items():
            if getattr(self, name) not in allowed:
                raise ValueError(f"rule: {name} must be one of {', '.join(sorted(allowed))}")
        for name, least in (("increment", 1), ("threshold", 0), ("cost_share", 0)):
            number = getattr(self, name)
            if type(number) is not int or number < least:
                raise ValueError(f"rule: {name} must be a whole number, at least {least}")
        if type(self.exhaustive_stop) is not bool or not isinstance(self.lot_seed, str):
            raise ValueError("rule: exhaustive_stop must be true or false, lot_seed a text")
        if not set(self.ties) <= TIES or self.ties[-1:] not in (("lot",), ("id",)):
            raise ValueError(f"rule: ties must name some of {', '.join(sorted(TIES))}, with lot or id at the end")

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of the compact, key-sorted JSON of every field but the name."""
        document = {key: value for key, value in self.to_json().items() if key != "name"}
        return hashlib.sha256(json.dumps(document, sort_keys=True, separators=(",", ":")).encode()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "ties": list(self.ties)}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Rule:
        """Missing fields take their defaults; an unknown field is refused (ValueError)."""
        unknown = sorted(set(document) - {field.name for field in fields(cls)})
        if unknown:
            raise ValueError(f"rule: unknown field {unknown[0]}")
        if "method" not in document:
            raise ValueError("rule: method is missing")
        given = dict(document)
        if not isinstance(given.get("ties", []), list):
            raise ValueError("rule: ties must be a list")
        if "ties" in given:
            given["ties"] = tuple(given["ties"])
        return cls(**{"name": given["method"], **given})


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
    )
}
