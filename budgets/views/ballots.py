"""Voting: choose, check, put into the box, keep the receipt.

Choices travel in the form from page to page and are never kept beside the person: not in the session, not in a log.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from budgets.actions.ballots import Cast, ballot_of, cast_ballot
from budgets.forms.ballots import DeclarationForm, fields_of, selections_from
from budgets.models import Pot, Project, Round
from budgets.permissions import entitled_pots, may_vote, refusal
from budgets.rules import Selections, check_ballot
from budgets.views.common import find_round, page
from participation.accounts.models import User
from participation.refusals import Refused

SEARCHED = 8  # a ballot with more projects than this gets a search
# Not like this, or not at this moment: the ballot is shown again as it was filled in.
KEEPS_CHOICES = {422, 503}

private = cache_control(no_store=True, private=True)


def _voter(request: HttpRequest, round: Round) -> User:
    """The person, if they may vote now; refuses otherwise."""
    refused = may_vote(request.user, round, timezone.now())
    if refused:
        raise refused
    assert isinstance(request.user, User)
    return request.user


@private
@require_http_methods(["GET", "POST"])
def vote(request: HttpRequest, slug: str) -> HttpResponse:
    """Choose. POST adds up (`action=update`), comes back from the check (`change`), or goes on to it (`check`)."""
    round = find_round(request, slug)
    voter = _voter(request, round)
    if request.method == "GET":
        before = ballot_of(voter, round)
        chosen = before.sections() if before else {}
        return _ballot_page(request, round, chosen, voted=before is not None)
    chosen = selections_from(request.POST)
    if request.POST.get("action") in {"update", "change"}:
        return _ballot_page(request, round, chosen)
    problems = check_ballot(round.rules, entitled_pots(voter, round), chosen)
    if problems:
        refusals = [refusal(problem) for problem in problems]
        return _ballot_page(request, round, chosen, refusals=refusals, status=422)
    return _check_page(request, round, chosen, DeclarationForm(round))


@private
@require_http_methods(["GET", "POST"])
def check_vote(request: HttpRequest, slug: str) -> HttpResponse:
    """Cast. Answers 303 to the receipt, or with `Accept: application/json` 201 (200 for the same ballot again)."""
    round = find_round(request, slug)
    if request.method == "GET":
        return redirect("budgets:vote", slug)
    as_json = request.headers.get("accept") == "application/json"
    chosen = selections_from(request.POST)
    try:
        voter = _voter(request, round)
        declaration = DeclarationForm(round, request.POST)
        if not declaration.is_valid():
            if as_json:
                return _refused_as_json(Refused("age_not_declared", field="old_enough"))
            return _check_page(request, round, chosen, declaration, status=422)
        cast = cast_ballot(by=voter, round_id=round.pk, selections=chosen)
    except Refused as refused:
        if as_json:
            return _refused_as_json(refused)
        if refused.status not in KEEPS_CHOICES:
            raise
        return _ballot_page(request, round, chosen, refusals=[refused], status=refused.status)
    return _cast_as_json(cast) if as_json else redirect("budgets:receipt", slug)


def _cast_as_json(cast: Cast) -> JsonResponse:
    answer = {"receipt": cast.receipt, "revision": cast.revision}
    return JsonResponse(answer, status=201 if cast.created else 200)


def _refused_as_json(refused: Refused) -> JsonResponse:
    answer = {"code": refused.code, "field": refused.field, "message": str(refused)}
    return JsonResponse(answer, status=401 if refused.code == "sign_in" else refused.status)


def _ballot_page(
    request: HttpRequest,
    round: Round,
    chosen: Selections,
    *,
    refusals: list[Refused] | None = None,
    voted: bool = False,
    status: int = 200,
) -> HttpResponse:
    """The ballot with these choices ticked."""
    assert isinstance(request.user, User)
    keys = entitled_pots(request.user, round)
    pots = [pot for pot in round.pots.all() if pot.key in keys]
    projects = _in_random_order(request.user, round)
    query = request.POST.get("q", "").strip()[:100]
    sections = [_section(pot, projects, chosen.get(pot.key, []), query) for pot in pots]
    context = page(
        round, timezone.now(), sections=sections, refusals=refusals or [], voted=voted,
        q=query,
        searchable=len(projects) > SEARCHED,
        knapsack=round.ballot_format == Round.Format.KNAPSACK,
    )  # fmt: skip
    return render(request, "budgets/ballots/vote.html", context, status=status)


def _in_random_order(voter: User, round: Round) -> list[Project]:
    """Every voter sees another order, and the same one each time: nobody gains by standing at the top."""

    def lot(project: Project) -> bytes:
        return hashlib.sha256(f"{voter.pk}|{round.pk}|{project.code}".encode()).digest()

    return sorted(round.projects.listed(), key=lot)


def _section(pot: Pot, projects: list[Project], codes: Sequence[str], query: str) -> dict[str, Any]:
    """One pot's part of the ballot: the lines that match the search, and what is ticked whether it matches or not."""
    lines = [project for project in projects if project.pot_id == pot.pk]
    ticked = set(codes)
    chosen = [project for project in lines if project.code in ticked]
    return {
        "pot": pot,
        "lines": [
            (p, p.code in ticked) for p in lines if p.code in ticked or query.lower() in f"{p.name} {p.summary}".lower()
        ],
        "chosen": chosen,
        "cost": sum(project.cost for project in chosen),
        "count": len(chosen),
    }


def _check_page(
    request: HttpRequest, round: Round, chosen: Selections, declaration: DeclarationForm, status: int = 200
) -> HttpResponse:
    """Everything chosen on one page, before it goes into the box."""
    context = page(round, timezone.now(), pots=_named(round, chosen), fields=fields_of(chosen), declaration=declaration)
    return render(request, "budgets/ballots/check.html", context, status=status)


def _named(round: Round, chosen: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Pots with the names and costs of what is chosen, from the frozen rules; for the check and the receipt."""
    return [
        {
            "name": pot["name"],
            "amount": pot["amount"],
            "lines": [
                {"title": project["name"], "cost": project["cost"]}
                for project in pot["projects"]
                if project["code"] in chosen[pot["key"]]
            ],
        }
        for pot in round.rules["pots"]
        if chosen.get(pot["key"])
    ]


@private
@require_safe
def receipt(request: HttpRequest, slug: str) -> HttpResponse:
    """What lies in the box for this person, read back from the database, with its receipt."""
    round = find_round(request, slug)
    if not request.user.is_authenticated:
        raise Refused("sign_in")
    ballot = ballot_of(request.user, round)
    if ballot is None:
        return redirect("budgets:vote", slug)
    now = timezone.now()
    context = page(
        round, now, ballot=ballot, pots=_named(round, ballot.sections()),
        may_change=round.may_revise and round.is_open(now),
    )  # fmt: skip
    return render(request, "budgets/ballots/receipt.html", context)
