"""The margin of victory: the fewest ballots with which the set of winners would have been another.

Three margins, each as bounds `lower` <= margin <= `upper`, after L. Xia, "Computing the margin of victory for various
voting rules" (EC 2012), and for participatory budgeting N. Boehmer et al., "Robustness of participatory budgeting
outcomes" (SAGT 2023):

- added: ballots more, each naming whatever it likes (points: at most what anybody gave to one project; ranks: no more than
  the longest ballot has);
- removed: ballots fewer;
- changed: ballots replaced by others.

Every upper bound is a change that was counted. Lower bounds are proven:

- greedy, by votes: a project passes another only when the difference between them is made up, and one ballot makes up one
  (two if it is changed). Where misfits are skipped the winners stay the same exactly as long as each loser still meets too
  little money at its turn, so that ballots for one loser alone decide: `added` is exact.
- maximum welfare: all a set without the present winners can gain from k ballots is k times what they give; the best set
  is found again with all losers worth so much more. `added` is exact up to ties.
- Equal Shares without completion and sequential Phragmén: see unmoved.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from budgets.tally.count import winners
from budgets.tally.election import Election, Ints
from budgets.tally.incidence import Incidence, Positions
from budgets.tally.replay import is_known
from budgets.tally.rules import Rule
from budgets.tally.trial import PROJECT, Effort, Trial
from budgets.tally.unmoved import phragmen_unmoved, plus, shares_unmoved
from budgets.tally.welfare import Item, best_set
from budgets.tally.what_if import Needed

# No search goes beyond so many ballots.
MOST = 1 << 40
# So many losers, the nearest, are tried for bounds by removing or changing ballots.
TRIED = 3


@dataclass(frozen=True)
class Margin:
    """`upper` None: no such change was found. `how`: "exact" where both are equal, "bounds" else, "never" where proven
    that no number of ballots changes the set, "not-searched" where the effort did not reach."""

    lower: int
    upper: int | None
    how: str

    @classmethod
    def between(cls, lower: int, upper: int | None) -> Margin:
        return cls(lower, upper, "exact" if lower == upper else "bounds")

    def as_json(self) -> dict[str, Any]:
        return {"lower": self.lower, "upper": self.upper, "how": self.how}


@dataclass(frozen=True, eq=False)
class Case:
    """What all margins of one count need. `needed`: the votes needed by each loser (what_if.Needed), by id."""

    election: Election
    rule: Rule
    selected: frozenset[int]
    needed: Mapping[str, Needed]
    steps: int

    def trial(self, project: str) -> Trial:
        return Trial(self.election, self.rule, project, self.steps)

    def differs(self, election: Election) -> bool:
        return frozenset(winners(election, self.rule)) != self.selected

    def plain(self, method: str) -> bool:
        rule = self.rule
        return rule.method == method and rule.comparison == "none" and not rule.cost_share and is_known(rule)


def margins(case: Case, effort: Effort) -> dict[str, Margin]:
    added = margin_added(case, effort)
    gap = added.lower if case.plain("greedy") and case.rule.score == "votes" and added.how == "exact" else None
    return {
        "added": added,
        "removed": _by_taking_away(case, effort, gap, replaced=False),
        "changed": _by_taking_away(case, effort, gap, replaced=True),
    }


# -- added ballots


def margin_added(case: Case, effort: Effort) -> Margin:
    upper = min((needed.votes for needed in case.needed.values() if needed.votes), default=None)
    searched = all(needed.how != "not-searched" for needed in case.needed.values())
    if case.plain("greedy") and (searched or case.rule.misfit == "stop"):
        exact = upper if case.rule.misfit == "skip" else _added_where_it_stops(case)
        return Margin.between(exact, exact) if exact else Margin(0, None, "never")
    if case.plain("max-welfare"):
        return _added_welfare(case)
    return Margin.between(_certain(case, upper, effort) + 1, upper)


def _added_where_it_stops(case: Case) -> int | None:
    """A loser changes the set once it stands before some winner (whose turn it ends, or takes), or before all other losers
    while it fits what is left; and having changed it, it does with more ballots too."""
    found: list[int] = []
    for project, needed in case.needed.items():
        if needed.how == "never":
            continue
        best = _Search(partial(_changes, case, case.trial(project))).least(needed.votes or 1)
        found += [best] if best else []
    return min(found, default=None)


def _changes(case: Case, trial: Trial, k: int) -> bool:
    return frozenset(trial.winners(k)) != case.selected


def _added_welfare(case: Case) -> Margin:
    """What a set gains from k ballots is at most k times the units of its losers, and ballots that name just these reach
    it (where a ballot may name several). Losers win ties in the proof, so that the bound holds whatever the tie rule."""
    election, rule = case.election, case.rule
    who = Incidence.of(election, by_value=rule.utility == "points")
    losers = [p for p in range(len(election.costs)) if p not in case.selected and election.costs[p] <= election.budget]
    unit = [cost if rule.utility == "cost" else 1 for cost in election.costs]
    if not any(unit[p] for p in losers):
        return Margin(0, None, "never") if not losers else Margin(1, None, "bounds")
    points = case.trial(election.ids[losers[0]]).points if who.values is not None else 1
    scale = len(unit) + 1

    def best(k: int) -> frozenset[int]:
        items = [Item(p, election.costs[p], scale * who.parts[p] * unit[p], 1 << p) for p in sorted(case.selected)]
        items += [Item(p, election.costs[p], scale * (who.parts[p] + k * points) * unit[p] + 1, 1 << p) for p in losers]
        return frozenset(best_set(items, election.budget))

    lower = _Search(lambda k: best(k) != case.selected).least(1)
    if lower is None:
        return Margin(1, None, "bounds")
    named = [min((needed.votes for needed in case.needed.values() if needed.votes), default=None)]
    if election.vote_type != "choose-1":
        for k in (lower, lower + 1):
            group = sorted(best(k) - case.selected)
            if case.differs(plus(election, group, k)):
                named.append(k)
                break
    upper = min(number for number in named if number is not None)
    if election.vote_type == "choose-1":
        # One ballot names one project, and all for one do as well as any; spread out they may only win a tie sooner.
        lower = max(lower, upper - 1)
    return Margin.between(lower, upper)


def _certain(case: Case, upper: int | None, effort: Effort) -> int:
    """The largest number found of added ballots that change nothing, whatever they name."""
    if case.plain("equal-shares") and case.rule.completion == "none":
        unmoved = shares_unmoved
    elif case.plain("phragmen"):
        unmoved = phragmen_unmoved
    else:
        return 0
    certain, stride, most = 0, 1, upper or case.election.n_ballots + 1
    entries = 4 * (len(case.election.members) + PROJECT * len(case.election.costs))
    while certain + stride < most and effort.spend(entries):
        if unmoved(case.election, case.rule, case.selected, certain + stride):
            certain, stride = certain + stride, 2 * stride
        elif stride == 1:
            break
        else:
            stride = max(1, stride // 4)
    return certain


# -- removed and changed ballots


def _by_taking_away(case: Case, effort: Effort, gap: int | None, replaced: bool) -> Margin:
    """Upper bounds: for the nearest losers, ballots that name many of the winners and not the loser are taken away (and
    ballots for the loser put in their place); and all ballots for the winner with the fewest."""
    lower = _least_taken(case, gap, replaced)
    nearest = sorted((needed.votes, project) for project, needed in case.needed.items() if needed.votes)[:TRIED]
    found: list[int] = []
    for _votes, project in nearest:
        changed = _Taking(case, case.election.ids.index(project), replaced, case.trial(project).cost, effort)
        if best := _Search(changed, changed.most).least(max(1, lower)):
            found.append(best)
    if case.selected and not found:
        weakest = min(sorted(case.selected), key=lambda p: Incidence.of(case.election).votes[p])
        changed = _Taking(case, None, replaced, case.trial(case.election.ids[weakest]).cost, effort, weakest)
        if best := _Search(changed, changed.most).least(max(1, lower)):
            found.append(best)
    return Margin.between(lower, min(found, default=None))


def _least_taken(case: Case, gap: int | None, replaced: bool) -> int:
    """`gap`: votes a loser must gain on winners under greedy, where that is known. A winner may also lose its votes."""
    if not case.selected or not (case.plain("greedy") and case.rule.score == "votes"):
        return 1
    votes = Incidence.of(case.election).votes
    dropped = min(votes[p] for p in case.selected) - max(case.rule.threshold, 1) + 1
    if gap is None:
        return dropped
    return min(dropped, -(-gap // 2) if replaced else gap)


class _Taking:
    """Whether taking k ballots away changes the winners; the ballots are taken in one fixed order."""

    def __init__(
        self, case: Case, loser: int | None, replaced: bool, cost: int, effort: Effort, winner: int | None = None
    ) -> None:
        self.case, self.loser, self.replaced, self.cost, self.effort = case, loser, replaced, cost, effort
        election = case.election
        named = Incidence.of(election).winners_per_group(sorted(case.selected))
        if loser is not None:
            named[_naming(election, loser)] = 0
        if winner is not None:
            keep = np.zeros_like(named)
            keep[_naming(election, winner)] = 1
            named = keep
        # Those who name the most winners first; equals as they stand.
        self.groups = np.argsort(-named, kind="stable")[: int((named > 0).sum())]
        self.ends = np.cumsum(election.weights[self.groups])
        self.most = min(int(self.ends[-1]) if len(self.ends) else 0, election.n_ballots - 1)

    def __call__(self, k: int) -> bool:
        return k <= self.most and self.effort.spend(self.cost) and self.case.differs(self.without(k))

    def without(self, k: int) -> Election:
        election, weights = self.case.election, self.case.election.weights.copy()
        whole = int(np.searchsorted(self.ends, k, side="right"))
        weights[self.groups[:whole]] = 0
        if rest := k - (int(self.ends[whole - 1]) if whole else 0):
            weights[self.groups[whole]] -= rest
        less = _kept(election, weights)
        return plus(less, [] if self.loser is None else [self.loser], k) if self.replaced else less


def _naming(election: Election, p: int) -> Positions:
    return Incidence.of(election).groups[p]


def _kept(election: Election, weights: Ints) -> Election:
    """The groups that have voters left."""
    kept = np.flatnonzero(weights)
    lengths = np.diff(election.starts)
    rows = np.repeat(weights > 0, lengths)
    starts = np.concatenate(([0], np.cumsum(lengths[kept])))
    values = None if election.values is None else election.values[rows]
    return Election(
        election.budget,
        election.projects,
        election.vote_type,
        election.unit,
        starts,
        election.members[rows],
        values,
        weights[kept],
    )


class _Search:
    """The least number that passes a test, if passing is monotone; otherwise one that passes while the one below fails."""

    def __init__(self, passes: Callable[[int], bool], most: int | None = None) -> None:
        self.passes, self.most = passes, most

    def least(self, likely: int) -> int | None:
        failed, k = 0, likely
        while not self.passes(k):
            if self.most is not None and k >= self.most:
                return None
            if k > MOST:
                return None
            failed, k = k, 2 * k if self.most is None else min(2 * k, self.most)
        while k - failed > 1:
            middle = (k + failed) // 2
            if self.passes(middle):
                k = middle
            else:
                failed = middle
        return k
