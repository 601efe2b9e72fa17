"""What would have changed the outcome: how many more ballots that name one project alone would have funded it.

Where the rule is monotone (more such ballots never unfund the project) doubling and halving finds the smallest number:

- greedy: the project's turn only comes earlier, when more is left; everybody else's order stays.
- sequential Phragmén: nothing before its purchase changes, and that comes earlier, when more is left.
- maximum welfare: every set with the project gains the same, every set without it nothing.

Equal Shares is not: each ballot makes every voter's share of the pot smaller. Nor is a rule with a share of the votes to
reach (others fall below it as ballots are added), with a comparison, or with limits. There the search first looks for a
number at which funding begins, then counts every smaller number, or proves whole ranges at once, as far as the effort
given allows; the result says how far that was.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from budgets.tally.election import Election
from budgets.tally.incidence import Incidence
from budgets.tally.nearest import guess
from budgets.tally.replay import KNOWN, is_known
from budgets.tally.rules import Rule
from budgets.tally.shares import EqualShares
from budgets.tally.trial import Effort, Trial

MONOTONE = frozenset({"greedy", "phragmen", "max-welfare"})
# Beyond this many times the voters there were, one more ballot no longer says anything about this election.
MOST_TIMES = 8
EFFORT = 400_000_000


@dataclass(frozen=True)
class Needed:
    """`votes`: with so many added ballots the project is funded and with one less it is not, both counted; None if no
    such number was found. `at_least`: proven that no smaller number funds it. `how`: "smallest" (both are equal),
    "found" (a number in between might do), "never" (no number does, proven), "not-found" (the search up to 8 times the
    voters found none, which proves nothing from `at_least` on) or "not-searched" (the effort was used up).
    """

    votes: int | None
    at_least: int
    how: str

    def as_json(self) -> dict[str, Any]:
        return {"votes": self.votes, "at_least": self.at_least, "how": self.how}


def votes_needed(election: Election, rule: Rule, project: str, effort: int = EFFORT, steps: int = 0) -> Needed:
    """`effort`: see trial.Effort. `steps`: how often the count raised the money, where that is known."""
    trial, spare = Trial(election, rule, project, steps), Effort(effort)
    if trial.funded(0):
        return Needed(0, 0, "smallest")
    return proven(trial, begun(trial, guess(trial, spare), spare), spare)


def needed_by_losers(
    election: Election, rule: Rule, losers: Iterable[str], effort: int = EFFORT, steps: int = 0
) -> dict[str, Needed]:
    """For projects that are not funded. First a number for each, those that lack the fewest votes first; then what proof
    the effort left over allows, shared out evenly."""
    who, spare = Incidence.of(election, by_value=rule.utility == "points"), Effort(effort)
    trials = {project: Trial(election, rule, project, steps, who) for project in losers}
    for trial in trials.values():
        trial.known[0] = False
    guesses = {project: guess(trial, spare) for project, trial in trials.items()}
    nearest = sorted(trials, key=lambda project: (guesses[project], project))
    found = {project: begun(trials[project], guesses[project], spare) for project in nearest}
    for done, project in enumerate(nearest):
        part = Effort(spare.left // (len(trials) - done))
        spare.left -= part.left
        found[project] = proven(trials[project], found[project], part)
        spare.left += part.left
    return found


def is_monotone(rule: Rule) -> bool:
    return rule.method in MONOTONE and not rule.cost_share and rule.comparison == "none" and is_known(rule, KNOWN)


def begun(trial: Trial, likely: int, effort: Effort) -> Needed:
    """A number at which funding begins; the smallest where the rule is monotone."""
    cost, election = trial.election.costs[trial.p], trial.election
    if cost > election.budget:
        return Needed(None, 0, "never")
    # A good guess takes two recounts; no search begins that could not afford twice as many.
    counted = len(trial.known)
    if effort.left < 4 * trial.cost:
        return Needed(None, 1, "not-searched")
    found = _edge(trial, likely)
    effort.left = max(0, effort.left - (len(trial.known) - counted) * trial.cost)
    if found is None:
        return Needed(None, 1, "not-found")
    return Needed(found, found, "smallest") if is_monotone(trial.rule) else Needed(found, 1, "found")


def _edge(trial: Trial, likely: int) -> int | None:
    """Some k that funds the project while k - 1 does not, near to the likely one."""
    # Under a monotone rule enough ballots put the project before all others, so the search ends.
    most = None if is_monotone(trial.rule) else MOST_TIMES * max(trial.election.n_ballots, 1) + likely
    unfunded, k, stride = 0, likely, 1
    while not trial.funded(k):
        if most is not None and k > most:
            return None
        unfunded, k, stride = k, k + stride, 2 * stride
    return _down(trial, unfunded, k)


def _down(trial: Trial, unfunded: int, k: int) -> int:
    """Between a number that does not fund the project and one that does: first near the latter, then by halves."""
    stride = 1
    while k - unfunded > 1:
        middle = max(k - stride, (k + unfunded) // 2)
        if trial.funded(middle):
            k, stride = middle, 2 * stride
        else:
            unfunded, stride = middle, 2 * stride
    return k


# -- the proof that no smaller number would do


def proven(trial: Trial, begun: Needed, effort: Effort) -> Needed:
    """Go up from nothing, range by range, as far as the effort reaches; a smaller number met on the way is taken."""
    if begun.how not in ("found", "not-found"):
        return begun
    votes, ranges = begun.votes, can_prove_ranges(trial.rule)
    below = max(1, affordable_from(trial))
    end = votes or MOST_TIMES * max(trial.election.n_ballots, 1)
    done, length = min(below, end) - 1, 1
    while done < end - 1 and effort.spend(3 * trial.cost):
        k = min(done + length, end - 1)
        if trial.funded(k):
            votes = end = _down(trial, done, k)
        elif k == done + 1 or unchanged(trial, done, k):
            done, length = k, 2 * length if ranges else 1
        else:
            length = max(1, length // 4)
    if votes is None:
        return Needed(None, done + 1, "not-found")
    return Needed(votes, done + 1, "smallest" if done + 1 == votes else "found")


def affordable_from(trial: Trial) -> int:
    """Under Equal Shares without completion: fewer ballots leave its voters, all together, less than the cost even
    before anything is bought."""
    rule, cost, budget = trial.rule, trial.election.costs[trial.p], trial.election.budget
    if rule.method != "equal-shares" or rule.completion != "none" or rule.comparison != "none" or not is_known(rule):
        return 1
    lacking = cost * trial.election.n_ballots - trial.who.votes[trial.p] * budget
    return max(1, -(-lacking // (budget - cost))) if budget > cost else 1


def can_prove_ranges(rule: Rule) -> bool:
    return (
        rule.method == "equal-shares"
        and rule.completion in ("none", "utilitarian")
        and rule.comparison == "none"
        and is_known(rule)
    )


def unchanged(trial: Trial, first: int, last: int) -> bool:
    """Whether certainly no number of ballots between two that do not fund the project funds it.

    The run with the fewest shares (`last` ballots) is followed with the largest shares (those of `first`) and all the
    ballots of `last`, which is better for the project than any number between. If even so every purchase stays certain
    and the project never comes first, then nothing else happens in between.
    """
    low, high = trial.sharing(last), trial.sharing(first)
    others = [[p for p in sharing.stage.eligible if p != trial.p] for sharing in (low, high)]
    if others[0] != others[1]:
        return False
    stage = low.stage
    limits, order = stage.limits.copy(), stage.ground.order
    ahead = EqualShares(low.who, high.share(0), stage.eligible, low.utility, order, limits)
    return ahead.follows(low.run(0))
