"""Planning and reporting milestones at the desk; looking at them, disputing and hiding from the public page."""

from pathlib import Path
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from commissioning.actions.milestones import (
    KINDS,
    answer_dispute,
    check_milestone,
    hide,
    open_dispute,
    plan_milestone,
    report_milestone,
)
from commissioning.forms.milestones import AnswerForm, CheckForm, DisputeForm, HideForm, MilestoneForm, ReportForm
from commissioning.models import Case, Dispute, Milestone, Photo
from commissioning.permissions import may_check, may_dispute, may_hide
from commissioning.views.cases import find_case
from commissioning.views.desk import own_case, signed_in
from commissioning.views.records import form_view, record_page
from participation.views.pages import posted

CONTENT_TYPES = {".jpg": "image/jpeg", ".webp": "image/webp"}


@form_view
def new_milestone(request: HttpRequest, pk: int) -> HttpResponse:
    return _plan(request, own_case(request, pk), None, {})


@form_view
def change_milestone(request: HttpRequest, pk: int) -> HttpResponse:
    old = get_object_or_404(Milestone.objects.current(), pk=pk)
    start = {name: getattr(old, name) for name in ("title", "kind", "description", "due_on")}
    return _plan(request, own_case(request, old.case_id), old, start)


def _plan(request: HttpRequest, case: Case, old: Milestone | None, start: dict[str, Any]) -> HttpResponse:
    form = MilestoneForm(posted(request), initial=start, changes=old is not None)

    def act(data: dict[str, Any]) -> None:
        replaces = old.pk if old else None
        plan_milestone(by=signed_in(request), case_id=case.pk, now=timezone.now(), replaces_id=replaces, **data)

    heading = _("Change the milestone") if old else _("Plan a milestone")
    return record_page(request, case, form, act, heading=heading, button=heading, part="milestones")


def _milestone(pk: int) -> Milestone:
    """By the id of its first version: what is said of it hangs there."""
    return get_object_or_404(Milestone, pk=pk, origin=None)


@form_view
def report(request: HttpRequest, pk: int) -> HttpResponse:
    milestone = _milestone(pk)
    case = own_case(request, milestone.case_id)

    def act(data: dict[str, Any]) -> None:
        report_milestone(by=signed_in(request), milestone_id=pk, now=timezone.now(), **data)

    return record_page(
        request, case, ReportForm(posted(request), request.FILES or None), act, about=milestone.title,
        heading=_("How does it stand?"), button=_("Tell residents"), part="milestones",
    )  # fmt: skip


@form_view
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    dispute = get_object_or_404(Dispute.objects.select_related("milestone"), pk=pk)
    case = own_case(request, dispute.milestone.case_id)

    def act(data: dict[str, Any]) -> None:
        answer_dispute(by=signed_in(request), dispute_id=pk, now=timezone.now(), **data)

    return record_page(
        request, case, AnswerForm(posted(request)), act, about=dispute.text,
        heading=_("Answer what is disputed"), button=_("Answer"), part="milestones",
    )  # fmt: skip


@form_view
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """For residents of the place alone."""
    milestone, person = _milestone(pk), signed_in(request)
    case = find_case(milestone.case_id)
    if refused := may_check(person, case):
        raise refused

    def act(data: dict[str, Any]) -> None:
        check_milestone(by=person, milestone_id=pk, now=timezone.now(), **data)

    return record_page(
        request, case, CheckForm(posted(request), request.FILES or None), act, about=milestone.title, public=True,
        heading=_("What did you see?"), button=_("Tell everyone"), part="milestones",
    )  # fmt: skip


@form_view
def dispute(request: HttpRequest, pk: int) -> HttpResponse:
    """For residents and organisers of the place."""
    milestone, person = _milestone(pk), signed_in(request)
    case = find_case(milestone.case_id)
    if refused := may_dispute(person, case):
        raise refused

    def act(data: dict[str, Any]) -> None:
        open_dispute(by=person, milestone_id=pk, now=timezone.now(), **data)

    return record_page(
        request, case, DisputeForm(posted(request)), act, about=milestone.title, public=True,
        heading=_("This is not so"), button=_("Tell everyone"), part="milestones",
    )  # fmt: skip


@form_view
def hide_page(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """For organisers and moderators of the place."""
    if kind not in KINDS:
        raise Http404
    shown = KINDS[kind]._default_manager.select_related("milestone").filter(pk=pk, hidden_at=None).first()
    if shown is None:
        raise Http404
    person, case = signed_in(request), find_case(shown.milestone.case_id)
    if refused := may_hide(person, case, shown):
        raise refused

    def act(data: dict[str, Any]) -> None:
        hide(by=person, kind=kind, pk=pk, now=timezone.now(), **data)

    return record_page(
        request, case, HideForm(posted(request)), act, about=str(shown), public=True,
        heading=_("Hide this from everyone"), button=_("Hide it"), part="milestones",
    )  # fmt: skip


@require_safe
def photo(request: HttpRequest, pk: int) -> HttpResponse:
    """The file itself; a hidden one is there for nobody."""
    shown = get_object_or_404(Photo, pk=pk, hidden_at=None)
    try:
        with shown.image.open("rb") as file:
            response = HttpResponse(file.read(), content_type=CONTENT_TYPES[Path(str(file.name)).suffix])
    except FileNotFoundError as missing:
        raise Http404 from missing
    response["Cache-Control"] = "public, max-age=3600"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
