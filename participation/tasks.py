"""Background work of participation: three lines each, and each may run twice."""

from celery import shared_task
from django.utils import timezone

from participation.actions.outbox import relay_outbox as relay
from participation.actions.retention import purge as purge_all


@shared_task(name="participation.relay_outbox")
def relay_outbox() -> int:
    return relay(now=timezone.now())


@shared_task(name="participation.purge")
def purge() -> list[tuple[str, int]]:
    return purge_all(now=timezone.now())
