"""The Celery application. Every task takes ids, may run twice, and is also reached by a sweep."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("good_local")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
