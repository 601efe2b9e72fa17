"""The analysis as a whole."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budgets.tally.__main__ import main
from budgets.tally.analysis import analyse
from budgets.tally.count import count
from budgets.tally.rules import PRESETS
from tests.budgets.tally.data import PABULIB, needs_files, small
from tests.budgets.tally.test_properties import Drawn, elections

pytestmark = pytest.mark.pure


def test_voters() -> None:
    election = small(10, {"a": 9, "b": 8}, ["a", "a", "ab", "b", ""])
    found = analyse(election, PRESETS["greedy"], count(election, PRESETS["greedy"]))
    assert found["voters"] == {
        "all": 5,
        "with_winner": 3,
        "share_with_winner": "3/5",
        "winners_per_voter": "3/5",
        "by_winners": [2, 3],
        "areas": {"": {"projects": 1, "cost": 9}},
    }
    assert found["votes_needed"] == {"b": {"votes": 1, "at_least": 1, "how": "smallest"}}


def test_another_tally_is_refused() -> None:
    election = small(10, {"a": 9, "b": 8}, ["a", "b"])
    with pytest.raises(ValueError, match="not of this election"):
        analyse(election, PRESETS["greedy"], count(election, PRESETS["phragmen"]))


@settings(max_examples=20, deadline=None)
@given(st.booleans().flatmap(elections), st.sampled_from(sorted(PRESETS)), st.booleans())
def test_it_is_json_and_the_same_each_time(drawn: Drawn, preset: str, exact: bool) -> None:
    election, rule = drawn[0], PRESETS[preset]
    if election.values is None and "points" in (rule.score, rule.utility):
        return
    tally = count(election, rule)
    found = analyse(election, rule, tally, exact)
    assert json.loads(json.dumps(found)) == found == analyse(election, rule, tally, exact)
    assert sorted(found["votes_needed"]) == sorted(row["id"] for row in tally.projects if not row["selected"])


@needs_files
def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    path = str(PABULIB / "Poland_Warszawa_2026_Blonia_Wilanowskie.pb.gz")
    assert main([path, "--rule", "equal-shares-plain", "--analyse", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["analysis"]["election_digest"] == document["digest"]
    assert "exact" in document["analysis"]["spending"]["everyone"]
    assert main([path, "--rule", "equal-shares-plain", "--analyse"]) == 0
    printed = capsys.readouterr().out
    assert "for it alone would have funded it" in printed
    assert " started with " in printed
    assert main([path, "--rule", "equal-shares-plain"]) == 0
    assert "for it alone" not in capsys.readouterr().out
