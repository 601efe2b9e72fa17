"""The home page follows the rounds: what it leads with, in each phase, and at constant cost."""

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import Site

from budgets.models import Result, Tally
from cms.models import SiteSettings
from participation.models import Picture
from tests.factories import NOW, PlaceFactory, PotFactory, ProjectFactory, RoundFactory, SubmissionFactory, freeze

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_now():
    with time_machine.travel(NOW, tick=False):
        yield


def publish(round, *, certified=True):
    """A published result of each pot, as the snapshot of `budgets.actions.results` has it."""
    for pot in round.pots.all():
        projects = [
            {"code": p.code, "name": p.name, "cost": p.cost, "votes": 9, "funded": number == 0}
            for number, p in enumerate(pot.projects.all())
        ]
        tally = Tally.objects.create(
            pot=pot, rule="greedy", rule_digest="r", version="1", election_digest=f"e{pot.pk}", state="done",
            outcome={}, started_at=NOW, finished_at=NOW,
        )  # fmt: skip
        Result.objects.create(
            pot=pot,
            tally=tally,
            state="certified" if certified else "provisional",
            certified_at=NOW if certified else None,
            published_at=NOW,
            snapshot={"ballots": 12, "cost": projects[0]["cost"], "pot": {"amount": pot.amount}, "projects": projects},
        )


def voting_round(projects=4, **fields):
    round = RoundFactory(voting=True, **fields)
    pot = PotFactory(round=round)
    ProjectFactory.create_batch(projects, pot=pot)
    return freeze(round)


def decided_round(**fields):
    round = RoundFactory(closed=True, **fields)
    ProjectFactory.create_batch(3, pot=PotFactory(round=round))
    freeze(round)
    publish(round)
    return round


def text_of(client):
    return " ".join(client.get("/").content.decode().split())


def test_an_empty_site_says_kindly_what_comes(client):
    content = text_of(client)
    assert "No round is open yet" in content
    assert "Make an account" in content


def test_an_empty_site_tells_its_administrator_what_to_do(client, administrator):
    client.force_login(administrator)
    content = text_of(client)
    assert "No round yet" in content or "No round is open yet" in content


@pytest.mark.parametrize(
    ("trait", "action", "where"),
    [
        ("announced", "See what is planned", "/rounds/{}/"),
        ("proposing", "Suggest an idea", "/rounds/{}/propose/"),
        ("shaping", "Read the ideas", "/rounds/{}/ideas/"),
        ("review", "Read the ideas", "/rounds/{}/ideas/"),
    ],
)
def test_the_main_action_follows_the_phase(client, trait, action, where):
    round = RoundFactory(**({} if trait == "proposing" else {trait: True}))
    PotFactory(round=round)
    content = text_of(client)
    assert round.question in content
    assert action in content
    assert where.format(round.slug) in content


def test_voting_leads_with_the_vote_and_shows_the_money(client):
    round = voting_round()
    content = text_of(client)
    assert f'href="/rounds/{round.slug}/vote/"' in content
    assert "£20,000" in content
    assert "The housing association" in content
    assert content.count('class="project-card"') == 3


def test_a_closed_round_waits_for_its_result(client):
    round = RoundFactory(closed=True)
    ProjectFactory(pot=PotFactory(round=round))
    freeze(round)
    assert "See how it is counted" in text_of(client)


def test_results_become_what_earlier_rounds_have_become(client):
    round = decided_round()
    content = text_of(client)
    assert "What earlier rounds have become" in content
    assert f'href="/rounds/{round.slug}/result/"' in content
    assert "1 of 3 projects gets money." in content
    assert "12 people voted." in content
    assert "Provisional" not in content


def test_a_winner_gives_its_picture_unless_it_was_hidden(client):
    round = decided_round()
    proposal = round.projects.first().proposal
    result = Result.objects.get(pot__round=round)
    result.snapshot["projects"][0]["proposal"] = proposal.reference
    result.save()
    picture = Picture.objects.create(
        proposal=proposal, image="pictures/a.jpg", width=10, height=10, alt_text="A bench", created_at=NOW
    )
    assert f'src="{picture.get_absolute_url()}"' in text_of(client)
    picture.hidden_at, picture.hidden_reason = NOW, "Private"
    picture.save()
    assert f'src="{picture.get_absolute_url()}"' not in text_of(client)


def test_a_provisional_result_is_marked(client):
    round = RoundFactory(closed=True)
    ProjectFactory(pot=PotFactory(round=round))
    freeze(round)
    publish(round, certified=False)
    assert "Provisional" in text_of(client)


def test_where_one_can_vote_comes_before_where_one_can_propose(client):
    RoundFactory(question="Any ideas?")
    voting_round(question="Which ones?")
    content = text_of(client)
    assert content.index("Which ones?") < content.index("Also open now") < content.index("Any ideas?")


def test_the_settings_can_feature_another_round(client):
    featured = RoundFactory(question="Any ideas?")
    voting_round(question="Which ones?")
    settings = SiteSettings.for_site(Site.objects.get(is_default_site=True))
    settings.featured_round = featured
    settings.save()
    content = text_of(client)
    assert content.index("Any ideas?") < content.index("Which ones?")


def test_a_site_of_one_place_shows_only_its_rounds(client):
    here, elsewhere = RoundFactory(question="Here?"), RoundFactory(question="There?", place=PlaceFactory())
    settings = SiteSettings.for_site(Site.objects.get(is_default_site=True))
    settings.featured_place = here.place
    settings.save()
    content = text_of(client)
    assert "Here?" in content
    assert "There?" not in content
    assert elsewhere.slug not in content


def test_hidden_and_imported_rounds_never_lead(client):
    RoundFactory(hidden=True, question="Secret?")
    RoundFactory(imported=True, question="Theirs?")
    content = text_of(client)
    assert "Secret?" not in content
    assert "No round is open yet" in content


def test_ideas_of_moderated_people_stay_away(client):
    round = RoundFactory()
    shown, hidden = SubmissionFactory.create_batch(2, round=round)
    hidden.proposal.hidden_at, hidden.proposal.hidden_reason = NOW, "Abusive"
    hidden.proposal.save()
    content = text_of(client)
    assert shown.proposal.get_absolute_url() in content
    assert hidden.proposal.get_absolute_url() not in content


def test_the_cards_change_every_hour(client):
    voting_round(projects=30)
    seen = set()
    for hour in range(6):
        with time_machine.travel(NOW.replace(hour=hour, minute=10), tick=False):
            content = text_of(client)
            assert content == text_of(client), "within the hour the page stays the same"
            seen.add(tuple(part.split('"')[0] for part in content.split("/projects/")[1:]))
    assert len(seen) > 3


@pytest.mark.parametrize("projects", [2, 200])
def test_query_budget(client, projects):
    voting_round(projects=projects)
    for _ in range(2 if projects == 2 else 20):
        decided_round()
    client.get("/")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get("/").status_code == 200
    assert len(queries) <= 15, [query["sql"][:120] for query in queries]
