"""What everyone sees: the board of commitments, one case, and the way out of its mails."""

from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, Q, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from commissioning import rules
from commissioning.actions.news import follow, stop_news, whose
from commissioning.models import Case, Follow, Step, checklist_of
from commissioning.models.cases import overdue
from commissioning.permissions import may_hide_here
from commissioning.views.delivery import delivery
from participation.models import Place
from participation.refusals import Refused

State = rules.State
PER_PAGE = 24
KINDS = {
    State.SENT: "wait", State.RECEIVED: "wait", State.DECLINED: "bad", State.CLOSED: "good", State.LEARNED: "good",
}  # fmt: skip
# The steps of a case as its page draws them: the answer is one of three.
WAY = (
    State.SENT,
    State.RECEIVED,
    None,
    State.ROUTED,
    State.CHECKED,
    State.AWARDED,
    State.DELIVERING,
    State.CLOSED,
    State.LEARNED,
)
FILTERS = {
    "late": Q(state__in=rules.UNANSWERED),
    "waiting": Q(state__in=rules.UNANSWERED),
    "accepted": Q(state__in=rules.COMMITTED - rules.DONE),
    "declined": Q(state=State.DECLINED),
    "delivered": Q(state__in=rules.DONE),
}


@require_safe
def commitments(request: HttpRequest) -> HttpResponse:
    """Every promise of a place and where it stands; `?place=` and `?show=` narrow it down."""
    today = timezone.localdate()
    place = Place.objects.filter(slug=request.GET.get("place", "")).first()
    cases = Case.objects.within(place) if place else Case.objects.all()
    show = request.GET.get("show", "")
    listed = cases.filter(FILTERS[show]) if show in FILTERS else cases
    if show == "late":
        listed = listed.overdue(today)
    page = Paginator(listed.listed(), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page, "cards": [card(case, today) for case in page], "totals": totals(cases, today), "place": place,
        "show": show, "shows": _shows(), "query": f"&place={place.slug}&show={show}" if place else f"&show={show}",
        "places": Place.objects.filter(rounds__cases__isnull=False).distinct().only("name", "slug"),
    }  # fmt: skip
    return render(request, "commissioning/cases/commitments.html", context)


def _shows() -> list[tuple[str, str]]:
    return [
        ("", _("All")), ("late", _("Late")), ("waiting", _("Waiting for an answer")), ("accepted", _("Accepted")),
        ("delivered", _("Delivered")), ("declined", _("Declined")),
    ]  # fmt: skip


def totals(cases: Any, today: date) -> dict[str, int]:
    """Promised, answered, late, delivered: numbers of cases, and the money in minor units. One query."""
    committed, done = list(rules.COMMITTED), list(rules.DONE)
    found: dict[str, int] = cases.order_by().aggregate(
        promised=Count("pk"),
        answered=Count("pk", filter=~Q(state__in=list(rules.UNANSWERED))),
        late=Count("pk", filter=overdue(today)),
        accepted=Count("pk", filter=Q(state__in=committed)),
        declined=Count("pk", filter=Q(state=State.DECLINED)),
        delivered=Count("pk", filter=Q(state__in=done)),
        voted=Sum("voted", default=0),
        agreed=Sum("amount", filter=Q(state__in=committed), default=0),
        spent=Sum("amount", filter=Q(state__in=done), default=0),
    )
    return found


def card(case: Case, today: date) -> dict[str, Any]:
    """One case in a list."""
    return {
        "case": case,
        "late": (today - case.reply_due_on).days if case.is_overdue(today) else 0,
        "kind": KINDS.get(State(case.state), "now"),
        "picture": case.project.idea.picture if case.project.idea else None,
    }


def find_case(pk: int) -> Case:
    case = Case.objects.listed().filter(pk=pk).first()
    if case is None:
        raise Http404
    return case


@require_safe
def case(request: HttpRequest, pk: int) -> HttpResponse:
    """One case from the vote to what was learned: what residents said, what the body did, every step with its date."""
    found, today = find_case(pk), timezone.localdate()
    steps = list(found.steps.all())
    followed = request.user.is_authenticated and Follow.objects.filter(case=found, user=request.user.pk).exists()
    context = {
        **card(found, today), "round": found.round, "steps": steps[::-1], "way": way(found, steps), "followed": followed,
        "facts": facts(found), "done": [step for step in steps if step.says][-1:],
        **delivery(found), "hides": may_hide_here(request.user, found),
        "checklist": checklist_of(found),
        "mine": request.user.is_authenticated and found.body.members.filter(user=request.user.pk).exists(),
    }  # fmt: skip
    return render(request, "commissioning/cases/case.html", context)


def way(case: Case, steps: list[Step]) -> list[dict[str, Any]]:
    """For components/timeline.html: what is behind the case, where it stands, what is to come."""
    taken = {State(step.state): step for step in steps}
    answer = next((state for state in taken if state in rules.ANSWERS), None)
    rows = []
    for state in WAY:
        state = state or answer  # noqa: PLW2901 - the answer has no name before it is given
        step = taken.get(state) if state else None
        rows.append(
            {
                "label": str(Case.State(state).label) if state else _("Answer"),
                "state": "now" if step and step.state == case.state else "done" if step else "next",
                "when": _day(timezone.localtime(step.at).date()) if step else "",
            }
        )
        if state == State.DECLINED:
            break
    return rows


def _day(day: date) -> str:
    return date_format(day, "j M Y")


def facts(case: Case) -> list[dict[str, str]]:
    """What is on record, for components/summary_list.html; only what there is."""
    said = [
        (_("Commissioned by"), str(case.body)),
        (_("Decided by"), case.decided_by),
        (_("Day of the decision"), _day(case.decided_on) if case.decided_on else ""),
        (_("Reference"), case.decision_reference),
        (_("Standing of the vote"), str(case.get_legal_basis_display()) if case.legal_basis else ""),
        (_("How it is commissioned"), str(case.get_route_display()) if case.route else ""),
        (_("Budget line"), case.budget_line),
        (_("Strategy or plan"), case.strategy),
        (_("Who could be affected differently"), case.equality_note),
        (_("What the look at the market found"), case.market_note),
    ]
    return [{"key": key, "value": value} for key, value in said if value]


@require_POST
def follow_case(request: HttpRequest, pk: int) -> HttpResponse:
    """Follow (`follow=1`) or no longer."""
    if not request.user.is_authenticated:
        raise Refused("sign_in")
    found = find_case(pk)
    follow(by=request.user, case_id=found.pk, follows=request.POST.get("follow") == "1")
    return redirect(found)


@require_http_methods(["GET", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """No more mails, by the link that stands in each; a mail program may POST it by itself (RFC 8058)."""
    user_id = whose(token)
    stopped = request.method == "POST"
    if stopped:
        stop_news(user_id=user_id, stops=request.POST.get("again") != "1", now=timezone.now())
    context = {"stopped": stopped and request.POST.get("again") != "1", "again": request.POST.get("again") == "1"}
    return render(request, "commissioning/cases/stop_news.html", context)
