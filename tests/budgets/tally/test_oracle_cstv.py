"""Cumulative STV and expanding approvals beside pabutools (GPL, in the development lock alone), as far as it can serve.

What is taken out here, because it means something else by it (version 1.2.3):

- Its completions, which go through a set in no order; and its MTC, which counts MT: the parts of MTC are given instead.
- Elections with a tie, which it mostly breaks by the order of a set.
- Its minimal transfers work with rounded numbers alone, and only where nobody gives more than one unit at a time: so a
  voter's money is one unit. And it loses an excess of up to a hundredth of a unit: elections with one are left out.
- Its expanding approvals buy any of the projects that can be paid, so only elections with one at a time are compared;
  and cut weights to whole numbers: so every ballot is cast very often.
"""

import random
from collections.abc import Iterator
from typing import Any

import pytest

peer: Any = pytest.importorskip("pabutools.rules.cstv", reason="pabutools is not installed")

from pabutools import fractions  # noqa: E402
from pabutools.election import (  # noqa: E402
    CumulativeBallot,
    CumulativeProfile,
    FrozenOrdinalBallot,
    Instance,
    OrdinalMultiProfile,
    Project,
)
from pabutools.rules.pb_ear import pb_ear  # noqa: E402

from budgets.tally.count import Tally, count  # noqa: E402
from budgets.tally.election import Election  # noqa: E402
from budgets.tally.expanding_approvals import Expanding  # noqa: E402
from budgets.tally.limits import Limits  # noqa: E402
from budgets.tally.prepare import Prepared, Stage  # noqa: E402
from budgets.tally.rules import Rule  # noqa: E402
from tests.budgets.tally.data import small  # noqa: E402

pytestmark = pytest.mark.pure

IDS = "abcdefgh"
VOTES, PER_COST = "votes", "votes-per-cost"
CSTV: dict[str, tuple[Rule, dict[str, Any]]] = {
    f"{score}, {transfers}": (
        Rule("r", "cumulative-stv", score=score, utility="points", transfers=transfers, ties=("id",)),
        {
            "select_project_to_fund_func": getattr(peer, f"select_project_{kind}"),
            "eligible_projects_func": getattr(peer, f"is_eligible_{kind}"),
            "no_eligible_project_func": move,
        },
    )
    for score, kind in ((VOTES, "ge"), (PER_COST, "gsc"))
    for transfers, move in (("minimal", peer.minimal_transfer), ("elimination", peer.elimination_with_transfers))
}


def split(rng: random.Random, projects: list[str]) -> dict[str, int]:
    """16 points over these projects: sixteenths are exact as rounded numbers too."""
    cuts = [0, *sorted(rng.sample(range(1, 16), len(projects) - 1)), 16]
    return {p: after - before for p, before, after in zip(projects, cuts, cuts[1:])}


def elections(seed: int, number: int) -> Iterator[tuple[Election, dict[str, int], list[dict[str, int]]]]:
    """Large uneven costs, so that ties are rare; every project is named and fits the budget."""
    rng = random.Random(seed)
    for _ in range(number):
        ids = IDS[: rng.randint(2, 8)]
        votes = [split(rng, rng.sample(ids, rng.randint(1, min(5, len(ids))))) for _ in range(9)]
        named = sorted({p for ballot in votes for p in ballot})
        budget = 9 * 10**9
        costs = {p: rng.randint(10**8, 5 * 10**9) for p in named}
        yield small(budget, costs, votes, "cumulative"), costs, votes


def loses_nothing(tally: Tally) -> bool:
    """Whether pabutools would not lose an excess: none is small. A voter's money is 10 to the 9."""
    bought = [row["reason"]["params"]["support"] - row["cost"] for row in tally.projects if row["selected"]]
    return not any(0 < excess <= 2 * 10**7 for excess in bought)


@pytest.mark.parametrize("name", CSTV)
def test_cumulative_stv(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rule, functions = CSTV[name]
    if rule.transfers == "minimal":
        monkeypatch.setattr(fractions, "FRACTION", fractions.FLOAT_FRAC)
    compared = 0
    for election, costs, votes in elections(11, 150):
        tally = count(election, rule)
        if tally.ties or not loses_nothing(tally):
            continue
        share = election.budget // len(votes)
        projects = {p: Project(p, fractions.frac(cost, share)) for p, cost in costs.items()}
        ballots = [
            CumulativeBallot({projects[p]: fractions.frac(ballot.get(p, 0), sum(ballot.values())) for p in projects})
            for ballot in votes
        ]
        instance = Instance(projects.values(), budget_limit=len(votes))
        profile = CumulativeProfile(ballots, instance=instance)
        theirs = peer.cstv(instance, profile, **functions, exhaustiveness_postprocess_func=lambda *_: None)
        assert list(tally.selected) == [project.name for project in theirs]
        compared += 1
    assert compared > 100


def one_at_a_time(election: Election, rule: Rule) -> bool:
    """Whether at most one project can be paid at every moment of the count."""
    run = Expanding(
        Stage(Prepared(election, rule), election.budget, list(range(len(election.ids))), Limits(election, rule))
    )
    while run.open and run.reach < run.last:
        run.expand()
        while able := run.affordable():
            if len(able) > 1:
                return False
            run.take(able[0])
    return True


def test_expanding_approvals() -> None:
    rule, compared = Rule("r", "expanding-approvals"), 0
    for _, costs, votes in elections(12, 700):
        ballots = [sorted(ballot, key=lambda p: (-ballot[p], p)) for ballot in votes]
        election = small(9 * 10**9, costs, ballots, "ordinal")
        if not one_at_a_time(election, rule):
            continue
        projects = {p: Project(p, cost) for p, cost in costs.items()}
        instance = Instance(projects.values(), budget_limit=election.budget)
        profile = OrdinalMultiProfile(instance=instance)
        for ballot in ballots:
            profile[FrozenOrdinalBallot([projects[p] for p in ballot])] += 10**9
        theirs = [project.name for project in pb_ear(instance, profile)]
        assert list(count(election, rule).selected) == theirs
        compared += bool(theirs)
    assert compared > 100
