"""Blocks: what an editor puts on a page, rendered; what is refused."""

import pytest
import time_machine
from django.core.exceptions import ValidationError

from cms import rounds
from cms.blocks import CallToActionBlock, PictureBlock, RoundChooserBlock, body_blocks
from cms.models import GuidePage, HomePage
from tests.cms.test_home import decided_round, voting_round
from tests.factories import NOW, RoundFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_now():
    with time_machine.travel(NOW, tick=False):
        yield


def show(client, *blocks):
    page = GuidePage(title="A page", slug="a-page", body=list(blocks))
    HomePage.objects.get().add_child(instance=page)
    response = client.get(page.url)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_words(client):
    content = show(
        client,
        ("text", "<p>Hello <b>there</b></p>"),
        ("quote", {"text": "It works.", "who": "Someone"}),
        ("call_to_action", {"heading": "Go on", "text": "", "button": "Vote", "page": None, "address": "/rounds/"}),
        ("steps", {"steps": [{"drawing": "hall", "heading": "First", "text": "<p>Begin.</p>"}]}),
        ("facts", {"facts": [{"term": "Session", "text": "<p>A cookie.</p>"}]}),
    )
    for words in ("<b>there</b>", "It works.", 'href="/rounds/"', "First", "A cookie."):
        assert words in content


def test_a_round_in_three_blocks(client):
    voting, decided = voting_round(title="Now"), decided_round(title="Then")
    content = show(
        client,
        ("round_timetable", {"round": voting.slug}),
        ("round_projects", {"round": voting.slug, "count": 2}),
        ("round_result", {"round": decided.slug}),
        ("round_result", {"round": voting.slug}),
    )
    assert "You are here" in content
    assert content.count('class="project-card"') == 2
    assert "1 of 3 projects gets money." in content
    assert "the result is not published yet." in content


@pytest.mark.parametrize("kind", ["round_timetable", "round_projects", "round_result"])
def test_a_round_that_is_not_public_shows_nothing(client, kind):
    hidden = RoundFactory(hidden=True, title="Secret plans")
    extra = {"count": 3} if kind == "round_projects" else {}
    content = show(client, (kind, {"round": hidden.slug, **extra}), (kind, {"round": "gone", **extra}))
    assert "Secret plans" not in content


def test_only_public_rounds_can_be_chosen():
    public, hidden = RoundFactory(), RoundFactory(hidden=True)
    assert public.slug in dict(rounds.choices())
    block = RoundChooserBlock()
    assert block.clean(public.slug) == public.slug
    with pytest.raises(ValidationError):
        block.clean(hidden.slug)


def test_a_picture_needs_words():
    assert PictureBlock().child_blocks["alt"].required


@pytest.mark.parametrize("address", ["", "/rounds/"])
def test_a_call_to_action_leads_to_one_place(address):
    block = CallToActionBlock()
    page = HomePage.objects.get() if address else None
    value = block.to_python({"heading": "h", "text": "", "button": "b", "page": page and page.pk, "address": address})
    with pytest.raises(ValidationError):
        block.clean(value)


@pytest.mark.parametrize(
    ("address", "stands"),
    [("/rounds/", True), ("https://example.org/", True), ("mailto:a@example.org", True), ("//example.org", False),
     ("javascript:alert(1)", False), ("rounds/", False)],
)  # fmt: skip
def test_addresses_that_a_call_to_action_may_lead_to(address, stands):
    block = CallToActionBlock()
    value = block.to_python({"heading": "h", "text": "", "button": "b", "page": None, "address": address})
    if stands:
        assert block.clean(value)["address"] == address
    else:
        with pytest.raises(ValidationError):
            block.clean(value)


def test_migrations_do_not_point_at_our_block_classes():
    for _name, block in body_blocks():
        assert not block.deconstruct()[0].startswith("cms."), block
