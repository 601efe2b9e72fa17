"""`manage.py up`: web, worker and beat as processes of their own, for a server with PostgreSQL and Redis."""

import os
import socket
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.management.commands.serve import check_port, check_prepared, welcome
from config.supervisor import Child, Supervisor
from realtime.limits import FRAME_BYTES


class Command(BaseCommand):
    help = "Run daphne, a Celery worker and beat; start again what falls. Needs REDIS_URL. Stops on SIGTERM and Ctrl+C."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
        parser.add_argument("--web", type=int, default=1, help="web processes that share the port (default: 1)")
        parser.add_argument("--concurrency", type=int, default=2, help="processes of the worker (default: 2)")

    def handle(self, *args: Any, host: str, port: int, web: int, concurrency: int, **options: Any) -> None:
        if not settings.REDIS_URL:
            raise CommandError("Several processes need Redis to talk to each other: set REDIS_URL, or run `serve`.")
        check_port(host, port)
        check_prepared()
        for line in welcome(host, port):
            self.stdout.write(line)
        with listen(host, port) as door:
            Supervisor(children(door.fileno(), web, concurrency), environment=os.environ, say=self._say).run()
        self.stdout.write("Stopped.")

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def listen(host: str, port: int) -> socket.socket:
    """The one socket on which all web processes listen: while one is started again, the others answer."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=1024)


def children(door: int, web: int, concurrency: int) -> list[Child]:
    """The same commands as in deploy/Procfile, on a socket that is open already."""
    python, celery = [sys.executable, "-m"], ["celery", "--app", "config"]
    size = str(FRAME_BYTES)
    daphne = [
        *python, "daphne", "--fd", str(door), "--http-timeout", "60",
        "--websocket-max-message-size", size, "--websocket-max-frame-size", size, "config.asgi:application",
    ]  # fmt: skip
    return [
        *(Child("web" if number == 1 else f"web{number}", daphne, keep=[door]) for number in range(1, web + 1)),
        Child("worker", [*python, *celery, "worker", "--loglevel", "WARNING", "--concurrency", str(concurrency)]),
        Child("beat", [*python, *celery, "beat", "--loglevel", "WARNING"]),
    ]
