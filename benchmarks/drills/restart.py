"""kill -9 the web, worker and beat processes of `manage.py up` in turn, while people read pages."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path

from django.db import connection
from django.utils import timezone

from benchmarks.drills.load import Visitors, answers, seconds_until
from participation.models import OutboxMessage
from tests.running import RunningSite
from tests.services import Services


def drill(folder: Path, services: Services | None) -> bool:
    connection.close()
    with RunningSite("up", folder / "log") as site:
        seconds_until(lambda: all(pid_of(site, name) for name in ("web", "worker", "beat")))
        with Visitors(site.url, ("/healthz", "/rounds/", "/proposals/")) as visitors:
            for name in ("web", "worker", "beat"):
                kill(site, name)
            works = seconds_until(lambda: is_sent("after all of it"), 120) if queue("after all of it") else 0.0
        print(f"  a mail queued after all of it left within {works:.1f} s")
        print(f"  meanwhile {visitors.answered} requests were answered, {visitors.failed} met the killed web process")
        return answers(f"{site.url}/healthz") and visitors.answered > visitors.failed


def pid_of(site: RunningSite, name: str) -> int | None:
    """The process as the supervisor's last line about it says."""
    found = re.findall(rf"{name} started \(process (\d+)\)", site.log.read_text())
    return int(found[-1]) if found else None


def kill(site: RunningSite, name: str) -> None:
    before = pid_of(site, name)
    assert before is not None
    os.kill(before, signal.SIGKILL)
    started = seconds_until(lambda: pid_of(site, name) != before)
    answered = seconds_until(site.answers)
    print(f"  {name}: killed, started again after {started:.1f} s, the site answered {answered:.1f} s later")


def queue(key: str) -> bool:
    OutboxMessage.objects.create(key=key, to="ann@example.org", subject="Hello", body="Hello", due_at=timezone.now())
    return True


def is_sent(key: str) -> bool:
    return OutboxMessage.objects.filter(key=key).exclude(sent_at=None).exists()
