"""Corrections of a certified round: one organiser proposes, another puts it on the board."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from budgets.actions.errata import drop_erratum, propose_erratum, publish_erratum
from budgets.forms.errata import ErratumForm
from budgets.models import Erratum, Round
from budgets.permissions import may_correct
from budgets.views.organise_common import address, find_organised, frame, organiser
from participation.forms.refusals import show_refusal
from participation.refusals import Refused


@require_http_methods(["GET", "HEAD", "POST"])
def errata(request: HttpRequest, slug: str) -> HttpResponse:
    """The corrections of a round, and a form for another."""
    round = _found(request, slug)
    form, status = ErratumForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                propose_erratum(
                    by=organiser(request), round_id=round.pk, now=timezone.now(), text=form.cleaned_data["text"]
                )
            except Refused as refused:
                status = show_refusal(form, refused)
            else:
                messages.success(request, _("Proposed. Another organiser has to put it on the board."))
                return redirect(address(round, "errata"))
    return _page(request, round, form, status)


@require_POST
def decide_erratum(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """`decision`: publish it on the board, or drop it."""
    round = _found(request, slug)
    get_object_or_404(round.errata, pk=pk)
    publish = request.POST.get("decision") == "publish"
    decide = publish_erratum if publish else drop_erratum
    try:
        decide(by=organiser(request), erratum_id=pk, now=timezone.now())
    except Refused as refused:
        return _page(request, round, ErratumForm(), refused.status, more=[str(refused)])
    messages.success(request, _("The correction stands on the board.") if publish else _("The correction is dropped."))
    return redirect(address(round, "errata"))


def _found(request: HttpRequest, slug: str) -> Round:
    round = find_organised(request, slug)
    if round.is_imported:
        raise Http404
    return round


def _page(
    request: HttpRequest, round: Round, form: ErratumForm, status: int, more: list[str] | None = None
) -> HttpResponse:
    person = organiser(request)
    rows = round.errata.select_related("proposed_by", "decided_by")
    context = frame(
        request, round, form=form, more=more or [], refused=may_correct(person, round),
        waiting=[(row, row.proposed_by_id == person.pk) for row in rows.filter(state=Erratum.State.PROPOSED)],
        decided=rows.exclude(state=Erratum.State.PROPOSED),
    )  # fmt: skip
    return render(request, "budgets/errata/list.html", context, status=status)
