"""Background work of commissioning: three lines each, and each may run twice."""

from celery import shared_task
from django.utils import timezone

from commissioning.actions import cases, news


@shared_task(name="commissioning.sweep_cases")
def sweep_cases() -> int:
    return cases.sweep_cases(now=timezone.now())


@shared_task(name="commissioning.sweep_news")
def sweep_news() -> int:
    return news.sweep_news(now=timezone.now())
