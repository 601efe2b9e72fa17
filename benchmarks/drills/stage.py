"""Where a drill or a benchmark plays: a data folder of its own, a database that keeps what it says, one administrator."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.services import Services


@contextmanager
def stage(database: str, seconds: int) -> Iterator[tuple[Path, Services | None]]:
    """`database`: postgresql (with Redis) or sqlite. Yields the data folder and the services; clears all of it away.

    The settings are read inside, so nothing that needs them may be imported before. TimeoutError after `seconds`.
    """
    folder = Path(tempfile.mkdtemp(prefix="good-local-drill-"))
    services = Services(durable=True) if database == "postgresql" else None
    os.environ.update(DJANGO_SETTINGS_MODULE="config.settings_test", GOOD_LOCAL_VAR=str(folder), LOG_LEVEL="ERROR")
    for variable in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(variable, None)
    signal.signal(signal.SIGALRM, _too_long)
    signal.alarm(seconds)
    try:
        if services:
            os.environ.update(services.start())
        _prepare()
        yield folder, services
    finally:
        signal.alarm(0)
        _leave()
        if services:
            services.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _prepare() -> None:
    import django

    django.setup()
    logging.disable(logging.WARNING)
    from django.core.management import call_command

    from tests.factories import UserFactory
    from tests.running import collect_static

    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", "cache", verbosity=0)
    collect_static()
    UserFactory(email="administrator@example.org", is_staff=True, is_superuser=True)


def _leave() -> None:
    from django.db import connections

    connections.close_all()


def _too_long(number: int, frame: object) -> None:
    raise TimeoutError("it took longer than it may")


def load() -> str:
    """How busy the machine was: a figure means little without it."""
    return f"{os.cpu_count()} cores, load {', '.join(f'{mean:.1f}' for mean in os.getloadavg())}"
