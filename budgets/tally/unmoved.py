"""Proofs that a number of added ballots, whatever they name, leaves the purchases of a count as they are.

Both follow the count with two bounds on everything: what the added ballots could at most do for a project, and what it
looks like without their help. Where each purchase comes first even when every rival gets all the help there could be, and
it none, nothing changes. That some such number is not proven says nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from budgets.tally.completion import Sharing
from budgets.tally.election import POINTS, Election
from budgets.tally.limits import Limits
from budgets.tally.phragmen import Phragmen
from budgets.tally.prepare import Prepared, Stage
from budgets.tally.rules import Rule
from budgets.tally.shares import EqualShares

# Times bounded from below are whole numbers of this part of a minor unit.
PARTS = 1 << 40


def plus(election: Election, members: Sequence[int], k: int) -> Election:
    """With `k` more equal ballots that name `members`, at their strongest for each; not merged with others like them."""
    best = 1 if election.values is None or not len(election.values) else int(election.values.max())
    values = None
    if election.values is not None:
        strongest = [best] * len(members) if election.vote_type in POINTS else list(range(1, len(members) + 1))
        values = np.append(election.values, np.array(strongest, dtype=np.int64))
    return Election(
        election.budget,
        election.projects,
        election.vote_type,
        election.unit,
        np.append(election.starts, len(election.members) + len(members)),
        np.append(election.members, np.array(members, dtype=np.int32)),
        values,
        np.append(election.weights, k),
    )


def shares_unmoved(election: Election, rule: Rule, selected: frozenset[int], k: int) -> bool:
    """Equal Shares without completion, limits or a share of the votes to reach.

    The run with the shares that k more ballots leave is followed with the full shares and k more supporters of its own for
    every project: prices there are at most the true ones, in the first run at least.
    """
    ground = Prepared(election, rule)
    if not ground.eligible:
        return False
    limits = Limits(election, rule)
    sharing = Sharing(Stage(ground, election.budget, ground.eligible, limits))
    fewer = Sharing(Stage(Prepared(plus(election, [], k), rule), election.budget, ground.eligible, limits))
    helped = election
    for p in range(len(election.costs)):
        helped = plus(helped, [p], k)
    high = Prepared(helped, rule)
    low = EqualShares(ground.who, fewer.share(0), ground.eligible, sharing.utility, ground.order, limits.copy())
    while low.step():
        pass
    # In a tie the purchase counts as uncertain: whatever it meets stands before it.
    order = [0] * len(election.costs)
    for place, bought in enumerate(reversed(low.purchases), start=1):
        order[bought.project] = place
    ahead = EqualShares(high.who, sharing.share(0), high.eligible, sharing.utility, order, limits.copy())
    return frozenset(b.project for b in low.purchases) == selected and ahead.follows(low)


def phragmen_unmoved(election: Election, rule: Rule, selected: frozenset[int], k: int) -> bool:
    """Sequential Phragmén without limits or a share of the votes to reach. Added ballots only bring purchases forward, but
    none further than k voters can who spent nothing before."""
    ground = Prepared(election, rule)
    run = Phragmen(Stage(ground, election.budget, ground.eligible, Limits(election, rule)))
    left, earliest = election.budget, [0]
    rivals = {p for p, cost in enumerate(election.costs) if cost <= election.budget}
    while True:
        soonest = {p: _soonest(run, p, earliest, k) for p in sorted(rivals)}
        moment = run.step(left)
        if not moment:
            return _ended(run, left, soonest)
        rivals.discard(moment.project)
        if any(_not_after(moment.time, soonest[p]) for p in sorted(rivals)):
            return False
        left -= election.costs[moment.project]
        earliest.append(soonest[moment.project])


def _soonest(run: Phragmen, p: int, earliest: list[int], k: int) -> int:
    """In PARTS, rounded down: no sooner can the voters of p, and k more, hold its cost. `earliest`: of each purchase."""
    slots = np.flatnonzero(run.last[p])
    spent: int = sum(n * earliest[slot] for slot, n in zip(slots.tolist(), run.last[p, slots].tolist(), strict=True))
    return (run.costs[p] * PARTS + spent) // (run.who.votes[p] + k)


def _not_after(time: Fraction, parts: int) -> bool:
    """Whether something that comes no sooner than `parts` may come by `time`."""
    return parts * time.denominator <= time.numerator * PARTS


def _ended(run: Phragmen, left: int, soonest: dict[int, int]) -> bool:
    """Whether the count ends here too: what can come first costs more than is left."""
    fitting = [p for p in soonest if run.costs[p] <= left]
    if not fitting or not run.open:
        return not fitting
    first = min(Fraction(run.needed(p), run.denominator * run.who.votes[p]) for p in run.open)
    return not any(_not_after(first, soonest[p]) for p in fitting)
