"""A real site beside the tests: `manage.py serve` or `up` as a process, on a database the tests look into."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType

from django.conf import settings

from tests.services import free_port

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 90
STOP_SECONDS = 20


def database_url() -> str:
    """Where the tests' own database is, as an environment variable says it."""
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        return f"sqlite:///{database['NAME']}"
    return f"postgres://postgres@/{database['NAME']}?host={database['OPTIONS']['host']}"


def collect_static() -> None:
    """Collect styles and scripts when one is newer than what was collected last."""
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    newest = max(path.stat().st_mtime for path in (ROOT / "static").rglob("*") if path.is_file())
    if not manifest.exists() or manifest.stat().st_mtime < newest:
        command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
        subprocess.run(command, cwd=ROOT, env=site_environment(0), check=True)
        manifest.touch()


def site_environment(port: int, **more: str) -> dict[str, str]:
    """Ordinary settings, and the tests' data folder: its keys make sessions and receipts valid on both sides."""
    ours = {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "GOOD_LOCAL_VAR": str(settings.VAR_DIR),
        "DATABASE_URL": database_url(),
        "SITE_URL": f"http://localhost:{port}",
    }
    return os.environ | ours | more


class RunningSite:
    """`with RunningSite("serve") as site:` – answers at `site.url` inside, is stopped outside."""

    def __init__(self, command: str, log: Path, *, stop_seconds: float = STOP_SECONDS, **environment: str) -> None:
        self.stop_seconds = stop_seconds
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.log = log
        self.command = [sys.executable, "manage.py", command, "--port", str(self.port)]
        self.environment = site_environment(self.port, **environment)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> subprocess.Popen[bytes]:
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(self.command, cwd=ROOT, env=self.environment, stdout=log, stderr=log)
        return self.process

    def __enter__(self) -> RunningSite:
        process, deadline = self.start(), time.monotonic() + START_SECONDS
        while not self.answers():
            if process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError(f"the site did not start:\n{self.log.read_text()}")
            time.sleep(0.2)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=5) as response:
                return bool(response.status == 200)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def stop(self) -> int:
        """SIGTERM, as an operator would; the exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(self.stop_seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
