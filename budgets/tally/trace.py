"""The record of a count from which anyone can check it: JSON Lines for `verify.py`, which shares no code with this.

Lines, each an object with `type`: `election` and `rule` with their digests; for Equal Shares `steps` (what was bought at
the rises from `first` to `last`, before the one that counts), then `run` (name "final", and "beyond" for the step that
overspends, each with the endowment) followed by its `purchase` lines in order; for Phragmén `purchase` lines with the
time; for cumulative STV `purchase` (with the price for each coin of support), `elimination` and `acceptance`; for expanding
approvals `purchase` with the rank and the part of their money that its voters pay; for maximum welfare one `best` line with
the prices of welfare.py (the budget's, each cap's, each incompatible set's) and, for a group of projects by its place, what
it cannot be worth more than and the prices that prove it; last `result`. Where the rule guarantees amounts, a `stage` line
comes before each stage.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from itertools import chain

from budgets.tally.completion import Shared
from budgets.tally.election import Election
from budgets.tally.exact import ratio
from budgets.tally.outcome import Line, Recorded
from budgets.tally.phragmen import Moment
from budgets.tally.rules import Quota, Rule
from budgets.tally.shares import EqualShares
from budgets.tally.welfare import Best


def of_stage(quota: Quota | None, budget: int) -> Line:
    """Where a stage begins: for a guarantee, or (None) for everything that is left."""
    return {"type": "stage", "guarantee": asdict(quota) if quota else None, "budget": budget}


def of_shared(election: Election, shared: Shared) -> list[Line]:
    lines: list[Line] = [
        {"type": "steps", "first": span.first, "last": span.last, "bought": [election.ids[p] for p in span.bought]}
        for span in shared.spans
    ]
    lines += _run(election, "final", shared.step, shared.run)
    if shared.beyond and shared.beyond_run:
        lines += _run(election, "beyond", shared.beyond.step, shared.beyond_run)
    return lines


def _run(election: Election, name: str, step: int, run: EqualShares) -> list[Line]:
    head: Line = {"type": "run", "name": name, "step": step, "share": ratio(run.share)}
    return [head] + [
        {
            "type": "purchase",
            "project": election.ids[bought.project],
            "price": ratio(bought.price),
            "full": bought.full,
            "part": bought.part,
            "broke": bought.broke,
            "tied": [election.ids[p] for p in bought.tied],
        }
        for bought in run.purchases
    ]


def of_moments(election: Election, moments: Iterable[Moment]) -> list[Recorded]:
    return [
        {"type": "purchase", "project": election.ids[moment.project], "time": ratio(moment.time)} for moment in moments
    ]


def of_best(election: Election, chosen: list[int], best: Best) -> list[Recorded]:
    groups = [{"group": inner.group, "worth": inner.worth, "prices": inner.prices} for inner in best.inner]
    bought = [election.ids[p] for p in chosen]
    return [{"type": "best", "bought": bought, "prices": best.prices, "groups": groups}]


def lines(election: Election, rule: Rule, version: str, record: Sequence[Recorded], result: Line) -> Iterator[str]:
    """The whole trace, one line of text each, without line ends."""
    head: list[Line] = [
        {"type": "election", "digest": election.digest, "election": election.to_json()},
        {"type": "rule", "digest": rule.digest, "rule": rule.to_json(), "version": version},
    ]
    recorded = (line for part in record for line in (part() if callable(part) else [part]))
    for line in chain(head, recorded, [{"type": "result", **result}]):
        yield json.dumps(line, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
