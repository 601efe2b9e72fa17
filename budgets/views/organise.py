"""The organiser's rounds: the list, a new one, one round's task list, and the forms of what it is made of."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from budgets.actions.rounds import create_round, update_round
from budgets.forms.rounds import (
    BALLOT,
    DETAILS,
    TIMETABLE,
    BallotForm,
    DetailsForm,
    NewRoundForm,
    RoundForm,
    TimetableForm,
)
from budgets.models import Round
from budgets.views import worklist
from budgets.views.common import timeline
from budgets.views.counting import counting
from budgets.views.desk import open_desk
from budgets.views.organise_common import address, answers, find_organised, frame, organiser
from budgets.views.trail import trail
from participation.forms.refusals import show_refusal
from participation.models import AuditEvent, Place
from participation.refusals import Refused

PER_PAGE, LOG_PER_PAGE, LATEST = 20, 50, 8
form_page = require_http_methods(["GET", "HEAD", "POST"])


def _places(request: HttpRequest) -> list[Place]:
    """Where this person may make a round."""
    places = Place.objects.reached_by(organiser(request).pk, "organiser").select_related("parent__parent")
    return list(places.defer("boundary", "parent__boundary", "parent__parent__boundary"))


@require_safe
def organise(request: HttpRequest) -> HttpResponse:
    """My rounds, those that wait for someone first."""
    now = timezone.now()
    if not _places(request):
        raise Refused("not_allowed")
    rounds = Round.objects.organised_by(organiser(request)).with_work(now).with_pots().defer("rules", "place__boundary")
    page = Paginator(rounds, PER_PAGE).get_page(request.GET.get("page"))
    rows = [
        (round, round.phase(now), worklist.waiting_for(round, now), sum(p.amount for p in round.pots.all()))
        for round in page
    ]
    return render(request, "budgets/organise/list.html", {"rows": rows, "page": page})


@form_page
def new_round(request: HttpRequest) -> HttpResponse:
    """Everything about a new round on one page, with a timetable to start from."""
    person, places, now = organiser(request), _places(request), timezone.now()
    if not places:
        raise Refused("not_allowed")
    form = NewRoundForm(request.POST if request.method == "POST" else None, places=places, now=now)
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                round = create_round(by=person, place_id=form.place_id(), now=now, **form.answers())
            except Refused as refused:
                status = show_refusal(form, refused)
            else:
                messages.success(request, _("The round is made. Only organisers see it so far. Next: add a pot."))
                return redirect(address(round))
    sections = {"details": DETAILS, "timetable": TIMETABLE, "ballot": BALLOT}
    fields = {name: [form[field] for field in names] for name, names in sections.items()}
    return render(request, "budgets/organise/new.html", {"form": form, "place": form["place"], **fields}, status=status)


@require_safe
def organise_round(request: HttpRequest, slug: str) -> HttpResponse:
    """One round: what happens next, what is to be done, what is wrong, and what was done."""
    round, now = find_organised(request, slug, pots=True), timezone.now()
    desk = open_desk(round, organiser(request), now)
    events = AuditEvent.objects.about_thing("round", round.pk)[:LATEST]
    context = {
        "desk": desk,
        "happening": worklist.happening(desk),
        "steps": timeline(round, now),
        "counting": counting(round, now),
        "preparing": worklist.preparing(desk),
        "deciding": worklist.deciding(desk),
        "finishing": worklist.finishing(desk),
        "trail": trail(round, events),
    }
    return render(request, "budgets/organise/round.html", frame(request, round, **context))


@require_safe
def round_log(request: HttpRequest, slug: str) -> HttpResponse:
    """Everything that was done to the round, newest first."""
    round = find_organised(request, slug)
    page = Paginator(AuditEvent.objects.about_thing("round", round.pk), LOG_PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "budgets/organise/log.html", frame(request, round, page=page, trail=trail(round, page)))


@form_page
def edit_round(request: HttpRequest, slug: str) -> HttpResponse:
    """Title, question and description: they may change at any time."""
    return _edit(request, slug, DetailsForm, DETAILS, heading=_("What it is about"), always=True)


@form_page
def edit_timetable(request: HttpRequest, slug: str) -> HttpResponse:
    return _edit(request, slug, TimetableForm, TIMETABLE, heading=_("Timetable"))


@form_page
def edit_ballot(request: HttpRequest, slug: str) -> HttpResponse:
    return _edit(request, slug, BallotForm, BALLOT, heading=_("Ballot and rules"))


def _edit(
    request: HttpRequest,
    slug: str,
    form_class: type[RoundForm],
    names: tuple[str, ...],
    *,
    heading: str,
    always: bool = False,
) -> HttpResponse:
    """A form over fields of the round; where the confirmed ballot forbids changes, the same fields to read."""
    round, status = find_organised(request, slug), 200
    form = form_class(request.POST if request.method == "POST" else None, instance=round)
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                update_round(by=organiser(request), round_id=round.pk, now=timezone.now(), **form.cleaned_data)
            except Refused as refused:
                status = show_refusal(form, refused)
            else:
                messages.success(request, _("Saved."))
                return redirect(address(round))
    context: dict[str, Any] = frame(request, round, form=form, heading=heading, rows=answers(round, names))
    if always:
        context["locked"] = None
    return render(request, "budgets/organise/edit.html", context, status=status)
