"""The organiser's pages: who may open them, the journey from a new round to the vote, and what stands in the way."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from budgets.forms.rounds import TIMETABLE
from budgets.models import Project, Round, Submission
from participation.accounts.models import User
from participation.models import Place
from tests.factories import (
    NOW,
    PlaceFactory,
    PotFactory,
    ProjectFactory,
    RoundFactory,
    SubmissionFactory,
    UserFactory,
    WardFactory,
    freeze,
    resident_of,
    staff_of,
)

PAGES = [
    "organise_round", "edit_round", "edit_timetable", "edit_ballot", "round_log", "pots", "add_pot", "review",
    "publish_round", "confirm_ballot", "reopen_ballot", "count_round", "publish_result", "certify_result",
]  # fmt: skip
MOVES = ["publish_round", "confirm_ballot", "reopen_ballot", "count_round", "publish_result", "certify_result"]


@pytest.fixture
def place(db: None) -> Place:
    return PlaceFactory(name="Larkmoor")


@pytest.fixture
def olive(place: Place) -> User:
    return staff_of(place, "organiser", name="Olive")


@pytest.fixture
def organiser(sign_in: Callable[..., Client], olive: User) -> Client:
    return sign_in(olive)


def to(name: str, round: Round, *more: Any) -> str:
    return reverse(f"budgets:{name}", args=[round.slug, *more])


def text(answer: Any) -> str:
    """What a reader sees of the main part."""
    main = BeautifulSoup(answer.content, "html.parser").find("main")
    assert main is not None
    return " ".join(main.get_text(" ").split())


def typed(moment: Any) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M")


def a_new_round(place: Place, **changes: Any) -> dict[str, Any]:
    """What the form sends, with ideas open since an hour ago."""
    start = NOW - timedelta(hours=1)
    dates = {name: typed(start + timedelta(days=7 * week)) for name, week in zip(TIMETABLE, range(6), strict=True)}
    return {
        "title": "Our streets", "question": "What should £60,000 do?", "description": "Small things.", "place": place.pk,
        "ballot_format": "approval", "max_choices": "3", "points": "10", "counting_rule": "equal-shares",
        "eligibility": "email", "minimum_age": "11", "may_revise": "on", "challenge_days": "3", **dates, **changes,
    }  # fmt: skip


# ── Who may open them ────────────────────────────────────────────────────────
@pytest.mark.parametrize("page", PAGES)
def test_signed_out_people_are_asked_to_sign_in(client: Client, place: Place, page: str) -> None:
    round = RoundFactory(place=place)
    answer = client.get(to(page, round))
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/accounts/login/?next={to(page, round)}")


@pytest.mark.parametrize("page", PAGES)
def test_others_are_refused_or_told_nothing(sign_in: Callable[..., Client], place: Place, page: str) -> None:
    public, hidden = RoundFactory(place=place), RoundFactory(place=place, hidden=True)
    elsewhere = staff_of(PlaceFactory(), "organiser")
    for person in (resident_of(place), staff_of(place, "moderator"), staff_of(place, "commissioner"), elsewhere):
        client = sign_in(person)
        assert client.get(to(page, public)).status_code == 403
        assert client.get(to(page, hidden)).status_code == 404


@pytest.mark.parametrize("page", PAGES)
def test_organisers_of_the_place_and_of_the_council_open_them(
    sign_in: Callable[..., Client], organiser: Client, place: Place, page: str
) -> None:
    in_ward = RoundFactory(place=WardFactory(parent=place), hidden=True)
    assert organiser.get(to(page, in_ward)).status_code == 200
    assert sign_in(staff_of(in_ward.place, "organiser")).get(to(page, in_ward)).status_code == 200
    above = RoundFactory(place=place)
    assert sign_in(staff_of(in_ward.place, "organiser")).get(to(page, above)).status_code == 403


def test_the_list_is_for_organisers(sign_in: Callable[..., Client], client: Client, place: Place) -> None:
    assert client.get("/organise/").headers["Location"] == "/accounts/login/?next=/organise/"
    assert sign_in(resident_of(place)).get("/organise/").status_code == 403
    assert sign_in(resident_of(place)).get("/organise/new/").status_code == 403
    assert sign_in(staff_of(place, "moderator")).post("/organise/new/", a_new_round(place)).status_code == 403


def test_without_a_second_factor_no_page_opens(sign_in: Callable[..., Client], place: Place) -> None:
    person = UserFactory()
    person.roles.create(place=place, kind="organiser", granted_at=NOW)
    assert sign_in(person, second_factor=False).get("/organise/").status_code == 302


@pytest.mark.parametrize("page", MOVES)
def test_looking_moves_nothing(organiser: Client, place: Place, page: str) -> None:
    round = RoundFactory(place=place, hidden=True)
    before = Round.objects.values().get(pk=round.pk)
    organiser.get(to(page, round))
    assert Round.objects.values().get(pk=round.pk) == before


def test_a_post_from_elsewhere_is_refused(olive: User, place: Place, administrator: User) -> None:
    round = RoundFactory(place=place, hidden=True)
    client = Client(enforce_csrf_checks=True)
    client.force_login(olive)
    assert client.post(to("publish_round", round)).status_code == 403
    assert Round.objects.get(pk=round.pk).published_at is None


# ── The list ─────────────────────────────────────────────────────────────────
def test_the_list_says_what_needs_someone_now(organiser: Client, place: Place) -> None:
    RoundFactory(place=place, title="Quiet", announced=True)
    SubmissionFactory.create_batch(3, round=RoundFactory(place=place, title="Busy", shaping=True))
    RoundFactory(place=place, title="Ready", review=True)
    RoundFactory(title="Elsewhere", review=True)
    rows = organiser.get("/organise/").context["rows"]
    said = {round.title: [str(label) for _url, label in work] for round, _phase, work, _total in rows}
    assert said == {"Busy": ["3 ideas to review"], "Ready": ["Confirm the ballot"], "Quiet": []}
    assert rows[-1][0].title == "Quiet"


def test_an_empty_list_offers_the_first_round(organiser: Client) -> None:
    assert "Make the first round" in text(organiser.get("/organise/"))


@pytest.mark.parametrize("number", [2, 200])
def test_the_list_costs_the_same(
    organiser: Client, place: Place, number: int, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    ward = WardFactory(parent=place)
    for round in RoundFactory.create_batch(number, place=ward, review=True):
        PotFactory(round=round)
        SubmissionFactory(round=round)
    organiser.get("/organise/new/")  # what a site asks once
    with django_assert_max_num_queries(15):
        answer = organiser.get("/organise/")
    assert len(answer.context["rows"]) == min(number, 20)


@pytest.mark.parametrize("number", [2, 20])
def test_a_round_costs_the_same_with_many_pots_and_projects(
    organiser: Client, place: Place, number: int, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    round = RoundFactory(place=place, review=True)
    for _ in range(number):
        pot = PotFactory(round=round, area=WardFactory(parent=place))
        ProjectFactory(pot=pot, cost=1_500_000)
    organiser.get("/organise/new/")
    with django_assert_max_num_queries(29):
        assert "Nobody could vote on" in text(organiser.get(to("organise_round", round)))


# ── The journey ──────────────────────────────────────────────────────────────
def test_from_a_new_round_to_a_confirmed_ballot(organiser: Client, place: Place, olive: User) -> None:
    assert "Make the round" in text(organiser.get("/organise/new/"))
    answer = organiser.post("/organise/new/", a_new_round(place), follow=True)
    round = Round.objects.get()
    assert answer.redirect_chain == [(to("organise_round", round), 302)]
    page = text(answer)
    assert "nobody sees the round yet" in page
    assert "There is no pot yet." in page

    organiser.post(to("add_pot", round), {"rows": 5, "name": "Town", "funder_0": "The council", "amount_0": "60,000"})
    organiser.post(to("publish_round", round))
    round.refresh_from_db()
    assert round.published_at
    ideas = [SubmissionFactory(round=round, proposal__title=title) for title in ("Benches", "Trees", "A tram")]
    page = text(organiser.get(to("organise_round", round)))
    assert "Ideas that still wait for a review: 3." in page
    assert "Review 3 ideas" in page

    pot = round.pots.get()
    for idea, cost in zip(ideas[:2], ("40,000", "£30,000.50"), strict=True):
        sent = {"pot": pot.pk, "name": idea.proposal.title, "summary": "S", "cost": cost, "feasibility": "Checked."}
        organiser.post(to("accept", round, idea.proposal.reference), sent)
    organiser.post(to("decline", round, ideas[2].proposal.reference), {"reason": "There are no rails."})
    assert Project.objects.count() == 2
    assert Submission.objects.filter(state="declined").count() == 1

    page = text(organiser.get(to("confirm_ballot", round)))
    assert "Town: £60,000" in page
    assert "Benches, £40,000 Trees, £30,000.50" in page
    answer = organiser.post(to("confirm_ballot", round), follow=True)
    round.refresh_from_db()
    assert round.rules_hash
    page = text(answer)
    assert round.rules_hash in page
    assert "Everything is ready for the vote" not in page  # ideas are still welcome by the timetable
    assert "Olive confirmed the ballot" in page

    assert organiser.post(to("edit_timetable", round), a_new_round(place)).status_code == 409
    assert "Voting then" not in page
    organiser.post(to("reopen_ballot", round))
    round.refresh_from_db()
    assert round.rules_frozen_at is None
    assert organiser.post(to("edit_timetable", round), a_new_round(place)).status_code == 302
    assert "reopened the ballot" in text(organiser.get(to("round_log", round)))


def test_a_new_round_keeps_what_was_typed(organiser: Client, place: Place) -> None:
    dates = a_new_round(place)
    sent = dates | {
        "title": "",
        "voting_closes_at": dates["review_opens_at"],
        "max_choices": "0",
        "points": "0",
        "minimum_age": "old",
    }
    answer = organiser.post("/organise/new/", sent)
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {"title", "voting_closes_at", "max_choices", "points", "minimum_age"}
    page = BeautifulSoup(answer.content, "html.parser")
    summary = page.select_one(".govuk-error-summary")
    assert summary is not None
    assert {a["href"] for a in summary.select("a")} == {
        "#id_title", "#id_voting_closes_at", "#id_max_choices", "#id_points", "#id_minimum_age",
    }  # fmt: skip
    assert page.select_one("#id_question")["value"] == "What should £60,000 do?"  # type: ignore[index]
    assert page.select_one("#id_minimum_age")["value"] == "old"  # type: ignore[index]
    assert "This has to come after “Voting opens”" in text(answer)
    assert not Round.objects.exists()


def test_a_round_of_someone_elses_place(organiser: Client) -> None:
    answer = organiser.post("/organise/new/", a_new_round(PlaceFactory()))
    assert answer.status_code == 422
    assert not Round.objects.exists()


# ── Changing it ──────────────────────────────────────────────────────────────
def test_details_timetable_and_ballot_are_changed(organiser: Client, place: Place) -> None:
    round = RoundFactory(place=place, announced=True)
    organiser.post(to("edit_round", round), {"title": "New name", "question": "", "description": ""})
    organiser.post(to("edit_timetable", round), a_new_round(place))
    organiser.post(to("edit_ballot", round), a_new_round(place, ballot_format="knapsack"))
    round.refresh_from_db()
    assert (round.title, round.ballot_format, round.publish_at_close) == ("New name", "knapsack", False)
    assert typed(round.proposing_opens_at) == typed(NOW - timedelta(hours=1))


def test_what_is_frozen_is_shown_to_read(organiser: Client, place: Place) -> None:
    round = RoundFactory(place=place, review=True)
    ProjectFactory(pot=PotFactory(round=round))
    freeze(round)
    for page in ("edit_timetable", "edit_ballot"):
        said = text(organiser.get(to(page, round)))
        assert "The ballot has been confirmed." in said
        assert "Reopen the ballot" in said
        assert round.rules_hash in said
        assert "Save" not in said
    assert organiser.post(to("edit_round", round), {"title": "Only words"}).status_code == 302


def test_once_the_vote_is_on_there_is_no_way_back(organiser: Client, place: Place) -> None:
    round = RoundFactory(place=place, voting=True)
    ProjectFactory(pot=PotFactory(round=round))
    freeze(round)
    assert "Reopen the ballot" not in text(organiser.get(to("edit_ballot", round)))
    assert "Reopen the ballot" not in text(organiser.get(to("organise_round", round)))
    answer = organiser.post(to("reopen_ballot", round))
    assert answer.status_code == 409
    assert "Voting has started" in text(answer)


def test_an_imported_round_stays_as_it_is(organiser: Client, place: Place) -> None:
    round = RoundFactory(place=place, imported=True)
    ProjectFactory(pot=PotFactory(round=round), submission=None)
    freeze(round)
    assert "This round comes from an election file" in text(organiser.get(to("organise_round", round)))
    assert "It stays as it is." in text(organiser.get(to("edit_timetable", round)))
    assert organiser.post(to("edit_timetable", round), a_new_round(place)).status_code == 409


# ── What stands in the way ───────────────────────────────────────────────────
def test_each_problem_leads_to_where_it_is_put_right(organiser: Client, place: Place) -> None:
    round = RoundFactory(place=place, review=True)
    pot = PotFactory(round=round, name="Town", amount=100_000)
    empty = PotFactory(round=round, name="Nothing", amount=0, funders=[("Soon", 1)])
    dear = ProjectFactory(pot=pot, name="A bridge", cost=900_000)
    SubmissionFactory(round=round)
    page = BeautifulSoup(organiser.get(to("organise_round", round)).content, "html.parser")
    found = {li.p.get_text(): li.a["href"] for li in page.select(".findings--bad li")}  # type: ignore[union-attr]
    assert found == {
        "Ideas that still wait for a review: 1.": f"{to('review', round)}?state=submitted",
        "“A bridge” costs £8,000 more than “Town” holds: it can never win.": to(
            "review_submission", round, dear.proposal.reference
        ),
        "Nobody has paid into “Nothing” yet. Add who pays in and how much.": to("edit_pot", round, empty.pk),
        "There is no project in “Nothing” yet.": f"{to('review', round)}?state=submitted",
        "Nobody could vote on “Town”: no postcode of the area is loaded. "
        "Load the postcodes or let people vote by e-mail alone.": to("edit_ballot", round),
        "Nobody could vote on “Nothing”: no postcode of the area is loaded. "
        "Load the postcodes or let people vote by e-mail alone.": to("edit_ballot", round),
    }
    for address in found.values():
        assert organiser.get(address).status_code == 200
    answer = organiser.post(to("confirm_ballot", round))
    assert answer.status_code == 409
    assert "Some things have to be put right first." in text(answer)


def test_a_note_does_not_block(organiser: Client, place: Place) -> None:
    round = RoundFactory(place=place, review=True, anyone=True)
    ProjectFactory(pot=PotFactory(round=round, name="Town"))
    page = organiser.get(to("organise_round", round))
    assert "All projects in “Town” fit together" in text(page)
    assert "To put right" not in text(page)
    assert organiser.post(to("confirm_ballot", round)).status_code == 302


def test_a_ballot_that_was_never_confirmed(organiser: Client, place: Place) -> None:
    late = RoundFactory(place=place, voting=True, anyone=True)
    ProjectFactory(pot=PotFactory(round=late))
    assert "Voting waits for you" in text(organiser.get(to("organise_round", late)))
    over = RoundFactory(place=place, closed=True)
    assert "The voting time is over" in text(organiser.get(to("organise_round", over)))
