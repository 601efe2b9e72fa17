"""What is said before the first step of a count: how each method begins and goes on."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from budgets.tally.exact import from_ratio
from budgets.views.step_texts import Counted


def _shared_out(count: Counted) -> str:
    """The share of each voter, before anything is raised."""
    voters = count.outcome["n_ballots"]
    share = int(from_ratio(count.log["share"])) if "share" in count.log else count.total // max(voters, 1)
    return ngettext(
        "The pot of %(total)s is shared out equally on paper: the one voter holds %(share)s.",
        "The pot of %(total)s is shared out equally on paper: each of the %(voters)s voters holds %(share)s.",
        voters,
    ) % {"total": count.money(count.total), "voters": f"{voters:,}", "share": count.money(share)}  # fmt: skip


def _raised(count: Counted) -> list[str]:
    """How the shares were raised, and why that came to an end."""
    log = count.log
    if not log.get("steps"):
        return []
    first = log["changes"][0]
    said = ngettext(
        "That funds %(n)s project for %(cost)s. So that more of the pot is used, every share is raised by the "
        "same amount, step by step, up to %(final)s.",
        "That funds %(n)s projects for %(cost)s. So that more of the pot is used, every share is raised by the "
        "same amount, step by step, up to %(final)s.",
        first["winners"],
    ) % {
        "n": first["winners"],
        "cost": count.money(first["cost"]),
        "final": count.money(int(from_ratio(log["final_share"]))),
    }  # fmt: skip
    return [said, str(STOPS[log["stop"]])] if log["stop"] in STOPS else [said]


STOPS = {
    "exhaustive": gettext_lazy("Then nothing more fits into what is left of the pot."),
    "overspends": gettext_lazy("One step more, and the projects would cost more than the pot holds."),
    "everything": gettext_lazy("Then every project is funded."),
}


def _has(count: Counted, code: str) -> bool:
    return any(row["reason"]["code"] == code for row in count.rows)


def _param(count: Counted, name: str) -> Any:
    """The first parameter of that name in a reason; None where no reason has it."""
    found = (row["reason"]["params"][name] for row in count.rows if name in row["reason"]["params"])
    return next(found, None)


def _equal_shares(count: Counted) -> list[str]:
    if _param(count, "points"):
        idea = _(
            "A project is funded when the people who gave it points can pay for it together. They all pay the same for "
            "each point; who has less left gives the last they have. The project that costs its supporters least for "
            "each point comes first."
        )
    else:
        idea = _(
            "A project is funded when the people who voted for it can pay for it together. They all pay the same; who "
            "has less left gives the last they have. The project that costs its supporters least for what it is worth "
            "comes first."
        )
    return [_shared_out(count), idea, *_raised(count)]


def _exact_shares(count: Counted) -> list[str]:
    return [
        _shared_out(count),
        _(
            "A project is funded when enough of the people who voted for it can share its cost equally. Whoever has less "
            "left than that pays nothing. The project that gives its payers most for their money comes first."
        ),
        *_raised(count),
    ]


def _overspending(count: Counted) -> list[str]:
    return [
        _shared_out(count),
        _(
            "The people who voted for a project pay for it together. They may be short of a part of its cost: that comes "
            "out of the rest of the pot. The project that costs them little for what it is worth, and that they can "
            "nearly pay for, comes first."
        ),
        _("It ends when nothing fits into what is left, or nobody who voted for it has money left."),
    ]


def _cumulative_stv(count: Counted) -> list[str]:
    said = [
        _shared_out(count),
        _(
            "Each voter’s money is split over their choices: by the points they gave, or evenly. When a project has its "
            "cost together it is funded, and what it does not need flows on to its supporters’ other choices."
        ),
        _(
            "When no project has enough, the one furthest from its cost is given up, and the money for it passes on to "
            "its supporters’ other choices."
        )
        if count.log["transfers"] == "elimination"
        else _("When no project has enough, the supporters of one add what they had for other projects."),
    ]
    return [*said, _rest()] if _has(count, "bought_from_rest") else said


def _expanding_approvals(count: Counted) -> list[str]:
    ranked = count.log["ranks"] > 1
    said = [
        _shared_out(count),
        _(
            "First, only first choices count. When the people with a project as first choice hold its cost together, it "
            "is funded and they pay for it. Then second choices count too, and so on."
        )
        if ranked
        else _(
            "A project is funded when the people who voted for it hold its cost together. They pay for it, each the same "
            "part of what they have."
        ),
    ]
    return [*said, _rest()] if _has(count, "bought_completion") else said


def _rest() -> str:
    return _("At the end, what is left in the pot is spent on projects that still fit.")


def _most_votes(count: Counted) -> list[str]:
    orders = {
        "points": _("The projects are looked at one after the other, the most points first."),
        "votes-per-cost": _(
            "The projects are looked at one after the other, those with the most votes for each pound of their cost first."
        ),
    }
    in_order = _("The projects are looked at one after the other, the most votes first.")
    return [
        orders.get(_param(count, "by"), in_order),
        _("Each one that fits into what is left of the pot is funded. The first that does not fit ends the count.")
        if _has(count, "count_ended")
        else _("Each one that fits into what is left of the pot is funded. One that does not fit is passed over."),
    ]


def _phragmen(count: Counted) -> list[str]:
    return [
        _("All voters earn money at the same pace, from nothing."),
        _(
            "As soon as the supporters of a project have its cost together, it is funded, and they start again from "
            "nothing. It ends when the next project would cost more than is left in the pot."
        ),
    ]


def _largest_total(count: Counted) -> list[str]:
    compared = {
        "cost": _(
            "Every choice of projects that the pot can pay for is compared, and the one worth most to all voters together "
            "wins. A project is worth its cost to everyone who voted for it."
        ),
        "points": _(
            "Every choice of projects that the pot can pay for is compared, and the one with the most points in total wins."
        ),
    }
    by_votes = _(
        "Every choice of projects that the pot can pay for is compared, and the one with the most votes in total wins."
    )
    return [
        compared.get(_param(count, "by"), by_votes),
        _("There is no order in it; the steps below only show the projects one by one."),
    ]


START = {
    "equal-shares": _equal_shares,
    "greedy": _most_votes,
    "phragmen": _phragmen,
    "max-welfare": _largest_total,
    "exact-shares": _exact_shares,
    "overspending": _overspending,
    "cumulative-stv": _cumulative_stv,
    "expanding-approvals": _expanding_approvals,
}
