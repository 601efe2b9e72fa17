"""`serve` and `up` as an operator meets them: real processes on a real database."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from participation.models import OutboxMessage
from tests.factories import UserFactory
from tests.running import ROOT, RunningSite, collect_static, site_environment

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _assets() -> None:
    collect_static()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=ROOT, env=site_environment(0, **environment),
        capture_output=True, text=True, timeout=90, check=False,
    )  # fmt: skip


def eventually(true: Callable[[], bool], seconds: float = 30) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.2)
    return False


def queue_mail(key: str) -> None:
    OutboxMessage.objects.create(key=key, to="ann@example.org", subject="Hello", body="Hello", due_at=timezone.now())


def is_sent(key: str) -> bool:
    return OutboxMessage.objects.filter(key=key).exclude(sent_at=None).exists()


def test_serve_answers_works_in_the_background_and_stops(log: Path) -> None:
    queue_mail("from-serve")
    with RunningSite("serve", log, REDIS_URL="", GOOD_LOCAL_DEMO="1") as site:
        assert eventually(lambda: is_sent("from-serve"))
        started = time.monotonic()
        assert site.stop() == 0
        assert time.monotonic() - started < 5
    said = log.read_text()
    assert f"{site.url}/setup/" in said
    assert settings.SETUP_CODE in said
    assert f"{site.url}/mailbox/" in said
    assert "Traceback" not in said


def test_serve_says_nothing_about_set_up_once_someone_administers(log: Path) -> None:
    UserFactory(is_superuser=True, is_staff=True)
    with RunningSite("serve", log, REDIS_URL="") as site:
        assert site.stop() == 0
    assert settings.SETUP_CODE not in log.read_text()
    assert "/mailbox/" not in log.read_text()


def test_a_busy_port_is_one_sentence() -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        done = run("serve", "--port", str(busy.getsockname()[1]), REDIS_URL="")
    assert done.returncode == 1
    assert re.fullmatch(r"CommandError: Port \d+ on 127.0.0.1 cannot be used .*\n", done.stderr)


def test_up_without_redis_is_one_sentence() -> None:
    done = run("up", REDIS_URL="")
    assert done.returncode == 1
    assert re.fullmatch(r"CommandError: Several processes need Redis .*\n", done.stderr)


@pytest.fixture
def site_of_many(log: Path) -> Iterator[RunningSite]:
    site = RunningSite("up", log)
    site.command += ["--web", "2"]
    with site:
        yield site


@pytest.mark.postgres
def test_up_starts_again_what_is_killed_and_stops_within_seconds(site_of_many: RunningSite) -> None:
    log = site_of_many.log
    assert eventually(lambda: log.read_text().count(" started (process") == 4)
    queue_mail("from-up")
    assert eventually(lambda: is_sent("from-up"), 60)
    first = dict(re.findall(r"(\w+) started \(process (\d+)\)", log.read_text()))
    for pid in first.values():
        os.kill(int(pid), signal.SIGKILL)
    assert eventually(lambda: log.read_text().count(" started (process") == 8, 60)
    assert eventually(site_of_many.answers, 60)
    queue_mail("after-the-fall")
    assert eventually(lambda: is_sent("after-the-fall"), 60)
    started = time.monotonic()
    assert site_of_many.stop() == 0
    assert time.monotonic() - started < 15
    pids = re.findall(r"process (\d+)\)", log.read_text())
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)
