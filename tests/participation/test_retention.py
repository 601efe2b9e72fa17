"""What is kept for how long: the purge and the public page go by the same table, and each row does what it says."""

import os
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from celery.schedules import crontab
from django.conf import settings as site_settings
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.test import Client
from wagtail.admin.models import EditingSession, FormState

from budgets.keys import has_urn_key
from budgets.models import BoardEntry, Challenge, Elector, Result, Round, Signal, Strike
from config.celery import app
from participation.accounts.models import User
from participation.actions import retention as purging
from participation.actions.retention import purge
from participation.models import Invitation, OutboxMessage, Picture, Place, Proposal, Report
from participation.retention import Entry, Group, Period, entries, register
from tests.budgets.conftest import build_town
from tests.factories import NOW, ElectorFactory, ProposalFactory, ReportFactory, UserFactory
from tests.matrix.world import jpeg

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
Make = Callable[[datetime], Any]


def outbox(**fields: Any) -> OutboxMessage:
    n = OutboxMessage.objects.count()
    return OutboxMessage.objects.create(key=f"m{n}", to="a@example.org", subject="s", body="", due_at=NOW, **fields)


def draft(at: datetime) -> Proposal:
    proposal = ProposalFactory(draft=True)
    image = ContentFile(jpeg(), "draft.jpg")
    Picture.objects.create(proposal=proposal, alt_text="", created_at=NOW, image=image)
    Proposal.objects.filter(pk=proposal.pk).update(changed_at=at)
    return proposal


def hidden_picture(at: datetime) -> Picture:
    image = ContentFile(jpeg(), "hidden.jpg")
    return Picture.objects.create(
        proposal=ProposalFactory(), alt_text="", created_at=NOW, image=image, hidden_at=at, hidden_reason="A child"
    )


def decided_report(at: datetime) -> Report:
    report = ReportFactory()
    Report.objects.filter(pk=report.pk).update(state="dismissed", decided_at=at, public_reason="Fine")
    return report


def invitation(at: datetime) -> Invitation:
    n = Invitation.objects.count()
    place = Place.objects.first() or build_town().place
    return Invitation.objects.create(
        place=place, kind="moderator", email="a@example.org", token_hash=str(n), invited_at=NOW, expires_at=at
    )


def admin_line(at: datetime) -> LogEntry:
    kind = ContentType.objects.get_for_model(User)
    entry = LogEntry.objects.create(user=UserFactory(), content_type=kind, object_id="1", object_repr="", action_flag=2)
    LogEntry.objects.filter(pk=entry.pk).update(action_time=at)
    return entry


def session(at: datetime) -> Session:
    """Last renewed then."""
    n = Session.objects.count()
    return Session.objects.create(session_key=f"key{n}", session_data="", expire_date=at + purging.SESSION)


def device(at: datetime) -> UserSession:
    n = UserSession.objects.count()
    return UserSession.objects.create(
        user=UserFactory(), ip="192.0.2.1", session_key=f"gone{n}", user_agent="A browser", last_seen_at=at
    )


def page_form(at: datetime) -> FormState:
    kind = ContentType.objects.get_for_model(User)
    return FormState.objects.create(
        data="", user=UserFactory(), content_type=kind, object_id="1", parent_object_id="", last_updated_at=at
    )


def page_editing(at: datetime) -> EditingSession:
    kind = ContentType.objects.get_for_model(User)
    return EditingSession.objects.create(user=UserFactory(), content_type=kind, object_id="1", last_seen_at=at)


# Entries that delete rows → how one is made that became old at a moment.
DELETED: dict[str, Make] = {
    "unconfirmed": lambda at: UserFactory(date_joined=at, verified=False),
    "sessions": session,
    "devices": device,
    "sent-mails": lambda at: outbox(sent_at=at),
    "dead-mails": lambda at: outbox(dead_at=at, forget=True),
    "drafts": draft,
    "hidden-pictures": hidden_picture,
    "reports": decided_report,
    "invitations": invitation,
    "admin-log": admin_line,
    "withdrawn": lambda at: ProposalFactory(withdrawn=True, changed_at=at),
    "hidden-ideas": lambda at: ProposalFactory(hidden_at=at, hidden_reason="It named a child."),
    "page-forms": page_form,
    "page-editing": page_editing,
}
# The others have tests of their own below.
ELSEWHERE = {
    "stray-pictures", "limits", "mail-files", "box-keys", "roll", "roll-tokens", "unfinished-rolls", "signals",
    "challenges", "strike-notes",
}  # fmt: skip


def entry_called(key: str) -> Entry:
    return next(entry for entry in entries() if entry.key == key)


def purged(**options: Any) -> dict[str, int]:
    return {key: number for key, number in purge(now=options.pop("now", NOW), **options) if number}


# ── Each entry ───────────────────────────────────────────────────────────────
@pytest.mark.parametrize("key", DELETED)
def test_what_is_old_goes_and_what_is_not_stays(key: str) -> None:
    period = entry_called(key).period
    assert period is not None
    old = [DELETED[key](period.before(NOW) - MINUTE) for _n in range(2)]
    young = DELETED[key](period.before(NOW) + MINUTE)
    model = type(young)
    assert purged(dry_run=True)[key] == 2
    assert purged()[key] == 2
    left = set(model._default_manager.filter(pk__in=[row.pk for row in [*old, young]]).values_list("pk", flat=True))
    assert left == {young.pk}
    assert key not in purged()


def test_every_entry_with_a_purge_is_tried_here(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    assert {entry.key for entry in entries() if entry.purge} == {*DELETED, *ELSEWHERE}


def test_more_than_fits_one_transaction_goes_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purging, "CHUNK", 2)
    for _n in range(5):
        outbox(sent_at=NOW - timedelta(days=400))
    assert purged() == {"sent-mails": 5}


def test_what_is_in_use_stays(administrator: User) -> None:
    long_ago = NOW - timedelta(days=4000)
    User.objects.update(date_joined=long_ago)
    UserFactory(date_joined=long_ago)  # confirmed
    UserFactory(date_joined=long_ago, verified=False, last_login=NOW)
    UserFactory(date_joined=long_ago, verified=False, is_superuser=True)
    outbox()
    ProposalFactory(changed_at=long_ago)
    town = build_town()
    town.benches.proposal = ProposalFactory(withdrawn=True, changed_at=long_ago)  # on the ballot
    town.benches.save()
    waiting = ProposalFactory(hidden_at=long_ago, hidden_reason="…")
    ReportFactory(proposal=waiting)  # a moderator has still to look at it
    assert purged() == {}


def test_files_go_with_their_rows_and_stray_ones_alone(django_capture_on_commit_callbacks: Any) -> None:
    keep = draft(NOW)
    with django_capture_on_commit_callbacks(execute=True):
        draft(NOW - timedelta(days=400))
        stray = default_storage.save("pictures/stray.jpg", ContentFile(b"x"))
        fresh = default_storage.save("pictures/fresh.jpg", ContentFile(b"x"))
        for path in map(default_storage.path, (stray, keep.pictures.get().image.name)):
            os.utime(path, (NOW.timestamp() - 3 * 86400,) * 2)
        os.utime(default_storage.path(fresh), (NOW.timestamp(),) * 2)
        assert purged(dry_run=True) == {"drafts": 1, "stray-pictures": 1}
        assert purged() == {"drafts": 1, "stray-pictures": 1}
    left = {f"pictures/{name}" for name in default_storage.listdir("pictures")[1]}
    assert left == {fresh, keep.pictures.get().image.name}


def test_a_site_without_pictures_has_none_to_clear() -> None:
    assert purged() == {}


def test_limits_that_have_run_out_leave_the_table(settings: Any) -> None:
    settings.CACHES = {**settings.CACHES, "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache",
    }}  # fmt: skip
    with time_machine.travel(NOW - timedelta(days=2), tick=False):
        caches["default"].set("old", 1, 60)
    with time_machine.travel(NOW, tick=False):
        caches["default"].set("new", 1, 60)
        assert purged(dry_run=True) == {"limits": 1}
        assert purged() == {"limits": 1}
        assert purged() == {}
        assert caches["default"].get("new") == 1


def test_files_of_mails_go_after_their_time(settings: Any, tmp_path: Path) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = "django.core.mail.backends.filebased.EmailBackend", tmp_path
    for name, days in (("old", 40), ("new", 1)):
        (tmp_path / f"{name}.log").write_text("To: a@example.org\n\nHello")
        os.utime(tmp_path / f"{name}.log", (NOW.timestamp() - days * 86400,) * 2)
    assert purged() == {"mail-files": 1}
    assert [path.name for path in tmp_path.iterdir()] == ["new.log"]


# ── Rounds ───────────────────────────────────────────────────────────────────
def certify(round: Round, at: datetime) -> None:
    for pot in round.pots.all():
        tally = pot.tallies.create(
            rule="greedy", rule_digest="a", version="1", election_digest="b", state="done", outcome={}, started_at=at
        )
        Result.objects.create(pot=pot, tally=tally, state="certified", snapshot={}, published_at=at, certified_at=at)


def test_the_roll_loses_people_after_half_a_year_and_their_tokens_after_two(db: None) -> None:
    round = build_town(voting=False, delivery=True).round
    round.voting_closes_at = NOW
    Round.objects.filter(pk=round.pk).update(voting_closes_at=NOW, delivery_opens_at=NOW + timedelta(days=1))
    elector = ElectorFactory(round=round, status=Elector.Status.VOTED)
    certify(round, NOW)
    assert purged(now=NOW + timedelta(days=170)) == {}
    assert purged(now=NOW + timedelta(days=190)) == {"roll": 1}
    elector.refresh_from_db()
    assert (elector.person, elector.status, len(elector.token)) == (None, "voted", 64)
    assert purged(now=NOW + timedelta(days=740)) == {"roll-tokens": 1}
    token = Elector.objects.get().token
    assert token.startswith("nameless-")
    assert purged(now=NOW + timedelta(days=4000)) == {}


def test_a_round_of_which_one_pot_is_not_certified_is_not_over(db: None) -> None:
    round = build_town(voting=False, closed=True).round
    ElectorFactory(round=round)
    certify(round, NOW)
    Result.objects.filter(pot=round.pots.last()).update(state="provisional", certified_at=None)
    assert purged(now=NOW + timedelta(days=800)) == {}
    assert purged(now=NOW + timedelta(days=1200)) == {"unfinished-rolls": 1}
    assert Elector.objects.get().person is None


def test_hints_challenges_and_notes_go_after_their_time(db: None) -> None:
    round = build_town(voting=False, closed=True, challenge_days=3).round
    elector = ElectorFactory(round=round, status=Elector.Status.STRUCK)
    Signal.objects.create(round=round, elector=elector, network="n", device="d", hour=NOW)
    Challenge.objects.create(
        round=round, person=elector.person, text="Odd", handed_in_at=NOW, answer="Not so", answered_at=NOW
    )
    Strike.objects.create(
        elector=elector, reason="asked", note="They rang", proposed_at=NOW, state="confirmed", decided_at=NOW,
        proposed_by=UserFactory(), decided_by=UserFactory(),
    )  # fmt: skip
    certify(round, NOW)
    assert purged(now=round.voting_closes_at + timedelta(days=2)) == {}
    assert purged(now=NOW + timedelta(days=60)) == {"signals": 1}
    assert purged(now=NOW + timedelta(days=190)) == {"roll": 1, "strike-notes": 1}
    assert purged(now=NOW + timedelta(days=740)) == {"roll-tokens": 1, "challenges": 1}
    challenge, strike = Challenge.objects.get(), Strike.objects.get()
    assert (challenge.person, challenge.text, strike.note, strike.state) == (None, "", "", "confirmed")
    assert purged(now=NOW + timedelta(days=4000)) == {}


def test_keys_of_a_ballot_that_was_reopened_are_destroyed_and_others_are_not(db: None) -> None:
    round, other = build_town().round, build_town().round
    unused, used = round.rules["board_key"], other.rules["board_key"]
    Round.objects.filter(pk=round.pk).update(rules=None, rules_hash="", rules_frozen_at=None)
    assert BoardEntry.objects.filter(body__board_key=unused).exists()
    stranger = Path(site_settings.KEY_DIR) / f"{'ab' * 32}.urn"  # of another site that shares the folder
    stranger.write_bytes(b"x" * 32)
    assert purged() == {"box-keys": 1}
    assert (has_urn_key(unused), has_urn_key(used), stranger.exists()) == (False, True, True)
    assert not list(Path(site_settings.KEY_DIR).glob(f"{unused}.*"))
    stranger.unlink()


# ── The page, the command, the night ─────────────────────────────────────────
def test_the_page_is_the_table(client: Client) -> None:
    page = client.get("/what-we-keep/")
    for entry in entries():
        assert f'id="{entry.key}"' in page.text
        assert entry.how_long in page.text
        if entry.period and "%(period)s" in str(entry.until):
            assert str(entry.period) in entry.how_long
    assert "%(" not in page.text
    assert 'href="/what-we-keep/"' in client.get("/rounds/").text


@pytest.fixture
def _table_again() -> Iterator[None]:
    before = entries()
    yield
    register(*before)


@pytest.mark.usefixtures("_table_again")
def test_a_longer_period_is_kept_longer_and_said(client: Client) -> None:
    entry = entry_called("sent-mails")
    outbox(sent_at=NOW - timedelta(days=100))
    longer = Entry(entry.key, Group.ACCOUNT, "Mails", "Why", "%(period)s.", Period(days=123), entry.purge)
    register(longer)
    assert "123 days." in client.get("/what-we-keep/").text
    assert purged() == {}
    register(entry)
    assert purged() == {"sent-mails": 1}


@pytest.mark.pure
@pytest.mark.parametrize(
    ("period", "before"),
    [
        (Period(days=30), datetime(2026, 3, 1)),
        (Period(months=1), datetime(2026, 2, 28)),
        (Period(months=13), datetime(2025, 2, 28)),
        (Period(months=3, days=1), datetime(2025, 12, 27)),
        (Period(months=12), datetime(2025, 3, 31)),
        (Period(), datetime(2026, 3, 31)),
    ],
)
def test_months_are_those_of_the_calendar(period: Period, before: datetime) -> None:
    assert period.before(datetime(2026, 3, 31)) == before


def test_the_command_says_what_goes_and_first_only_what_would() -> None:
    with time_machine.travel(NOW, tick=False):
        outbox(sent_at=NOW - timedelta(days=400))
        said = StringIO()
        call_command("purge", dry_run=True, stdout=said)
        assert "1 would go" in said.getvalue()
        assert OutboxMessage.objects.count() == 1
        call_command("purge", stdout=said)
        assert f"{'sent-mails':16} 1\n" in said.getvalue()
        assert said.getvalue().endswith("1 gone\n")
        assert OutboxMessage.objects.count() == 0


def test_beat_comes_every_night() -> None:
    planned = [job for job in site_settings.CELERY_BEAT_SCHEDULE.values() if job["task"] == "participation.purge"]
    assert [type(job["schedule"]) for job in planned] == [crontab]
    outbox(sent_at=NOW - timedelta(days=4000))
    with time_machine.travel(NOW, tick=False):
        app.loader.import_default_modules()
        assert ("sent-mails", 1) in app.tasks["participation.purge"].apply().get()


def test_a_purge_without_a_period_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="no period"):
        register(Entry("odd", Group.ACCOUNT, "a", "b", "c", None, entry_called("sent-mails").purge))
