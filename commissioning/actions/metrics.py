"""Metrics: agreed beforehand, observed with evidence, and the weights of the criteria they serve."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from commissioning import rules
from commissioning.actions.cases import lock_case
from commissioning.actions.versions import next_version, not_ahead, tell
from commissioning.models import Award, Metric, Observation, Weighting
from commissioning.permissions import may_record
from participation.accounts.models import User
from participation.refusals import Refused

OPEN = frozenset(rules.State) - {rules.State.DECLINED}


@transaction.atomic
def declare_weights(
    *, by: User, case_id: int, now: datetime, environment: int, wellbeing: int, employment: int, community: int
) -> Weighting:
    """How much each criterion weighs for the case's body in its round, of 100. Frozen at the first award there.

    Refuses not_allowed, not_yet (the case was declined), weights_frozen, weights_sum.
    """
    case = lock_case(case_id)
    if refused := may_record(by, case, OPEN):
        raise refused
    if Award.objects.filter(case__body=case.body, case__round=case.round).exists():
        raise Refused("weights_frozen")
    weights = {"environment": environment, "wellbeing": wellbeing, "employment": employment, "community": community}
    if sum(weights.values()) != 100 or min(weights.values()) < 0:
        raise Refused("weights_sum", field="community", sum=sum(weights.values()))
    weighting, _new = Weighting.objects.update_or_create(
        body=case.body, round=case.round, defaults={**weights, "at": now, "by": by}
    )
    tell(case, by=by, action="weights.declared", now=now, **weights)
    return weighting


@transaction.atomic
def agree_metric(
    *, by: User, case_id: int, now: datetime, title: str, unit: str, criterion: str, agreed: Decimal, due_on: date,
    replaces_id: int | None = None, change: str = "",
) -> Metric:  # fmt: skip
    """Agree what will be measured, or with `replaces_id` change it (never its unit: that would be another metric).

    Refuses not_allowed, not_yet, unit_stays, reason_needed, wrong_state; outcome_first for a saving without an outcome.
    """
    case = lock_case(case_id)
    if refused := may_record(by, case):
        raise refused
    old = case.metrics.get(pk=replaces_id) if replaces_id else None
    if old and old.unit != unit:
        raise Refused("unit_stays", field="unit")
    if unit == Metric.Unit.SAVED and not case.metrics.exclude(unit=Metric.Unit.SAVED).exists():
        raise Refused("outcome_first", field="unit")
    metric = next_version(
        Metric, old, change=change, by=by, now=now, case=case, title=title.strip(), unit=unit, criterion=criterion,
        agreed=agreed, due_on=due_on,
    )  # fmt: skip
    tell(case, by=by, action="metric.changed" if old else "metric.agreed", now=now, metric=metric.first_id)
    return metric


@transaction.atomic
def observe(
    *, by: User, metric_id: int, now: datetime, value: Decimal, measured_on: date, evidence: str, link: str = ""
) -> Observation:
    """Record the total so far of a metric, by the id of its first version.

    Refuses not_allowed, not_yet, day_ahead, fact_missing; outcome_first for a saving while no outcome was observed.
    """
    metric = Metric.objects.get(pk=metric_id)
    case = lock_case(metric.case_id)
    if refused := may_record(by, case, rules.DELIVERY):
        raise refused
    not_ahead(measured_on, now, "measured_on")
    if not evidence.strip():
        raise Refused("fact_missing", field="evidence")
    outcomes = Observation.objects.filter(metric__case=case).exclude(metric__unit=Metric.Unit.SAVED)
    if metric.unit == Metric.Unit.SAVED and not outcomes.exists():
        raise Refused("outcome_first")
    observation = Observation.objects.create(
        metric_id=metric_id, value=value, measured_on=measured_on, evidence=evidence.strip(), link=link, at=now, by=by
    )
    tell(case, by=by, action="metric.observed", now=now, metric=metric_id, observation=observation.pk)
    return observation
