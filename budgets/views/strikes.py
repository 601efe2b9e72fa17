"""The roll of a closed round for its organisers, and strikes: who voted and what signals say, never what anyone chose."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F, Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from budgets.actions.strikes import confirm_strikes, decline_strikes, propose_strikes
from budgets.forms.strikes import DecisionForm, StrikeForm
from budgets.models import Elector, Round, Strike
from budgets.permissions import may_see_roll, may_strike
from budgets.views.organise_common import address, find_organised, frame, organiser
from budgets.views.signals import chosen_group, hints
from participation.forms.refusals import show_refusal
from participation.refusals import Refused

PER_PAGE, MOST_AT_ONCE = 50, 500
BY_NAME = (F("person__name").asc(nulls_last=True), "token")  # never by when they voted
TAGS = {Strike.State.PROPOSED: "wait", Strike.State.CONFIRMED: "bad", Strike.State.DECLINED: "plain"}


def find_reviewed(request: HttpRequest, slug: str) -> Round:
    """The round, for organisers who may look at its roll now; refuses otherwise."""
    round = find_organised(request, slug)
    refused = may_see_roll(organiser(request), round, timezone.now())
    if refused:
        raise refused
    return round


@require_safe
def electors(request: HttpRequest, slug: str) -> HttpResponse:
    """Who is on the roll and whether they voted; by name, or those that one signal is about. Never in casting order."""
    round = find_reviewed(request, slug)
    query = request.GET.get("q", "").strip()[:100]
    standing = Strike.objects.exclude(state=Strike.State.DECLINED)
    found = round.electors.select_related("person", "area").order_by(*BY_NAME)
    found = found.prefetch_related(Prefetch("strikes", standing, to_attr="standing"))
    if query:
        found = found.filter(person__name__icontains=query)
    group, members = chosen_group(round, request.GET)
    if members is not None:
        found = found.filter(pk__in=members)
    shown = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    said = hints(round, list(shown))
    kept = request.GET.copy()
    kept.pop("page", None)
    context = frame(
        request, round, page=shown, rows=[(elector, said.get(elector.pk, [])) for elector in shown], q=query, group=group,
        query=kept.urlencode(), may_strike=may_strike(organiser(request), round, timezone.now()) is None,
    )  # fmt: skip
    return render(request, "budgets/strikes/electors.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def propose_strike(request: HttpRequest, slug: str) -> HttpResponse:
    """Why these electors, chosen on the roll (`elector`), should be struck off."""
    round, now = find_reviewed(request, slug), timezone.now()
    chosen = _chosen(round, request.POST if request.method == "POST" else request.GET)
    form, status = StrikeForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                ids = [elector.pk for elector in chosen]
                propose_strikes(by=organiser(request), round_id=round.pk, elector_ids=ids, now=now, **form.cleaned_data)
            except Refused as refused:
                status = show_refusal(form, refused)
            else:
                messages.success(request, _("Proposed. Another organiser has to confirm it."))
                return redirect(address(round, "strikes"))
    context = frame(request, round, form=form, chosen=chosen, refused=may_strike(organiser(request), round, now))
    context["crumbs"].append((address(round, "electors"), _("Who voted")))
    return render(request, "budgets/strikes/propose.html", context, status=status)


def _chosen(round: Round, data: Any) -> list[Elector]:
    ids = []
    for text in data.getlist("elector")[:MOST_AT_ONCE]:
        try:
            ids.append(UUID(text))
        except ValueError:
            continue
    return list(round.electors.filter(pk__in=ids).select_related("person", "area").order_by(*BY_NAME))


@require_http_methods(["GET", "HEAD", "POST"])
def strikes(request: HttpRequest, slug: str) -> HttpResponse:
    """The proposed strikes, to be confirmed together or declined, and those that were decided."""
    round, now, person = find_reviewed(request, slug), timezone.now(), organiser(request)
    rows = Strike.objects.of_round(round).select_related(
        "elector__person", "elector__area", "proposed_by", "decided_by"
    )
    waiting = list(rows.waiting().order_by("proposed_at", "pk"))
    form, status = DecisionForm(request.POST or None, waiting=waiting), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                said = _decided(request, round, form)
            except Refused as refused:
                status = show_refusal(form, refused)
            else:
                messages.success(request, said)
                return redirect(address(round, "strikes"))
    decided = Paginator(rows.exclude(state=Strike.State.PROPOSED), PER_PAGE).get_page(request.GET.get("page"))
    context = frame(
        request, round, form=form, page=decided, refused=may_strike(person, round, now),
        waiting=[(strike, strike.proposed_by_id == person.pk, str(strike.pk) in _ticked(form)) for strike in waiting],
        decided=[(strike, TAGS[Strike.State(strike.state)]) for strike in decided],
    )  # fmt: skip
    return render(request, "budgets/strikes/list.html", context, status=status)


def _ticked(form: DecisionForm) -> list[str]:
    return form.data.getlist("strike") if form.is_bound else []  # type: ignore[attr-defined]


def _decided(request: HttpRequest, round: Round, form: DecisionForm) -> str:
    """Carry out what was decided, and say so."""
    data = form.cleaned_data
    confirmed = data["decision"] == form.CONFIRM
    decide = confirm_strikes if confirmed else decline_strikes
    done = decide(by=organiser(request), round_id=round.pk, strike_ids=data["strike"], now=timezone.now())
    if not confirmed:
        return _("Declined. The ballots stay in.")
    return ngettext(
        "%(n)s ballot is struck out. The votes are being counted again.",
        "%(n)s ballots are struck out. The votes are being counted again.",
        len(done),
    ) % {"n": len(done)}
