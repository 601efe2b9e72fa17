"""Metrics: agreed beforehand, observed with evidence, savings only beside outcomes, weights frozen by the first award."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from commissioning.actions.metrics import agree_metric, declare_weights, observe
from commissioning.models import Case, Metric, Observation, Weighting
from commissioning.rules import State
from participation.accounts.models import User
from tests.factories import NOW, staff_of
from tests.factories.bodies import BodyFactory, member_of
from tests.factories.cases import CaseFactory, award_of
from tests.refusals import refuses

SignIn = Callable[..., Client]
pytestmark = pytest.mark.django_db
WEIGHTS = {"environment": 40, "wellbeing": 30, "employment": 20, "community": 10}


@pytest.fixture
def case() -> Case:
    return CaseFactory(state=State.DELIVERING)  # type: ignore[return-value]


@pytest.fixture
def cora(case: Case) -> User:
    return member_of(case.body)


def agree(case: Case, by: User, **facts: Any) -> Metric:
    said = {"title": "Trees in Mill Lane", "unit": "trees", "criterion": "environment", "agreed": Decimal(40)}
    return agree_metric(by=by, case_id=case.pk, now=NOW, **{**said, "due_on": NOW.date(), **facts})  # type: ignore[arg-type]


def see(metric: Metric, by: User, value: int, **facts: Any) -> Observation:
    said = {"measured_on": NOW.date(), "evidence": "Counted on site.", **facts}
    return observe(by=by, metric_id=metric.pk, now=NOW, value=Decimal(value), **said)


def test_agreed_stands_beside_what_was_measured(case: Case, cora: User, client: Client) -> None:
    metric = agree(case, cora)
    see(metric, cora, 12, measured_on=NOW.date() - timedelta(days=5))
    see(metric, cora, 31)
    shown = client.get(case.get_absolute_url())
    assert [bar["display"] for bar in shown.context["metrics"][0]["bars"]] == ["40", "31"]
    assert "Counted on site." in shown.content.decode()


def test_what_is_agreed_changes_only_by_a_row_with_a_reason(case: Case, cora: User) -> None:
    metric = agree(case, cora)
    with refuses("reason_needed"):
        agree(case, cora, agreed=Decimal(30), replaces_id=metric.pk)
    with refuses("unit_stays"):
        agree(case, cora, unit="jobs", replaces_id=metric.pk, change="Jobs.")
    assert agree(case, cora, agreed=Decimal(30), replaces_id=metric.pk, change="A dry summer.").version == 2
    assert Metric.objects.get(version=1).agreed == 40


def test_no_saving_without_its_outcome(case: Case, cora: User, client: Client) -> None:
    with refuses("outcome_first"):
        agree(case, cora, unit="saved")
    outcome, saving = agree(case, cora), agree(case, cora, title="Less mowing", unit="saved")
    with refuses("outcome_first"):
        see(saving, cora, 500)
    assert "Less mowing" not in client.get(case.get_absolute_url()).content.decode()
    see(outcome, cora, 40)
    see(saving, cora, 500)
    assert "Less mowing" in client.get(case.get_absolute_url()).content.decode()


def test_what_an_observation_refuses(case: Case, cora: User) -> None:
    metric = agree(case, cora)
    with refuses("day_ahead"):
        see(metric, cora, 1, measured_on=NOW.date() + timedelta(days=2))
    with refuses("fact_missing"):
        see(metric, cora, 1, evidence=" ")
    with refuses("not_allowed"):
        see(metric, staff_of(case.body.place, "commissioner"), 1)


def test_weights_are_a_hundred_and_frozen_by_the_first_award(case: Case, cora: User) -> None:
    with refuses("weights_sum"):
        declare_weights(by=cora, case_id=case.pk, now=NOW, **{**WEIGHTS, "community": 11})
    declare_weights(by=cora, case_id=case.pk, now=NOW, **WEIGHTS)
    with pytest.raises(IntegrityError), transaction.atomic():
        Weighting.objects.update(community=11)
    declare_weights(by=cora, case_id=case.pk, now=NOW, **{**WEIGHTS, "environment": 30, "community": 20})
    award_of(case, cora)
    with refuses("weights_frozen"):
        declare_weights(by=cora, case_id=case.pk, now=NOW, **WEIGHTS)
    assert Weighting.objects.get().community == 20


def test_through_the_pages(case: Case, cora: User, sign_in: SignIn) -> None:
    client, desk = sign_in(cora), f"/commission/cases/{case.pk}/"
    wrong = client.post(f"{desk}outcomes/weights/", {**WEIGHTS, "community": 11})
    assert set(wrong.context["form"].errors) == {"community"}
    assert client.post(f"{desk}outcomes/weights/", WEIGHTS)["Location"] == f"{desk}#outcomes"
    typed = {"title": "Jobs here", "unit": "jobs", "agreed": "2", "criterion": "employment", "due_on": "2026-05-01"}
    assert client.post(f"{desk}outcomes/new/", typed).status_code == 302
    metric = Metric.objects.get()
    seen = {"value": "3", "measured_on": "2026-02-01", "evidence": ""}
    assert client.post(f"/commission/outcomes/{metric.pk}/observe/", seen).status_code == 422
    assert client.post(f"/commission/outcomes/{metric.pk}/observe/", {**seen, "evidence": "Payroll"}).status_code == 302
    changed = client.post(f"/commission/outcomes/{metric.pk}/", {**typed, "agreed": "3", "change": "One more."})
    assert changed.status_code == 302
    page = client.get(case.get_absolute_url()).content.decode()
    for text in ("Jobs here", "Payroll", "One more.", "Local employment"):
        assert text in page
    other = sign_in(member_of(BodyFactory(place=case.body.place)))
    assert other.post(f"/commission/outcomes/{metric.pk}/observe/", seen).status_code == 404
