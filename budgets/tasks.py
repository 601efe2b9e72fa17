"""Background work of budgets: three lines each, and each may run twice."""

from celery import shared_task
from django.utils import timezone

from budgets.actions import sweeps, tallies


@shared_task(name="budgets.sweep_rounds")
def sweep_rounds() -> list[str]:
    return sweeps.sweep_rounds(now=timezone.now())


@shared_task(name="budgets.count_round")
def count_round(round_id: int) -> list[int]:
    """What an organiser asked for; a sweep comes to the same within seconds."""
    return [tally.pk for tally in tallies.count_round(round_id=round_id, now=timezone.now())]


@shared_task(name="budgets.refresh_ballot_counts")
def refresh_ballot_counts() -> int:
    return sweeps.refresh_ballot_counts(now=timezone.now())


@shared_task(name="budgets.sweep_boards")
def sweep_boards() -> int:
    return sweeps.sweep_boards(now=timezone.now())


@shared_task(name="budgets.sweep_bundles")
def sweep_bundles() -> list[str]:
    return sweeps.sweep_bundles()
