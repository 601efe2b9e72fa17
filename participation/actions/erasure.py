"""Deleting an account: on one's own wish, or by an administrator for someone who has asked in another way."""

import secrets
from datetime import datetime

from django.db import transaction
from django.db.models import TextChoices
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from participation.accounts.models import User
from participation.actions.audit import record
from participation.actions.outbox import put_in_outbox
from participation.actions.personal_data import addresses_of
from participation.models import Place, Role
from participation.models.roles import RoleKind
from participation.permissions import may_erase_person, organises_alone
from participation.personal_data import Ideas, parts
from participation.refusals import Refused

TARGET = "account:erased"  # of the line in the log: it names nobody


class Ground(TextChoices):
    """Why an administrator deletes somebody's account."""

    LETTER = "letter", gettext_lazy("The person asked for it by letter or in person")
    DEATH = "death", gettext_lazy("The person has died, and a relative asked for it")
    COURT = "court", gettext_lazy("An authority or a court ordered it")
    MISTAKE = "mistake", gettext_lazy("The account was made by mistake, or by somebody else in the person's name")


def erase_account(*, by: User, ideas: Ideas, now: datetime) -> None:
    """Delete one's own account and everything about it that need not stay. Refuses only_administrator, only_organiser."""
    _erase(by.pk, None, ideas, now, how="own wish")


def erase_on_request(*, by: User, person_id: int, ground: Ground, case: str, ideas: Ideas, now: datetime) -> None:
    """The same for someone who asked in another way; `case` is a number in the office's own files, never a name.

    Refuses not_allowed, not_there, is_administrator (they delete their own), only_organiser.
    """
    _erase(person_id, by, ideas, now, how="on request", ground=ground.value, case=case)


@transaction.atomic
def _erase(person_id: int, staff: User | None, ideas: Ideas, now: datetime, **said: str) -> None:
    """Locks the places where the person holds a role, then the administrators, then the person's row.

    A ballot that is being cast by this person at the same moment commits before that row is locked, and is kept, or
    finds nobody there and fails: the database's foreign key decides.
    """
    _lock_what_may_need_someone(person_id)
    person = User.objects.select_for_update().filter(pk=person_id).first()
    if person is None:
        raise Refused("not_there")
    if staff and (refused := may_erase_person(staff, person)):
        raise refused
    _refuse_if_needed(person)
    address = person.email.lower() if person.email.lower() in addresses_of(person) else ""
    for part in parts():
        part.erase(person, ideas, now)
    person.delete()
    if address:
        put_in_outbox(
            key=f"erased:{secrets.token_hex(16)}",
            to=address,
            subject=_("Your account is deleted"),
            body=render_to_string("emails/erased.txt", {"on_request": staff is not None}),
            now=now,
            forget=True,
        )
    record(by=staff, action="account.erased", target=TARGET, now=now, **said)


def _lock_what_may_need_someone(person_id: int) -> None:
    held = Role.objects.filter(user=person_id, kind=RoleKind.ORGANISER).values("place")
    list(Place.objects.select_for_update().filter(pk__in=held).order_by("pk").values_list("pk"))
    list(User.objects.select_for_update().filter(is_superuser=True).order_by("pk").values_list("pk"))


def _refuse_if_needed(person: User) -> None:
    """Nobody leaves a place, or the site, without anyone who can run it."""
    administrators = User.objects.filter(is_superuser=True, is_active=True)
    if person.is_superuser and not administrators.exclude(pk=person.pk).exists():
        raise Refused("only_administrator")
    if alone := organises_alone(person):
        raise Refused("only_organiser", places=", ".join(place.name for place in alone))
