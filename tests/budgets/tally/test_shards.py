"""A count by shards is the count: however the ballots are divided, whatever the order and the shape of the merging."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budgets.tally.count import count
from budgets.tally.election import BallotBox, Election, TallyProject
from budgets.tally.rules import PRESETS
from budgets.tally.shards import ShardError, election_of, merge, partial

pytestmark = pytest.mark.pure

IDS = ["a", "b", "c", "d", "é"]
PROJECTS = [TallyProject(id, cost) for cost, id in enumerate(IDS, start=3)]
BALLOTS = {
    "approval": st.lists(st.sampled_from(IDS), unique=True),
    "choose-1": st.lists(st.sampled_from(IDS), unique=True, max_size=1),
    "cumulative": st.dictionaries(st.sampled_from(IDS), st.sampled_from([1, 2, 300, 70_000])),
    "ordinal": st.lists(st.sampled_from(IDS), unique=True),
}


def shard(ballots: list[object], vote_type: str) -> bytes:
    box = BallotBox(IDS, vote_type)
    for ballot in ballots:
        box.add(ballot)
    return partial(IDS, box)


@st.composite
def divided(draw: st.DrawFn) -> tuple[str, list[object], list[list[object]]]:
    """(vote type, all ballots, the same in shards, some of them empty, in any order)."""
    vote_type = draw(st.sampled_from(sorted(BALLOTS)))
    ballots = draw(st.lists(BALLOTS[vote_type], max_size=30))
    count = draw(st.integers(1, 5))
    shards: list[list[object]] = [[] for _ in range(count)]
    for ballot in draw(st.permutations(ballots)):
        shards[draw(st.integers(0, count - 1))].append(ballot)
    return vote_type, ballots, shards


@settings(max_examples=150, deadline=None)
@given(divided())
def test_any_partition_is_the_same_election(drawn: tuple[str, list[object], list[list[object]]]) -> None:
    vote_type, ballots, shards = drawn
    whole = Election.build(budget=12, projects=PROJECTS, ballots=ballots, vote_type=vote_type)
    parts = [shard(part, vote_type) for part in shards]
    terms = {"budget": 12, "projects": PROJECTS, "vote_type": vote_type}
    together = election_of(parts, **terms)
    assert together.digest == whole.digest
    assert together == whole == election_of([merge(parts)], **terms)
    assert list(together.ballots()) == list(whole.ballots())
    assert together.n_ballots == len(ballots)
    rule = PRESETS["equal-shares"]
    assert count(together, rule).to_json() == count(whole, rule).to_json()


@settings(max_examples=150, deadline=None)
@given(divided(), st.data())
def test_merging_is_associative_and_commutative(
    drawn: tuple[str, list[object], list[list[object]]], data: st.DataObject
) -> None:
    vote_type, ballots, shards = drawn
    left = [shard(part, vote_type) for part in shards]
    while len(left) > 1:  # merge any two until one is left
        one = left.pop(data.draw(st.integers(0, len(left) - 1)))
        other = left.pop(data.draw(st.integers(0, len(left) - 1)))
        assert merge([one, other]) == merge([other, one])
        left.append(merge([one, other]))
    assert merge(left) == shard(ballots, vote_type)


def test_what_is_no_partial_of_this_election_is_refused() -> None:
    part = shard([["a"], ["a", "b"]], "approval")
    with pytest.raises(ShardError, match="nothing to merge"):
        merge([])
    with pytest.raises(ShardError, match="not of one election"):
        merge([part, shard([["a"]], "choose-1")])
    with pytest.raises(ShardError, match="of another election"):
        election_of([part], budget=1, projects=PROJECTS[:-1])
    for at in range(0, len(part), 7):
        with pytest.raises(ShardError, match="damaged"):
            merge([part[:at] + bytes([part[at] ^ 1]) + part[at + 1 :]])
        with pytest.raises(ShardError, match="damaged"):
            merge([part[:at]])


def test_no_shards_are_an_election_without_ballots() -> None:
    assert election_of([], budget=1, projects=PROJECTS).n_ballots == 0
    assert merge([shard([], "approval")] * 2) == shard([], "approval")
