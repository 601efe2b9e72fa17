"""Agreeing what is measured, observing it, and declaring what weighs how much."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from commissioning.actions.metrics import agree_metric, declare_weights, observe
from commissioning.forms.metrics import MetricForm, ObservationForm, WeightsForm
from commissioning.models import Case, Criterion, Metric, Weighting
from commissioning.views.desk import own_case, signed_in
from commissioning.views.records import form_view, record_page
from participation.views.pages import posted


@form_view
def weights(request: HttpRequest, pk: int) -> HttpResponse:
    case = own_case(request, pk)
    declared = Weighting.objects.filter(body=case.body, round=case.round).first()
    start = {name: getattr(declared, name) if declared else 25 for name in Criterion.values}

    def act(data: dict[str, Any]) -> None:
        declare_weights(by=signed_in(request), case_id=pk, now=timezone.now(), **data)

    about = _("For all your projects in this round, together 100. They can be changed until your first award in it.")
    heading = _("Declare what counts")
    form = WeightsForm(posted(request), initial=start)
    return record_page(request, case, form, act, about=about, heading=heading, button=heading, part="outcomes")


@form_view
def new_metric(request: HttpRequest, pk: int) -> HttpResponse:
    return _agree(request, own_case(request, pk), None, {})


@form_view
def change_metric(request: HttpRequest, pk: int) -> HttpResponse:
    old = get_object_or_404(Metric.objects.current(), pk=pk)
    start = {name: getattr(old, name) for name in ("title", "unit", "agreed", "criterion", "due_on")}
    return _agree(request, own_case(request, old.case_id), old, start)


def _agree(request: HttpRequest, case: Case, old: Metric | None, start: dict[str, Any]) -> HttpResponse:
    form = MetricForm(posted(request), initial=start, changes=old is not None)

    def act(data: dict[str, Any]) -> None:
        replaces = old.pk if old else None
        agree_metric(by=signed_in(request), case_id=case.pk, now=timezone.now(), replaces_id=replaces, **data)

    heading = _("Change what is agreed") if old else _("Agree what is measured")
    return record_page(request, case, form, act, heading=heading, button=heading, part="outcomes")


@form_view
def new_observation(request: HttpRequest, pk: int) -> HttpResponse:
    """Of the metric whose first version this is."""
    metric = get_object_or_404(Metric, pk=pk, origin=None)
    case = own_case(request, metric.case_id)

    def act(data: dict[str, Any]) -> None:
        observe(by=signed_in(request), metric_id=pk, now=timezone.now(), **data)

    heading = _("Record what was measured")
    form = ObservationForm(posted(request))
    return record_page(request, case, form, act, about=metric.title, heading=heading, button=heading, part="outcomes")
