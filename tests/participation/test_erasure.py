"""Deleting an account: what goes, what stays, who may, and that no row or file still knows the person."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.conf import settings as site_settings
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.utils import timezone

from participation.accounts.models import User
from participation.actions.audit import first_broken_event, record
from participation.actions.erasure import Ground, erase_account, erase_on_request
from participation.actions.outbox import put_in_outbox, relay_outbox
from participation.actions.roles import invite
from participation.models import AuditEvent, Invitation, OutboxMessage, Picture, Proposal, Report, Residence, Role
from participation.personal_data import Ideas, parts
from participation.refusals import Refused
from participation.views.mailbox import read_mails
from tests.factories import NOW, PlaceFactory, ProposalFactory, ReportFactory, RoleFactory, UserFactory, WardFactory
from tests.matrix.world import jpeg
from tests.participation.conftest import Signer, Town
from tests.refusals import refuses

ADDRESS, NAME = "quillon.vantage@example.org", "Quillon Vantage"


def picture_of(proposal: Proposal, **fields: Any) -> Picture:
    image = ContentFile(jpeg(), f"{proposal.reference}.jpg")
    return Picture.objects.create(proposal=proposal, alt_text="A bench", created_at=NOW, image=image, **fields)


def sign_in_by_code(person: User, outbox: list[Any]) -> Client:
    """Signed in as people do it, so that the session knows when."""
    client = Client()
    client.post("/accounts/login/code/", {"email": person.email})
    code = re.search(r"(?m)^([A-Z0-9-]{4,12})$", outbox[-1].body)
    assert code
    client.post("/accounts/login/code/confirm/", {"code": code[1]})
    return client


@pytest.fixture
def person(administrator: User, town: Town) -> User:
    return town.resident(email=ADDRESS, name=NAME)


# ── Through the pages ────────────────────────────────────────────────────────
@pytest.mark.django_db
def test_the_way_through_the_pages(client: Client, person: User, mailoutbox: list[Any]) -> None:
    signed_in, elsewhere = sign_in_by_code(person, mailoutbox), sign_in_by_code(person, mailoutbox)
    page = signed_in.get("/account/delete/")
    assert "What stays, and why" in page.text
    assert "What should become" not in page.text  # no published idea, nothing to ask
    assert signed_in.post("/account/delete/", {"email": "someone.else@example.org"}).status_code == 422
    assert signed_in.post("/account/delete/", {}).status_code == 422
    assert User.objects.filter(pk=person.pk).exists()
    done = signed_in.post("/account/delete/", {"email": ADDRESS.upper()})
    assert done["Location"] == "/account/deleted/"
    assert "Your account is deleted" in signed_in.get("/account/deleted/").text
    assert not User.objects.filter(pk=person.pk).exists()
    for browser in (signed_in, elsewhere):
        assert browser.get("/account/")["Location"].startswith("/accounts/login/")
    assert relay_outbox(now=timezone.now()) == 1
    assert mailoutbox[-1].to == [ADDRESS]
    assert mailoutbox[-1].subject == "Your account is deleted"
    assert NAME not in mailoutbox[-1].body
    assert not OutboxMessage.objects.exists()


@pytest.mark.django_db
def test_an_old_session_has_to_sign_in_again_and_comes_back(
    person: User, mailoutbox: list[Any], time_machine_at: Any
) -> None:
    client = sign_in_by_code(person, mailoutbox)
    with time_machine_at(timezone.now() + timedelta(minutes=20)):
        page = client.get("/account/delete/")
        assert "First show that it is you" in page.text
        refused = client.post("/account/delete/", {"email": ADDRESS})
        assert refused.status_code == 403
        assert User.objects.filter(pk=person.pk).exists()
        back = client.post("/accounts/logout/", {"next": page.context["sign_in"]})
        assert back["Location"] == "/accounts/login/?next=/account/delete/"


@pytest.fixture
def time_machine_at() -> Any:
    import time_machine

    return lambda moment: time_machine.travel(moment, tick=False)


@pytest.mark.django_db
def test_a_session_without_a_known_sign_in_is_not_enough(sign_in: Signer, person: User) -> None:
    assert sign_in(person, second_factor=False).post("/account/delete/", {"email": ADDRESS}).status_code == 403
    assert User.objects.filter(pk=person.pk).exists()


# ── What becomes of ideas ────────────────────────────────────────────────────
@pytest.fixture
def ideas(person: User, town: Town) -> dict[str, Proposal]:
    given = {"place": town.place, "author": person}
    made = {
        "draft": ProposalFactory(draft=True, **given),
        "published": ProposalFactory(**given),
        "hidden": ProposalFactory(hidden=True, **given),
    }
    for proposal in made.values():
        picture_of(proposal)
    return made


def files() -> set[str]:
    return {name[:8] for name in default_storage.listdir("pictures")[1]}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("wish", "state", "pictures"), [("keep", "published", 2), ("words", "published", 0), ("withdraw", "withdrawn", 0)]
)
def test_ideas_stand_or_go_as_the_person_chooses(
    administrator: User, ideas: dict[str, Proposal], person: User, wish: str, state: str, pictures: int, client: Client
) -> None:
    erase_account(by=person, ideas=Ideas(wish), now=NOW)
    assert not Proposal.objects.filter(pk=ideas["draft"].pk).exists()
    left = Proposal.objects.get(pk=ideas["published"].pk)
    assert (left.author, left.state) == (None, state)
    assert Picture.objects.count() == pictures
    assert ideas["draft"].reference[:8] not in files()
    assert len(files()) == pictures
    page = client.get(left.get_absolute_url())
    assert "by someone who has left" in page.text
    assert NAME not in page.text
    assert Proposal.objects.get(pk=ideas["hidden"].pk).author is None


# ── Who may not go yet ───────────────────────────────────────────────────────
@pytest.mark.django_db
def test_the_only_administrator_and_the_only_organiser_hand_over_first(administrator: User, town: Town) -> None:
    with refuses("only_administrator"):
        erase_account(by=administrator, ideas=Ideas.KEEP, now=NOW)
    other = UserFactory(is_superuser=True, is_staff=True)
    erase_account(by=administrator, ideas=Ideas.KEEP, now=NOW)
    with refuses("only_administrator"):
        erase_account(by=other, ideas=Ideas.KEEP, now=NOW)
    organiser = town.staff("organiser")
    with pytest.raises(Refused, match="Nobody else organises Larkmoor"):
        erase_account(by=organiser, ideas=Ideas.KEEP, now=NOW)
    gone = town.staff("organiser", is_active=False)
    with refuses("only_organiser"):
        erase_account(by=organiser, ideas=Ideas.KEEP, now=NOW)
    town.staff("organiser")
    erase_account(by=organiser, ideas=Ideas.KEEP, now=NOW)
    erase_account(by=gone, ideas=Ideas.KEEP, now=NOW)
    assert Role.objects.count() == 1


@pytest.mark.django_db
def test_an_organiser_above_is_enough_for_a_ward_but_not_the_other_way(town: Town) -> None:
    of_ward = RoleFactory(place=town.wards[0], kind="organiser").user
    above = town.staff("organiser")
    with refuses("only_organiser"):
        erase_account(by=above, ideas=Ideas.KEEP, now=NOW)
    erase_account(by=of_ward, ideas=Ideas.KEEP, now=NOW)


@pytest.mark.django_db
def test_an_organiser_who_leaves_takes_their_open_invitations_along(town: Town) -> None:
    leaving, staying = town.staff("organiser"), town.staff("organiser")
    for by in (leaving, staying):
        invite(by=by, place_id=town.place.pk, email=f"{by.pk}@example.org", kind="moderator", now=NOW)
    erase_account(by=leaving, ideas=Ideas.KEEP, now=NOW)
    assert Invitation.objects.open(NOW).get().invited_by == staying


# ── On request ───────────────────────────────────────────────────────────────
@pytest.mark.django_db
def test_an_administrator_deletes_on_request_and_the_log_names_nobody(
    administrator: User, person: User, mailoutbox: list[Any]
) -> None:
    administrator.set_password("long enough for a test")
    administrator.save()
    client = sign_in_by_code(administrator, mailoutbox)
    assert administrator.roles.count() == 0
    url = "/roles/accounts/delete/"
    assert client.get(url).status_code in {200, 302}  # to set up the second step
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(site_settings, "STAFF_WITHOUT_SECOND_FACTOR", True)
        assert client.post(url, {"email": "nobody@example.org"}).status_code == 422
        found = client.post(url, {"email": ADDRESS})
        assert NAME in found.text
        answers = {"action": "erase", "email": ADDRESS, "ground": "letter", "case": "DP-2026/114", "ideas": "keep"}
        assert client.post(url, answers).status_code == 422  # nobody has checked who asks
        assert client.post(url, {**answers, "checked": "on", "case": "Quillon 3"}).status_code == 422
        assert client.post(url, {**answers, "checked": "on"})["Location"] == url
    assert not User.objects.filter(email=ADDRESS).exists()
    event = AuditEvent.objects.get()
    assert (event.action, event.actor, event.target) == ("account.erased", administrator, "account:erased")
    assert event.data == {"how": "on request", "ground": "letter", "case": "DP-2026/114"}
    assert OutboxMessage.objects.get().to == ADDRESS


@pytest.mark.django_db
def test_nobody_but_an_administrator_deletes_for_others_and_no_administrator_is(
    administrator: User, town: Town, person: User
) -> None:
    def request(by: User, whom: User) -> None:
        erase_on_request(by=by, person_id=whom.pk, ground=Ground.LETTER, case="", ideas=Ideas.KEEP, now=NOW)

    for kind in ("organiser", "moderator"):
        with refuses("not_allowed"):
            request(town.staff(kind), person)
    with refuses("is_administrator"):
        request(administrator, UserFactory(is_superuser=True))
    request(administrator, person)
    with refuses("not_there"):
        request(administrator, person)


@pytest.mark.django_db
def test_the_technical_admin_deletes_nobody(sign_in: Signer, administrator: User, person: User) -> None:
    client = sign_in(administrator)
    assert client.get(f"/admin/accounts/user/{person.pk}/change/").status_code == 200
    assert client.post(f"/admin/accounts/user/{person.pk}/delete/", {"post": "yes"}).status_code == 403


# ── Nothing is left ──────────────────────────────────────────────────────────
def in_full(person: User, town: Town) -> None:
    """A person about whom every table of the site knows something."""
    RoleFactory(user=person, place=town.place, kind="moderator")
    RoleFactory(place=town.place, granted_by=person)
    report = ReportFactory(reporter=person, proposal=ProposalFactory(place=town.place))
    Report.objects.filter(pk=report.pk).update(decided_by=person)
    ProposalFactory(place=town.place, author=person)
    Invitation.objects.create(
        place=town.place, kind="moderator", email=ADDRESS, token_hash="x", invited_by=person, accepted_by=person,
        invited_at=NOW, expires_at=NOW,
    )  # fmt: skip
    EmailAddress.objects.create(user=person, email="second.vantage@example.org", verified=True)
    put_in_outbox(key="to-them", to=ADDRESS, subject=f"Hello {NAME}", body="…", now=NOW)
    Authenticator.objects.create(user=person, type=Authenticator.Type.RECOVERY_CODES, data={})


def everything() -> Iterator[tuple[str, str]]:
    """(table, row as text) of the whole database."""
    for model in apps.get_models(include_auto_created=True):
        for row in model._default_manager.values():
            yield model._meta.label, json.dumps(row, default=str)


@pytest.mark.django_db
def test_no_row_knows_the_person_any_more(town: Town, person: User, mailoutbox: list[Any]) -> None:
    in_full(person, town)
    sign_in_by_code(person, mailoutbox)
    known = [label for label, row in everything() if ADDRESS in row or NAME in row]
    assert len(set(known)) >= 4
    before = {label for label, row in everything() if f'"user_id": {person.pk}' in row}
    assert before >= {"participation.Residence", "usersessions.UserSession", "mfa.Authenticator"}
    erase_account(by=person, ideas=Ideas.KEEP, now=NOW)
    relay_outbox(now=timezone.now())
    trace = re.compile(rf"vantage|Vantage|_(user|by|author|actor|reporter|person|owner)_?i?d?\": {person.pk}\b")
    assert [(label, row) for label, row in everything() if trace.search(row)] == []
    assert not Residence.objects.exists()
    assert not any(session.get_decoded().get("_auth_user_id") == str(person.pk) for session in Session.objects.all())


@pytest.mark.django_db
def test_the_log_of_staff_keeps_its_lines_and_its_chain(administrator: User, town: Town, sign_in: Signer) -> None:
    town.staff("organiser")
    leaving = town.staff("organiser", name="Olive Organiser")
    record(
        by=leaving, action="role.granted", target=f"user:{leaving.pk}", now=NOW, place=town.place.pk, role="moderator"
    )
    erase_account(by=leaving, ideas=Ideas.KEEP, now=NOW)
    first, last = AuditEvent.objects.order_by("seq")
    assert (first.actor, first.actor_label) == (None, "Olive Organiser")
    assert (last.action, last.actor_label, last.data) == ("account.erased", "system", {"how": "own wish"})
    assert first_broken_event() is None
    page = sign_in(administrator).get(f"/roles/{town.place.slug}/log/")
    assert "someone who has left" in page.text


@pytest.mark.django_db(transaction=True)
@pytest.mark.once  # PostgreSQL keeps its pages to itself and its vacuum
def test_the_database_file_forgets_too(administrator: User, town: Town) -> None:
    person = town.resident(email=ADDRESS, name=NAME)
    for n in range(30):
        put_in_outbox(key=f"m{n}", to=ADDRESS, subject=f"Hello {NAME}", body="x" * 500, now=NOW)
    file = Path(connection.settings_dict["NAME"])
    assert ADDRESS.encode() in file.read_bytes()
    erase_account(by=person, ideas=Ideas.KEEP, now=NOW)
    relay_outbox(now=timezone.now())
    connection.close()
    content = file.read_bytes()
    assert ADDRESS.encode() not in content
    assert NAME.encode() not in content
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA secure_delete")
        assert cursor.fetchone() == (1,)


def test_the_site_overwrites_what_it_deletes() -> None:
    source = (Path(site_settings.BASE_DIR) / "config" / "settings.py").read_text()
    assert "PRAGMA secure_delete=ON" in source


@pytest.mark.django_db(transaction=True)
def test_files_of_mails_go_too(administrator: User, town: Town, settings: Any, tmp_path: Path) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = "django.core.mail.backends.filebased.EmailBackend", tmp_path
    person, other = town.resident(email=ADDRESS), UserFactory(email="not.quillon.vantage@example.org")
    for one in (person, other):
        put_in_outbox(key=f"mail-{one.pk}", to=one.email, subject="Hello", body="Hello", now=NOW)
    relay_outbox(now=timezone.now())
    erase_account(by=person, ideas=Ideas.KEEP, now=NOW)
    assert [mail.to for mail in read_mails()] == [other.email]
    assert ADDRESS not in "".join(path.read_text().replace(other.email, "") for path in tmp_path.iterdir())


# ── Other people's addresses ─────────────────────────────────────────────────
@pytest.mark.django_db
def test_an_address_that_was_never_confirmed_gives_no_hold_on_its_owner_s_data(town: Town, person: User) -> None:
    owner = town.resident(email="owner@example.org")
    EmailAddress.objects.create(user=person, email=owner.email, verified=False)
    put_in_outbox(key="to-the-owner", to=owner.email, subject="A secret", body="A link", now=NOW)
    invite(by=town.staff("organiser"), place_id=town.place.pk, email=owner.email, kind="moderator", now=NOW)
    shown = json.dumps(
        [dict(row) for part in parts() for section in part.export(person) for row in section.rows], default=str
    )
    assert "A secret" not in shown
    assert "invitations" not in shown
    erase_account(by=person, ideas=Ideas.KEEP, now=NOW)
    assert OutboxMessage.objects.filter(to=owner.email).count() == 2
    assert Invitation.objects.count() == 1


# ── Taking it with you ───────────────────────────────────────────────────────
@pytest.mark.django_db
def test_everything_known_is_in_one_file(mailoutbox: list[Any], town: Town, person: User) -> None:
    client = sign_in_by_code(person, mailoutbox)
    in_full(person, town)
    assert "Where you live" in client.get("/account/data/").text
    answer = client.post("/account/data/")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip")
    assert "no-store" in answer["Cache-Control"]
    with ZipFile(BytesIO(answer.content)) as archive:
        texts = {name: archive.read(name).decode() for name in archive.namelist()}
    assert set(texts) == {"README.txt", "my-data.html", "my-data.json"}
    assert "What you chose when you voted" in texts["README.txt"]
    data = {section["title"]: section["rows"] for section in json.loads(texts["my-data.json"])}
    assert data["Your account"][0]["E-mail address"] == ADDRESS
    assert data["Where you live"][0]["Area"] == "Mill, Larkmoor"
    assert data["Your roles"][0]["Role"] == "Moderator"
    assert data["E-mails we sent you"][0]["Subject"] == f"Hello {NAME}"
    assert data["What you have reported"][0]["Details"] == "This is an advertisement."
    assert {"Your ideas", "Invitations to you", "Where you are signed in", "How you sign in"} <= set(data)
    for secret in ("postcode_token", person.residence.postcode_token, person.password):
        assert secret not in texts["my-data.json"]
    for title, rows in data.items():
        assert title in texts["my-data.html"], rows


@pytest.mark.django_db
def test_it_is_not_made_over_and_over(sign_in: Signer, person: User) -> None:
    client = sign_in(person, second_factor=False)
    assert [client.post("/account/data/").status_code for _ in range(11)] == [200] * 10 + [429]


@pytest.mark.django_db
def test_more_data_cost_no_more_queries(
    sign_in: Signer, town: Town, person: User, django_assert_max_num_queries: Any
) -> None:
    def queries() -> int:
        with django_assert_max_num_queries(60) as counted:
            client.post("/account/data/")
        return len(counted)

    in_full(person, town)
    client = sign_in(person)
    client.get("/account/")
    few = queries()
    for n in range(5):
        ProposalFactory(author=person, place=town.place, area=WardFactory(parent=town.place))
        RoleFactory(user=person, place=PlaceFactory())
        ReportFactory(reporter=person)
        put_in_outbox(key=f"more-{n}", to=ADDRESS, subject="Hello", body="…", now=NOW)
    assert queries() == few
