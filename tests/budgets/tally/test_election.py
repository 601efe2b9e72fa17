"""The canonical election: identical ballots merged exactly, its digest, and its way through JSON."""

import hashlib
import json
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budgets.tally.election import MOST_POINTS, POINTS, RANKED, VOTE_TYPES, BallotBox, Election, TallyProject
from budgets.tally.grouping import Rows, grouped, spans

pytestmark = pytest.mark.pure


@st.composite
def elections(draw: st.DrawFn) -> tuple[str, list[TallyProject], list[Any]]:
    """(vote type, projects, ballots)."""
    vote_type, count = draw(st.sampled_from(sorted(VOTE_TYPES))), draw(st.sampled_from([1, 3, 20, 300]))
    projects = [TallyProject(f"{n:x}é", n, area=f"“{n % 3}”", categories=("b", "a")[: n % 3]) for n in range(count)]
    ids = st.sampled_from([project.id for project in projects])
    ballots: list[Any] = draw(
        st.lists(st.lists(ids, unique=True, max_size=1 if vote_type == "choose-1" else 40), max_size=12)
    )
    if vote_type in POINTS:
        number = st.sampled_from([0, 1, 2, 5000, MOST_POINTS])
        ballots = [{project: draw(number) for project in ballot} for ballot in ballots]
    return vote_type, projects, ballots


def built(election: tuple[str, list[TallyProject], list[Any]]) -> Election:
    vote_type, projects, ballots = election
    return Election.build(budget=10**9, projects=projects, ballots=ballots, vote_type=vote_type)


@settings(max_examples=150, deadline=None)
@given(elections(), st.randoms(use_true_random=False))
def test_ballots_are_merged_and_in_order_whatever_their_order(
    election: tuple[str, list[TallyProject], list[Any]], chance: Any
) -> None:
    vote_type, projects, ballots = election
    place = {project: n for n, project in enumerate(sorted(p.id for p in projects))}

    def row(ballot: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
        given = list(ballot.items()) if vote_type in POINTS else [(p, rank) for rank, p in enumerate(ballot, start=1)]
        pairs = sorted((place[p], value) for p, value in given if value)
        return tuple(p for p, _ in pairs), tuple(v for _, v in pairs) if vote_type in POINTS | RANKED else ()

    expected = sorted(Counter(row(ballot) for ballot in ballots).items())
    shuffled = chance.sample(ballots, len(ballots))
    once, again = built(election), built((vote_type, projects, shuffled))
    document = {
        "ballots": [[list(members), list(values), weight] for (members, values), weight in expected],
        "budget": once.budget,
        "projects": [[p.id, p.cost, p.area, sorted(p.categories)] for p in once.projects],
        "unit": once.unit,
        "vote_type": vote_type,
    }
    assert once.to_json()["ballots"] == document["ballots"]
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert once.digest == again.digest == hashlib.sha256(text.encode()).hexdigest()
    assert once.votes() == [sum(w for (members, _), w in expected if p in members) for p in range(len(place))]
    assert Election.from_json(json.loads(json.dumps(once.to_json()))) == once
    halves = BallotBox.of(built((vote_type, projects, ballots[::2])))
    halves.add_rows(BallotBox.of(built((vote_type, projects, ballots[1::2])))._rows[0])
    assert Election.of_box(halves, budget=once.budget, projects=projects) == once


@pytest.mark.parametrize("lengths", [[0], [3] * 10, [1 << 9, 1, 1], [1, 1 << 9, 2]])
def test_large_rows_are_merged_by_parts(lengths: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("budgets.tally.grouping.AT_ONCE", 1 << 8)
    members = np.concatenate([np.arange(length) for length in lengths])
    groups = grouped([Rows(np.array(lengths), members), Rows(np.array(lengths), members)])
    found = Counter(dict(zip(np.diff(groups.starts).tolist(), groups.weights.tolist())))
    assert found == Counter(lengths + lengths)
    assert [groups.members[a:b].tolist() for a, b in zip(groups.starts, groups.starts[1:])] == [
        list(range(length)) for length in sorted(set(lengths))
    ]
    assert [first for first, _ in spans(groups.starts)][:1] == [0]
    assert [last for _, last in spans(groups.starts)][-1:] == [len(groups.weights)]


def document(vote_type: str, *ballots: Any) -> dict[str, Any]:
    projects = [{"id": project, "cost": 1, "name": "", "area": "", "categories": []} for project in "abc"]
    return {"budget": 5, "unit": 1, "vote_type": vote_type, "projects": projects, "ballots": list(ballots)}


def test_an_election_in_another_order_is_the_same() -> None:
    plain = Election.from_json(document("approval", [[0, 2], [], 2], [[1], [], 1]))
    other = document("approval", [[2, 0], [], 1], [[1], [], 1], [[0, 2], [], 1])
    assert Election.from_json(other) == plain
    other = document("approval", [[0, 2], [], 2], [[1], [], 1])
    other["projects"].reverse()
    assert Election.from_json(other) == plain
    ranked = Election.from_json(document("ordinal", [[0, 2], [2, 1], 1]))
    assert list(ranked.ballots()) == [((("a", 2), ("c", 1)), 1)]


@pytest.mark.parametrize(
    ("vote_type", "ballot"),
    [
        ("approval", [[0, 3], [], 1]),
        ("approval", [[0, 0], [], 1]),
        ("approval", [[0], [], 0]),
        ("approval", [[0], [], 1.5]),
        ("approval", [[0], [], 1 << 70]),
        ("approval", [[0.0], [], 1]),
        ("approval", [["a"], [], 1]),
        ("approval", [[0], []]),
        ("approval", 7),
        ("choose-1", [[0, 1], [], 1]),
        ("cumulative", [[0, 1], [1], 1]),
        ("cumulative", [[0], [MOST_POINTS + 1], 1]),
        ("cumulative", [[0], [-1], 1]),
        ("cumulative", [[0], [1.0], 1]),
    ],
)
def test_what_no_election_writes_is_refused(vote_type: str, ballot: Any) -> None:
    good = [[1], [1], 1] if vote_type == "cumulative" else [[1], [], 1]
    with pytest.raises((ValueError, TypeError, IndexError, OverflowError)):
        Election.from_json(document(vote_type, good, ballot))
