"""Granting, revoking, inviting: all of it audited, none of it twice."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from participation.accounts.models import User
from participation.actions.audit import first_broken_event, record
from participation.actions.outbox import relay_outbox
from participation.actions.roles import (
    accept_invitation,
    grant_role,
    hash_token,
    invite,
    revoke_role,
    withdraw_invitation,
)
from participation.models import AuditEvent, Invitation, OutboxMessage, Role
from participation.permissions import holds
from participation.views.log import lines
from tests.factories import PlaceFactory, RoleFactory, UserFactory
from tests.participation.conftest import Signer, Town, build_town
from tests.refusals import refuses
from tests.threads import in_threads

pytestmark = pytest.mark.django_db


def token_of(email: str) -> str:
    body = OutboxMessage.objects.filter(to=email).latest("pk").body
    found = re.search(r"/invitations/([\w-]+)/", body)
    assert found, body
    return found[1]


# ── Granting and revoking ────────────────────────────────────────────────────
def test_a_role_counts_in_everything_below(town: Town, now: datetime, administrator: User) -> None:
    person = UserFactory()
    grant_role(by=administrator, user_id=person.pk, place_id=town.place.pk, kind="moderator", now=now)
    assert holds(person, "moderator", town.wards[0])
    assert not holds(person, "organiser", town.place)
    assert not holds(person, "moderator", PlaceFactory())
    event = AuditEvent.objects.get(action="role.granted")
    assert (event.actor, event.target, event.data["role"]) == (administrator, f"user:{person.pk}", "moderator")
    assert OutboxMessage.objects.get().to == person.email


def test_only_organisers_of_the_place_and_administrators_grant(town: Town, now: datetime) -> None:
    person = UserFactory()
    outsiders = [town.resident(), town.staff("moderator"), town.staff("commissioner")]
    for by in [*outsiders, RoleFactory(place=PlaceFactory()).user, RoleFactory(place=town.wards[0]).user]:
        with refuses("not_allowed"):
            grant_role(by=by, user_id=person.pk, place_id=town.place.pk, kind="organiser", now=now)
        with refuses("not_allowed"):
            invite(by=by, place_id=town.place.pk, email="x@example.org", kind="organiser", now=now)
    grant_role(by=town.staff("organiser"), user_id=person.pk, place_id=town.wards[1].pk, kind="organiser", now=now)


def test_a_role_is_held_once(town: Town, now: datetime) -> None:
    organiser, person = town.staff("organiser"), UserFactory()
    give: dict[str, Any] = {"by": organiser, "place_id": town.place.pk, "kind": "moderator", "now": now}
    grant_role(user_id=person.pk, **give)
    with refuses("already_granted"):
        grant_role(user_id=person.pk, **give)
    with refuses("already_granted"):
        invite(email=person.email.upper(), **give)


def test_the_last_organiser_stays(town: Town, now: datetime) -> None:
    first = town.staff("organiser")
    role = Role.objects.get(user=first)
    with refuses("last_organiser"):
        revoke_role(by=first, role_id=role.pk, now=now)
    second = town.staff("organiser")
    revoke_role(by=second, role_id=role.pk, now=now)
    revoke_role(by=second, role_id=role.pk, now=now)  # again: nothing to do
    assert not Role.objects.filter(pk=role.pk).exists()
    assert AuditEvent.objects.filter(action="role.revoked").count() == 1


def test_an_organiser_of_the_council_is_enough_for_a_ward(town: Town, now: datetime) -> None:
    above = town.staff("organiser")
    in_ward = RoleFactory(place=town.wards[0])
    revoke_role(by=above, role_id=in_ward.pk, now=now)
    User.objects.filter(pk=above.pk).update(is_active=False)
    other = RoleFactory(place=town.wards[0])
    with refuses("last_organiser"):
        revoke_role(by=other.user, role_id=other.pk, now=now)


# ── Inviting ─────────────────────────────────────────────────────────────────
def test_an_invitation_gives_the_role_once_to_the_address_it_was_sent_to(town: Town, now: datetime) -> None:
    invite(by=town.staff("organiser"), place_id=town.place.pk, email=" New@Example.org ", kind="moderator", now=now)
    token = token_of("new@example.org")
    assert not Invitation.objects.filter(token_hash__contains=token).exists()
    with refuses("invitation_other_address"):
        accept_invitation(by=UserFactory(), token=token, now=now)
    person = UserFactory(email="new@example.org")
    role = accept_invitation(by=person, token=token, now=now)
    assert accept_invitation(by=person, token=token, now=now) == role
    revoke_role(by=town.staff("organiser"), role_id=role.pk, now=now)
    with refuses("invitation_used"):
        accept_invitation(by=person, token=token, now=now)
    with refuses("invitation_used"):
        accept_invitation(by=person, token="guessed", now=now)


def test_an_unconfirmed_address_is_nobody_s(sign_in: Signer, town: Town, now: datetime) -> None:
    squatter = UserFactory(email="new@example.org", verified=False)
    sign_in(town.staff("organiser")).post(ROLES, {"email": "new@example.org", "kind": "moderator"})
    assert not Role.objects.filter(user=squatter).exists()
    with refuses("invitation_other_address"):
        accept_invitation(by=squatter, token=token_of("new@example.org"), now=now)


def test_it_lasts_14_days_and_can_be_withdrawn(town: Town, now: datetime) -> None:
    organiser, person = town.staff("organiser"), UserFactory(email="new@example.org")
    ask: dict[str, Any] = {"by": organiser, "place_id": town.place.pk, "email": person.email, "kind": "moderator"}
    invite(now=now, **ask)
    first = token_of(person.email)
    with refuses("invitation_expired"):
        accept_invitation(by=person, token=first, now=now + timedelta(days=14))
    second = invite(now=now, **ask)
    with refuses("invitation_used"):  # the new one took its place
        accept_invitation(by=person, token=first, now=now)
    for _twice in range(2):
        withdraw_invitation(by=organiser, invitation_id=second.pk, now=now)
    with refuses("invitation_used"):
        accept_invitation(by=person, token=token_of(person.email), now=now)
    assert AuditEvent.objects.filter(action="invitation.withdrawn").count() == 1


def test_invitations_end_with_the_role_they_were_sent_by(town: Town, now: datetime) -> None:
    above, leaving = town.staff("organiser"), town.staff("organiser")
    elsewhere = PlaceFactory()
    RoleFactory(user=leaving, place=elsewhere)
    ask: dict[str, Any] = {"email": "new@example.org", "kind": "organiser", "now": now}
    kept = [invite(by=above, place_id=town.place.pk, **ask), invite(by=leaving, place_id=elsewhere.pk, **ask)]
    ended = [invite(by=leaving, place_id=ward.pk, **ask) for ward in town.wards]
    moderates = RoleFactory(user=leaving, place=town.place, kind="moderator")
    revoke_role(by=above, role_id=moderates.pk, now=now)
    assert Invitation.objects.open(now).count() == 4  # a moderator's role sends none
    revoke_role(by=above, role_id=Role.objects.get(user=leaving, place=town.place).pk, now=now)
    assert set(Invitation.objects.open(now)) == set(kept)
    events = AuditEvent.objects.filter(action="invitation.withdrawn", actor=above)
    assert {event.target for event in events} == {f"invitation:{invitation.pk}" for invitation in ended}
    assert {event.data["place"] for event in events} == {ward.pk for ward in town.wards}
    assert first_broken_event() is None


def test_invitations_stay_while_their_sender_still_organises_the_place(town: Town, now: datetime) -> None:
    above = town.staff("organiser")
    also_in_ward = RoleFactory(user=above, place=town.wards[0])
    invite(by=above, place_id=town.wards[0].pk, email="new@example.org", kind="moderator", now=now)
    town.staff("organiser")
    revoke_role(by=above, role_id=also_in_ward.pk, now=now)
    accept_invitation(by=UserFactory(email="new@example.org"), token=token_of("new@example.org"), now=now)


@pytest.mark.parametrize("lost", ["role", "account", "activity", "superuser"])
def test_an_invitation_needs_its_sender_still_in_office(
    client: Client, town: Town, now: datetime, administrator: User, lost: str
) -> None:
    sender = administrator if lost == "superuser" else town.staff("organiser")
    invite(by=sender, place_id=town.place.pk, email="new@example.org", kind="moderator", now=now)
    person, token = UserFactory(email="new@example.org"), token_of("new@example.org")
    match lost:
        case "role":
            Role.objects.filter(user=sender).delete()
        case "account":
            sender.delete()
        case "activity":
            User.objects.filter(pk=sender.pk).update(is_active=False)
        case "superuser":
            User.objects.filter(pk=sender.pk).update(is_superuser=False)
            UserFactory(is_superuser=True)
    with refuses("invitation_used"):
        accept_invitation(by=person, token=token, now=now)
    assert not Role.objects.filter(user=person).exists()


def test_the_link_is_dropped_once_it_has_left(town: Town, now: datetime, mailoutbox: Any) -> None:
    invite(by=town.staff("organiser"), place_id=town.place.pk, email="new@example.org", kind="moderator", now=now)
    token = token_of("new@example.org")
    assert relay_outbox(now=now) == 1
    assert token in mailoutbox[0].body
    assert OutboxMessage.objects.get().body == ""
    assert token not in str(list(AuditEvent.objects.values()))


def test_an_address_is_no_longer_than_its_column(sign_in: Signer, town: Town) -> None:
    organiser = sign_in(town.staff("organiser"))
    for address in (f"new@{'a' * 60}.{'b' * 60}.{'c' * 60}.{'d' * 60}.example.org", f"new@{'İ.' * 60}{'İ' * 60}.org"):
        page = organiser.post(ROLES, {"email": address, "kind": "moderator"})
        assert (page.status_code, set(page.context["form"].errors)) == (422, {"email"}), address


# ── Races ────────────────────────────────────────────────────────────────────
@pytest.mark.django_db(transaction=True)
def test_two_grants_at_once_make_one_role(now: datetime) -> None:
    town, person = build_town(), UserFactory()
    organisers = [town.staff("organiser") for _each in range(4)]

    def grant(by: User) -> Any:
        return lambda: grant_role(by=by, user_id=person.pk, place_id=town.place.pk, kind="moderator", now=now).kind

    answers = in_threads([grant(by) for by in organisers])
    assert sorted(map(str, answers)) == ["already_granted"] * 3 + ["moderator"]
    assert AuditEvent.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_organisers_do_not_revoke_each_other_at_once(now: datetime) -> None:
    town = build_town()
    first, second = town.staff("organiser"), town.staff("organiser")
    roles = {user: Role.objects.get(user=user).pk for user in (first, second)}
    answers = in_threads(
        [
            lambda: revoke_role(by=first, role_id=roles[second], now=now),
            lambda: revoke_role(by=second, role_id=roles[first], now=now),
        ]
    )
    assert Role.objects.filter(kind="organiser").count() == 1
    assert {str(answer) for answer in answers} <= {"None", "not_allowed", "last_organiser"}
    assert first_broken_event() is None


@pytest.mark.django_db(transaction=True)
def test_an_invitation_accepted_many_times_at_once_gives_one_role(now: datetime) -> None:
    town = build_town()
    invite(by=town.staff("organiser"), place_id=town.place.pk, email="new@example.org", kind="moderator", now=now)
    person, token = UserFactory(email="new@example.org"), token_of("new@example.org")
    answers = in_threads([lambda: accept_invitation(by=person, token=token, now=now).pk] * 4)
    assert len(set(answers)) == 1
    assert AuditEvent.objects.filter(action="invitation.accepted").count() == 1


# ── Pages ────────────────────────────────────────────────────────────────────
ROLES = "/roles/larkmoor/"


def test_the_form_grants_to_accounts_and_invites_others(sign_in: Signer, town: Town) -> None:
    organiser, person = sign_in(town.staff("organiser")), UserFactory(name="Ines")
    page = organiser.post(ROLES, {"email": person.email.upper(), "kind": "moderator"}, follow=True)
    assert "Ines has the role now." in page.text
    page = organiser.post(ROLES, {"email": "new@example.org", "kind": "commissioner"}, follow=True)
    assert "An invitation is on its way to new@example.org" in page.text
    assert Invitation.objects.get().kind == "commissioner"


def test_what_the_form_refuses_keeps_what_was_typed(sign_in: Signer, town: Town) -> None:
    organiser = town.staff("organiser")
    client = sign_in(organiser)
    twice = client.post(ROLES, {"email": organiser.email, "kind": "organiser"})
    assert (twice.status_code, organiser.email in twice.text) == (409, True)
    bad = client.post(ROLES, {"email": "nobody", "kind": "king"})
    assert (bad.status_code, set(bad.context["form"].errors)) == (422, {"email", "kind"})


def test_a_role_is_taken_away_after_being_asked(sign_in: Signer, town: Town) -> None:
    organiser = sign_in(town.staff("organiser"))
    role = RoleFactory(place=town.place, kind="moderator")
    url = reverse("participation:revoke_role", args=[role.pk])
    assert "Take the role from" in organiser.get(url).text
    assert Role.objects.filter(pk=role.pk).exists()
    organiser.post(url)
    assert not Role.objects.filter(pk=role.pk).exists()
    assert organiser.post(url).status_code == 404
    only = Role.objects.get(kind="organiser")
    refused = organiser.post(reverse("participation:revoke_role", args=[only.pk]))
    assert (refused.status_code, "only organiser" in refused.text) == (409, True)


def test_an_invitation_is_withdrawn_on_the_page(sign_in: Signer, town: Town, now: datetime) -> None:
    by = town.staff("organiser")
    invitation = invite(by=by, place_id=town.place.pk, email="new@example.org", kind="moderator", now=now)
    sign_in(by).post(reverse("participation:withdraw_invitation", args=[invitation.pk]))
    invitation.refresh_from_db()
    assert invitation.revoked_at


def test_who_may_not_see_these_pages(client: Client, sign_in: Signer, town: Town) -> None:
    town.staff("organiser")
    for url in ("/roles/", ROLES, f"{ROLES}log/"):
        assert client.get(url).status_code == 302
        for person in (town.resident(), town.staff("moderator")):
            assert sign_in(person).get(url).status_code == 403


def test_the_places_one_manages(sign_in: Signer, town: Town, administrator: User) -> None:
    PlaceFactory(name="Elsewhere")
    own = sign_in(town.staff("organiser")).get("/roles/")
    assert [place.name for place in own.context["places"]] == ["Larkmoor", "Mill", "Quay"]
    assert "Elsewhere" in sign_in(administrator).get("/roles/").text


def test_staff_without_a_second_factor_are_sent_to_set_one_up(sign_in: Signer, town: Town) -> None:
    person = RoleFactory(place=town.place).user
    page = sign_in(person, second_factor=False).get(ROLES)
    assert page["Location"] == reverse("mfa_index")


def test_an_invitation_leads_people_without_an_account_through_sign_up(
    client: Client, sign_in: Signer, town: Town, now: datetime
) -> None:
    invite(by=town.staff("organiser"), place_id=town.place.pk, email="new@example.org", kind="moderator", now=now)
    url = reverse("participation:invitation", args=[token_of("new@example.org")])
    page = client.get(url)
    assert f"{reverse('account_signup')}?next={url}" in page.text
    assert client.post(url)["Location"].startswith(reverse("account_login"))
    assert "another e-mail address" in sign_in(UserFactory()).get(url).text
    invited = sign_in(UserFactory(email="new@example.org"), second_factor=False)
    assert "Accept" in invited.get(url).text
    assert "You are moderator of Larkmoor now" in invited.post(url, follow=True).text
    assert invited.get(url).status_code == 409
    assert client.get(reverse("participation:invitation", args=["nonsense"])).status_code == 409


def test_the_log_names_who_did_what_in_the_place_and_nowhere_else(
    sign_in: Signer, town: Town, now: datetime, administrator: User
) -> None:
    organiser, person = town.staff("organiser", name="Omar"), UserFactory(name="Ines")
    grant_role(by=organiser, user_id=person.pk, place_id=town.wards[0].pk, kind="moderator", now=now)
    other = UserFactory(name="Somebody Else")
    grant_role(by=administrator, user_id=other.pk, place_id=PlaceFactory().pk, kind="moderator", now=now)
    page = sign_in(organiser).get(f"{ROLES}log/")
    assert [(line.event.actor_label, str(line.words), line.about) for line in page.context["lines"]] == [
        ("Omar", "Gave a role", "Ines")
    ]
    assert "Somebody Else" not in page.text


def test_what_another_app_made_is_called_by_its_title(town: Town, now: datetime) -> None:
    record(by=None, action="round.created", target="round:7", now=now, place=town.place.pk, title="Green streets")
    record(by=None, action="round.published", target="round:7", now=now)
    record(by=None, action="round.published", target="round:8", now=now)
    events = AuditEvent.objects.about(town.place)
    assert [(str(line.words), line.about) for line in lines(events)] == [
        ("Published a round", "Green streets"),
        ("Made a round", "Green streets"),
    ]


def test_the_log_calls_the_parts_of_a_round_by_their_names(town: Town, now: datetime) -> None:
    record(by=None, action="pot.saved", target="pot:3", now=now, round=7, place=town.place.pk, name="Town-wide")
    record(by=None, action="count.asked", target="round:7", now=now, place=town.place.pk)
    assert [(str(line.words), line.about) for line in lines(AuditEvent.objects.about(town.place))] == [
        ("Asked for another count", "round:7"),
        ("Saved a pot", "Town-wide"),
    ]


def test_an_invitation_is_looked_up_by_its_hash_alone() -> None:
    assert hash_token("open-sesame") != "open-sesame"
    assert len(hash_token("open-sesame")) == 64
