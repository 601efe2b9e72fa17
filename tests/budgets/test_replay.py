"""The count step by step, the other rules, and the reasons: pages made of stored tallies."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse

from budgets.actions import engine, tallies
from budgets.actions.results import publish_results
from budgets.actions.sweeps import sweep_rounds
from budgets.actions.tallies import analyse_results, count_round
from budgets.models import Result, Tally
from budgets.views.counting import counting
from budgets.views.steps import film
from tests.budgets.conftest import Town, build_town
from tests.factories import NOW, BallotFactory, staff_of

# Benches £6,000, lights £5,000, trees £3,000 from a pot of £10,000.
VOTES = [["1", "3"]] * 4 + [["2", "3"]] * 2 + [["1"]] + [["2"]] * 2


def counted(rule: str) -> Town:
    town = build_town(voting=False, closed=True, counting_rule=rule)
    for codes in VOTES:
        BallotFactory(round=town.round, choices={"whole": codes})
    count_round(round_id=town.round.pk, now=NOW)
    publish_results(by=None, round_id=town.round.pk, now=NOW)
    return town


@pytest.fixture
def shared(db: None) -> Town:
    """Counted by Equal Shares, published and analysed."""
    town = counted("equal-shares")
    analyse_results(round_id=town.round.pk)
    return town


@pytest.fixture
def greedy(db: None) -> Town:
    return counted("greedy")


def page(client: Client, name: str, town: Town, query: str = "") -> BeautifulSoup:
    answer = client.get(reverse(f"budgets:{name}", args=[town.round.slug, "whole"]) + query)
    assert answer.status_code == 200
    return BeautifulSoup(answer.content, "html.parser")


def words(soup: Any) -> str:
    return " ".join(soup.get_text(" ").split())


# ── Step by step ─────────────────────────────────────────────────────────────
def test_the_steps_add_up_to_the_outcome(shared: Town) -> None:
    result = Result.objects.get(pot=shared.whole)
    shown = film(result.tally, result.snapshot)
    assert [step.code for step in shown.steps] == result.tally.outcome["selected"]
    assert shown.spent == result.tally.outcome["cost"] == shown.steps[-1].spent
    assert [step.left for step in shown.steps] == [1_000_000 - step.spent for step in shown.steps]
    first = shown.steps[0]
    assert first.payers is not None
    assert first.payers.all == 6  # everyone who voted for the trees
    # Five hundred pounds from each of six people.
    assert (first.title, first.payers.full, first.payers.price) == ("Trees", 6, 50_000)
    assert first.held is not None
    assert first.rivals[0].label == "Trees"
    assert first.effective


def test_it_can_be_walked_through_by_links_alone(shared: Town, client: Client) -> None:
    soup, seen = page(client, "replay", shared), []
    for _ in range(20):
        seen.append(words(soup.select_one("#stage-heading")))
        link = soup.select_one("#step-on")
        if link.has_attr("data-again"):
            break
        soup = page(client, "replay", shared, link["href"])
    steps = Result.objects.get(pot=shared.whole).snapshot["winners"]
    assert seen == ["How it begins", *(f"Step {n} of {steps}" for n in range(1, steps + 1)), "How it ends"]


def test_the_opening_says_what_everyone_holds_and_the_end_why_not_more(shared: Town, client: Client) -> None:
    assert "each of the 9 voters holds £1,111.11" in words(page(client, "replay", shared).select_one("#stage"))
    end = words(page(client, "replay", shared, "?step=99").select_one("#stage"))
    assert "Why not these?" in end
    assert "Not funded" in end


def test_a_step_shows_who_paid_and_what_is_left(shared: Town, client: Client) -> None:
    stage = words(page(client, "replay", shared, "?step=1").select_one("#stage"))
    assert "6 supporters pay £500 each from their share." in stage
    assert "Left in the pot £7,000" in stage
    assert "Who was nearest at this moment" in stage


def test_greedy_names_what_was_passed_over(db: None, client: Client) -> None:
    town = build_town(voting=False, closed=True, counting_rule="greedy")
    for codes in [["1"]] * 5 + [["2"]] * 4 + [["3"]] * 3:
        BallotFactory(round=town.round, choices={"whole": codes})
    sweep_rounds(now=NOW)
    stage = words(page(client, "replay", town, "?step=2").select_one("#stage"))
    assert "Lights: it costs £5,000, and only £4,000 was left." in stage
    assert "It is next with 3 votes. It costs £3,000, and £4,000 is there." in stage
    first = words(page(client, "replay", town, "?step=1").select_one("#stage"))
    assert re.search("Next in line .*Benches 5 Lights 4 Trees 3", first)


@pytest.mark.parametrize("rule", tallies.COMPARED)
def test_every_rule_can_be_watched(greedy: Town, client: Client, rule: str) -> None:
    count_round(round_id=greedy.round.pk, now=NOW, rule=rule)
    soup = page(client, "replay", greedy, f"?rule={rule}&step=1")
    assert ("This is not what was decided" in words(soup)) == (rule != "greedy")
    assert "Step 1 of" in words(soup)
    assert "Left in the pot" in words(soup)


@pytest.mark.parametrize("query", ["?step=x", "?step=-3", "?step=²", "?step=" + "9" * 40, "?step="])
def test_a_strange_step_is_the_first_picture(shared: Town, client: Client, query: str) -> None:
    assert "How it begins" in words(page(client, "replay", shared, query))


def test_what_is_not_there_is_not_found(shared: Town, client: Client) -> None:
    slug = shared.round.slug
    for address in (
        f"/rounds/{slug}/result/no-such-pot/steps/",
        f"/rounds/{slug}/result/whole/steps/?rule=no-such-rule",
        f"/rounds/{slug}/result/no-such-pot/other-rules/",
        f"/rounds/{slug}/result/whole/other-rules/?rule=no-such-rule",
    ):
        assert client.get(address).status_code == 404


def test_before_publication_nothing_can_be_watched(db: None, client: Client) -> None:
    town = build_town(voting=False, closed=True, publish_at_close=False)
    BallotFactory(round=town.round, choices={"whole": ["1"]})
    count_round(round_id=town.round.pk, now=NOW)
    for name in ("replay", "what_if"):
        assert client.get(reverse(f"budgets:{name}", args=[town.round.slug, "whole"])).status_code == 404


# ── Other rules ──────────────────────────────────────────────────────────────
def test_other_rules_say_what_would_change_and_for_how_many(greedy: Town, client: Client) -> None:
    for rule in ("equal-shares", "phragmen"):
        count_round(round_id=greedy.round.pk, now=NOW, rule=rule)
    soup = page(client, "what_if", greedy, "?rule=equal-shares")
    ours, theirs = (
        set(Tally.objects.get(pot=greedy.whole, rule=r).outcome["selected"]) for r in ("greedy", "equal-shares")
    )
    said = words(soup.select_one("#difference-heading"))
    assert ("The same projects" in said) == (ours == theirs)
    table = words(soup.select_one(".paired-bars"))
    assert "none" in table
    links = [link["href"] for link in soup.select("table a")]
    assert any("rule=phragmen" in link for link in links)
    assert soup.select_one("input[checked]")["value"] == "equal-shares"


def test_the_first_other_rule_is_shown_without_asking(greedy: Town, client: Client) -> None:
    count_round(round_id=greedy.round.pk, now=NOW, rule="equal-shares")
    assert page(client, "what_if", greedy).select_one("input[checked]")["value"] == "equal-shares"


def test_while_the_others_are_not_counted_it_says_so(greedy: Town, client: Client) -> None:
    assert "Nothing to compare yet" in words(page(client, "what_if", greedy))


# ── Reasons ──────────────────────────────────────────────────────────────────
def test_the_result_says_what_a_project_lacked_and_where_the_money_went(shared: Town, client: Client) -> None:
    result = Result.objects.get(pot=shared.whole)
    lost = next(row for row in result.snapshot["projects"] if not row["funded"])
    needed = result.tally.analysis["votes_needed"][lost["code"]]["votes"]
    soup = BeautifulSoup(client.get(f"/rounds/{shared.round.slug}/result/").content, "html.parser")
    row = words(soup.select_one(f"#why-whole-{lost['code']}"))
    assert "What it lacked" in row
    assert f"{needed} more vote" in row
    assert "of its supporters went" in row
    assert "left over" in row


def about_outcome(client: Client, town: Town) -> str:
    soup = BeautifulSoup(client.get(f"/rounds/{town.round.slug}/result/").content, "html.parser")
    return words(soup.select_one(".about-outcome") or BeautifulSoup("", "html.parser"))


def test_the_result_says_how_near_it_was_and_whom_it_leaves_out(shared: Town, client: Client) -> None:
    text = about_outcome(client, shared)
    assert re.search(r"How near was it\? \d+ more ballots? could have made other projects win", text)
    assert "9 ballots were counted" in text
    assert "Were groups of voters left out? Every group of people who chose a project in common" in text


def test_groups_left_out_are_named_and_many_of_them_folded(shared: Town, client: Client) -> None:
    tally = Result.objects.get(pot=shared.whole).tally
    group = {"project": "2", "voters": 4, "entitled": 444400, "exact": "444400/1", "most": 0}
    tally.analysis["representation"] = {
        "ejr_plus": {"cost": [{**group, "voters": voters} for voters in (5, 4, 3, 2)], "cardinality": []},
        "priceability": {
            "holds": False, "how": "refuted",
            "refutation": {"least": "150000/1", "winners": ["1", "3"], "most": "100000/1", "project": "2", "voters": 4},
        },
    }  # fmt: skip
    tally.save()
    text = about_outcome(client, shared)
    assert "4 people who chose “Lights”, with a share of the pot of £4,444 between them, chose no winner." in text
    assert "1 more group 2 people who chose “Lights”" in text
    assert "People with equal money could not have bought just these winners. Why not?" in text
    assert "for “Benches”, “Trees” they need £1,500 each" in text


@pytest.mark.parametrize("analysis", [None, {"format": 1}, {"failed": "too large"}])
def test_where_nothing_is_known_of_the_outcome_nothing_is_said(shared: Town, client: Client, analysis: Any) -> None:
    Tally.objects.filter(pot=shared.whole).update(analysis=analysis)
    assert about_outcome(client, shared) == ""


def test_an_analysis_that_fails_is_kept_and_the_page_does_without(
    db: None, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(tallies, "_analysis", lambda *args: {"failed": "too large"})
        town = counted("equal-shares")
        sweep_rounds(now=NOW)
    assert sweep_rounds(now=NOW + timedelta(minutes=1)) == []
    assert Tally.objects.get(pot=town.whole, rule="equal-shares").analysis == {"failed": "too large"}
    text = words(BeautifulSoup(client.get(f"/rounds/{town.round.slug}/result/").content, "html.parser"))
    assert "Every project and why" in text
    assert "What it lacked" not in text


def test_a_child_that_dies_leaves_its_reason(shared: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    Tally.objects.update(analysis=None)
    monkeypatch.setattr(engine, "CHILD", ("-c", "import sys; sys.exit('out of memory')"))
    analyse_results(round_id=shared.round.pk)
    tally = Tally.objects.get(pot=shared.whole, rule="equal-shares")
    assert tally.analysis == {"failed": "out of memory"}
    assert analyse_results(round_id=shared.round.pk) == []


# ── While it is counted ──────────────────────────────────────────────────────
@pytest.fixture
def running(db: None) -> Town:
    """Two pots: one counted, one on its way."""
    town = build_town(voting=False, closed=True, counting_rule="equal-shares", publish_at_close=False)
    BallotFactory(round=town.round, choices={"whole": ["1"], "ward": ["4"]})
    count_round(round_id=town.round.pk, now=NOW)
    tally = Tally.objects.get(pot=town.whole)
    tally.state, tally.finished_at = Tally.State.RUNNING, None
    tally.progress = {"stage": "add1", "step": 131, "share": 31_300, "at": NOW.isoformat()}
    tally.started_at = NOW
    tally.save()
    return town


def test_everyone_sees_how_far_the_count_is(running: Town, client: Client) -> None:
    for address in ("result/", "count/"):
        text = words(BeautifulSoup(client.get(f"/rounds/{running.round.slug}/{address}").content, "html.parser"))
        assert "1 of 2 pots counted" in text
        assert "Step 131: every voter’s share has been raised to £313." in text
    assert "Follow the count" in client.get(f"/rounds/{running.round.slug}/").content.decode()


def test_the_organiser_sees_it_too(running: Town, sign_in: Callable[..., Client]) -> None:
    client = sign_in(staff_of(running.place, "organiser"))
    assert "1 of 2 pots counted" in client.get(f"/organise/{running.round.slug}/").content.decode()


def test_a_count_that_is_silent_or_failed_says_so(running: Town) -> None:
    shown = counting(running.round, NOW + timedelta(seconds=30))
    assert shown is not None
    assert not shown.quiet
    shown = counting(running.round, NOW + timedelta(minutes=2))
    assert shown is not None
    assert shown.quiet
    Tally.objects.filter(pot=running.whole).update(state="failed", progress=None)
    shown = counting(running.round, NOW + timedelta(minutes=2))
    assert shown is not None
    assert shown.failed
    assert not shown.quiet


def test_the_fragment_asks_for_the_whole_page_once_there_is_a_result(running: Town, client: Client) -> None:
    url = f"/rounds/{running.round.slug}/count/"
    assert "HX-Refresh" not in client.get(url, headers={"HX-Request": "true"})
    Tally.objects.filter(pot=running.whole).delete()
    running.round.rules["publish_at_close"] = True
    running.round.publish_at_close = True
    running.round.counted_at = None
    running.round.save()
    sweep_rounds(now=NOW)
    assert client.get(url, headers={"HX-Request": "true"})["HX-Refresh"] == "true"
