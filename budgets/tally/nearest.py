"""Where to look for the number of ballots that would fund a project: quick guesses, each then counted.

Floats may propose here: a wrong guess only costs recounts.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import takewhile
from math import ceil, inf, isfinite

import numpy as np

from budgets.tally.completion import Sharing
from budgets.tally.greedy import turns
from budgets.tally.phragmen import Phragmen
from budgets.tally.shares import EqualShares
from budgets.tally.trial import Effort, Trial
from budgets.tally.welfare import Item, best_set

# Each run of Equal Shares says how many ballots it would have taken there; with so many the shares are smaller again.
RUNS = 12


def guess(trial: Trial, effort: Effort) -> int:
    """At least 1; meant to be the least number that funds the project, which is not funded as things are."""
    nearest = GUESSES.get(trial.rule.method)
    return max(1, nearest(trial, effort)) if nearest else 1


def by_phragmen(trial: Trial, effort: Effort) -> int:
    """Its voters must hold the cost by the time of a purchase before which enough is left for it."""
    stage = trial.stage(1)
    run, left, p = Phragmen(stage), stage.budget, trial.p
    cost, votes, best = trial.election.costs[p], trial.who.votes[p], inf
    while p in run.open and left >= cost:
        earned = run.needed(p) / run.denominator
        moment = run.step(left)
        if not moment:
            break
        if moment.time:
            best = min(best, earned / float(moment.time) - votes)
        left -= trial.election.costs[moment.project]
    return _whole(best)


def by_welfare(trial: Trial, effort: Effort) -> int:
    """The best set with the project must reach the best without it."""
    stage, p = trial.stage(1), trial.p
    if p not in stage.eligible:
        return 1
    costs, parts, by_cost = trial.election.costs, trial.who.parts, trial.rule.utility == "cost"
    unit = [cost if by_cost else 1 for cost in costs]
    others = [Item(q, costs[q], parts[q] * unit[q], 1 << q) for q in stage.eligible if q != p]
    totals = [
        sum(parts[q] * unit[q] for q in best_set(others, budget)) for budget in (stage.budget, stage.budget - costs[p])
    ]
    more = (stage.ground.who.parts[p] - parts[p]) * unit[p]
    return -(-(totals[0] - totals[1] - parts[p] * unit[p]) // more) if more else 1


def by_shares(trial: Trial, effort: Effort) -> int:
    """What more its voters would have needed before each purchase of a run without it, and at the end."""
    k = 0
    for _ in range(RUNS):
        if not effort.spend(trial.entries):
            break
        sharing = trial.sharing(max(k, 1))
        run = sharing.begin(_steps(trial, sharing))
        more = _short(run, trial)
        if k == 0 and trial.rule.completion in ("add1u", "utilitarian"):
            in_line = _in_line(run, sharing, trial.p)
            if in_line:
                return min(in_line, max(more, 1))
        if more <= k:
            break
        k = more
    return k


def _steps(trial: Trial, sharing: Sharing) -> int:
    """The step at which the money is about what it was at the end of the real count."""
    if not trial.steps:
        return 0
    rise = sharing.share(1) - sharing.share(0)
    less = Fraction(trial.election.budget, trial.election.n_ballots) - sharing.share(0)
    return trial.steps + max(0, int(less / rise))


def _short(run: EqualShares, trial: Trial) -> int:
    """The least number of ballots, by the money before each purchase; 0 if the project is bought."""
    p, who, share = trial.p, trial.who, float(run.share)
    groups, shares = who.groups[p], who.weights[p]
    cost, scale = trial.election.costs[p], float(1 << run.bits)
    values = np.ones(len(groups)) if who.values is None else who.values[p].astype(np.float64)
    value = float(trial.points) if who.values is not None else 1.0
    best = inf
    while True:
        money = run.money[groups] / scale
        bought = run.step()
        if bought and bought.project == p:
            return 0
        price = float(bought.price) / run.utility[bought.project] * run.utility[p] if bought else inf
        given = float(shares @ np.minimum(money, price * values))
        each = min(share, price * value)
        if each > 0:
            best = min(best, (cost - given) / each)
        if not bought or p in run.limits.barred:
            return _whole(best)


def _in_line(run: EqualShares, sharing: Sharing, p: int) -> int:
    """How many more the project needs to stand, when what is left goes by score, before the last in line at whose turn
    enough is left for it; 0 if there is none."""
    ground, cost = sharing.stage.ground, run.costs[p]
    line = turns(sharing.stage, sharing.open(run), sharing.budget - run.spent)
    ahead = list(takewhile(lambda turn: turn.project != p, line))
    before = [turn.project for turn in ahead if turn.left >= cost]
    return max(1, ground.score[before[-1]] - ground.score[p] + 1) if before else 0


def _whole(number: float) -> int:
    return ceil(number - 1e-9) if isfinite(number) else 1


GUESSES: dict[str, Callable[[Trial, Effort], int]] = {
    "phragmen": by_phragmen,
    "max-welfare": by_welfare,
    "equal-shares": by_shares,
}
