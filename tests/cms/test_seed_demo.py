"""The demo's seed: only in a demo, through the actions, twice without a difference, and after an interruption."""

import subprocess
import sys
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from wagtail.models import Page

from budgets.models import BoardEntry, Challenge, Elector, Project, Round, Submission, UrnBallot
from budgets.models.rounds import Phase
from cms.models import ArticlePage
from commissioning.models import Case
from config.demo import history
from config.demo.pictures import SCENES, picture
from config.demo.rounds import ROUNDS
from config.demo.town import OUTLINE, WARDS
from participation.accounts.models import User
from participation.actions.audit import first_broken_event
from participation.models import AuditEvent, OutboxMessage, Picture, Place, Postcode, Proposal

pytestmark = [
    pytest.mark.django_db,
    # Wagtail leaves it to the collector to close a picture's file after scaling it.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

OPEN, DECIDED, CHECKED = "Streets for everyone", "Larkmoor by the water", "Every corner counts"
COUNTED = (AuditEvent, UrnBallot, Elector, Picture, Place, Postcode, Project, Proposal, Round, Submission, User)


@pytest.fixture
def seed(settings):
    settings.DEMO = True

    def run(*rounds):
        out = StringIO()
        call_command("seed_demo", "--rounds", *rounds, stdout=out)
        return out.getvalue()

    return run


def amounts():
    return {model.__name__: model.objects.count() for model in COUNTED}


def test_only_in_a_demo(settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="GOOD_LOCAL_DEMO"):
        call_command("seed_demo")
    assert not User.objects.filter(email__endswith="larkmoor.example").exists()


def test_twice_is_once(seed):
    told = seed(OPEN, DECIDED)
    for words in ("larkmoor-demo", "commissioner@larkmoor.example", "/mailbox/", "http://localhost:8000/"):
        assert words in told
    before = amounts()
    seed(OPEN, DECIDED)
    assert amounts() == before
    assert first_broken_event() is None
    assert not OutboxMessage.objects.filter(to__endswith="@larkmoor.example", sent_at=None).exists()

    now = timezone.now()
    voting = Round.objects.with_pots().get(title=OPEN)
    assert voting.phase(now) == Phase.VOTING
    assert voting.urn.count() == history.VOTERS_NOW
    assert sum(pot.amount for pot in voting.pots.all()) == 60_000_00
    assert not Elector.objects.filter(round=voting, person__email="resident@larkmoor.example").exists()
    decided = Round.objects.with_pots().get(title=DECIDED)
    assert decided.phase(now) == Phase.DELIVERY
    assert decided.ballots.count() == decided.electors.filter(status="voted").count() == 268
    assert all(pot.result.certified_at for pot in decided.pots.all())
    assert {pot.result.certified_by.email for pot in decided.pots.all()} == {"organiser2@larkmoor.example"}


def test_a_run_that_broke_off_goes_on(seed, monkeypatch):
    def broken(*args, **kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(history, "count_round", broken)
        with pytest.raises(KeyboardInterrupt):
            seed(DECIDED)
    half = Round.objects.with_pots().get(title=DECIDED)
    assert half.counted_at is None
    ballots = half.urn.count()
    seed(DECIDED)
    whole = Round.objects.with_pots().get(title=DECIDED)
    assert whole.has_result()
    assert whole.ballots.count() == ballots


def test_the_certified_round_has_a_whole_board_and_a_bundle_that_checks_itself(seed, tmp_path, monkeypatch):
    monkeypatch.setattr(history, "count_other_rules", lambda **kwargs: [])
    seed(CHECKED)
    round = Round.objects.get(slug="demo-certified")
    kinds = list(BoardEntry.objects.filter(round=round).order_by("seq").values_list("kind", flat=True))
    assert kinds[0] == "open"
    assert kinds.count("batch") > 5
    assert kinds[kinds.index("close") :] == ["close", "result", *["strike"] * 3, "result", "result", "key_destroyed"]
    close = BoardEntry.objects.get(round=round, kind="close").body
    assert close["ballots"] == 320
    assert len(close["superseded"]) > 5
    assert round.ballots.count() == 317
    assert not UrnBallot.objects.filter(round=round).exists()
    assert not Challenge.objects.unanswered().filter(round=round).exists()
    result = round.pots.first().result
    assert (result.published_by.email, result.certified_by.email) == (
        "organiser@larkmoor.example",
        "organiser2@larkmoor.example",
    )
    before = amounts()
    seed(CHECKED)
    assert amounts() == before
    cases = Case.objects.filter(round=round)
    assert cases.count() == sum(pot.result.snapshot["winners"] for pot in round.pots.all())
    assert {case.state for case in cases} == {"sent", "received"}

    out = tmp_path / "bundle"
    call_command("bundle", "demo-certified", "--out", str(out), stdout=StringIO())
    command = [sys.executable, "-I", "-S", str(out / "verify.py"), str(out)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "ballots 317, replaced" in checked.stdout
    assert "struck 3" in checked.stdout


@pytest.mark.pure
def test_each_round_is_planned_for_another_phase():
    assert len({plan.days for plan in ROUNDS}) == len(ROUNDS)
    for plan in ROUNDS:
        assert list(plan.days) == sorted(plan.days)
        total = sum(pounds for pot in plan.pots for _name, pounds in pot.funders)
        for idea in plan.ideas:
            assert idea.scene in SCENES
            if plan.upto != "proposed" and idea.verdict == "accept":
                assert idea.check
                assert idea.cost <= total


@pytest.mark.pure
def test_the_wards_tile_the_town():
    """Each edge of a ward is shared with exactly one other ward, or is the town's edge."""
    edges = {}
    for corners in [*WARDS.values(), OUTLINE]:
        for start, end in zip(corners, corners[1:] + corners[0], strict=True):
            edges.setdefault(frozenset((start, end)), []).append(corners)
    assert all(len(sides) == 2 for sides in edges.values())


@pytest.mark.pure
def test_pictures_are_the_same_each_time():
    assert picture("trees", "a").read() == picture("trees", "a").read()
    assert picture("trees", "a").read() != picture("trees", "b").read()


def test_news_is_written_once_and_stays_as_edited(seed, client):
    seed(OPEN)
    article = ArticlePage.objects.get(slug="voting-is-open")
    ArticlePage.objects.filter(pk=article.pk).update(title="Written anew")
    seed(OPEN)
    assert ArticlePage.objects.get(slug="voting-is-open").title == "Written anew"
    assert ArticlePage.objects.count() == 3
    assert client.get(article.url).status_code == 200
    assert [page.slug for page in Page.objects.search("privacy")] == ["privacy"]
    assert "£60,000 for our streets" in client.get("/").content.decode()
