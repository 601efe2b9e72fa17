"""People who keep asking for pages, counted."""

from __future__ import annotations

import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable


class Visitors:
    """`with Visitors(url, …) as visitors:` – each of them asks for these pages in turn, ten times a second together."""

    def __init__(self, url: str, paths: tuple[str, ...], people: int = 4) -> None:
        self.url, self.paths = url, paths
        self.answered = self.failed = 0
        self.lock = threading.Lock()
        self.done = threading.Event()
        self.threads = [threading.Thread(target=self._visit, daemon=True) for _ in range(people)]

    def __enter__(self) -> Visitors:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.done.set()
        for thread in self.threads:
            thread.join(30)

    def _visit(self) -> None:
        for turn in range(10**9):
            if self.done.wait(0.1 * len(self.threads)):
                return
            good = answers(self.url + self.paths[turn % len(self.paths)])
            with self.lock:
                self.answered += good
                self.failed += not good


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=10) as response:
            response.read()
            return bool(response.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError, OSError):
        return False


def seconds_until(true: Callable[[], bool], limit: float = 120.0) -> float:
    """How long it took until `true()` held; raises after `limit` seconds."""
    started = time.monotonic()
    while not true():
        if time.monotonic() - started > limit:
            raise TimeoutError(f"waited {limit:.0f} s in vain")
        time.sleep(0.1)
    return time.monotonic() - started
