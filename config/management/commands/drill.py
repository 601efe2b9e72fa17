"""`manage.py drill [NAME]`: rehearse faults and load. Each drill runs in a process of its own, on data of its own."""

import subprocess
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from benchmarks.drills import DRILLS


class Command(BaseCommand):
    help = "Run the fault and load drills, or the one named: " + "; ".join(f"{d.name} – {d.what}" for d in DRILLS)
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", nargs="?", choices=[drill.name for drill in DRILLS])

    def handle(self, *args: Any, name: str | None, **options: Any) -> None:
        failed = []
        for drill in DRILLS:
            for database in drill.databases if name in {None, drill.name} else ():
                self.stdout.write(f"{drill.name} on {database}: {drill.what}")
                self.stdout.flush()
                command = [sys.executable, "-m", "benchmarks.drills", drill.name, database]
                held = subprocess.run(command, cwd=settings.BASE_DIR, check=False).returncode == 0
                self.stdout.write(f"  {'held' if held else 'FAILED'}")
                failed += [] if held else [f"{drill.name} on {database}"]
        if failed:
            raise CommandError(f"Did not hold: {', '.join(failed)}.")
