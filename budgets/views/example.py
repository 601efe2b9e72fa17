"""A count small enough to follow with a pencil: five voters, three projects, and what a rule makes of them.

`tests/budgets/test_how_counted.py` has the engine count the same ballots: what is told here is what the engine does.
"""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from budgets.templatetags.money import money

VOTERS = ("Ana", "Ben", "Cal", "Dee", "Eve")
POT = 10_000_00
SHARE = POT // len(VOTERS)
# Code: name, cost, who chose it.
PROJECTS = {
    "play": (gettext_lazy("Play area"), 8_000_00, ("Ana", "Ben", "Cal", "Dee")),
    "lights": (gettext_lazy("Lights"), 2_000_00, ("Ana", "Ben")),
    "trees": (gettext_lazy("Trees"), 2_000_00, ("Eve",)),
}
FUNDED = {"equal-shares": ("play", "trees"), "greedy": ("play", "lights")}


def example(method: str, currency: str) -> dict[str, Any]:
    """For components/worked_example.html: {"voters", "projects": [{"name", "cost", "votes", "ticks": [bool]}], "pot",
    "steps": [{"title", "text", "funded", "purses" or "bar"}], "outcome"}. `method`: equal-shares or greedy."""
    steps = _equal_shares(currency) if method == "equal-shares" else _most_votes(currency)
    return {
        "voters": VOTERS,
        "pot": POT,
        "currency": currency,
        "projects": [
            {"name": name, "cost": cost, "votes": len(chosen), "ticks": [voter in chosen for voter in VOTERS]}
            for name, cost, chosen in PROJECTS.values()
        ],
        **steps,
    }


def _equal_shares(currency: str) -> dict[str, Any]:
    share = money(SHARE, currency)
    full, spent = dict.fromkeys(VOTERS, SHARE), dict.fromkeys(VOTERS[:4], 0) | {"Eve": SHARE}
    return {
        "start": _("The pot holds %(pot)s. Each of the five voters gets the same part to spend: %(share)s.")
        % {"pot": money(POT, currency), "share": share},
        "purses": _purses(full),
        "steps": [
            {
                "title": _("Play area: bought"),
                "text": _("Its four supporters pay together, %(share)s each. Now they have nothing left.")
                % {"share": share},
                "funded": True,
                "purses": _purses(spent),
            },
            {
                "title": _("Lights: not bought"),
                "text": _("Ana and Ben want them, but have spent their part on the play area."),
                "funded": False,
                "purses": _purses(spent),
            },
            {
                "title": _("Trees: bought"),
                "text": _("Eve has spent nothing yet. She pays the %(share)s for the trees.") % {"share": share},
                "funded": True,
                "purses": _purses(dict.fromkeys(VOTERS, 0)),
            },
        ],
        "outcome": _(
            "Eve is one voter of five, and a fifth of the money goes where she wants it. By “most votes first” the lights "
            "would have won instead of the trees: they have more votes, from people who have got the play area already."
        ),
    }


def _most_votes(currency: str) -> dict[str, Any]:
    rest = money(POT - PROJECTS["play"][1], currency)
    return {
        "start": _("The pot holds %(pot)s. The projects are taken in the order of their votes.")
        % {"pot": money(POT, currency)},
        "spent": 0,
        "steps": [
            {
                "title": _("Play area: 4 votes, bought"),
                "text": _("It has the most votes. %(rest)s is left in the pot.") % {"rest": rest},
                "funded": True,
                "spent": PROJECTS["play"][1],
            },
            {
                "title": _("Lights: 2 votes, bought"),
                "text": _("They cost what is left. Now the pot is empty."),
                "funded": True,
                "spent": POT,
            },
            {
                "title": _("Trees: 1 vote, not bought"),
                "text": _("Nothing is left for them."),
                "funded": False,
                "spent": POT,
            },
        ],
        "outcome": _(
            "Four of the five voters got something they chose, and two of them twice. By “Equal Shares” the trees would have "
            "won instead of the lights: every voter, Eve too, decides about the same part of the money."
        ),
    }


def _purses(left: dict[str, int]) -> list[dict[str, Any]]:
    """What each voter still has, as a bar of up to 1000."""
    return [{"voter": voter, "left": amount, "share": 1000 * amount // SHARE} for voter, amount in left.items()]
