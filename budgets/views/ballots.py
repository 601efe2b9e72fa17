"""Voting: choose, check, put into the box, keep the receipt.

Choices travel in the form from page to page and are never kept beside the person: not in the session, not in a log.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from budgets.actions.ballots import Cast, ballot_of, cast_ballot
from budgets.forms.ballots import DeclarationForm, Paper, paper_of, read_form, read_json, whole_number
from budgets.models import Pot, Project, Round
from budgets.permissions import entitled_pots, may_vote, refusal
from budgets.rules import Selections, check_ballot
from budgets.tally.election import POINTS, RANKED
from budgets.views.common import find_round, page
from budgets.views.signals import mark_device, note
from participation.accounts.models import User
from participation.refusals import Refused
from participation.views.errors import JSON, is_for_a_client, refused_as_json

SEARCHED = 8  # a ballot with more projects than this gets a search
# Not like this, or not at this moment: the ballot is shown again as it was filled in.
KEEPS_CHOICES = {422, 503}

private = cache_control(no_store=True, private=True)


def _voter(request: HttpRequest, round: Round) -> User:
    """The person, if they may vote now; refuses otherwise."""
    refused = may_vote(request.user, round, timezone.now())
    if refused:
        raise refused
    return _signed_in(request)


def _signed_in(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise Refused("sign_in")
    return request.user


@private
@require_http_methods(["GET", "POST"])
def vote(request: HttpRequest, slug: str) -> HttpResponse:
    """Choose. POST adds up (`action=update`), comes back from the check (`change`), or goes on to it (`check`)."""
    round = find_round(request, slug)
    voter = _voter(request, round)
    before = ballot_of(voter, round) if request.method == "GET" else None
    if before and not round.may_revise:
        return redirect("budgets:receipt", slug)
    if request.method == "GET":
        paper = paper_of(round, before.sections() if before else {})
        return mark_device(request, _ballot_page(request, round, paper, voted=before is not None), round)
    paper = read_form(round, request.POST)
    if request.POST.get("action") in {"update", "change"}:
        return _ballot_page(request, round, paper)
    problems = paper.problems or check_ballot(round.rules, entitled_pots(voter, round), paper.selections)
    if problems:
        refusals = [refusal(problem) for problem in problems]
        return _ballot_page(request, round, paper, refusals=refusals, status=422)
    return _check_page(request, round, paper, DeclarationForm(round))


@private
@require_http_methods(["GET", "POST"])
def check_vote(request: HttpRequest, slug: str) -> HttpResponse:
    """Cast. Answers 303 to the receipt; for a client that sends or accepts `application/json` 201 with the receipt (200
    for the same ballot again). Whether this person may vote is for the action to say, which asks anyway."""
    round = find_round(request, slug, bare=True)
    if request.method == "GET":
        return redirect("budgets:vote", slug)
    if is_for_a_client(request):
        return _cast_for_a_client(request, round)
    paper = read_form(round, request.POST)
    try:
        voter = _signed_in(request)
        declaration = DeclarationForm(round, request.POST)
        if not declaration.is_valid():
            _voter(request, round)
            return _check_page(request, find_round(request, slug), paper, declaration, status=422)
        if paper.problems:
            raise refusal(paper.problems[0])
        _cast(request, round, voter, paper.selections)
    except Refused as refused:
        if refused.status not in KEEPS_CHOICES:
            raise
        round = find_round(request, slug)
        return _ballot_page(request, round, paper, refusals=[refused], status=refused.status)
    return redirect("budgets:receipt", slug)


def _cast(request: HttpRequest, round: Round, voter: User, selections: Selections) -> Cast:
    """Cast, and once that has committed note what may later help to see who voted for others."""
    cast = cast_ballot(by=voter, round_id=round.pk, selections=selections)
    if cast.created:
        note(request, round)
    return cast


def _cast_for_a_client(request: HttpRequest, round: Round) -> JsonResponse:
    try:
        voter = _signed_in(request)
        selections = _sent(request, round)
        cast = _cast(request, round, voter, selections)
    except Refused as refused:
        return refused_as_json(refused)
    answer = {"receipt": cast.receipt, "revision": cast.revision}
    return JsonResponse(answer, status=201 if cast.created else 200)


def _sent(request: HttpRequest, round: Round) -> Selections:
    """The selections that a client sends, as JSON or as the page's fields. Refuses what is no ballot, or not declared."""
    if request.content_type == JSON:
        selections, declared = read_json(request.body)
    else:
        paper = read_form(round, request.POST)
        if paper.problems:
            raise refusal(paper.problems[0])
        selections, declared = paper.selections, bool(request.POST.get("old_enough"))
    if not DeclarationForm(round, {"old_enough": declared}).is_valid():
        raise Refused("age_not_declared", field="old_enough")
    return selections


def _ballot_page(
    request: HttpRequest,
    round: Round,
    paper: Paper,
    *,
    refusals: list[Refused] | None = None,
    voted: bool = False,
    status: int = 200,
) -> HttpResponse:
    """The ballot as it was filled in."""
    assert isinstance(request.user, User)
    keys = entitled_pots(request.user, round)
    pots = [pot for pot in round.pots.all() if pot.key in keys]
    projects = _in_random_order(request.user, round)
    query = request.POST.get("q", "").strip()[:100]
    sections = [_section(round, pot, projects, paper.entries.get(pot.key, {}), query) for pot in pots]
    context = page(
        round, timezone.now(), sections=sections, refusals=refusals or [], voted=voted,
        q=query,
        searchable=len(projects) > SEARCHED,
        instruction=_instruction(round),
        points_ballot=round.ballot_format in POINTS,
        entered=round.ballot_format in POINTS | RANKED,
    )  # fmt: skip
    return render(request, "budgets/ballots/vote.html", context, status=status)


def _instruction(round: Round) -> str:
    """How this ballot is filled in, in a sentence or two."""
    most, points = round.max_choices, round.points
    says = {
        Round.Format.APPROVAL: ngettext("Choose %(most)s project.", "Choose up to %(most)s projects.", most),
        Round.Format.KNAPSACK: _("Choose the projects you want, as long as the money lasts."),
        Round.Format.CUMULATIVE: _(
            "You have %(points)s points for each pot. Give a project as many as you like; you need not use them all."
        ),
        Round.Format.SCORING: _("Give each project from 0 to %(points)s points: the more, the better you like it."),
        Round.Format.ORDINAL: ngettext(
            "Rank up to %(most)s project: 1 is the one you want most.",
            "Rank up to %(most)s projects: 1 is the one you want most.",
            most,
        ),
    }
    return says[Round.Format(round.ballot_format)] % {"most": most, "points": points}


def _in_random_order(voter: User, round: Round) -> list[Project]:
    """Every voter sees another order, and the same one each time: nobody gains by standing at the top."""

    def lot(project: Project) -> bytes:
        return hashlib.sha256(f"{voter.pk}|{round.pk}|{project.code}".encode()).digest()

    return sorted(round.projects.listed(), key=lot)


def _section(round: Round, pot: Pot, projects: list[Project], entries: Mapping[str, str], query: str) -> dict[str, Any]:
    """One pot's part of the ballot: the lines that match the search, and those filled in whether they match or not."""
    lines = [project for project in projects if project.pot_id == pot.pk]
    chosen = [project for project in lines if entries.get(project.code)]
    points = [number for number in map(whole_number, entries.values()) if isinstance(number, int)]
    return {
        "pot": pot,
        "lines": [
            (project, entries.get(project.code, ""))
            for project in lines
            if project in chosen or query.lower() in f"{project.name} {project.summary}".lower()
        ],
        "places": range(1, min(round.max_choices, len(lines)) + 1),
        "cost": sum(project.cost for project in chosen),
        "count": len(chosen),
        "points": sum(points),
        "projects": len(lines),
    }


def _check_page(
    request: HttpRequest, round: Round, paper: Paper, declaration: DeclarationForm, status: int = 200
) -> HttpResponse:
    """Everything chosen on one page, before it goes into the box."""
    pots = named(round, paper.selections)
    context = page(
        round, timezone.now(), pots=pots, fields=paper.fields(), declaration=declaration,
        entered=round.ballot_format in POINTS | RANKED,
    )  # fmt: skip
    return render(request, "budgets/ballots/check.html", context, status=status)


def named(round: Round, chosen: Selections) -> list[dict[str, Any]]:
    """Pots with what is chosen in each, from the frozen rules, for the check and the receipt:
    {"name", "amount", "lines": [{"title", "cost", "says": points or place as text, empty where a choice is a choice}]}.

    Best first where there is an order; what cannot be read is left out.
    """
    return [
        {
            "name": pot["name"],
            "amount": pot["amount"],
            "lines": _named_lines(round.rules["ballot"]["format"], pot, chosen[pot["key"]]),
        }
        for pot in round.rules["pots"]
        if chosen.get(pot["key"])
    ]


def _named_lines(ballot_format: str, pot: Mapping[str, Any], section: Any) -> list[dict[str, Any]]:
    projects = {project["code"]: project for project in pot["projects"]}
    if ballot_format in POINTS:
        given = sorted((pair for pair in section if isinstance(pair[1], int) and pair[1]), key=lambda pair: -pair[1])
        says = {code: ngettext("%(n)s point", "%(n)s points", points) % {"n": points} for code, points in given}
    elif ballot_format in RANKED:
        says = {code: _("Place %(place)s") % {"place": place} for place, code in enumerate(section, start=1)}
    else:
        says = {project["code"]: "" for project in pot["projects"] if project["code"] in section}
    return [
        {"title": projects[code]["name"], "cost": projects[code]["cost"], "says": text}
        for code, text in says.items()
        if code in projects
    ]


def no_receipt(request: HttpRequest, round: Round) -> HttpResponse:
    """To the ballot while there is time; after that to the box, which tells what a code that was kept is good for."""
    if round.is_open(timezone.now()) or not (round.rules and round.rules.get("board_key")):
        return redirect("budgets:vote", round.slug)
    messages.info(
        request, _("Nobody can look up your ballot any more, this site included. If you kept its code, check it here.")
    )
    return redirect("budgets:board", round.slug)


@private
@require_safe
def receipt(request: HttpRequest, slug: str) -> HttpResponse:
    """What lies in the box for this person, read back from the database, with its receipt."""
    round = find_round(request, slug)
    if not request.user.is_authenticated:
        raise Refused("sign_in")
    ballot = ballot_of(request.user, round)
    if ballot is None:
        return no_receipt(request, round)
    now = timezone.now()
    context = page(
        round, now, ballot=ballot, pots=named(round, ballot.sections()),
        may_change=round.may_revise and round.is_open(now),
    )  # fmt: skip
    return render(request, "budgets/ballots/receipt.html", context)
