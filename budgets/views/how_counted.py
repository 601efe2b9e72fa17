"""How the votes of a round are counted, in its own words: six steps with a drawing each, and a count to follow by hand."""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from budgets.actions.board import LEAST_BATCH
from budgets.models import Result, Round
from budgets.tally.election import POINTS, RANKED
from budgets.views.common import find_round, page
from budgets.views.example import example
from budgets.views.rules import rule_idea, rule_name


@require_safe
def how_counted(request: HttpRequest, slug: str) -> HttpResponse:
    """The page. An imported election was not voted on here: 404."""
    round = find_round(request, slug)
    if round.is_imported:
        raise Http404
    now = timezone.now()
    rules = round.rules or round.configuration()
    rule = rules["counting"]
    context = page(
        round, now,
        frozen=round.rules is not None, over=now >= round.voting_closes_at,
        box=bool(round.rules and round.rules.get("board_key")),
        pots=[{**pot, "number": len(pot["projects"])} for pot in rules["pots"]],
        choosing=choosing(rules["ballot"]), adding_up=adding_up(rules["ballot"]["format"], rule["rule"]["method"]),
        may_revise=rules["ballot"]["may_revise"],
        rule=rule_name(rule["name"]), idea=rule_idea(rule["name"]),
        example=example(family(rule["rule"]["method"]), round.currency),
        challenge_days=rules.get("challenge_days", 0), at_close=rules["publish_at_close"],
        least=LEAST_BATCH, numbers=_numbers(round),
    )  # fmt: skip
    return render(request, "budgets/how_counted/page.html", context)


def family(method: str) -> str:
    """Which of the two examples shows what this method of the engine does."""
    return "greedy" if method == "greedy" else "equal-shares"


def choosing(ballot: dict[str, Any]) -> str:
    """What a voter does with a ballot of this format, in a sentence."""
    most, points = ballot["max_choices"], ballot.get("points", 0)
    if ballot["format"] == "knapsack":
        return _("You choose projects as long as the money in the pot lasts.")
    if ballot["format"] == "cumulative":
        return ngettext(
            "You have %(points)s point in each pot and give it to a project.",
            "You have %(points)s points in each pot and share them out among the projects, more to those you want more.",
            points,
        ) % {"points": points}
    if ballot["format"] == "scoring":
        return _("You score projects: from 0 to %(points)s points for each, as much as you like it.") % {
            "points": points
        }
    if ballot["format"] == "ordinal":
        return ngettext(
            "You name the project you like best in each pot.",
            "You rank up to %(most)s projects in each pot, the best first.",
            most,
        ) % {"most": most}
    return ngettext(
        "You choose %(most)s project in each pot.", "You choose up to %(most)s projects in each pot.", most
    ) % {"most": most}


def adding_up(ballot_format: str, method: str) -> str:
    """What points or ranks mean for the count; empty for ballots that only choose."""
    if ballot_format in RANKED:
        means = _(
            "A rank is turned into points: the first place gets the most, each next place one fewer. A project that is not "
            "ranked gets none."
        )
    elif ballot_format in POINTS:
        means = _("A project has as many points as all voters together gave it.")
    else:
        return ""
    if method == "greedy":
        return means + " " + _("The project with the most points comes first.")
    return means + " " + _("Supporters pay in proportion: who gave a project more points pays more of it.")


def _numbers(round: Round) -> dict[str, Any] | None:
    """Of the published result: {"ballots", "winners", "cost", "certified", "day"}; None before."""
    results = list(Result.objects.of_round(round))
    if not results:
        return None
    certified: list[datetime] = [result.certified_at for result in results if result.certified_at]
    return {
        "ballots": max(result.snapshot["ballots"] for result in results),
        "winners": sum(result.snapshot["winners"] for result in results),
        "cost": sum(result.snapshot["cost"] for result in results),
        "day": date_format(timezone.localtime(max(certified)), "j F Y") if len(certified) == len(results) else "",
    }
