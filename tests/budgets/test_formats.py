"""Ballots that share out points, score and rank: from the page into the box, through the count, to the result."""

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from budgets.actions.ballots import MOST_REVISIONS, cast_ballot
from budgets.actions.results import publish_results
from budgets.actions.tallies import count_round
from budgets.models import Result, Round, UrnBallot
from budgets.tally.pb import read_pb
from participation.refusals import Refused
from tests.budgets.conftest import Town, build_town
from tests.factories import NOW, UserFactory

SignIn = Callable[..., Client]
Fields = dict[str, Any]
CUMULATIVE, SCORING, ORDINAL = Round.Format.CUMULATIVE, Round.Format.SCORING, Round.Format.ORDINAL
CLIENT = {"accept": "application/json"}

# What the page sends, and what lies in the urn.
FILLED: list[tuple[str, Fields, dict[str, Any]]] = [
    (CUMULATIVE, {"pot-whole/1": "3", "pot-whole/3": "7", "pot-whole/2": ""}, {"whole": [["1", 3], ["3", 7]]}),
    (
        SCORING,
        {"pot-whole/1": "10", "pot-whole/3": "0", "pot-ward/4": "10"},
        {"ward": [["4", 10]], "whole": [["1", 10]]},
    ),
    (ORDINAL, {"pot-whole/3": "1", "pot-whole/1": "3"}, {"whole": ["3", "1"]}),
]


def address(town: Town, page: str = "") -> str:
    return f"/rounds/{town.round.slug}/vote/{page}"


@pytest.mark.parametrize(("ballot_format", "fields", "chosen"), FILLED)
def test_the_way_through_the_pages(
    db: None, sign_in: SignIn, ballot_format: str, fields: Fields, chosen: dict[str, Any]
) -> None:
    town = build_town(ballot_format=ballot_format)
    client = sign_in(town.resident())
    assert client.get(address(town)).status_code == 200
    check = client.post(address(town), {**fields, "action": "check"})
    assert check.status_code == 200, check.content.decode()
    hidden = {
        str(field["name"]): str(field["value"])
        for field in BeautifulSoup(check.content, "html.parser").select('main input[type="hidden"][name^="pot-"]')
    }
    assert hidden == {name: value for name, value in fields.items() if value}
    done = client.post(address(town, "check/"), {**hidden, "old_enough": "on"})
    assert done.status_code == 302
    assert UrnBallot.objects.get().sections() == chosen
    receipt = client.get(done["Location"]).content.decode()
    assert all(text in receipt for text in ("Benches", "Place 2" if ballot_format == ORDINAL else "point"))
    again = BeautifulSoup(client.get(address(town)).content, "html.parser")
    typed = {str(field["name"]): field.get("value") for field in again.select("[data-ballot-entry]")}
    if ballot_format == ORDINAL:
        typed = {
            str(field["name"]): field.select_one("[selected]") for field in again.select("select[data-ballot-entry]")
        }
    assert sum(bool(value) for value in typed.values()) == sum(len(section) for section in chosen.values())


@pytest.mark.parametrize(
    ("ballot_format", "fields", "says"),
    [
        (CUMULATIVE, {"pot-whole/1": "8", "pot-whole/2": "3"}, "1 too many. Share out at most 10."),
        (CUMULATIVE, {"pot-whole/1": "-1"}, "enter a whole number from 0 to 10"),
        (CUMULATIVE, {"pot-whole/1": ["1", "1"]}, "A project is chosen twice"),
        (CUMULATIVE, {"pot-whole": "1"}, "enter a whole number from 0 to 10"),
        (SCORING, {"pot-whole/1": "11"}, "enter a whole number from 0 to 10"),
        (SCORING, {"pot-whole/1": "1.5"}, "enter a whole number from 0 to 10"),
        (SCORING, {"pot-whole/1": "9" * 5000}, "enter a whole number from 0 to 10"),
        (SCORING, {"pot-whole/1": "٣"}, "enter a whole number from 0 to 10"),
        (SCORING, {"pot-whole/1": "0"}, "Choose at least one project."),
        (SCORING, {"pot-whole/77": "1"}, "There is no project “77”"),
        (ORDINAL, {"pot-whole/1": "1", "pot-whole/2": "1"}, "Two projects in “Whole town” are in place 1."),
        (ORDINAL, {"pot-whole/1": "0"}, "The place of “Benches” in “Whole town”"),
        (ORDINAL, {"pot-whole/1": "first"}, "has to be a whole number from 1 to 2"),
        (ORDINAL, {"pot-whole/1": "1", "pot-whole/2": "2", "pot-whole/3": "3"}, "Choose at most 2."),
        (ORDINAL, {"pot-river/1": "1"}, "This round has no such pot."),
    ],
)
def test_what_cannot_stand_is_shown_again_with_what_is_wrong(
    db: None, sign_in: SignIn, ballot_format: str, fields: Fields, says: str
) -> None:
    town = build_town(ballot_format=ballot_format)
    client = sign_in(town.resident())
    for page, more in (("", {"action": "check"}), ("check/", {"old_enough": "on"})):
        answer = client.post(address(town, page), {**fields, **more})
        assert answer.status_code == 422
        page_text = BeautifulSoup(answer.content, "html.parser").get_text(" ")
        assert says in " ".join(page_text.split())
    assert not UrnBallot.objects.exists()


@pytest.mark.parametrize(
    ("ballot_format", "ballots", "votes"),
    [
        (CUMULATIVE, [{"whole": [["1", 9], ["3", 1]]}, {"whole": [["3", 10]]}], {"1": 9, "3": 11, "2": 0}),
        (SCORING, [{"whole": [["2", 5]]}, {"whole": [["2", 5], ["3", 4]]}], {"2": 10, "3": 4, "1": 0}),
        (ORDINAL, [{"whole": ["1", "2"]}, {"whole": ["1"]}], {"1": 4, "2": 1, "3": 0}),
    ],
)
def test_points_and_places_decide_the_count(
    db: None, ballot_format: str, ballots: list[dict[str, Any]], votes: dict[str, int], client: Client
) -> None:
    town = build_town(ballot_format=ballot_format, counting_rule=Round.Rule.GREEDY)
    for selections in ballots:
        cast_ballot(by=town.resident(), round_id=town.round.pk, selections=selections)
    Round.objects.update(voting_closes_at=NOW)
    (tally,) = [t for t in count_round(round_id=town.round.pk, now=NOW) if t.pot.key == "whole"]
    assert {row["id"]: row["score"] for row in tally.outcome["projects"]} == votes
    publish_results(by=None, round_id=town.round.pk, now=NOW)
    assert Result.objects.count() == 2
    page = BeautifulSoup(client.get(f"/rounds/{town.round.slug}/result/").content, "html.parser")
    assert "Points, most first" in page.get_text()
    text = client.get(f"/rounds/{town.round.slug}/outcome/whole.csv").content.decode()
    assert {row["project_id"]: int(row["points"]) for row in csv.DictReader(io.StringIO(text))} == votes
    pb = read_pb(io.StringIO(client.get(f"/rounds/{town.round.slug}/outcome/whole.pb").content.decode()))
    assert {project.id: project.score for project in pb.projects} == votes


SHAPES: list[tuple[bytes, str, str | None, int]] = [
    (b'{"selections": {"whole": ["1"]}, "old_enough": true}', "", None, 201),
    (b'{"selections": {"whole": ["1"]}, "selections": {"whole": ["2"]}, "old_enough": true}', "not_json", None, 400),
    (b'{"selections": {"whole": ["1"], "whole": ["2"]}, "old_enough": true}', "not_json", None, 400),
    (b'{"selections": {"whole": [NaN]}, "old_enough": true}', "not_json", None, 400),
    (b"\xff\xfe", "not_json", None, 400),
    (b"[" * 50_000, "not_json", None, 400),
    (b'["whole"]', "wrong_type", "selections", 400),
    (b'{"selections": ["1"], "old_enough": true}', "wrong_type", "selections", 400),
    (b'{"selections": {"whole": "1"}, "old_enough": true}', "wrong_type", "selections", 400),
    (b'{"selections": {"whole": ["1"]}, "old_enough": "yes"}', "wrong_type", "old_enough", 400),
    (b'{"selections": {"whole": ["1"]}, "old_enough": true, "weight": 3}', "unknown_field", "weight", 400),
    (b'{"selections": {"whole": ["1"]}}', "age_not_declared", "old_enough", 422),
    (b'{"selections": {"whole": [1]}, "old_enough": true}', "wrong_shape", "whole", 422),
    (b'{"selections": {"whole": [["1", -1]]}, "old_enough": true}', "wrong_shape", "whole", 422),
    (b'{"selections": {"whole": ["1", "1"]}, "old_enough": true}', "project_twice", "whole", 422),
    (b'{"selections": {"whole": ["9"]}, "old_enough": true}', "unknown_project", "whole", 422),
    (b'{"selections": {"river": ["1"]}, "old_enough": true}', "unknown_pot", "river", 422),
    (b'{"selections": {}, "old_enough": true}', "nothing_chosen", None, 422),
    (b'{"selections": {"whole": ["' + b"1" * 200_000 + b'"]}, "old_enough": true}', "too_large", None, 413),
]


@pytest.mark.parametrize(("body", "code", "field", "status"), SHAPES)
def test_a_ballot_as_json(town: Town, sign_in: SignIn, body: bytes, code: str, field: str | None, status: int) -> None:
    client = sign_in(town.resident())
    answer = client.post(address(town, "check/"), body, content_type="application/json")
    assert answer.status_code == status, answer.content
    if code:
        assert (answer.json()["code"], answer.json()["field"]) == (code, field)
        assert answer.json()["message"]
    assert UrnBallot.objects.count() == (not code)


@pytest.mark.parametrize("points", ["-1", "1.0", "1e0", "NaN", str(2**63), '"3"', "true", "null", "[]", "{}"])
def test_points_as_json_are_whole_numbers_within_the_rules(db: None, sign_in: SignIn, points: str) -> None:
    town = build_town(ballot_format=SCORING)
    client = sign_in(town.resident())
    body = f'{{"selections": {{"whole": [["1", {points}]]}}, "old_enough": true}}'
    answer = client.post(address(town, "check/"), body, content_type="application/json")
    wanted = (400, "not_json") if points == "NaN" else (422, "bad_points")
    assert (answer.status_code, answer.json()["code"]) == wanted
    assert not UrnBallot.objects.exists()


def test_neither_a_flood_nor_another_site_can_cast(town: Town) -> None:
    UserFactory(is_superuser=True)
    person = town.resident()
    client = Client(enforce_csrf_checks=True)
    client.force_login(person)
    ballot = {"pot-whole": ["1"], "old_enough": "on"}
    assert client.post(address(town, "check/"), ballot, headers=CLIENT).status_code == 403
    assert client.get(address(town, "check/")).status_code == 302
    trusting = Client()
    trusting.force_login(person)
    assert trusting.put(address(town, "check/"), ballot).status_code == 405
    flood = trusting.post(address(town, "check/"), {**ballot, "pot-whole": ["1" * 5_000_000]}, headers=CLIENT)
    assert flood.status_code == 413
    assert flood.json()["code"] == "too_large"
    as_json = json.dumps({"selections": {"whole": ["1" * 5_000_000]}})
    assert trusting.post(address(town, "check/"), as_json, content_type="application/json").status_code == 413
    assert not UrnBallot.objects.exists()


def test_nobody_can_fill_the_board_by_changing_a_vote_over_and_over(town: Town) -> None:
    person = town.resident()
    cast_ballot(by=person, round_id=town.round.pk, selections={"whole": ["1"]})
    UrnBallot.objects.update(revision=MOST_REVISIONS)
    with pytest.raises(Refused) as caught:
        cast_ballot(by=person, round_id=town.round.pk, selections={"whole": ["2"]})
    assert (caught.value.code, caught.value.status) == ("too_many_changes", 429)
    assert UrnBallot.objects.get().sections() == {"whole": ["1"]}
