"""Our counts against those of pabutools in exact arithmetic: random small elections full of ties, and real ones."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budgets.tally.election import Election, TallyProject
from tests.budgets.tally import peer
from tests.budgets.tally.data import FILES, needs_files, real

pytestmark = pytest.mark.pure

IDS = "abcdefghij"

# The real elections it counts in a few seconds; benchmarks/oracle.py asks it for all, with patience.
QUICK = """
France_Toulouse_2019 Netherlands_Amsterdam_604 Netherlands_Assen_2024 Poland_Czestochowa_2025 Poland_Gdansk_2020
Poland_Gdynia_2020_Babie_Doly__small Poland_Gdynia_2020_Grabowek__large Poland_Warszawa_2026_Blonia_Wilanowskie
Poland_Wieliczka_2023_Green_Budget Poland_Wroclaw_2015_150_-_500 Poland_Wroclaw_2017 Switzerland_Zurich_S5
Switzerland_Zurich_S5D10 US_Stanford_Dataset_PB_Oakland_2017_District_1_vote_approvals
""".split()
SLOW_WITH_ADD1 = {"France_Toulouse_2019", "Netherlands_Amsterdam_604", "Poland_Wieliczka_2023_Green_Budget"}
SLOW_TO_THE_END = {name for name in QUICK if "Wroclaw" in name or "Blonia" in name or "Stanford" in name}


@st.composite
def elections(draw: st.DrawFn, points: bool = False) -> Election:
    """Few costs that divide each other, few points and ballots cast several times, so that exact ties are common."""
    costs = draw(st.lists(st.sampled_from([1, 2, 3, 4, 6, 8, 12, 24]), min_size=1, max_size=10))
    value = st.integers(1, 3) if points else st.just(1)
    ballot = st.dictionaries(st.sampled_from(IDS[: len(costs)]), value, max_size=5)
    cast = draw(st.lists(st.tuples(ballot, st.integers(1, 3)), min_size=1, max_size=8))
    budget = draw(st.sampled_from([0, 1, 5, 6, 10, 12, 18, 24, 30, 36]))
    return Election.build(
        budget=budget,
        projects=[TallyProject(id, cost) for id, cost in zip(IDS, costs, strict=False)],
        ballots=[votes for votes, times in cast for _ in range(times)],
        vote_type="cumulative" if points else "approval",
        # A pot of less than one unit of its currency is nothing that either engine was made for: they stop apart.
        unit=draw(st.sampled_from([1, 2])) if budget > 1 else 1,
    )


@settings(max_examples=100, deadline=None)
@pytest.mark.parametrize("name", peer.PLAIN)
@given(election=elections())
def test_pabutools_agrees_on_small_elections(name: str, election: Election) -> None:
    ours, theirs = peer.compared(election, name)
    assert ours == theirs


@settings(max_examples=100, deadline=None)
@pytest.mark.parametrize("name", peer.POINTS)
@given(election=elections(points=True))
def test_pabutools_agrees_on_points(name: str, election: Election) -> None:
    ours, theirs = peer.compared(election, name)
    assert ours == theirs


def is_quick(name: str, rule: str) -> bool:
    if "add1" in rule and name in SLOW_WITH_ADD1:
        return False
    return rule != "add1 to the end" or name not in SLOW_TO_THE_END


@needs_files
@pytest.mark.parametrize("name", QUICK if FILES else [])
def test_pabutools_agrees_on_a_real_election(name: str) -> None:
    election = real(f"{name}.pb")
    rules = [rule for rule in peer.rules_for(election) if is_quick(name, rule)]
    assert rules
    for rule in rules:
        ours, theirs = peer.compared(election, rule)
        assert ours == theirs, rule
