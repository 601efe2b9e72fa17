"""What runs in the child process of a count: `python -m budgets.actions.engine_child`. The engine alone, no Django.

Reads {"election", "rule"} as JSON from stdin and writes the tally as JSON to stdout. With "analyse": true it writes
{"selected", "analysis"} instead: the winners it came to, and everything else there is to say about them; with
"trace": true the lines of the trace that anyone can check. While it counts it says how far it is on stderr, one JSON
object a line and at most two a second: {"stage": "add1", "step": 131, "share": minor units a voter}. What it cannot
count is refused with exit code 2 and one line of text on stderr.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from typing import Any

from budgets.tally.count import count, count_traced
from budgets.tally.election import Election
from budgets.tally.rules import Rule

EVERY = 0.5  # seconds between two lines on stderr


class Teller:
    """Says how far the count is. Costs a look at the clock when it is too early to say anything."""

    def __init__(self, election: Election, rule: Rule) -> None:
        self.start = election.budget // max(election.n_ballots, 1)
        if rule.start == "integral":
            self.start -= self.start % election.unit
        self.rise = rule.increment * election.unit
        self.next = 0.0

    def __call__(self, stage: str, step: int, *_more: Any) -> None:
        if time.monotonic() < self.next:
            return
        self.next = time.monotonic() + EVERY
        line: dict[str, Any] = {"stage": stage, "step": step}
        if stage == "add1":
            line["share"] = self.start + step * self.rise
        sys.stderr.write(json.dumps(line) + "\n")
        sys.stderr.flush()


def answer(document: Any) -> Any:
    """Count, and analyse where that is asked for. Refuses (ValueError, OverflowError) what the engine refuses."""
    election, rule = Election.from_json(document["election"]), Rule.from_json(document["rule"])
    tell = Teller(election, rule)
    tell("begun", 0)
    tally = count(election, rule, tell)
    if not document.get("analyse"):
        return tally.to_json()
    from budgets.tally.analysis import analyse  # a plain count starts faster without it

    return {"selected": list(tally.selected), "analysis": analyse(election, rule, tally)}


def trace(document: Any) -> Iterator[str]:
    """Refuses what `answer` refuses."""
    election, rule = Election.from_json(document["election"]), Rule.from_json(document["rule"])
    return (f"{line}\n" for line in count_traced(election, rule)[1])


def main() -> int:
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # whatever this machine speaks
    try:
        document = json.load(sys.stdin.buffer)
        if document.get("trace"):
            sys.stdout.writelines(trace(document))
        else:
            json.dump(answer(document), sys.stdout)
    except (ValueError, OverflowError) as error:
        sys.stderr.write(" ".join(str(error).split()) + "\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
