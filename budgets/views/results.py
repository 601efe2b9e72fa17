"""The result: the winners first, then how the count went, why each one, other rules, and the files to take away."""

from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from budgets.models import Project, Result, Round, Tally
from budgets.models.urn import grouped_ballots
from budgets.outcomes import as_text, why
from budgets.tally.exact import from_ratio
from budgets.views.challenges import standing
from budgets.views.common import find_round, page
from budgets.views.counting import counting
from budgets.views.maps import projects_map
from budgets.views.reasons import Reasons
from budgets.views.replay import segments
from budgets.views.rules import other_tallies, rule_idea, rule_name
from budgets.views.steps import film
from budgets.views.what_if import sides
from participation.accounts.models import User

CONTENT_TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json", "pb": "text/plain; charset=utf-8"}
# How many bars a chart shows before it sends the reader to the table below it.
CHARTED = 15


@require_safe
def result(request: HttpRequest, slug: str) -> HttpResponse:
    """The published result of a round, pot by pot."""
    now = timezone.now()
    round = find_round(request, slug)
    results = list(Result.objects.of_round(round).select_related("certified_by", "tally"))
    if not results:
        return _being_counted(request, round, now)
    projects = {project.code: project for project in round.projects.listed()}
    pots = [_pot(result, projects, other_tallies(result), round) for result in results]
    certified = all(result.state == Result.State.CERTIFIED for result in results)
    context = page(
        round, now, pots=pots, certified=certified,
        standing=None if round.is_imported else standing(round, now, certified=certified),
        result=results[0], files=_files(round, results),
    )  # fmt: skip
    return render(request, "budgets/results/result.html", context)


def _being_counted(request: HttpRequest, round: Round, now: datetime) -> HttpResponse:
    """How far the count is; 404 where there is nothing to count yet."""
    found = counting(round, now)
    if found is None:
        raise Http404
    return render(request, "budgets/results/counting.html", page(round, now, counting=found))


def _pot(result: Result, projects: dict[str, Project], others: list[Tally], round: Round) -> dict[str, Any]:
    """Everything the page shows about one pot, from the snapshot."""
    snapshot, reasons = result.snapshot, Reasons(result)
    currency = snapshot["currency"]
    rows = [
        {
            **row,
            "title": row["name"],
            "url": reverse("budgets:project", args=[round.slug, row["code"]]),
            "why": why(row, currency, translation),
            "details": reasons.of(row),
            "anchor": f"why-{result.pot.key}-{slugify(row['code'])}",
            "picture": _picture(projects.get(row["code"])),
        }
        for row in snapshot["projects"]
    ]
    funded = [row for row in rows if row["funded"]]
    return {
        "pot": result.pot,
        "rule": rule_name(snapshot["counting"]["name"]),
        "snapshot": snapshot,
        "currency": currency,
        "rows": _with_start(rows),
        "funded": funded,
        "scale": _scale(rows, snapshot["pot"]["amount"]),
        "drawing": projects_map(round.place, [projects[row["code"]] for row in funded if row["code"] in projects]),
        "chart": _chart(rows),
        "pointed": _is_pointed(rows),
        "most_votes": max(map(_support, rows), default=0),
        "steps": _steps(snapshot, funded),
        "statistics": _statistics(snapshot),
        "near": reasons.near(),
        "groups": reasons.groups(),
        "idea": rule_idea(snapshot["counting"]["name"]),
        "segments": segments(film(result.tally, snapshot), 0, done=True),
        "replay": reverse("budgets:replay", args=[round.slug, result.pot.key]),
        "sides": sides(others, result),
    }


def _picture(project: Project | None) -> Any:
    return project.idea.picture if project and project.idea else None


def _with_start(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Where each bar of the pound line starts: what was given away before it."""
    given = 0
    for row in rows:
        row["start"] = given
        if row["funded"]:
            given += row["cost"]
    return rows


def _scale(rows: list[dict[str, Any]], amount: int) -> int:
    """The right edge of the pound line: the pot and a fifth more, so that one sees what did not fit."""
    return max(amount + amount // 5, 1)


def _is_pointed(rows: list[dict[str, Any]]) -> bool:
    return any(row.get("score") is not None for row in rows)


def _support(row: dict[str, Any]) -> int:
    """What the ballots say about a project: its points where they carry points or ranks, otherwise its votes."""
    return int(row["votes"] if row.get("score") is None else row["score"])


def _chart(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Votes or points of each project, most first, the funded ones marked."""
    most = sorted(rows, key=lambda row: -_support(row))[:CHARTED]
    return [
        {
            "label": row["name"],
            "value": _support(row),
            "mark": row["funded"],
            "note": _("funded") if row["funded"] else "",
        }
        for row in most
    ]


def _steps(snapshot: dict[str, Any], funded: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The count as steps: each winner with the money given away so far."""
    return [
        {
            "title": row["name"],
            "text": row["why"],
            "spent": row["start"] + row["cost"],
            "total": snapshot["pot"]["amount"],
        }
        for row in funded
    ]


def _statistics(snapshot: dict[str, Any]) -> dict[str, Any]:
    """Shares of voters as whole percent, and the average number of winners one decimal."""
    numbers = snapshot["statistics"]
    voters = numbers.get("voters", 0)
    if not voters:
        return {}
    return {
        "with_winner": round(100 * numbers["voters_with_winner"] / voters),
        "average": f"{float(from_ratio(numbers['winners_per_voter'])):.1f}",
    }


def _files(round: Round, results: list[Result]) -> list[dict[str, str]]:
    """For components/downloads.html: every pot's outcome in each format."""
    files = []
    for result in results:
        key = result.pot.key
        label = _("Outcome") if len(results) == 1 else _("Outcome of “%(pot)s”") % {"pot": result.pot.name}
        notes = {
            "csv": _("For a spreadsheet."),
            "json": _("For other software, with every figure of the count."),
            "pb": _("With all ballots, in the format researchers use: anyone can count again."),
        }
        for kind, note in notes.items():
            url = reverse("budgets:outcome", args=[round.slug, key, kind])
            files.append({"url": url, "label": label, "format": kind.upper() if kind != "pb" else ".pb", "note": note})
    return files


@require_safe
def outcome(request: HttpRequest, slug: str, pot: str, kind: str) -> HttpResponse:
    """One pot's published outcome as a file; `pot` may be "all" for CSV and JSON."""
    round = find_round(request, slug)
    results = Result.objects.of_round(round)
    if pot != "all":
        results = results.filter(pot__key=pot)
    found = list(results)
    if not found or (kind == "pb" and len(found) > 1):
        raise Http404
    ballots = grouped_ballots(round) if kind == "pb" else []
    text = as_text(kind, [r.snapshot for r in found], [r.state for r in found], ballots)
    response = HttpResponse(text, content_type=CONTENT_TYPES[kind])
    name = round.slug if pot == "all" or len(round.pots.all()) == 1 else f"{round.slug}-{pot}"
    response["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return response


@login_required
@require_safe
def commission(request: HttpRequest) -> HttpResponse:
    """For commissioners: the results of their places, with what was decided and the files to take away."""
    assert isinstance(request.user, User)
    rounds = Round.objects.commissioned_by(request.user).public().filter(pots__result__isnull=False).distinct()
    found = [round for round in rounds.with_pots() if round.has_result()]
    context = {"rounds": [_commissioned(round) for round in found]}
    return render(request, "budgets/results/commission.html", context)


def _commissioned(round: Round) -> dict[str, Any]:
    results = [pot.result for pot in round.pots.all()]
    winners = sum(result.snapshot["winners"] for result in results)
    return {
        "round": round,
        "certified": all(result.state == Result.State.CERTIFIED for result in results),
        "cost": sum(result.snapshot["cost"] for result in results),
        "winners": ngettext("%(n)s project funded", "%(n)s projects funded", winners) % {"n": winners},
        "files": [
            {
                "url": reverse("budgets:outcome", args=[round.slug, "all", kind]),
                "label": _("Outcome"), "format": kind.upper(),
            }
            for kind in ("csv", "json")
        ] + _pabulib(round, results),
    }  # fmt: skip


def _pabulib(round: Round, results: list[Result]) -> list[dict[str, str]]:
    return [
        {
            "url": reverse("budgets:outcome", args=[round.slug, result.pot.key, "pb"]),
            "label": _("Ballots of “%(pot)s”") % {"pot": result.pot.name},
            "format": ".pb",
        }
        for result in results
    ]
