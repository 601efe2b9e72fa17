"""Several processes under one roof: start them, start again what falls, stop all of them together. POSIX, no Django."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType

FIRST_PAUSE = 0.5  # seconds before a fallen child is started again; doubles with each fall
LONGEST_PAUSE = 30.0
STEADY_AFTER = 30.0  # a child that ran this long starts from the first pause again
GRACE = 5.0  # seconds between SIGTERM and SIGKILL; every task may be cut off, since it may run twice
TICK = 0.2

Say = Callable[[str], None]


@dataclass(slots=True)
class Child:
    """One command. It leads a process group of its own, so that what it started goes with it."""

    name: str
    command: Sequence[str]
    keep: Sequence[int] = ()  # file descriptors that it shares with us
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_at: float = 0.0
    pause: float = FIRST_PAUSE
    starts: int = field(default=0)

    def start(self, environment: Mapping[str, str]) -> None:
        self.process = subprocess.Popen(self.command, env=dict(environment), start_new_session=True, pass_fds=self.keep)
        self.started_at = time.monotonic()
        self.starts += 1

    def fell(self) -> int | None:
        """The exit code of a child that has just ended, else None. Sets when it is to start again."""
        code = self.process.poll() if self.process else None
        if code is None:
            return None
        self.send(signal.SIGKILL)  # what it left behind
        self.process = None
        now = time.monotonic()
        if now - self.started_at >= STEADY_AFTER:
            self.pause = FIRST_PAUSE
        self.start_at = now + self.pause
        self.pause = min(LONGEST_PAUSE, self.pause * 2)
        return code

    def send(self, number: int) -> None:
        if self.process is not None:
            try:
                os.killpg(self.process.pid, number)
            except ProcessLookupError:
                return


class Supervisor:
    """Runs children until `stop` is asked for by SIGTERM or SIGINT."""

    def __init__(self, children: Sequence[Child], *, environment: Mapping[str, str], say: Say) -> None:
        self.children = children
        self.environment = environment
        self.say = say
        self.stopping = False

    def run(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask_to_stop)
        try:
            while not self.stopping:
                self._tend()
                time.sleep(TICK)
        finally:
            self._stop()

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True

    def _tend(self) -> None:
        for child in self.children:
            code = child.fell()
            if code is not None:
                self.say(
                    f"{child.name} ended ({_reason(code)}); starts again in {child.start_at - time.monotonic():.1f} s"
                )
            if child.process is None and time.monotonic() >= child.start_at:
                child.start(self.environment)
                self.say(f"{child.name} started (process {child.process.pid if child.process else '?'})")

    def _stop(self) -> None:
        """SIGTERM to all, SIGKILL to whoever is still there after GRACE seconds."""
        running = [child for child in self.children if child.process is not None]
        for child in running:
            child.send(signal.SIGTERM)
        deadline = time.monotonic() + GRACE
        for child in running:
            assert child.process is not None
            try:
                child.process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                self.say(f"{child.name} did not stop in {GRACE:.0f} s and was killed")
            child.send(signal.SIGKILL)
            child.process.wait()


def _reason(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
