"""What a case's page shows of its delivery: the money from the vote to the payment, and who gets it;
and its milestones."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from budgets.templatetags.money import money
from commissioning import rules
from commissioning.models import (
    Award,
    Case,
    Contract,
    Criterion,
    Dispute,
    Metric,
    Milestone,
    MilestoneCheck,
    MilestoneReport,
    Observation,
    Payment,
    Photo,
    Weighting,
)
from commissioning.models.versions import Version

KINDS = {"scheduled": "wait", "met": "good", "partiallyMet": "now", "notMet": "bad"}


def delivery(case: Case) -> dict[str, Any]:
    """The context of the delivery's partials. Its queries are the same whatever there is."""
    awards = awards_of(case)
    return {
        "awards": awards,
        "money": money_rows(case, awards),
        "money_max": max(case.voted, case.amount or 0),
        "records": case.state in rules.RECORDING,
        "delivers": case.state in rules.DELIVERY,
        "metrics": metrics_of(case),
        "weights": weights_of(case),
        "milestones": milestones_of(case, timezone.localdate()),
    }


def with_history(versions: Iterable[Any]) -> list[tuple[Any, list[Any]]]:
    """The current version of each thing with those before it, newest first; things in the order they were first made."""
    known: dict[int, list[Version]] = defaultdict(list)
    for version in sorted(versions, key=lambda version: version.version):
        known[version.first_id].append(version)
    return [(rows[-1], rows[-2::-1]) for _first, rows in sorted(known.items())]


def awards_of(case: Case) -> list[dict[str, Any]]:
    contracts: dict[int, list[Contract]] = defaultdict(list)
    for contract in Contract.objects.filter(award__case=case):
        contracts[contract.award_id].append(contract)
    payments: dict[int, list[Payment]] = defaultdict(list)
    for payment in Payment.objects.filter(award__case=case).select_related("payee", "reversed_by"):
        payments[payment.award_id].append(payment)
    return [
        {
            "award": award,
            "payments": payments[award.first_id],
            "paid": sum(payment.amount for payment in payments[award.first_id]),
            "history": history,
            "contracts": with_history(contracts[award.first_id]),
            "takes_contracts": award.kind in rules.WITH_CONTRACT and award.standing,
        }
        for award, history in with_history(
            Award.objects.filter(case=case).select_related("recipient", "funder", "area")
        )
    ]


def milestones_of(case: Case, today: date) -> list[dict[str, Any]]:
    """By the day they are due, each with what was said of it, seen there and disputed."""
    reports, photos = _by_milestone(MilestoneReport, case), _by_milestone(Photo, case)
    checks, disputes = _by_milestone(MilestoneCheck, case, "by"), _by_milestone(Dispute, case)
    shown = []
    for milestone, history in with_history(Milestone.objects.filter(case=case)):
        first = milestone.first_id
        last = reports[first][-1] if reports[first] else None
        standing = [check for check in checks[first] if not check.hidden_at]
        shown.append(
            {
                "milestone": milestone, "history": history, "reports": reports[first][::-1], "photos": photos[first],
                "checks": checks[first], "seen": sum(check.seen for check in standing),
                "not_seen": sum(not check.seen for check in standing), "disputes": disputes[first],
                "status": last.get_status_display() if last else MilestoneReport.Status.SCHEDULED.label,
                "kind": KINDS[last.status] if last else "wait", "met_on": last and last.met_on,
                "late": _days_late(milestone, last, today),
            }
        )  # fmt: skip
    return sorted(shown, key=lambda item: (item["milestone"].due_on, item["milestone"].first_id))


def _by_milestone(kind: type[Any], case: Case, *related: str) -> dict[int, list[Any]]:
    rows: dict[int, list[Any]] = defaultdict(list)
    for row in kind.objects.filter(milestone__case=case).select_related(*related).order_by("pk"):
        rows[row.milestone_id].append(row)
    return rows


def _days_late(milestone: Milestone, last: MilestoneReport | None, today: date) -> int:
    """How many days after it was due it was done, or how many it has been waited for."""
    done = last.met_on if last and last.met_on else today
    return max(0, (done - milestone.due_on).days)


def metrics_of(case: Case) -> list[dict[str, Any]]:
    """Agreed beside the latest that was measured; savings last, and none while no outcome was measured."""
    observed: dict[int, list[Observation]] = defaultdict(list)
    for observation in Observation.objects.filter(metric__case=case):
        observed[observation.metric_id].append(observation)
    rows = []
    for metric, history in with_history(Metric.objects.filter(case=case)):
        seen = observed[metric.first_id]
        rows.append({"metric": metric, "history": history, "observations": seen[::-1], **_bars(metric, seen[-1:])})
    outcomes = [row for row in rows if row["metric"].unit != Metric.Unit.SAVED]
    proven = any(row["observations"] for row in outcomes)
    return outcomes + [row for row in rows if row["metric"].unit == Metric.Unit.SAVED and proven]


def _bars(metric: Metric, latest: list[Observation]) -> dict[str, Any]:
    """For components/bar_chart.html, in hundredths of the unit."""
    pairs = [(_("Agreed"), metric.agreed), *((_("So far"), one.value) for one in latest)]
    bars: list[dict[str, Any]] = [
        {"label": label, "value": int(value * 100), "display": number_format(value.normalize(), use_l10n=True)}
        for label, value in pairs
    ]
    return {"bars": bars, "max": max(bar["value"] for bar in bars)}


def weights_of(case: Case) -> list[dict[str, Any]]:
    """For components/bar_chart.html; empty where none were declared."""
    declared = Weighting.objects.filter(body=case.body_id, round=case.round_id).first()
    if declared is None:
        return []
    return [{"label": Criterion(name).label, "value": getattr(declared, name)} for name in Criterion.values]


def money_rows(case: Case, awards: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """For components/bar_chart.html: what became of the money, step by step, in minor units."""
    rows = [
        (_("The vote gave it"), case.voted),
        (_("Accepted"), case.amount),
        (_("Awarded"), sum(item["award"].standing for item in awards)),
        (_("Paid"), sum(item["paid"] for item in awards)),
    ]
    return [
        {"label": label, "value": value, "display": money(value, case.round.currency)}
        for label, value in rows
        if value is not None
    ]
