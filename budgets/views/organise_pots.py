"""The pots of a round and who pays into them."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from budgets.actions.rounds import remove_pot as remove
from budgets.actions.rounds import save_pot
from budgets.forms.pots import MOST_ROWS, ROWS, PotForm, initial_of
from budgets.models import Pot, Round
from budgets.views.organise_common import address, find_organised, frame, organiser
from participation.forms.refusals import show_refusal
from participation.refusals import Refused

form_page = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def pots(request: HttpRequest, slug: str) -> HttpResponse:
    round = find_organised(request, slug)
    held = round.pots.select_related("area").prefetch_related("funders", "projects")
    rows = [(pot, sum(project.cost for project in pot.projects.all())) for pot in held]
    total = sum(pot.amount for pot, _cost in rows)
    return render(request, "budgets/organise/pots.html", frame(request, round, pots=rows, total=total))


@form_page
def add_pot(request: HttpRequest, slug: str) -> HttpResponse:
    round = find_organised(request, slug)
    return _edit(request, round, None)


@form_page
def edit_pot(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    round = find_organised(request, slug)
    return _edit(request, round, get_object_or_404(round.pots.prefetch_related("funders"), pk=pk))


def _edit(request: HttpRequest, round: Round, pot: Pot | None) -> HttpResponse:
    """The form of a pot. "Add another row" sends it back with one row more and everything that was typed."""
    if request.method != "POST":
        form = PotForm(round=round, rows=_enough(pot), initial=initial_of(pot) if pot else {})
        return _page(request, round, pot, form, 200)
    rows = _rows(request)
    if request.POST.get("action") == "add":
        form = PotForm(round=round, rows=rows + 1, initial=request.POST.dict())
        return _page(request, round, pot, form, 200)
    form = PotForm(request.POST, round=round, rows=rows)
    if not form.is_valid():
        return _page(request, round, pot, form, 422)
    try:
        saved = save_pot(
            by=organiser(request),
            round_id=round.pk,
            pot_id=pot.pk if pot else None,
            now=timezone.now(),
            **form.answers(),
        )
    except Refused as refused:
        return _page(request, round, pot, form, show_refusal(form, refused))
    messages.success(request, _("“%(pot)s” is saved.") % {"pot": saved.name})
    return redirect(address(round, "pots"))


def _page(request: HttpRequest, round: Round, pot: Pot | None, form: PotForm, status: int) -> HttpResponse:
    context: dict[str, Any] = frame(request, round, pot=pot, form=form, may_add=form.count < MOST_ROWS)
    context["crumbs"].append((address(round, "pots"), _("Pots and funders")))
    return render(request, "budgets/organise/pot.html", context, status=status)


def _enough(pot: Pot | None) -> int:
    """Rows for all funders of a pot and one to add, five at least."""
    return max(ROWS, len(pot.funders.all()) + 1 if pot else 0)


def _rows(request: HttpRequest) -> int:
    sent = request.POST.get("rows", "")
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < len(str(MOST_ROWS)) + 1 else ROWS


@form_page
def remove_pot(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Asks once more, because the funders go with it."""
    round = find_organised(request, slug)
    pot = get_object_or_404(round.pots.prefetch_related("funders"), pk=pk)
    refused, status = None, 200
    if request.method == "POST":
        try:
            remove(by=organiser(request), round_id=round.pk, pot_id=pot.pk, now=timezone.now())
        except Refused as refusal:
            refused, status = refusal, refusal.status
        else:
            messages.success(request, _("“%(pot)s” is removed.") % {"pot": pot.name})
            return redirect(address(round, "pots"))
    context = frame(request, round, pot=pot, refused=refused)
    context["crumbs"].append((address(round, "pots"), _("Pots and funders")))
    return render(request, "budgets/organise/remove_pot.html", context, status=status)
