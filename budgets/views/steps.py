"""A count as steps that a resident can follow: made from a stored tally and a published snapshot, nothing is counted.

One step for each project as it was funded, with what its supporters paid, what was passed over on the way, who else was
near, and what the pot has left. Money is in minor units.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from budgets.models import Tally
from budgets.tally.exact import from_ratio
from budgets.views.step_starts import START
from budgets.views.step_texts import TEXTS, Counted, Payers, Row, in_order, payers

# How many rivals a step shows.
RIVALS = 6


@dataclass(frozen=True, slots=True)
class Rival:
    """A project in the running at a step. `value`: tenths of its (effective) votes, for a bar; `mark`: it was funded."""

    label: str
    value: int
    display: str
    mark: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """`given`: spent before this step; `held`: what all voters still hold on paper after it (None: they hold nothing
    under this rule); `passed`: projects that were looked at before it and did not fit, each (name, cost, what was left).
    """

    number: int
    title: str
    text: str
    cost: int
    given: int
    total: int
    code: str = ""
    payers: Payers | None = None
    held: int | None = None
    passed: list[tuple[str, int, int]] = field(default_factory=list)
    rivals: list[Rival] = field(default_factory=list)
    effective: bool = False  # the rivals' votes are effective votes

    @property
    def spent(self) -> int:
        return self.given + self.cost

    @property
    def left(self) -> int:
        return self.total - self.spent


@dataclass(frozen=True, slots=True)
class Film:
    """A whole count. `start` and `end` are its first and last picture, `steps` one for each funded project."""

    steps: list[Step]
    start: list[str]
    end: str
    total: int
    spent: int
    rise: list[dict[str, int]]  # Equal Shares: how the shares were raised, each {"share", "cost", "winners"}

    @property
    def last(self) -> int:
        """The number of the closing picture; 0 is the opening one."""
        return len(self.steps) + 1


def film(tally: Tally, snapshot: Mapping[str, Any]) -> Film:
    """The steps of `tally`, which counted the ballots of `snapshot`."""
    return _Maker(tally, snapshot).film()


def winner_rows(tally: Tally) -> list[Row]:
    """The funded projects in the order in which they were."""
    return sorted((row for row in tally.outcome["projects"] if row["selected"]), key=lambda row: int(row["order"]))


class _Maker(Counted):
    def __init__(self, tally: Tally, snapshot: Mapping[str, Any]) -> None:
        super().__init__(tally.outcome, snapshot["currency"])
        self.analysis: dict[str, Any] = tally.analysis or {}
        self.winners = winner_rows(tally)
        self.names = {row["code"]: row["name"] for row in snapshot["projects"]}
        self.votes = {row["id"]: row["score"] for row in self.rows}

    def film(self) -> Film:
        steps = list(self._steps())
        spent = sum(step.cost for step in steps)
        return Film(steps, self._start(), self._end(spent), self.total, spent, self._rise())

    # ── One project after the other
    def _steps(self) -> Iterator[Step]:
        given, rounds = 0, self._rounds()
        for number, row in enumerate(self.winners, start=1):
            params, text = row["reason"]["params"], TEXTS.get(row["reason"]["code"], in_order)
            effective = rounds.get(row["id"])
            yield Step(
                number=number,
                title=self.names[row["id"]],
                text=text(self, row, params),
                cost=row["cost"],
                given=given,
                total=self.total,
                code=row["id"],
                payers=payers(row),
                held=self._held(given + row["cost"]),
                passed=self._passed(row, given),
                rivals=effective if effective is not None else self._queue(row),
                effective=effective is not None,
            )
            given += row["cost"]

    def _held(self, spent: int) -> int | None:
        if "final_share" not in self.log:
            return None
        return max(int(from_ratio(self.log["final_share"]) * self.outcome["n_ballots"]) - spent, 0)

    def _passed(self, row: Row, given: int) -> list[tuple[str, int, int]]:
        """What did not fit the money that was left just before this project, the most votes first."""
        left = self.total - given
        turned = [
            other
            for other in self.rows
            if other["reason"]["code"] == "did_not_fit" and other["reason"]["params"]["left"] == left
        ]
        turned.sort(key=lambda other: (-other["score"], other["id"]))
        return [(self.names[other["id"]], other["cost"], left) for other in turned]

    def _rounds(self) -> dict[str, list[Rival]]:
        """For each project that was bought from the shares: who had how many effective votes at that moment."""
        rounds = self.analysis.get("rounds")
        if not rounds:
            return {}
        ids = rounds["projects"]
        return {
            bought: self._rivals(bought, dict(zip(ids, effective, strict=True)))
            for bought, effective in zip(rounds["bought"], rounds["effective"], strict=True)
            if bought is not None
        }

    def _rivals(self, bought: str, votes: Mapping[str, float | None]) -> list[Rival]:
        near = [(value, id) for id, value in votes.items() if value is not None]
        near.sort(key=lambda pair: (pair[1] != bought, -pair[0], pair[1]))
        return [
            Rival(self.names[id], round(value * 10), f"{value:,.0f}", id == bought, self._of_votes(id))
            for value, id in near[:RIVALS]
        ]

    def _of_votes(self, id: str) -> str:
        votes = self.votes[id]
        return ngettext("of %(n)s vote", "of %(n)s votes", votes) % {"n": f"{votes:,}"}

    def _queue(self, row: Row) -> list[Rival]:
        """Most votes first: this project and those next in line behind it."""
        if row["reason"]["code"] != "bought_in_turn" or row["reason"]["params"]["by"] == "votes-per-cost":
            return []
        behind = [
            other
            for other in self.rows
            if other["score"] <= row["score"] and other["id"] != row["id"] and not _before(other, row)
        ]
        behind.sort(key=lambda other: (-other["score"], other["cost"], other["id"]))
        return [
            Rival(self.names[other["id"]], other["score"] * 10, f"{other['score']:,}", other is row)
            for other in [row, *behind[: RIVALS - 1]]
        ]

    # ── The first and the last picture
    def _start(self) -> list[str]:
        said = START.get(self.log.get("method", ""))
        return said(self) if said else []

    def _rise(self) -> list[dict[str, int]]:
        changes = self.log.get("changes", [])
        if len(changes) < 2:
            return []
        shown = [{**change, "share": int(from_ratio(change["share"]))} for change in changes]
        final = int(from_ratio(self.log["final_share"]))
        if final > shown[-1]["share"]:
            shown.append({**shown[-1], "share": final, "step": self.log["steps"]})
        return shown

    def _end(self, spent: int) -> str:
        words = {"spent": self.money(spent), "left": self.money(self.total - spent), "total": self.money(self.total)}
        if spent == self.total:
            return _("The whole pot of %(total)s is given out.") % words
        if len(self.winners) == len(self.rows):
            return _("Every project is funded. %(left)s of %(total)s is left.") % words
        return _("%(spent)s of %(total)s is given out. The %(left)s that is left funds none of the others.") % words


def _before(other: Row, row: Row) -> bool:
    """`other` was funded before `row`, or passed over before it."""
    if other["order"] is not None:
        return bool(other["order"] < row["order"])
    params = other["reason"]["params"]
    return other["reason"]["code"] != "did_not_fit" or bool(params["left"] >= row["reason"]["params"]["left"])
