"""Background work of budgets: three lines each, and each may run twice."""

from celery import shared_task
from django.utils import timezone

from budgets.actions import sweeps


@shared_task(name="budgets.sweep_rounds")
def sweep_rounds() -> list[str]:
    return sweeps.sweep_rounds(now=timezone.now())


@shared_task(name="budgets.refresh_ballot_counts")
def refresh_ballot_counts() -> int:
    return sweeps.refresh_ballot_counts(now=timezone.now())
