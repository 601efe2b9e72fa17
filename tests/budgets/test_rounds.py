"""A round on its way: the timetable as it is typed, and the actions that set it up, freeze it and open it again."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from budgets.actions.rounds import confirm_ballot, create_round, publish_round, reopen_ballot, update_round
from budgets.forms.rounds import OFFERED_FORMATS, TIMETABLE, BallotForm, NewRoundForm, TimetableForm, out_of_order, plan
from budgets.models import Round
from budgets.models.rounds import Phase
from budgets.rules import digest
from participation.accounts.models import User
from participation.models import AuditEvent
from tests.factories import (
    NOW,
    BallotFactory,
    PlaceFactory,
    PostcodeFactory,
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
from tests.refusals import refuses

DAY = timedelta(days=1)
MAY = datetime(2027, 5, 1, 9, tzinfo=UTC)


def moments(*days: float) -> dict[str, datetime | None]:
    return dict(zip(TIMETABLE, (MAY + day * DAY for day in days), strict=True))


# ── The timetable as it is typed ─────────────────────────────────────────────
@pytest.mark.pure
@pytest.mark.parametrize(
    ("days", "wrong"),
    [
        ((0, 10, 20, 30, 40, 50), []),
        ((0, 0, 0, 0, 1, 1), []),  # steps may be left out, but not the vote
        ((0, 10, 20, 30, 30, 50), ["voting_closes_at"]),
        ((0, 10, 20, 50, 40, 60), ["voting_closes_at"]),  # either could be meant: the later one is named
        ((0, 999, 20, 30, 40, 50), ["shaping_opens_at"]),  # the one mistyped, not its four neighbours
        ((0, 10, 20, 30, 40, -5), ["delivery_opens_at"]),
        ((99, 10, 20, 30, 40, 50), ["proposing_opens_at"]),
        ((0, -9, 20, 999, 40, 50), ["shaping_opens_at", "voting_opens_at"]),
    ],
)
def test_the_field_that_is_wrong_is_named(days: tuple[float, ...], wrong: list[str]) -> None:
    assert list(out_of_order(moments(*days))) == wrong


@pytest.mark.pure
def test_the_sentence_says_what_to_come_after_or_before() -> None:
    late = out_of_order(moments(0, 999, 20, 30, 40, 50))["shaping_opens_at"]
    assert late == "This has to come before “Review starts”, 21 May 2027, 10:00."
    early = out_of_order(moments(0, 10, 20, 30, 40, -5))["delivery_opens_at"]
    assert early == "This has to come after “Voting closes”, 10 June 2027, 10:00."


@pytest.mark.pure
def test_a_missing_date_is_not_out_of_order() -> None:
    assert out_of_order(moments(0, 10, 20, 30, 40, 50) | {"review_opens_at": None}) == {}


@pytest.mark.pure
@pytest.mark.parametrize("month", range(1, 13))
def test_the_plan_is_in_order_and_keeps_nine_o_clock(month: int) -> None:
    planned = plan(datetime(2027, month, 20, 23, 30, tzinfo=UTC))
    assert out_of_order(dict(planned)) == {}
    local = {name: timezone.localtime(moment) for name, moment in planned.items()}
    assert {moment.hour for name, moment in local.items() if name != "voting_closes_at"} == {9}
    assert local["voting_closes_at"].hour == 17
    weeks = [(local[name].date() - local[TIMETABLE[0]].date()).days / 7 for name in TIMETABLE]
    assert weeks == [0, 4, 6, 9, 12, 14]


@pytest.mark.django_db
def test_what_is_no_date_is_refused_in_words() -> None:
    sent = {name: f"2027-0{number}-01T09:00" for number, name in enumerate(TIMETABLE, start=1)}
    form = TimetableForm(sent | {"review_opens_at": "next Monday", "voting_opens_at": ""}, instance=Round())
    assert form.errors == {
        "review_opens_at": ["Enter a day and a time, such as 2027-05-01 09:00."],
        "voting_opens_at": ["Enter a day and a time."],
    }
    assert 'type="datetime-local"' in str(form["review_opens_at"])
    assert 'value="next Monday"' in str(form["review_opens_at"])


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["2027-05-01T09:00", "2027-05-01 09:00", "01/05/2027 09:00"])
def test_a_browser_without_a_picker(typed: str) -> None:
    form = TimetableForm({"review_opens_at": typed}, instance=Round())
    form.is_valid()
    assert form.cleaned_data["review_opens_at"] == datetime(2027, 5, 1, 8, tzinfo=UTC)


@pytest.mark.django_db
def test_only_the_formats_of_this_site_are_offered() -> None:
    form = BallotForm(instance=Round())
    assert [value for value, _label in form.fields["ballot_format"].choices] == list(OFFERED_FORMATS)  # type: ignore[attr-defined]
    assert BallotForm({"ballot_format": "choose-1"}, instance=Round()).errors["ballot_format"]


@pytest.mark.django_db
def test_a_new_round_starts_from_the_plan_and_the_defaults() -> None:
    place = PlaceFactory()
    form = NewRoundForm(places=[place, WardFactory(parent=place, name="Quayside")], now=NOW)
    assert {name: form[name].value() for name in ("ballot_format", "max_choices", "minimum_age", "may_revise")} == {
        "ballot_format": "approval",
        "max_choices": 5,
        "minimum_age": 11,
        "may_revise": True,
    }
    assert f"{place.name} › Quayside" in str(form["place"])


# ── What the actions do and refuse ───────────────────────────────────────────
@pytest.fixture
def round(db: None) -> Round:
    """In review, with a pot and two projects that do not fit together: ready to be confirmed."""
    round = RoundFactory(review=True, anyone=True)
    pot = PotFactory(round=round)
    for cost in (1_500_000, 900_000):
        ProjectFactory(pot=pot, cost=cost)
    return round


@pytest.fixture
def olive(round: Round) -> User:
    return staff_of(round.place, "organiser")


FIELDS = {**plan(NOW), "title": "New", "question": "What now?"}


def test_a_round_is_made_unseen(round: Round, olive: User) -> None:
    made = create_round(by=olive, place_id=round.place_id, now=NOW, **FIELDS)
    assert (made.slug, made.published_at, made.created_by) == ("new-2", None, olive)  # /organise/new/ is taken
    assert AuditEvent.objects.about_thing("round", made.pk).get().action == "round.created"


def test_only_organisers_of_the_place_make_rounds(round: Round, olive: User) -> None:
    for person, place in ((UserFactory(), round.place), (olive, PlaceFactory())):
        with refuses("not_allowed"):
            create_round(by=person, place_id=place.pk, now=NOW, **FIELDS)


def test_an_organiser_of_the_council_organises_its_wards(round: Round, olive: User) -> None:
    ward = WardFactory(parent=round.place)
    assert create_round(by=olive, place_id=ward.pk, now=NOW, **FIELDS).place == ward


def test_confirming_freezes_what_the_hash_says(round: Round, olive: User) -> None:
    confirm_ballot(by=olive, round_id=round.pk, now=NOW)
    round.refresh_from_db()
    assert round.rules_hash == digest(round.rules)
    assert len(round.rules["counting"]["rule"]["lot_seed"]) == 32
    assert [len(pot["projects"]) for pot in round.rules["pots"]] == [2]
    assert round.phase(NOW) == Phase.REVIEW
    assert round.phase(round.voting_opens_at) == Phase.VOTING


def test_words_may_change_later_but_rules_may_not(round: Round, olive: User) -> None:
    confirm_ballot(by=olive, round_id=round.pk, now=NOW)
    update_round(by=olive, round_id=round.pk, now=NOW, question="What else?")
    for changes in ({"max_choices": 2}, {"voting_closes_at": round.voting_closes_at + DAY}):
        with refuses("ballot_confirmed"):
            update_round(by=olive, round_id=round.pk, now=NOW, **changes)


def test_confirming_publishes_a_hidden_round(olive: User, round: Round) -> None:
    Round.objects.filter(pk=round.pk).update(published_at=None)
    assert confirm_ballot(by=olive, round_id=round.pk, now=NOW).published_at == NOW


@pytest.mark.parametrize("break_it", [
    lambda r: r.pots.all().update(amount=0),
    lambda r: r.projects.all().update(cost=9_000_000),
    lambda r: SubmissionFactory(round=r),
    lambda r: PotFactory(round=r),
    lambda r: PotFactory(round=r, area=WardFactory(parent=r.place)),
    lambda r: Round.objects.filter(pk=r.pk).update(eligibility="postcode"),
])  # fmt: skip
def test_problems_stand_in_the_way(round: Round, olive: User, break_it: Callable[[Round], Any]) -> None:
    break_it(round)
    with refuses("problems_left"):
        confirm_ballot(by=olive, round_id=round.pk, now=NOW)
    round.refresh_from_db()
    assert round.rules is None


def test_reopening_before_the_vote(round: Round, olive: User) -> None:
    with refuses("not_confirmed"):
        reopen_ballot(by=olive, round_id=round.pk, now=NOW)
    confirm_ballot(by=olive, round_id=round.pk, now=NOW)
    first = Round.objects.get(pk=round.pk).rules_hash
    reopen_ballot(by=olive, round_id=round.pk, now=NOW)
    update_round(by=olive, round_id=round.pk, now=NOW, max_choices=2)
    confirm_ballot(by=olive, round_id=round.pk, now=NOW)
    assert Round.objects.get(pk=round.pk).rules_hash != first


def test_reopening_after_the_vote_has_started(round: Round, olive: User) -> None:
    confirm_ballot(by=olive, round_id=round.pk, now=NOW)
    with refuses("voting_started"):
        reopen_ballot(by=olive, round_id=round.pk, now=round.voting_opens_at)
    BallotFactory(round=round)
    with refuses("voting_started"):
        reopen_ballot(by=olive, round_id=round.pk, now=NOW)


def test_publishing_twice_is_publishing_once(round: Round, olive: User) -> None:
    Round.objects.filter(pk=round.pk).update(published_at=None)
    publish_round(by=olive, round_id=round.pk, now=NOW)
    publish_round(by=olive, round_id=round.pk, now=NOW + DAY)
    round.refresh_from_db()
    assert round.published_at == NOW
    assert AuditEvent.objects.filter(action="round.published").count() == 1


@pytest.mark.parametrize("action", [publish_round, confirm_ballot, reopen_ballot, update_round])
def test_others_move_nothing(round: Round, action: Callable[..., Any]) -> None:
    freeze(round)
    for person in (UserFactory(), staff_of(round.place, "moderator"), staff_of(PlaceFactory(), "organiser")):
        with refuses("not_allowed"):
            action(by=person, round_id=round.pk, now=NOW)


# ── Who could vote ───────────────────────────────────────────────────────────
def test_a_pot_is_reachable_where_someone_lives_or_postcodes_are_loaded(db: None) -> None:
    place = PlaceFactory()
    lived, loaded, empty = (WardFactory(parent=place) for _ in range(3))
    resident_of(lived)
    PostcodeFactory(ward=loaded)
    round = RoundFactory(place=place)
    pots = {"all": None, "lived": lived, "loaded": loaded, "empty": empty}
    for key, area in pots.items():
        PotFactory(round=round, key=key, area=area)
    assert round.facts(NOW)["reachable"] == {"all": True, "lived": True, "loaded": True, "empty": False}


def test_a_place_nobody_knows_the_postcodes_of(db: None) -> None:
    round = RoundFactory()
    PostcodeFactory()
    PotFactory(round=round, key="all")
    PotFactory(round=round, key="ward", area=WardFactory(parent=round.place))
    assert round.facts(NOW)["reachable"] == {"all": False, "ward": False}
    round.eligibility = Round.Eligibility.EMAIL
    assert round.facts(NOW)["reachable"] == {"all": True, "ward": False}
