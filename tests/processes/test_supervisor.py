"""The supervisor with small children: what falls is started again, slower each time, and nothing outlives it."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from config.supervisor import FIRST_PAUSE, LONGEST_PAUSE, STEADY_AFTER, Child

pytestmark = pytest.mark.pure
SLEEPER = [sys.executable, "-c", "import time; time.sleep(600)"]

SCRIPT = """
    import os, sys
    from config.supervisor import Child, Supervisor

    sleeper = [sys.executable, "-c", "import time; time.sleep(600)"]
    stubborn = [sys.executable, "-c", "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(600)"]
    import config.supervisor
    config.supervisor.GRACE = 1.0
    children = [Child("one", sleeper), Child("two", stubborn if "stubborn" in sys.argv else sleeper)]
    Supervisor(children, environment=os.environ, say=lambda line: print(line, flush=True)).run()
"""


def wait_for(line: str, log: Path, times: int = 1) -> list[str]:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        found = [row for row in log.read_text().splitlines() if line in row]
        if len(found) >= times:
            return found
        time.sleep(0.05)
    raise AssertionError(f"{line!r} is not {times} times in:\n{log.read_text()}")


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def started(log: Path, name: str, times: int = 1) -> int:
    return int(wait_for(f"{name} started", log, times)[-1].rstrip(")").split()[-1])


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


def supervisor(log: Path, *arguments: str) -> subprocess.Popen[bytes]:
    root = Path(__file__).resolve().parent.parent.parent
    with log.open("wb") as out:
        return subprocess.Popen([sys.executable, "-c", textwrap.dedent(SCRIPT), *arguments], cwd=root, stdout=out)


def test_a_killed_child_is_started_again_and_all_stop_together(log: Path) -> None:
    process = supervisor(log)
    first, other = started(log, "one"), started(log, "two")
    os.kill(first, signal.SIGKILL)
    wait_for("one ended (signal SIGKILL)", log)
    second = started(log, "one", times=2)
    assert second != first
    process.terminate()
    assert process.wait(10) == 0
    assert not any(alive(pid) for pid in (first, second, other))


def test_a_child_that_ignores_sigterm_is_killed(log: Path) -> None:
    process = supervisor(log, "stubborn")
    child = started(log, "two")
    time.sleep(0.3)  # until it has set its handler
    process.terminate()
    assert process.wait(10) == 0
    assert "two did not stop" in log.read_text()
    assert not alive(child)


def test_the_pause_doubles_up_to_a_limit() -> None:
    child = Child("falls", [sys.executable, "-c", "raise SystemExit(3)"])
    pauses = []
    for _ in range(8):
        child.start(os.environ)
        assert child.process is not None
        child.process.wait(20)
        assert child.fell() == 3
        pauses.append(round(child.start_at - time.monotonic(), 1))
    assert pauses == [min(LONGEST_PAUSE, FIRST_PAUSE * 2**n) for n in range(8)]


def test_a_steady_child_starts_from_the_first_pause_again() -> None:
    child = Child("falls", SLEEPER, pause=16.0)
    child.start(os.environ)
    child.started_at -= STEADY_AFTER
    child.send(signal.SIGKILL)
    assert child.process is not None
    child.process.wait(20)
    assert child.fell() == -signal.SIGKILL
    assert child.start_at - time.monotonic() == pytest.approx(FIRST_PAUSE, abs=0.2)
