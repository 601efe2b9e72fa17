"""The projects on the ballot: a list with a map, and one page each."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from budgets.models import Project, Round
from budgets.models.projects import ProjectQuerySet
from budgets.outcomes import why
from budgets.views.common import find_round, page
from budgets.views.maps import projects_map

PER_PAGE = 24
ORDERS = {"name": ("name", "pk"), "cheap": ("cost", "pk"), "dear": ("-cost", "pk")}


@require_safe
def projects(request: HttpRequest, slug: str) -> HttpResponse:
    """All projects of a round, searched by word, pot and ward, with a map of where they are."""
    now = timezone.now()
    round = find_round(request, slug)
    wanted = {name: request.GET.get(name, "")[:100] for name in ("q", "ward", "pot", "order")}
    found = _search(round, wanted)
    shown = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    context: dict[str, Any] = page(
        round, now, page=shown, query=query.urlencode(), wards=_areas(round), orders=_orders(),
        drawing=projects_map(round.place, list(found)), **wanted,
    )  # fmt: skip
    return render(request, "budgets/projects/list.html", context)


def _search(round: Round, wanted: dict[str, str]) -> ProjectQuerySet:
    found = round.projects.listed()
    if wanted["q"]:
        found = found.filter(Q(name__icontains=wanted["q"]) | Q(summary__icontains=wanted["q"]))
    if wanted["ward"]:
        found = found.filter(Q(area__slug=wanted["ward"]) | Q(area_name=wanted["ward"]))
    if wanted["pot"]:
        found = found.filter(pot__key=wanted["pot"])
    return found.order_by(*ORDERS.get(wanted["order"], ORDERS["name"]))


def _areas(round: Round) -> list[tuple[str, str]]:
    """The areas that projects of this round are for: places of this site, or the names of an imported file."""
    rows = round.projects.order_by().values_list("area__slug", "area__name", "area_name").distinct()
    return sorted({(slug or name, label or name) for slug, label, name in rows if slug or name}, key=lambda row: row[1])


def _orders() -> list[tuple[str, Any]]:
    return [("name", _("Name")), ("cheap", _("Lowest cost first")), ("dear", _("Highest cost first"))]


@require_safe
def project(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """One project: what, where, how much, why it can be done, and its outcome once there is one."""
    now = timezone.now()
    round = find_round(request, slug)
    found = round.projects.listed().filter(code=code).select_related("proposal__place").first()
    if found is None:
        raise Http404
    outcome = _outcome(round, found)
    context = page(
        round, now, project=found, outcome=outcome, outcome_why=why(outcome, round.currency, translation) if outcome else "",
        drawing=projects_map(round.place, [found]),
    )  # fmt: skip
    context["crumbs"] = [*context["crumbs"], (reverse("budgets:projects", args=[slug]), _("Projects"))]
    return render(request, "budgets/projects/project.html", context)


def _outcome(round: Round, project: Project) -> dict[str, Any] | None:
    """The project's row of the published result."""
    pot = next(pot for pot in round.pots.all() if pot.pk == project.pot_id)
    if not hasattr(pot, "result"):
        return None
    rows: list[dict[str, Any]] = pot.result.snapshot["projects"]
    return next((row for row in rows if row["code"] == project.code), None)
