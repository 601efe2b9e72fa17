"""The words for every rule of the engine: its name, its idea, how it begins, and what is said at each step."""

from collections.abc import Iterator

import pytest

from budgets.models import Tally
from budgets.tally.count import count
from budgets.tally.election import Election
from budgets.tally.rules import CHOICES, PRESETS
from budgets.views.rules import RULES, rule_idea, rule_name
from budgets.views.step_starts import START
from budgets.views.step_texts import TEXTS
from budgets.views.steps import Film, film
from tests.budgets.tally.data import small

COSTS = {"a": 60000, "b": 50000, "c": 30000, "d": 20000, "e": 0}
# d's voters are few, and c's choose it last.
APPROVALS = ["ac", "acd", "ab", "bc", "bce", "b", "a", "cd", "ac"]
POINTS = [{code: 3 * len(ballot) - 2 * place for place, code in enumerate(ballot)} for ballot in APPROVALS]
ELECTIONS = {
    "approvals": small(100000, COSTS, APPROVALS),
    "points": small(100000, COSTS, POINTS, "cumulative"),
    "ranks": small(100000, COSTS, APPROVALS, "ordinal"),
}


# Rules that read points are not for ballots without.
FOLLOWED = [
    (preset, kind)
    for preset, rule in PRESETS.items()
    for kind in ELECTIONS
    if kind != "approvals" or "points" not in (rule.score, rule.utility)
]


def watched(election: Election, preset: str) -> tuple[Film, Tally]:
    tally = Tally(rule=preset, outcome=count(election, PRESETS[preset]).to_json())
    names = [{"code": code, "name": code.upper()} for code in COSTS]
    return film(tally, {"currency": "GBP", "projects": names}), tally


def said(election: Election, preset: str) -> Iterator[str]:
    shown, _ = watched(election, preset)
    return (text for text in [*shown.start, *(step.text for step in shown.steps), shown.end])


def test_every_preset_has_a_name_of_its_own_and_an_idea() -> None:
    assert RULES.keys() == PRESETS.keys()
    assert len({rule_name(preset) for preset in PRESETS}) == len(PRESETS)
    for preset in PRESETS:
        assert rule_name(preset) != preset
        assert rule_idea(preset).endswith(".")


def test_a_rule_of_another_engine_keeps_the_name_it_was_given() -> None:
    assert (rule_name("by-lot"), rule_idea("by-lot")) == ("by-lot", "")


def test_every_method_has_a_beginning() -> None:
    assert START.keys() == CHOICES["method"]


@pytest.mark.parametrize(("preset", "kind"), FOLLOWED)
def test_every_preset_can_be_followed(preset: str, kind: str) -> None:
    shown, tally = watched(ELECTIONS[kind], preset)
    codes = {row["reason"]["code"] for row in tally.outcome["projects"] if row["selected"]}
    assert codes <= TEXTS.keys()
    assert [step.code for step in shown.steps] == list(tally.outcome["selected"])
    assert shown.start
    for text in said(ELECTIONS[kind], preset):
        assert text.endswith(".")
        assert "%(" not in text
    for step in shown.steps:
        if step.payers and step.cost:
            votes = next(row["votes"] for row in tally.outcome["projects"] if row["id"] == step.code)
            assert step.payers.all == votes


@pytest.mark.parametrize("preset", PRESETS)
def test_an_election_without_ballots_can_be_followed(preset: str) -> None:
    shown, tally = watched(small(100000, COSTS, [], "cumulative"), preset)
    assert shown.start
    assert [step.code for step in shown.steps] == list(tally.outcome["selected"])
    assert shown.end.startswith("£")


def test_what_is_said_of_the_rules_with_payers_of_their_own() -> None:
    assert [step.text for step in watched(ELECTIONS["approvals"], "equal-shares-bounded-overspending")[0].steps] == [
        "It costs nothing, so it is funded at once.",
        "6 supporters pay £50 each from their share.",
        (
            "5 supporters give the last they have. "
            "That makes £405.55; the £194.45 they are short comes out of the rest of the pot."
        ),
    ]
    # Everybody holds £40. The one who chose both has paid £30 for c, and cannot give as much as the others for b.
    ballots = ["b", "b", "b", "bc", "c", "c", "c", "c"]
    shown, _ = watched(small(32000, {"b": 9000, "c": 15000}, ballots), "exact-shares")
    assert [step.text for step in shown.steps] == [
        "5 supporters pay £30 each from their share.",
        "3 supporters pay £30 each from their share. 1 other no longer has that much, and pays nothing.",
    ]
    shown, _ = watched(ELECTIONS["points"], "cumulative-stv")
    assert shown.steps[1].text == (
        "The points of its 6 supporters stand for £285.64, and it costs £300. "
        "They add £14.36 of what they had for other projects."
    )
    shown, _ = watched(ELECTIONS["ranks"], "expanding-approvals")
    assert shown.steps[0].text == (
        "6 voters have it among their first 2 choices. Together they hold £666.66, and it costs £300."
    )
