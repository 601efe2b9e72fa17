"""The checklist of a case at the desk: each item with its source, what decides it, and its answer."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from commissioning.actions.checklists import answer_item, estimate_case
from commissioning.checklist.deciding import Applies
from commissioning.checklist.duties import Stage
from commissioning.forms.checklists import AnswerForm, EstimateForm
from commissioning.models import Case, Checklist, Row, checklist_of
from commissioning.views.desk import own_case, signed_in
from commissioning.views.records import form_view, record_page
from participation.forms.refusals import show_refusal
from participation.refusals import Refused
from participation.views.pages import posted


@form_view
def checklist(request: HttpRequest, pk: int) -> HttpResponse:
    """All items, each with a form of its own; `key` of a POST says which one is answered."""
    case = own_case(request, pk)
    found = checklist_of(case)
    if found is None:
        return _choose_first(request, case)
    if found.estimate_missing:
        return redirect("commissioning:estimate", case.pk)
    sent, status = None, 200
    if request.method == "POST":
        key = request.POST.get("key", "")
        sent = AnswerForm(request.POST, prefix=key)
        status = _answer(request, case, key, sent)
        if status == 0:
            messages.success(request, _("Answered."))
            answer = redirect("commissioning:checklist", case.pk)
            answer["Location"] += f"#{key}"
            return answer
    context = {"case": case, "checklist": found, "form": sent, **groups(found, sent)}
    return render(request, "commissioning/desk/checklist.html", context, status=status)


def _choose_first(request: HttpRequest, case: Case) -> HttpResponse:
    messages.info(request, _("Choose first how it is commissioned: the checklist depends on it."))
    return redirect("commissioning:desk_case", case.pk)


def _answer(request: HttpRequest, case: Case, key: str, form: AnswerForm) -> int:
    """0 when it is done, else the status to answer with; what is wrong stands in the form."""
    if not form.is_valid():
        return 422
    try:
        answer_item(by=signed_in(request), case_id=case.pk, key=key, now=timezone.now(), **form.cleaned_data)
    except Refused as refused:
        return show_refusal(form, refused)
    return 0


def groups(checklist: Checklist, sent: AnswerForm | None = None) -> dict[str, list[Any]]:
    """The rows that apply with their forms, before the award and after it, and those that do not apply."""
    groups: dict[str, list[Any]] = {"before": [], "after": [], "apart": []}
    for row in checklist.rows:
        if row.item.applies == Applies.NOT_NEEDED and not row.answered:
            groups["apart"].append(row)
        else:
            groups["before" if row.item.stage == Stage.BEFORE else "after"].append((row, _form(row, sent)))
    return groups


def _form(row: Row, sent: AnswerForm | None) -> AnswerForm:
    if sent is not None and sent.prefix == row.item.key:
        return sent
    given = {"answer": row.answer.answer, "note": row.answer.note} if row.answer else {"answer": "open"}
    return AnswerForm(prefix=row.item.key, initial=given)


@form_view
def estimate(request: HttpRequest, pk: int) -> HttpResponse:
    """What is bought, given or changed, and its value."""
    case = own_case(request, pk)
    found = checklist_of(case)
    if found is None:
        return _choose_first(request, case)
    last = found.estimate
    start: dict[str, Any] = {"gross": found.gross, "begins_on": last.begins_on if last else timezone.localdate()}
    if last:
        start |= {"kind": last.kind, "own_limit": last.own_limit}

    def act(data: dict[str, Any]) -> None:
        estimate_case(by=signed_in(request), case_id=case.pk, now=timezone.now(), **data)

    return record_page(
        request, case, EstimateForm(case.route, posted(request), initial=start), act,
        heading=_("What the checklist depends on"), button=_("Make the checklist"), part="checklist",
        about=_("Which rules apply depends on the value, the day and what is bought."),
    )  # fmt: skip
