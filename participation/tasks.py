"""Background work of participation: three lines each, and each may run twice."""

from celery import shared_task
from django.utils import timezone

from participation.actions.outbox import relay_outbox as relay


@shared_task(name="participation.relay_outbox")
def relay_outbox() -> int:
    return relay(now=timezone.now())
