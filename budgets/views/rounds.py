"""The list of rounds, and one round's whole story on a page that changes with its phase."""

from datetime import datetime
from typing import Any, TypedDict

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from budgets.models import Project, Round, Submission
from budgets.models.challenges import challenged_until
from budgets.models.rounds import Phase
from budgets.permissions import may_organise
from budgets.views.common import find_round, page, timeline
from participation.models import Place

PER_PAGE = 12
SHOWN = 6  # projects or ideas on the overview


class Now(TypedDict, total=False):
    """For components/now_banner.html."""

    title: str
    text: str
    icon: str
    closes: datetime
    action_url: str
    action_label: str
    second_url: str
    second_label: str


@require_safe
def rounds(request: HttpRequest) -> HttpResponse:
    """All public rounds, those that need someone now first; `?place=slug` narrows to a place."""
    now = timezone.now()
    found = Round.objects.public().with_pots()
    place = None
    if request.GET.get("place"):
        place = get_object_or_404(Place, slug=request.GET["place"])
        found = found.within(place)
    open_now = Q(voting_closes_at__gt=now, origin=Round.Origin.OWN)
    current = list(found.filter(open_now).order_by("voting_closes_at"))
    earlier = Paginator(found.exclude(open_now), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "place": place,
        "current": [(round, round.phase(now)) for round in current],
        "earlier": [(round, round.phase(now)) for round in earlier],
        "page": earlier,
        "query": f"place={place.slug}" if place else "",
    }
    return render(request, "budgets/rounds/list.html", context)


@require_safe
def round(request: HttpRequest, slug: str) -> HttpResponse:
    """The overview of a round."""
    now = timezone.now()
    found = find_round(request, slug)
    phase = found.phase(now)
    context = page(
        found,
        now,
        happening=happening(found, now),
        steps=timeline(found, now),
        pots=found.pots.all(),
        projects=_projects(found, phase),
        ideas=_ideas(found, phase),
        ballot_count=getattr(found, "ballot_count", None) if phase == Phase.VOTING else None,
        results=[pot.result for pot in found.pots.all()] if found.has_result() else [],
        challenged_until=None if found.is_imported or found.challenge_days == 0 else challenged_until(found),
        organises=may_organise(request.user, found.place) is None if request.user.is_authenticated else False,
    )
    return render(request, "budgets/rounds/round.html", context)


def _projects(found: Round, phase: Phase) -> list[Project]:
    if phase in {Phase.VOTING, Phase.COUNTING}:
        return list(found.projects.listed().order_by("?")[:SHOWN])
    return []


def _ideas(found: Round, phase: Phase) -> list[Submission]:
    if phase in {Phase.PROPOSING, Phase.SHAPING, Phase.REVIEW}:
        return list(found.submissions.public().listed().order_by("-submitted_at")[:SHOWN])
    return []


def happening(round: Round, now: datetime) -> Now:
    """What happens now, and the one thing to do about it."""
    phase = round.phase(now)
    at = [round.slug]
    if phase == Phase.ANNOUNCED:
        starts = date_format(timezone.localtime(round.proposing_opens_at), "l j F")
        return {"title": _("Ideas open on %(day)s") % {"day": starts}, "icon": "calendar-days"}
    if phase == Phase.PROPOSING:
        return {
            "title": _("What should the money do? Tell us your idea."),
            "closes": round.shaping_opens_at,
            "action_url": reverse("budgets:propose", args=at),
            "action_label": _("Propose an idea"),
            "second_url": reverse("budgets:ideas", args=at),
            "second_label": _("Read the ideas so far"),
        }
    if phase == Phase.SHAPING:
        return {
            "title": _("Ideas are in. They are being worked out."),
            "text": _("Read them and see what your neighbours have in mind."),
            "action_url": reverse("budgets:ideas", args=at),
            "action_label": _("Read the ideas"),
        }
    if phase == Phase.REVIEW:
        return {
            "title": _("Each idea is being checked and costed"),
            "text": _(
                "Ideas that can be done go on the ballot with their real cost. The others get a reason, in public."
            ),
            "action_url": reverse("budgets:ideas", args=at),
            "action_label": _("See how far the review is"),
        }
    if phase == Phase.VOTING:
        return {
            "title": _("You decide now: vote for the projects you want"),
            "closes": round.voting_closes_at,
            "icon": "vote",
            "action_url": reverse("budgets:vote", args=at),
            "action_label": _("Vote"),
            "second_url": reverse("budgets:projects", args=at),
            "second_label": _("Read about the projects"),
        }
    return _after_the_vote(round, phase)


def _after_the_vote(round: Round, phase: Phase) -> Now:
    if phase == Phase.COUNTING:
        text = _("The count explains itself: you will see for every project why it won or what it lacked.")
        said: Now = {"title": _("Voting has closed. The ballots are being counted."), "text": text}
        if not round.is_imported:
            said |= {"action_url": reverse("budgets:result", args=[round.slug]), "action_label": _("Follow the count")}
        return said
    winners = sum(pot.result.snapshot["winners"] for pot in round.pots.all())
    ballots = max(pot.result.snapshot["ballots"] for pot in round.pots.all())
    title = ngettext("%(winners)s project is funded", "%(winners)s projects are funded", winners) % {"winners": winners}
    return {
        "title": title,
        "text": _("Decided with %(ballots)s ballots.") % {"ballots": f"{ballots:,}"},
        "icon": "circle-check",
        "action_url": reverse("budgets:result", args=[round.slug]),
        "action_label": _("See the result and why"),
    }


@require_safe
def ideas(request: HttpRequest, slug: str) -> HttpResponse:
    """The ideas handed in to a round, with how far each one is; searched by word and ward."""
    now = timezone.now()
    found = find_round(request, slug)
    query, ward = request.GET.get("q", "").strip()[:100], request.GET.get("ward", "")
    submissions = found.submissions.public().listed().order_by("-submitted_at", "-pk")
    if query:
        text = Q(proposal__title__icontains=query) | Q(proposal__what__icontains=query)
        submissions = submissions.filter(text | Q(proposal__why__icontains=query))
    if ward:
        submissions = submissions.filter(proposal__area__slug=ward)
    wards = list(Place.objects.filter(parent=found.place).values_list("slug", "name"))
    shown = Paginator(submissions, PER_PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = page(found, now, page=shown, q=query, ward=ward, wards=wards, query=_query(request))
    context["may_propose"] = found.phase(now) == Phase.PROPOSING
    return render(request, "budgets/rounds/ideas.html", context)


def _query(request: HttpRequest) -> str:
    """The address's query without the page number."""
    query = request.GET.copy()
    query.pop("page", None)
    return query.urlencode()


@require_safe
def ballots_so_far(request: HttpRequest, slug: str) -> HttpResponse:
    """The number on the round's page, as last refreshed: never a tally. Fetched again when the socket says so."""
    found = get_object_or_404(Round.objects.public().select_related("ballot_count"), slug=slug)
    context = {"round": found, "ballot_count": getattr(found, "ballot_count", None)}
    return render(request, "budgets/rounds/_ballots_so_far.html", context)
