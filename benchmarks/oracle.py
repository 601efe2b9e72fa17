"""Compare our counts with those of pabutools (exact mode): thousands of random elections, then every real one it can do.

`python benchmarks/oracle.py [--examples N] [--seconds S] [--data FOLDER] [NAME …]`. Each real election and rule is
counted by pabutools in a process of its own; where it needs more than S seconds of CPU, that is printed as the result.
NAME: only the files whose name holds it. Ends with 1 if anything differs.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from hypothesis import HealthCheck, given, settings  # noqa: E402

from budgets.tally.election import Election  # noqa: E402
from budgets.tally.pb import read_election  # noqa: E402
from tests.budgets.tally import peer  # noqa: E402
from tests.budgets.tally.test_oracle import elections  # noqa: E402


def agree_on_random(name: str, examples: int) -> int:
    """How many random elections both counted alike. Fails (AssertionError) at the smallest one they do not."""
    seen = 0

    @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(elections(points=name in peer.POINTS))
    def agree(election: Election) -> None:
        nonlocal seen
        ours, theirs = peer.compared(election, name)
        assert ours == theirs, (name, election, ours, theirs)
        seen += 1

    agree()
    return seen


def compare_in_child(election: Election, name: str, seconds: int, answer: Any) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
    sys.setrecursionlimit(100_000)  # it goes one call deeper with each purchase
    started = time.process_time()
    ours, theirs = peer.compared(election, name)
    answer.send((ours == theirs, time.process_time() - started, ours, theirs))


def compare_real(election: Election, name: str, seconds: int) -> tuple[str, bool]:
    """(what to print, whether nothing differs). The child inherits the election by fork."""
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=compare_in_child, args=(election, name, seconds, sender))
    child.start()
    sender.close()
    try:
        equal, took, ours, theirs = receiver.recv()
    except EOFError:
        child.join()
        limit = child.exitcode in (-24, -9)
        return (f"over {seconds} s" if limit else f"pabutools failed (exit {child.exitcode})"), limit
    child.join()
    return (f"equal, {took:.1f} s", True) if equal else (f"DIFFERENT: ours {ours}, theirs {theirs}", False)


def real_elections(folder: Path, wanted: list[str]) -> Iterator[tuple[str, Election]]:
    for path in sorted(folder.glob("*.pb.gz"), key=lambda path: (path.stat().st_size, path.name)):
        if not wanted or any(name in path.name for name in wanted):
            yield path.name.removesuffix(".pb.gz"), read_election(path)[0]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data" / "pabulib")
    parser.add_argument("--examples", type=int, default=2000, help="random elections for each rule")
    parser.add_argument("--seconds", type=int, default=60, help="CPU limit for one real election under one rule")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    os.environ.setdefault("PYTHONHASHSEED", "0")
    total = 0
    for name in peer.RULES if options.examples else ():
        total += agree_on_random(name, options.examples)
        print(f"{total:7,} random elections counted alike, now with: {name}", flush=True)
    good, equal, over = True, 0, 0
    for title, election in real_elections(options.data, options.names):
        for name in peer.rules_for(election):
            said, fine = compare_real(election, name, options.seconds)
            good &= fine
            equal += said.startswith("equal")
            over += said.startswith("over")
            print(f"{title}: {name}: {said}", flush=True)
        if not peer.rules_for(election):
            print(f"{title}: ranked ballots, which pabutools counts by no rule of ours here", flush=True)
    print(f"{equal} counts of real elections alike, {over} not finished by pabutools in {options.seconds} s")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
