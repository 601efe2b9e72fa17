"""What is said about one step of a count, for each reason that a project can be funded for. Money is in minor units."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from budgets.tally.exact import from_ratio
from budgets.templatetags.money import money

Row = Mapping[str, Any]
Params = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Payers:
    """Who paid for a project under Equal Shares: voters who paid the price, gave their last money, or had none.

    `points`: the price is for each point they gave it; `short`: who pays nothing has something left, but less than the price.
    """

    full: int
    part: int
    broke: int
    price: int
    points: bool = False
    short: bool = False

    @property
    def all(self) -> int:
        return self.full + self.part + self.broke


class Counted:
    """What the words about a count are made of: its stored outcome."""

    def __init__(self, outcome: Mapping[str, Any], currency: str) -> None:
        self.outcome, self.currency = outcome, currency
        self.rows: list[Row] = outcome["projects"]
        self.log: dict[str, Any] = outcome["log"]
        self.total: int = outcome["budget"]

    def money(self, amount: int) -> str:
        return money(amount, self.currency)


def payers(row: Row) -> Payers | None:
    """None where the project was not bought from equal shares."""
    code, params = row["reason"]["code"], row["reason"]["params"]
    if code not in ("bought", "bought_overspending", "bought_exactly"):
        return None
    price = from_ratio(params["price"])
    each = -(-price.numerator // price.denominator)
    if code == "bought_exactly":
        return Payers(full=params["payers"], part=0, broke=params["votes"] - params["payers"], price=each, short=True)
    return Payers(params["full"], params["part"], params["broke"], each, params["points"])


# ── What is said at a step ───────────────────────────────────────────────────
def _shared(count: Counted, row: Row, params: Params) -> str:
    who = payers(row)
    assert who is not None
    if not row["cost"]:
        return _free()
    if not who.full:
        return ngettext(
            "%(n)s supporter gives the last they have.", "%(n)s supporters give the last they have.", who.part
        ) % {"n": f"{who.part:,}"}  # fmt: skip
    paid = _paid(count, who)
    if not who.part:
        return paid
    return paid + " " + ngettext(
        "%(n)s more gives the last they have.", "%(n)s more give the last they have.", who.part
    ) % {"n": f"{who.part:,}"}  # fmt: skip


def _free() -> str:
    return _("It costs nothing, so it is funded at once.")


def _paid(count: Counted, who: Payers) -> str:
    price = count.money(who.price)
    if who.points:
        return _("Its supporters pay %(price)s for each point they gave it.") % {"price": price}
    return ngettext(
        "%(n)s supporter pays %(price)s from their share.", "%(n)s supporters pay %(price)s each from their share.",
        who.full,
    ) % {"n": f"{who.full:,}", "price": price}  # fmt: skip


def _overspent(count: Counted, row: Row, params: Params) -> str:
    if not params["short"]:
        return _shared(count, row, params)
    return _shared(count, row, params) + " " + _(
        "That makes %(paid)s; the %(short)s they are short comes out of the rest of the pot."
    ) % {"paid": count.money(params["paid"]), "short": count.money(params["short"])}  # fmt: skip


def _exactly(count: Counted, row: Row, params: Params) -> str:
    said, others = _shared(count, row, params), params["votes"] - params["payers"]
    if not row["cost"] or not others:
        return said
    return said + " " + ngettext(
        "%(n)s other no longer has that much, and pays nothing.",
        "%(n)s others no longer have that much, and pay nothing.",
        others,
    ) % {"n": f"{others:,}"}  # fmt: skip


def _points(count: Counted, row: Row, params: Params) -> str:
    if not row["cost"]:
        return _free()
    words = {
        "n": f"{params['votes']:,}",
        "support": count.money(params["support"]),
        "cost": count.money(row["cost"]),
        "more": count.money(params["more"]),
        "over": count.money(params["support"] - row["cost"]),
    }
    said = ngettext(
        "The points of its %(n)s supporter stand for %(support)s, and it costs %(cost)s.",
        "The points of its %(n)s supporters stand for %(support)s, and it costs %(cost)s.",
        params["votes"],
    ) % words  # fmt: skip
    if params["more"]:
        said += " " + _("They add %(more)s of what they had for other projects.") % words
    elif params["support"] > row["cost"]:
        said += " " + _("The %(over)s they do not need flows on to their other choices.") % words
    return said


def _from_rest(count: Counted, row: Row, params: Params) -> str:
    return _(
        "No project has enough support any more, but %(left)s is left in the pot. Of those that fit, this one is next."
    ) % {"left": count.money(params["left"])}  # fmt: skip


def _at_rank(count: Counted, row: Row, params: Params) -> str:
    if not row["cost"]:
        return _free()
    words = {
        "n": f"{params['voters']:,}",
        "rank": f"{params['rank']:,}",
        "held": count.money(params["held"]),
        "cost": count.money(row["cost"]),
    }
    if not params["ranked"]:
        who = ngettext("%(n)s voter chose it.", "%(n)s voters chose it.", params["voters"])
    elif params["rank"] == 1:
        who = ngettext("%(n)s voter has it as first choice.", "%(n)s voters have it as first choice.", params["voters"])
    else:
        who = ngettext(
            "%(n)s voter has it among their first %(rank)s choices.",
            "%(n)s voters have it among their first %(rank)s choices.",
            params["voters"],
        )
    held = ngettext(
        "They hold %(held)s, and it costs %(cost)s.",
        "Together they hold %(held)s, and it costs %(cost)s.",
        params["voters"],
    )
    return f"{who} {held}" % words


def _left_over(count: Counted, row: Row, params: Params) -> str:
    words = {"left": count.money(params["left"]), "votes": f"{params['score']:,}"}
    rest = _("No group of supporters can pay for another project any more, but %(left)s is left in the pot.") % words
    if params["by"] == "votes-per-cost":
        most = _("Of those that fit, this one has the most votes for each pound of its cost.")
    elif params["by"] == "points":
        most = _("Of those that fit, this one has the most points: %(votes)s.") % words
    else:
        most = _("Of those that fit, this one has the most votes: %(votes)s.") % words
    return f"{rest} {most}"


def _in_turn(count: Counted, row: Row, params: Params) -> str:
    words = {"left": count.money(params["left"]), "cost": count.money(row["cost"]), "n": f"{params['score']:,}"}
    if params["by"] == "votes-per-cost":
        return _("It has the most votes for each pound of its cost. It costs %(cost)s, and %(left)s is there.") % words
    if params["by"] == "points":
        said = ngettext(
            "It is next with %(n)s point. It costs %(cost)s, and %(left)s is there.",
            "It is next with %(n)s points. It costs %(cost)s, and %(left)s is there.",
            params["score"],
        )
    else:
        said = ngettext(
            "It is next with %(n)s vote. It costs %(cost)s, and %(left)s is there.",
            "It is next with %(n)s votes. It costs %(cost)s, and %(left)s is there.",
            params["score"],
        )
    return said % words


def _earned(count: Counted, row: Row, params: Params) -> str:
    time = from_ratio(params["time"])
    words = {"time": count.money(-(-time.numerator // time.denominator)), "n": f"{params['votes']:,}"}
    return _(
        "By the moment when every voter has earned %(time)s, its %(n)s supporters have its cost together. "
        "They pay it and start again from nothing."
    ) % words  # fmt: skip


def _in_set(count: Counted, row: Row, params: Params) -> str:
    if params["by"] == "cost":
        return _("It belongs to the projects that are worth most to all voters together; %(n)s voted for it.") % {
            "n": f"{row['votes']:,}"
        }
    if params["by"] == "points":
        return _("It belongs to the projects that have the most points in total.")
    return _("It belongs to the projects that have the most votes in total, with %(n)s.") % {"n": f"{row['votes']:,}"}


def in_order(count: Counted, row: Row, params: Params) -> str:
    return _("It is funded next, with %(n)s votes.") % {"n": f"{row['votes']:,}"}


TEXTS = {
    "bought": _shared,
    "bought_completion": _left_over,
    "bought_in_turn": _in_turn,
    "bought_when_earned": _earned,
    "in_best_set": _in_set,
    "bought_exactly": _exactly,
    "bought_overspending": _overspent,
    "bought_with_points": _points,
    "bought_from_rest": _from_rest,
    "bought_at_rank": _at_rank,
}
