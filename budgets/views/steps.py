"""A count as steps that a resident can follow: made from a stored tally and a published snapshot, nothing is counted.

One step for each project as it was funded, with what its supporters paid, what was passed over on the way, who else was
near, and what the pot has left. Money is in minor units.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from budgets.models import Tally
from budgets.tally.exact import from_ratio
from budgets.templatetags.money import money

# How many rivals a step shows.
RIVALS = 6

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Payers:
    """Who paid for a project under Equal Shares: voters who paid the price, gave their last money, or had none.

    `points`: the price is for each point they gave it.
    """

    full: int
    part: int
    broke: int
    price: int
    points: bool

    @property
    def all(self) -> int:
        return self.full + self.part + self.broke


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


class _Maker:
    def __init__(self, tally: Tally, snapshot: Mapping[str, Any]) -> None:
        self.outcome: dict[str, Any] = tally.outcome
        self.analysis: dict[str, Any] = tally.analysis or {}
        self.rows: list[Row] = self.outcome["projects"]
        self.winners = winner_rows(tally)
        self.log: dict[str, Any] = self.outcome["log"]
        self.currency: str = snapshot["currency"]
        self.names = {row["code"]: row["name"] for row in snapshot["projects"]}
        self.votes = {row["id"]: row["score"] for row in self.rows}
        self.total: int = self.outcome["budget"]

    def money(self, amount: int) -> str:
        return money(amount, self.currency)

    def film(self) -> Film:
        steps = list(self._steps())
        spent = sum(step.cost for step in steps)
        return Film(steps, self._start(), self._end(spent), self.total, spent, self._rise())

    # ── One project after the other
    def _steps(self) -> Iterator[Step]:
        given, rounds = 0, self._rounds()
        for number, row in enumerate(self.winners, start=1):
            params, text = row["reason"]["params"], TEXTS.get(row["reason"]["code"], _in_order)
            effective = rounds.get(row["id"])
            yield Step(
                number=number,
                title=self.names[row["id"]],
                text=text(self, row, params),
                cost=row["cost"],
                given=given,
                total=self.total,
                code=row["id"],
                payers=_payers(row),
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


def _payers(row: Row) -> Payers | None:
    params = row["reason"]["params"]
    if row["reason"]["code"] != "bought":
        return None
    price = from_ratio(params["price"])
    return Payers(
        full=params["full"],
        part=params["part"],
        broke=params["broke"],
        price=-(-price.numerator // price.denominator),
        points=params["points"],
    )


# ── What is said at a step ───────────────────────────────────────────────────
def _shared(maker: _Maker, row: Row, params: Mapping[str, Any]) -> str:
    payers = _payers(row)
    assert payers is not None
    if not row["cost"]:
        return _("It costs nothing, so it is funded at once.")
    price = maker.money(payers.price)
    if params["points"]:
        paid = _("Its supporters pay %(price)s for each point they gave it.") % {"price": price}
    else:
        paid = ngettext(
            "%(n)s supporter pays %(price)s from their share.", "%(n)s supporters pay %(price)s each from their share.",
            payers.full,
        ) % {"n": f"{payers.full:,}", "price": price}  # fmt: skip
    if not payers.part:
        return paid
    return paid + " " + ngettext(
        "%(n)s more gives the last they have.", "%(n)s more give the last they have.", payers.part
    ) % {"n": f"{payers.part:,}"}  # fmt: skip


def _left_over(maker: _Maker, row: Row, params: Mapping[str, Any]) -> str:
    return _(
        "No group of supporters can pay for another project any more, but %(left)s is left in the pot. Of those that "
        "fit, this one has the most votes: %(votes)s."
    ) % {"left": maker.money(params["left"]), "votes": f"{params['score']:,}"}


def _in_turn(maker: _Maker, row: Row, params: Mapping[str, Any]) -> str:
    words = {"left": maker.money(params["left"]), "cost": maker.money(row["cost"]), "n": f"{params['score']:,}"}
    if params["by"] == "votes-per-cost":
        return _("It has the most votes for each pound of its cost. It costs %(cost)s, and %(left)s is there.") % words
    if params["by"] == "points":
        return _("It is next with %(n)s points. It costs %(cost)s, and %(left)s is there.") % words
    return _("It is next with %(n)s votes. It costs %(cost)s, and %(left)s is there.") % words


def _earned(maker: _Maker, row: Row, params: Mapping[str, Any]) -> str:
    time = from_ratio(params["time"])
    words = {"time": maker.money(-(-time.numerator // time.denominator)), "n": f"{params['votes']:,}"}
    return _(
        "By the moment when every voter has earned %(time)s, its %(n)s supporters have its cost together. "
        "They pay it and start again from nothing."
    ) % words  # fmt: skip


def _in_set(maker: _Maker, row: Row, params: Mapping[str, Any]) -> str:
    return _("It belongs to the projects that have the most votes in total, with %(n)s.") % {"n": f"{row['votes']:,}"}


def _in_order(maker: _Maker, row: Row, params: Mapping[str, Any]) -> str:
    return _("It is funded next, with %(n)s votes.") % {"n": f"{row['votes']:,}"}


TEXTS = {
    "bought": _shared,
    "bought_completion": _left_over,
    "bought_in_turn": _in_turn,
    "bought_when_earned": _earned,
    "in_best_set": _in_set,
}


# ── What is said before the first step ───────────────────────────────────────
def _equal_shares(maker: _Maker) -> list[str]:
    log, outcome = maker.log, maker.outcome
    first, voters = log["changes"][0], outcome["n_ballots"]
    words = {
        "total": maker.money(maker.total),
        "voters": f"{voters:,}",
        "share": maker.money(int(from_ratio(log["share"]))),
        "final": maker.money(int(from_ratio(log["final_share"]))),
        "cost": maker.money(first["cost"]),
        "n": first["winners"],
    }
    said = [
        ngettext(
            "The pot of %(total)s is shared out equally on paper: the one voter holds %(share)s.",
            "The pot of %(total)s is shared out equally on paper: each of the %(voters)s voters holds %(share)s.",
            voters,
        ) % words,
        _(
            "A project is funded when the people who voted for it can pay for it together. They all pay the same; who "
            "has less left gives the last they have. The project that costs its supporters least for what it is worth "
            "comes first."
        ),
    ]  # fmt: skip
    if log["steps"]:
        said.append(
            ngettext(
                "That funds %(n)s project for %(cost)s. So that more of the pot is used, every share is raised by the "
                "same amount, step by step, up to %(final)s.",
                "That funds %(n)s projects for %(cost)s. So that more of the pot is used, every share is raised by the "
                "same amount, step by step, up to %(final)s.",
                first["winners"],
            )
            % words
        )
        said += [str(STOPS[log["stop"]])] if log["stop"] in STOPS else []
    return said


STOPS = {
    "exhaustive": gettext_lazy("Then nothing more fits into what is left of the pot."),
    "overspends": gettext_lazy("One step more, and the projects would cost more than the pot holds."),
    "everything": gettext_lazy("Then every project is funded."),
}


def _most_votes(maker: _Maker) -> list[str]:
    return [
        _("The projects are looked at one after the other, the most votes first."),
        _("Each one that fits into what is left of the pot is funded. One that does not fit is passed over."),
    ]


def _phragmen(maker: _Maker) -> list[str]:
    return [
        _("All voters earn money at the same pace, from nothing."),
        _(
            "As soon as the supporters of a project have its cost together, it is funded, and they start again from "
            "nothing. It ends when the next project would cost more than is left in the pot."
        ),
    ]


def _largest_total(maker: _Maker) -> list[str]:
    return [
        _(
            "Every choice of projects that the pot can pay for is compared, and the one with the most votes in total wins."
        ),
        _("There is no order in it; the steps below only show the projects one by one."),
    ]


START = {
    "equal-shares": _equal_shares,
    "greedy": _most_votes,
    "phragmen": _phragmen,
    "max-welfare": _largest_total,
}
