"""How a case moves, and what each move has to say. Pure.

A case moves one state at a time (`MOVES`); each move needs the facts in `NEEDED`, and those in `PUBLIC` are shown to
everyone with it.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """Where a case stands, in this order."""

    SENT = "sent"
    RECEIVED = "received"
    ACCEPTED = "accepted"
    CHANGED = "changed"  # accepted with changes
    DECLINED = "declined"
    ROUTED = "routed"  # the way it will be commissioned is chosen
    CHECKED = "checked"  # the market has been looked at
    AWARDED = "awarded"
    DELIVERING = "delivering"
    CLOSED = "closed"
    LEARNED = "learned"


class Route(StrEnum):
    """How a case can be commissioned."""

    GRANT = "grant"
    CONTRACT = "contract"
    IN_HOUSE = "in-house"
    ASSET = "asset-transfer"
    VARIATION = "contract-change"  # a change to an existing contract


MOVES: Mapping[State, frozenset[State]] = {
    State.SENT: frozenset({State.RECEIVED}),
    State.RECEIVED: frozenset({State.ACCEPTED, State.CHANGED, State.DECLINED}),
    State.ACCEPTED: frozenset({State.ROUTED}),
    State.CHANGED: frozenset({State.ROUTED}),
    State.DECLINED: frozenset(),
    State.ROUTED: frozenset({State.CHECKED}),
    State.CHECKED: frozenset({State.AWARDED}),
    State.AWARDED: frozenset({State.DELIVERING}),
    State.DELIVERING: frozenset({State.CLOSED}),
    State.CLOSED: frozenset({State.LEARNED}),
    State.LEARNED: frozenset(),
}
UNANSWERED = frozenset({State.SENT, State.RECEIVED})
ANSWERS = frozenset({State.ACCEPTED, State.CHANGED, State.DECLINED})
COMMITTED = frozenset(State) - UNANSWERED - {State.DECLINED}
DONE = frozenset({State.CLOSED, State.LEARNED})
DELIVERY = DONE | {State.DELIVERING}  # there is something to report on
RECORDING = DELIVERY | {State.CHECKED, State.AWARDED}  # there is something to award, pay and plan
AWARDING = frozenset(Route) - {Route.IN_HOUSE}  # routes on which somebody else is given something
CHECKING = RECORDING | {State.ROUTED}  # the checklist can be answered
WITH_CONTRACT = BUYING = frozenset({Route.CONTRACT, Route.VARIATION})

_DECISION = ("decided_by", "decided_on", "legal_basis")
NEEDED: Mapping[State, tuple[str, ...]] = {
    State.ACCEPTED: _DECISION,
    State.CHANGED: (*_DECISION, "reason", "amount"),
    State.DECLINED: (*_DECISION, "reason"),
    State.ROUTED: ("route", "budget_line"),
    State.CHECKED: ("market_note",),
    State.CLOSED: ("reason",),
    State.LEARNED: ("reason",),
}


def missing(to: State, facts: Mapping[str, Any]) -> list[str]:
    """The facts that this move still needs, in the order of the form."""
    return [name for name in NEEDED.get(to, ()) if facts.get(name) in (None, "")]
