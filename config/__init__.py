"""Entry points only: settings, URLs, ASGI, Celery and the commands that run processes. Nobody imports it."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
