"""What a method decides, and why for each project: the form every method answers in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Reason = dict[str, Any]
Line = dict[str, Any]
# Lines of the trace, or what makes them where that is work: most counts are never traced.
Recorded = Line | Callable[[], list[Line]]


def reason(code: str, **params: Any) -> Reason:
    return {"code": code, "params": params}


@dataclass
class Outcome:
    """Positions in purchase order, a reason for each project looked at, what happened on the way (`log`), the ties that
    mattered, and the lines of the trace; `part`: a project that gets a part of its cost, and that amount. The texts are JSON.
    """

    selected: list[int] = field(default_factory=list)
    reasons: dict[int, Reason] = field(default_factory=dict)
    log: dict[str, Any] = field(default_factory=dict)
    ties: list[dict[str, Any]] = field(default_factory=list)
    record: list[Recorded] = field(default_factory=list)
    part: tuple[int, int] | None = None

    def then(self, later: Outcome) -> None:
        """Add what a later stage of the same count decided; its log takes the place of this one's."""
        self.selected += later.selected
        self.reasons |= later.reasons
        self.log = later.log
        self.ties += later.ties
        self.record += later.record
