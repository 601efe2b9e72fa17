"""The engine in a process of its own: the site answers while it counts, and a crash there ends nothing here."""

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from budgets.tally.election import Election
from budgets.tally.rules import Rule

TIME_LIMIT = 30 * 60  # seconds for one count
CHILD = ("-m", "budgets.actions.engine_child")
ROOT = Path(__file__).resolve().parents[2]

Heard = Callable[[dict[str, Any]], None]


def ask_engine(election: Election, rule: Rule, heard: Heard | None = None, **more: Any) -> Any:
    """What `engine_child` answers to this election and rule; `heard` is called with each line of progress.

    Raises subprocess.SubprocessError where the child fails or takes longer than TIME_LIMIT, ValueError where its answer
    cannot be read.
    """
    with _answered(election, rule, heard, **more) as answer:
        return json.load(answer)


def ask_trace(election: Election, rule: Rule) -> Iterator[str]:
    """The lines of the trace of this count, with their ends. Raises subprocess.SubprocessError."""
    with _answered(election, rule, None, trace=True) as answer:
        yield from answer


@contextmanager
def _answered(election: Election, rule: Rule, heard: Heard | None, **more: Any) -> Iterator[IO[str]]:
    """What the child wrote. Question and answer are files without a name and only the progress is a pipe, so neither
    side can wait for the other."""
    with (
        TemporaryFile("w+", encoding="utf-8") as question,
        TemporaryFile("w+", encoding="utf-8") as answer,
    ):
        json.dump({"election": election.to_json(), "rule": rule.to_json(), **more}, question)
        question.seek(0)
        _run(question, answer, heard or (lambda line: None))
        answer.seek(0)
        yield answer


def _run(question: IO[str], answer: IO[str], heard: Heard) -> None:
    gently = ["nice"] if shutil.which("nice") else []
    command = [*gently, sys.executable, *CHILD]
    with subprocess.Popen(
        command, stdin=question, stdout=answer, stderr=subprocess.PIPE, encoding="utf-8", errors="replace", cwd=ROOT
    ) as child:
        late = threading.Event()

        def end() -> None:
            late.set()
            child.kill()

        limit = threading.Timer(TIME_LIMIT, end)
        limit.daemon = True
        limit.start()
        try:
            said = _listen(child.stderr, heard)
        finally:
            limit.cancel()
            if sys.exc_info()[0]:  # whoever listened failed: nobody waits for the answer any more
                child.kill()
        code = child.wait()
    if late.is_set():
        raise subprocess.TimeoutExpired(command, TIME_LIMIT)
    if code:
        raise subprocess.CalledProcessError(code, command, stderr=said)


def _listen(stderr: IO[str] | None, heard: Heard) -> str:
    """Pass on the progress until the child ends; returns the last other line it wrote."""
    said = ""
    for line in stderr or ():
        if line.startswith("{"):
            heard(json.loads(line))
        elif line.strip():
            said = line
    return said


def why_it_failed(failure: Exception) -> str:
    """The last line a failed child wrote, or what the failure says of itself, for an organiser to read."""
    if isinstance(failure, subprocess.TimeoutExpired):
        return f"The count did not end within {TIME_LIMIT} seconds and was stopped."
    told = (getattr(failure, "stderr", None) or "").strip().splitlines()
    return (told[-1] if told else str(failure))[:500]
