"""Writing, publishing and reading proposals."""

import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from participation.actions import proposals
from participation.actions.proposals import (
    ALPHABET,
    describe_picture,
    publish_proposal,
    remove_picture,
    save_draft,
    set_picture,
    start_draft,
    withdraw_proposal,
)
from participation.forms.proposals import ProposalForm
from participation.models import Picture, Proposal
from tests.factories import PlaceFactory, ProposalFactory, UserFactory, WardFactory
from tests.participation.conftest import Signer, Town, picture_file
from tests.refusals import refuses

pytestmark = pytest.mark.django_db
ANSWERS: dict[str, Any] = {
    "title": "Benches",
    "what": "Three benches.",
    "why": "Nowhere to rest.",
    "beneficiaries": "Everyone.",
}


@pytest.fixture
def draft(town: Town, now: datetime) -> Proposal:
    return start_draft(by=town.resident(), place_id=town.place.pk, now=now)


# ── Actions ──────────────────────────────────────────────────────────────────
def test_a_draft_has_a_reference_that_can_be_read_out(draft: Proposal) -> None:
    assert re.fullmatch(r"P-[0-9A-HJKMNP-TV-Z]{6}", draft.reference)
    assert not {"I", "L", "O", "U"} & set(ALPHABET)


def test_a_reference_that_is_taken_is_drawn_again(town: Town, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    ProposalFactory(reference="P-AAAAAA")
    drawn = iter(["P-AAAAAA", "P-AAAAAA", "P-BBBBBB"])
    monkeypatch.setattr(proposals, "new_reference", lambda: next(drawn))
    assert start_draft(by=town.resident(), place_id=town.place.pk, now=now).reference == "P-BBBBBB"


def test_only_residents_start_a_draft(town: Town, now: datetime) -> None:
    for outsider in (UserFactory(), town.staff("organiser")):
        with refuses("not_resident"):
            start_draft(by=outsider, place_id=town.place.pk, now=now)


def test_answers_left_out_stay_as_they_are(draft: Proposal, now: datetime) -> None:
    later = now + timedelta(minutes=1)
    save_draft(by=draft.author, proposal_id=draft.pk, now=now, **ANSWERS)
    saved = save_draft(by=draft.author, proposal_id=draft.pk, now=later, title="Better benches")
    assert (saved.title, saved.what, saved.changed_at) == ("Better benches", "Three benches.", later)
    with pytest.raises(TypeError):
        save_draft(by=draft.author, proposal_id=draft.pk, now=now, state="published")  # type: ignore[call-arg]


def test_a_ward_has_to_lie_in_the_place(draft: Proposal, now: datetime) -> None:
    with refuses("area_elsewhere"):
        save_draft(by=draft.author, proposal_id=draft.pk, now=now, area=WardFactory())


def test_nobody_else_writes_in_it(draft: Proposal, town: Town, now: datetime) -> None:
    other = town.resident()
    for call in (
        lambda: save_draft(by=other, proposal_id=draft.pk, now=now, title="Mine"),
        lambda: publish_proposal(by=other, proposal_id=draft.pk, now=now),
        lambda: set_picture(by=other, proposal_id=draft.pk, file=picture_file(), alt_text="", now=now),
        lambda: remove_picture(by=other, proposal_id=draft.pk, now=now),
        lambda: describe_picture(by=other, proposal_id=draft.pk, alt_text="x", now=now),
        lambda: withdraw_proposal(by=other, proposal_id=draft.pk, now=now),
    ):
        with refuses("not_yours"):
            call()


@pytest.mark.parametrize("left_out", list(ANSWERS))
def test_publishing_needs_every_answer(draft: Proposal, now: datetime, left_out: str) -> None:
    save_draft(by=draft.author, proposal_id=draft.pk, now=now, **(ANSWERS | {left_out: "  "}))
    with refuses("incomplete_proposal"):
        publish_proposal(by=draft.author, proposal_id=draft.pk, now=now)


def test_a_picture_needs_a_description_to_be_published(draft: Proposal, now: datetime) -> None:
    save_draft(by=draft.author, proposal_id=draft.pk, now=now, **ANSWERS)
    set_picture(by=draft.author, proposal_id=draft.pk, file=picture_file(), alt_text="", now=now)
    with refuses("incomplete_proposal"):
        publish_proposal(by=draft.author, proposal_id=draft.pk, now=now)
    describe_picture(by=draft.author, proposal_id=draft.pk, alt_text="A path without a bench", now=now)
    assert publish_proposal(by=draft.author, proposal_id=draft.pk, now=now).published_at == now


def test_what_is_published_is_not_edited_but_may_be_withdrawn(draft: Proposal, now: datetime) -> None:
    save_draft(by=draft.author, proposal_id=draft.pk, now=now, **ANSWERS)
    with refuses("wrong_state"):
        withdraw_proposal(by=draft.author, proposal_id=draft.pk, now=now)
    publish_proposal(by=draft.author, proposal_id=draft.pk, now=now)
    with refuses("wrong_state"):
        save_draft(by=draft.author, proposal_id=draft.pk, now=now, title="Something else")
    for _twice in range(2):
        assert withdraw_proposal(by=draft.author, proposal_id=draft.pk, now=now).state == "withdrawn"


def test_a_new_picture_takes_the_place_of_the_old_one(
    draft: Proposal, now: datetime, django_capture_on_commit_callbacks: Any
) -> None:
    old = set_picture(by=draft.author, proposal_id=draft.pk, file=picture_file(), alt_text="Old", now=now)
    with django_capture_on_commit_callbacks(execute=True):
        new = set_picture(by=draft.author, proposal_id=draft.pk, file=picture_file((9, 7)), alt_text="New", now=now)
    assert [picture.alt_text for picture in draft.pictures.all()] == ["New"]
    assert not old.image.storage.exists(old.image.name)
    assert (new.width, new.height) == (9, 7)
    assert "holiday" not in new.image.name
    with django_capture_on_commit_callbacks(execute=True):
        remove_picture(by=draft.author, proposal_id=draft.pk, now=now)
    assert not new.image.storage.exists(new.image.name)


def test_a_hidden_picture_stays_as_the_record_of_a_decision(draft: Proposal, now: datetime) -> None:
    set_picture(by=draft.author, proposal_id=draft.pk, file=picture_file(), alt_text="Bad", now=now)
    draft.pictures.update(hidden_at=now, hidden_reason="It shows a child.")
    set_picture(by=draft.author, proposal_id=draft.pk, file=picture_file(), alt_text="Good", now=now)
    assert draft.picture is not None
    assert (draft.picture.alt_text, draft.pictures.count()) == ("Good", 2)


def test_a_picture_that_cannot_be_taken_is_said_at_its_field(draft: Proposal, now: datetime, settings: Any) -> None:
    with refuses("picture_unreadable"):
        set_picture(by=draft.author, proposal_id=draft.pk, file=picture_file(form="BMP"), alt_text="", now=now)
    settings.PICTURE_MAX_PIXELS = 50
    with refuses("picture_too_large"):
        set_picture(by=draft.author, proposal_id=draft.pk, file=picture_file(), alt_text="", now=now)


# ── The form ─────────────────────────────────────────────────────────────────
def test_a_draft_may_have_gaps_and_the_form_says_which(draft: Proposal, town: Town) -> None:
    form = ProposalForm({"title": "Benches", "area": town.wards[0].pk}, instance=draft)
    assert form.is_valid(), form.errors
    assert form.answers()["what"] == ""
    assert form.answers()["area"] == town.wards[0]
    assert list(form.missing()) == ["what", "why", "beneficiaries"]


def test_only_wards_of_the_place_are_offered(draft: Proposal) -> None:
    form = ProposalForm({"area": WardFactory().pk}, instance=draft)
    assert list(form.errors) == ["area"]


@pytest.mark.parametrize(
    ("latitude", "longitude", "kept"),
    [
        ("53.12345678", "-2.7", (Decimal("53.123457"), Decimal("-2.700000"))),
        ("", "", (None, None)),
        ("53.1", "", (None, None)),
    ],
)
def test_a_point_has_two_coordinates_or_none(draft: Proposal, latitude: str, longitude: str, kept: Any) -> None:
    form = ProposalForm({"latitude": latitude, "longitude": longitude}, instance=draft)
    assert form.is_valid(), form.errors
    assert (form.answers()["latitude"], form.answers()["longitude"]) == kept


def test_a_point_off_the_earth_and_a_novel_are_refused(draft: Proposal) -> None:
    form = ProposalForm({"latitude": "91", "longitude": "2", "what": "x" * 5001}, instance=draft)
    assert set(form.errors) == {"latitude", "what"}


# ── Pages ────────────────────────────────────────────────────────────────────
def path(proposal: Proposal) -> str:
    return reverse("participation:proposal", args=[proposal.reference])


def test_anyone_reads_what_is_published(client: Client) -> None:
    proposal = ProposalFactory(what="Three <b>benches</b>")
    page = client.get(path(proposal))
    assert page.status_code == 200
    assert "Three &lt;b&gt;benches&lt;/b&gt;" in page.text


def test_drafts_exist_for_their_author_alone(client: Client, sign_in: Signer) -> None:
    draft = ProposalFactory(draft=True)
    assert client.get(path(draft)).status_code == 404
    assert sign_in(UserFactory()).get(path(draft)).status_code == 404
    assert sign_in(draft.author).get(path(draft)).status_code == 200


def test_a_hidden_proposal_says_why_and_shows_nothing(client: Client, sign_in: Signer, town: Town) -> None:
    hidden = ProposalFactory(hidden=True, place=town.place, title="A cruel title", what="Cruel words")
    page = client.get(path(hidden))
    assert page.status_code == 410
    assert "It named a child." in page.text
    assert "ruel" not in page.text
    for insider in (hidden.author, town.staff("moderator")):
        assert "Cruel words" in sign_in(insider).get(path(hidden)).text
    assert sign_in(town.staff("organiser")).get(path(hidden)).status_code == 410


def test_the_list_shows_public_ones_and_finds_every_word(client: Client, town: Town) -> None:
    shown = ProposalFactory(place=town.place, area=town.wards[0], title="Lights in the park", why="It is dark")
    ProposalFactory(place=town.place, title="Lights by the river")
    ProposalFactory(hidden=True, title="Lights nobody sees")
    ProposalFactory(draft=True, title="Lights to come")
    ProposalFactory(withdrawn=True, title="Lights no more")
    listed = reverse("participation:proposals")
    assert client.get(listed, {"q": "lights"}).context["page"].paginator.count == 2
    assert list(client.get(listed, {"q": "LIGHTS dark"}).context["page"]) == [shown]
    assert list(client.get(listed, {"ward": town.wards[0].slug}).context["page"]) == [shown]
    assert "No idea matches" in client.get(listed, {"ward": town.wards[1].slug}).text
    assert client.get(listed, {"page": "999", "ward": "nowhere"}).status_code == 200


def test_the_next_page_keeps_the_filter(client: Client, town: Town) -> None:
    ProposalFactory.create_batch(21, place=town.place, area=town.wards[0])
    page = client.get(reverse("participation:proposals"), {"q": "benches", "ward": town.wards[0].slug})
    assert f"?q=benches&amp;ward={town.wards[0].slug}&amp;page=2" in page.text


@pytest.mark.parametrize("count", [2, 200])
def test_a_list_costs_the_same_with_many(
    client: Client, town: Town, count: int, now: datetime, django_assert_max_num_queries: Any
) -> None:
    made = ProposalFactory.create_batch(count, place=town.place, area=town.wards[0])
    Picture.objects.bulk_create(
        Picture(proposal=one, image="pictures/x.jpg", width=4, height=3, alt_text="A bench", created_at=now)
        for one in made
    )
    client.get("/proposals/")  # what is asked once and kept: the site, its settings
    with django_assert_max_num_queries(15):
        assert client.get("/proposals/").status_code == 200


def test_the_author_withdraws_on_the_page(sign_in: Signer) -> None:
    proposal = ProposalFactory()
    url = reverse("participation:withdraw_proposal", args=[proposal.reference])
    assert sign_in(UserFactory()).post(url).status_code == 404
    author = sign_in(proposal.author)
    page = author.post(url, follow=True)
    assert "has withdrawn it" in page.text


# ── The picture's file ───────────────────────────────────────────────────────
@pytest.fixture
def picture(draft: Proposal, now: datetime) -> Picture:
    return set_picture(by=draft.author, proposal_id=draft.pk, file=picture_file(), alt_text="A path", now=now)


def test_a_public_picture_may_be_kept_and_a_draft_s_may_not(
    client: Client, sign_in: Signer, picture: Picture, now: datetime
) -> None:
    url = reverse("participation:picture", args=[picture.pk])
    assert client.get(url).status_code == 404
    own = sign_in(picture.proposal.author).get(url)
    assert (own.status_code, own["Cache-Control"]) == (200, "private, no-store")
    Proposal.objects.update(state="published", published_at=now)
    public = client.get(url)
    assert public["Content-Type"] == "image/jpeg"
    assert public["Cache-Control"] == "public, max-age=3600"
    assert public["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in public["Content-Security-Policy"]


def test_a_hidden_picture_is_gone_for_others(client: Client, sign_in: Signer, picture: Picture, now: datetime) -> None:
    url = reverse("participation:picture", args=[picture.pk])
    Proposal.objects.update(state="published", published_at=now)
    Picture.objects.update(hidden_at=now, hidden_reason="It shows a child.")
    assert client.get(url).status_code == 404
    assert sign_in(picture.proposal.author).get(url)["Cache-Control"] == "private, no-store"
    assert "It shows a child." in client.get(path(picture.proposal)).text
    picture.image.delete(save=False)
    assert sign_in(picture.proposal.author).get(url).status_code == 404


def test_a_point_is_shown_on_the_map_of_the_wards(client: Client, town: Town) -> None:
    proposal = ProposalFactory(place=town.place, area=town.wards[0], latitude="53.705", longitude="-2.695")
    page = client.get(path(proposal))
    assert "ward-map__point" in page.text
    assert "ward-map__point" not in client.get(path(ProposalFactory(place=PlaceFactory()))).text
