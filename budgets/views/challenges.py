"""Challenges: a page where anyone who is signed in says what is wrong with a vote, and where organisers answer."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from budgets.actions.challenges import answer_challenge, hand_in_challenge
from budgets.forms.challenges import AnswerForm, ChallengeForm
from budgets.models import Erratum, Round
from budgets.models.challenges import challenged_until
from budgets.permissions import may_challenge
from budgets.views.common import find_round, page
from budgets.views.organise_common import address, find_organised, frame, organiser
from participation.accounts.models import User
from participation.forms.refusals import show_refusal
from participation.refusals import Refused
from participation.views.navigation import limit

PER_PAGE = 20


def standing(round: Round, now: datetime, *, certified: bool) -> dict[str, Any]:
    """How a closed round stands with challenges, for `challenges/_standing.html` on its public pages. Two queries.

    {"until", "open": can it still be challenged, "certified", "handed_in", "answered", "recount": ballots were struck out
    and the count is not done yet, "errata"}
    """
    until = challenged_until(round)
    counted = round.challenges.order_by().aggregate(handed_in=Count("pk"), answered=Count("answered_at"))
    errata = list(Erratum.objects.filter(round=round).published()) if certified else []
    is_open = now < until and not certified
    return {
        "until": until,
        "open": is_open,
        "certified": certified,
        "recount": round.recount_due,
        "errata": errata,
        **counted,
    }


@cache_control(no_store=True, private=True)
@require_http_methods(["GET", "HEAD", "POST"])
def challenge(request: HttpRequest, slug: str) -> HttpResponse:
    """Something is wrong with this vote: a form, and what this person has handed in with the answers."""
    round, now = find_round(request, slug), timezone.now()
    refused = may_challenge(request.user, round, now)
    if refused and refused.code == "sign_in":
        raise refused
    assert isinstance(request.user, User)
    form, status = ChallengeForm(request.POST or None), 200
    if request.method == "POST":
        limit(request, "report")
        status = 422
        if form.is_valid():
            try:
                hand_in_challenge(by=request.user, round_id=round.pk, now=now, text=form.cleaned_data["text"])
            except Refused as refusal:
                status = show_refusal(form, refusal)
            else:
                messages.success(request, _("The organisers have it. Their answer comes by e-mail and stands here."))
                return redirect("budgets:challenge", slug)
    mine = list(round.challenges.filter(person=request.user))
    waits = any(one.answered_at is None for one in mine)
    context = page(round, now, form=form, mine=mine, waits=waits, refused=refused, until=challenged_until(round))
    return render(request, "budgets/challenges/challenge.html", context, status=status)


@require_safe
def challenges(request: HttpRequest, slug: str) -> HttpResponse:
    """All of a round for its organisers, those that wait for an answer first."""
    round = find_organised(request, slug)
    if round.is_imported:
        raise Http404
    rows = round.challenges.select_related("person", "answered_by")
    rows = rows.order_by(F("answered_at").desc(nulls_first=True), "handed_in_at", "pk")
    shown = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = frame(request, round, page=shown, until=challenged_until(round))
    return render(request, "budgets/challenges/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    round, now = find_organised(request, slug), timezone.now()
    found = get_object_or_404(round.challenges.select_related("person", "answered_by"), pk=pk)
    form, status = AnswerForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                answer_challenge(by=organiser(request), challenge_id=pk, now=now, answer=form.cleaned_data["answer"])
            except Refused as refused:
                status = show_refusal(form, refused)
            else:
                messages.success(request, _("Answered. The person gets your answer by e-mail."))
                return redirect(address(round, "challenges"))
    context = frame(request, round, challenge=found, form=form)
    context["crumbs"].append((address(round, "challenges"), _("Challenges")))
    return render(request, "budgets/challenges/answer.html", context, status=status)
