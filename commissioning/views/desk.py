"""The commissioner's side: my cases, one of them, and its next step."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from commissioning import rules
from commissioning.actions.cases import FACTS, move_case, take_on
from commissioning.forms.cases import BUTTONS, MoveForm
from commissioning.models import Body, Case, checklist_of
from commissioning.permissions import answers_for
from commissioning.views.cases import card, facts, totals, way
from commissioning.views.delivery import delivery
from participation.accounts.models import User
from participation.forms.refusals import show_refusal
from participation.models import Place
from participation.permissions import COMMISSIONER
from participation.refusals import Refused

PER_PAGE = 30


def signed_in(request: HttpRequest) -> User:
    if not request.user.is_authenticated:
        raise Refused("sign_in")
    return request.user


@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """The cases of my bodies: late ones first, then those that wait for us, by the day they are due."""
    person, today = signed_in(request), timezone.localdate()
    if not Place.objects.reached_by(person.pk, COMMISSIONER).exists():
        raise Refused("not_allowed")
    cases = Case.objects.of_member(person)
    page = Paginator(cases.listed().order_by("answered_on", "reply_due_on", "pk"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "page": page, "cards": [card(case, today) for case in page], "totals": totals(cases, today),
        "bodies": Body.objects.answered_by(person.pk).select_related("organisation"),
    }  # fmt: skip
    return render(request, "commissioning/desk/desk.html", context)


def own_case(request: HttpRequest, pk: int) -> Case:
    """The case, for those who answer for its body; to anyone else it does not exist here."""
    person = signed_in(request)
    case = (
        Case.objects.listed()
        .select_related("body__place__parent__parent", "procurement", "economy")
        .filter(pk=pk)
        .first()
    )
    if case is None or not answers_for(person, case.body):
        raise Http404
    return case


@require_safe
def desk_case(request: HttpRequest, pk: int) -> HttpResponse:
    case = own_case(request, pk)
    steps = list(case.steps.select_related("by"))
    moves = [(state, BUTTONS[state]) for state in following(case)]
    context = {
        **card(case, timezone.localdate()),
        "moves": moves,
        "steps": steps[::-1],
        "way": way(case, steps),
        "facts": facts(case),
        **delivery(case),
        "checklist": checklist_of(case),
        "own": True,
    }
    return render(request, "commissioning/desk/case.html", context)


def following(case: Case) -> list[rules.State]:
    nexts = rules.MOVES[rules.State(case.state)]
    return [state for state in rules.State if state in nexts]


@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, pk: int, state: str) -> HttpResponse:
    """The form of one move. A refusal stays in the form with everything that was typed."""
    case, to = own_case(request, pk), _state(state)
    if to not in rules.MOVES[rules.State(case.state)]:
        raise Refused("state_skipped")
    form = MoveForm(to, request.POST if request.method == "POST" else None, instance=case)
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            given: dict[str, Any] = {name: value for name, value in form.cleaned_data.items() if name in FACTS}
            try:
                move_case(
                    by=signed_in(request),
                    case_id=case.pk,
                    to=to,
                    now=timezone.now(),
                    says=form.cleaned_data["says"],
                    **given,
                )
            except Refused as refused:
                status = show_refusal(form, refused)
            else:
                messages.success(request, _("Done. Residents see this step now."))
                return redirect("commissioning:desk_case", case.pk)
    context = {"case": case, "form": form, "heading": Case.State(to).label, "button": BUTTONS[to]}
    return render(request, "commissioning/desk/move.html", context, status=status)


def _state(name: str) -> rules.State:
    try:
        return rules.State(name)
    except ValueError as error:
        raise Http404 from error


@require_POST
def take(request: HttpRequest, pk: int) -> HttpResponse:
    case = own_case(request, pk)
    take_on(by=signed_in(request), case_id=case.pk, now=timezone.now())
    return redirect("commissioning:desk_case", case.pk)
