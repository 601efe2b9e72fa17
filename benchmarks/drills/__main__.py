"""One drill in a process of its own: `python -m benchmarks.drills cast`. Sets the stage, runs it, clears it away."""

import logging
import os
import shutil
import signal
import sys
import tempfile
from importlib import import_module
from pathlib import Path

from benchmarks.drills import DRILLS, Drill
from tests.services import Services


def main(name: str) -> int:
    drill = next(drill for drill in DRILLS if drill.name == name)
    folder = Path(tempfile.mkdtemp(prefix="good-local-drill-"))
    services = Services() if drill.services else None
    os.environ.update(DJANGO_SETTINGS_MODULE="config.settings_test", GOOD_LOCAL_VAR=str(folder), LOG_LEVEL="ERROR")
    for variable in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(variable, None)
    signal.signal(signal.SIGALRM, _too_long)
    signal.alarm(drill.seconds)
    try:
        if services:
            os.environ.update(services.start())
        return run(drill, folder)
    finally:
        signal.alarm(0)
        if services:
            services.stop()
        shutil.rmtree(folder, ignore_errors=True)


def run(drill: Drill, folder: Path) -> int:
    import django

    django.setup()
    logging.disable(logging.WARNING)
    from django.core.management import call_command
    from django.db import connections

    from tests.factories import UserFactory
    from tests.running import collect_static

    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", "cache", verbosity=0)
    collect_static()
    UserFactory(email="administrator@example.org", is_staff=True, is_superuser=True)
    try:
        held: bool = import_module(f"benchmarks.drills.{drill.name}").drill(folder)
    finally:
        connections.close_all()
    return 0 if held else 1


def _too_long(number: int, frame: object) -> None:
    raise TimeoutError("the drill took longer than it may")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
