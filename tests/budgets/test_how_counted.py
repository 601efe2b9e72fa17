"""How a round is counted, in its own words; and that the example which it tells is what the engine does."""

import pytest
from django.test import Client
from django.urls import reverse

from budgets.actions.sweeps import sweep_boards, sweep_rounds
from budgets.models import Round
from budgets.models.rounds import counting
from budgets.tally.count import count
from budgets.tally.election import Election, TallyProject
from budgets.tally.rules import Rule
from budgets.views.example import FUNDED, POT, PROJECTS, VOTERS, example
from tests.budgets.conftest import build_town
from tests.factories import NOW, BallotFactory, PotFactory, RoundFactory, certify, staff_of

RULES = [Round.Rule.EQUAL_SHARES, Round.Rule.GREEDY]
FORMATS = {
    "approval": "You choose up to 2 projects in each pot.",
    "knapsack": "as long as the money in the pot lasts",
    "cumulative": "You have 7 points in each pot and share them out",
    "scoring": "from 0 to 7 points for each",
    "ordinal": "You rank up to 2 projects in each pot, the best first.",
}


def read(client: Client, round: Round) -> str:
    return client.get(reverse("budgets:how_counted", args=[round.slug])).content.decode()


@pytest.mark.pure
@pytest.mark.parametrize("rule", RULES)
def test_the_example_is_counted_so_by_the_engine(rule: str) -> None:
    election = Election.build(
        budget=POT,
        projects=[TallyProject(code, cost) for code, (_name, cost, _chosen) in PROJECTS.items()],
        ballots=[[code for code, row in PROJECTS.items() if voter in row[2]] for voter in VOTERS],
    )
    tally = count(election, Rule.from_json(counting(rule, "approval", "seed")["rule"]))
    assert set(tally.selected) == set(FUNDED[rule])
    bought = [step["title"].partition(":")[0] for step in example(rule, "GBP")["steps"] if step["funded"]]
    assert bought == [PROJECTS[code][0] for code in FUNDED[rule]]


@pytest.mark.pure
def test_the_purses_of_the_example_pay_for_what_is_bought() -> None:
    told = example("equal-shares", "GBP")
    before = sum(purse["left"] for purse in told["purses"])
    assert before == POT
    costs = [cost for _name, cost, _chosen in PROJECTS.values()]
    for step, cost in zip(told["steps"], costs, strict=True):
        after = sum(purse["left"] for purse in step["purses"])
        assert before - after == (cost if step["funded"] else 0)
        before = after


@pytest.mark.django_db
@pytest.mark.parametrize(("ballot_format", "said"), FORMATS.items())
def test_each_ballot_is_explained(client: Client, ballot_format: str, said: str) -> None:
    page = read(client, build_town(ballot_format=ballot_format, points=7).round)
    assert said in page
    assert ("turned into points" in page) == (ballot_format == "ordinal")
    assert ("pays more of it" in page) == (ballot_format in {"ordinal", "cumulative", "scoring"})
    assert "purses" in page


@pytest.mark.django_db
def test_the_example_goes_by_the_rule_of_the_round(client: Client) -> None:
    page = read(client, build_town(counting_rule="greedy", may_revise=False, challenge_days=4).round)
    assert "The rule of this round is “Most votes first”." in page
    assert "in the order of their votes" in page
    assert "purses__bar" not in page
    assert "cannot be changed once it is in the box" in page
    assert "For 4 days everyone can say" in page
    assert "Voting closes on" in page


@pytest.mark.django_db
def test_what_is_only_planned_is_said_to_be_planned(client: Client) -> None:
    round = PotFactory(round=RoundFactory()).round
    page = read(client, round)
    assert "Not fixed yet" in page
    assert reverse("budgets:board", args=[round.slug]) not in page


@pytest.mark.django_db
def test_after_the_vote_it_has_the_numbers(client: Client) -> None:
    town = build_town(voting=False, closed=True, counting_rule="greedy")
    for _ in range(3):
        BallotFactory(round=town.round, choices={"whole": ["1"]})
    sweep_rounds(now=NOW)
    assert "3 ballots decided about £6,000 for 1 project." in read(client, town.round)
    assert "This round was certified" not in read(client, town.round)
    certify(by=staff_of(town.place, "organiser"), round_id=town.round.pk, now=NOW)
    sweep_boards(now=NOW)
    page = read(client, town.round)
    assert "This round was certified on" in page
    assert "Voting closed on" in page


@pytest.mark.django_db
def test_an_imported_election_was_not_voted_on_here(client: Client) -> None:
    round = RoundFactory(imported=True)
    assert client.get(reverse("budgets:how_counted", args=[round.slug])).status_code == 404
