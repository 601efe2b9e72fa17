"""`manage.py serve`: the whole site in one process."""

import logging
import socket
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.urls import NoReverseMatch, reverse

from participation.accounts.models import User


class Command(BaseCommand):
    help = "Serve the site in one process: web, worker and beat. Stops on SIGTERM and Ctrl+C."
    # Every start costs what a request never should; `make lint` runs the checks.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")

    def handle(self, *args: Any, host: str, port: int, **options: Any) -> None:
        check_port(host, port)
        check_prepared()
        logging.getLogger("daphne").setLevel(logging.WARNING)
        lines = welcome(host, port)
        connection.close()
        from config.one_process import run  # after the checks: it takes the event loop of the process

        run(host=host, port=port, ready=lambda: self.stdout.write("\n".join(lines)))
        self.stdout.write("Stopped.")


def check_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(
                f"Port {port} on {host} cannot be used ({error.strerror}). "
                "Stop what runs there, or choose another with --port."
            ) from error


def check_prepared() -> None:
    """The database is migrated and the assets are built, or one sentence says what to run."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise CommandError("The database is not up to date: run `make migrate` first.")
    if not settings.DEBUG and not (Path(settings.STATIC_ROOT) / "staticfiles.json").exists():
        raise CommandError("Styles and scripts are not built yet: run `make assets` first.")


def welcome(host: str, port: int) -> list[str]:
    """What the terminal says once the site answers."""
    shown = "localhost" if host in {"127.0.0.1", "0.0.0.0", "::1"} else host  # noqa: S104 - compared, not listened on
    base = f"http://{shown}:{port}"
    lines = [f"Good Local is at {base}/ (Ctrl+C stops it)"]
    if not User.objects.filter(is_superuser=True).exists():
        lines.append(f"Nobody administers it yet. Open {base}{reverse('participation:setup')}")
        lines.append(f"and enter this set-up code: {settings.SETUP_CODE}")
    if settings.MAILBOX_PAGE:
        try:
            lines.append(f"Its e-mails can be read at {base}{reverse('participation:mailbox')}")
        except NoReverseMatch:
            lines.append(f"Its e-mails lie in {settings.EMAIL_FILE_PATH}")
    return lines
