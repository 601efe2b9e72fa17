"""A real city while people use the site: import Łódź 2022, count it twice, and ask for the home page all the while.

Starts the site in one process on SQLite with a fresh data folder, on loopback, and prints how long the import and both
counts took and how fast the home page answered. Needs ../shared/data/pabulib; bounded to ten minutes.
"""

from __future__ import annotations

import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ELECTION = ROOT.parent / "shared" / "data" / "pabulib" / "Poland_Lodz_2022.pb.gz"
LIMIT = 600  # seconds for any one step
PAUSE = 0.2  # seconds between two visits


class Visitor(threading.Thread):
    """Asks for the home page every PAUSE seconds; `seconds` holds how long each answer took, by the step under way."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self.url, self.step = url, "idle"
        self.seconds: dict[str, list[float]] = {}
        self.running = True

    def run(self) -> None:
        while self.running:
            step, started = self.step, time.perf_counter()
            with urllib.request.urlopen(self.url, timeout=60) as answer:
                answer.read()
            self.seconds.setdefault(step, []).append(time.perf_counter() - started)
            time.sleep(PAUSE)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def manage(folder: str, *arguments: str) -> str:
    """Run a command of the site and return what it printed."""
    environment = os.environ | {"GOOD_LOCAL_VAR": folder, "GOOD_LOCAL_DEMO": "1"}
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True,
        timeout=LIMIT, check=True,
    )  # fmt: skip
    return done.stdout


def wait_for(url: str) -> None:
    for _attempt in range(120):
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.5)
    raise SystemExit("the site did not start")


def main() -> None:
    if not ELECTION.exists():
        raise SystemExit("benchmarks/city.py needs ../shared/data/pabulib")
    folder = tempfile.mkdtemp(prefix="good-local-bench-")
    port = free_port()
    server = None
    try:
        manage(folder, "migrate", "--noinput", "--verbosity", "0")
        manage(folder, "createcachetable")
        manage(folder, "seed_demo")
        environment = os.environ | {"GOOD_LOCAL_VAR": folder, "GOOD_LOCAL_DEMO": "1", "LOG_LEVEL": "ERROR"}
        server = subprocess.Popen(
            [sys.executable, "manage.py", "serve", "--port", str(port)], cwd=ROOT, env=environment,
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        url = f"http://127.0.0.1:{port}/"
        wait_for(url)
        measure(folder, Visitor(url))
    finally:
        if server is not None:
            server.terminate()
            server.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def measure(folder: str, visitor: Visitor) -> None:
    visitor.start()
    time.sleep(5)
    slug = ""
    for step, arguments in (
        ("import", ["import_pb", str(ELECTION)]),
        ("greedy", ["count", "", "--rule", "greedy"]),
        ("equal-shares-plain", ["count", "", "--rule", "equal-shares-plain"]),
        ("equal-shares", ["count", "", "--rule", "equal-shares", "--publish"]),
    ):
        visitor.step, started = step, time.perf_counter()
        printed = manage(folder, *[argument or slug for argument in arguments])
        slug = slug or printed.split()[-1]
        print(f"{step:<20} {time.perf_counter() - started:6.1f} s   {printed.splitlines()[0]}", flush=True)
    visitor.running = False
    for step, seconds in visitor.seconds.items():
        p95 = statistics.quantiles(seconds, n=20)[-1] if len(seconds) > 1 else seconds[0]
        print(
            f"home page, {step:<20} {len(seconds):4} visits   median {statistics.median(seconds):.3f} s   "
            f"p95 {p95:.3f} s   slowest {max(seconds):.3f} s"
        )


if __name__ == "__main__":
    main()
