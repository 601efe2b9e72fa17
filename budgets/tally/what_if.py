"""What would have changed the outcome: counts of the same election with something added."""

from __future__ import annotations

from budgets.tally.count import winners
from budgets.tally.election import POINTS, Election
from budgets.tally.rules import Rule

# Beyond this many times the voters there were, one more ballot no longer says anything about this election.
MOST_TIMES = 8


def votes_needed(election: Election, rule: Rule, project: str) -> int | None:
    """A number k of added ballots naming only `project`, all else fixed, with which it is funded while it is not with
    k - 1; both were counted. 0 if it is funded as things are, None if none was found up to 8 times the voters.

    The search doubles and halves, so where funding comes and goes with growing k, a smaller such k may exist. Points
    ballots give the project the most points anybody gave to one project.
    """
    if funded(election, rule, project, 0):
        return 0
    most, unfunded, k = MOST_TIMES * max(election.n_ballots, 1), 0, 1
    while not funded(election, rule, project, k):
        if k > most:
            return None
        unfunded, k = k, 2 * k
    while k - unfunded > 1:
        middle = (k + unfunded) // 2
        if funded(election, rule, project, middle):
            k = middle
        else:
            unfunded = middle
    return k


def funded(election: Election, rule: Rule, project: str, k: int) -> bool:
    """Whether `project` is selected with `k` more ballots that name it alone."""
    most = 1 if election.values is None or not len(election.values) else int(election.values.max())
    ballot = [(project, most)] if election.vote_type in POINTS else [project]
    return election.ids.index(project) in winners(election.plus(ballot, k), rule)
