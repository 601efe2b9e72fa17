"""Bodies that commission, and who answers for them."""

import re
from datetime import datetime

from django.db import IntegrityError, transaction

from commissioning.models import Body, Member, Organisation
from commissioning.permissions import may_manage_bodies
from participation.accounts.models import User
from participation.actions.audit import record
from participation.models import Place
from participation.permissions import COMMISSIONER, holds
from participation.refusals import Refused


def check_number(scheme: str, number: str) -> str:
    """The number as the register writes it. Refuses bad_number."""
    clean = re.sub(r"\s", "", number).upper()
    pattern = Organisation.NUMBERS.get(Organisation.Scheme(scheme)) if scheme else None
    if pattern and not re.fullmatch(pattern, clean):
        raise Refused("bad_number", field="number")
    return clean


@transaction.atomic
def save_organisation(
    *, name: str, scheme: str = "", number: str = "", postcode: str = "", is_vcse: bool = False
) -> Organisation:
    """The organisation with this number, or a new one. Refuses bad_number. Who may do it is the caller's to ask."""
    number = check_number(scheme, number)
    facts = {"name": name.strip(), "postcode": postcode, "is_vcse": is_vcse}
    if not number:
        return Organisation.objects.create(**facts)
    organisation, _created = Organisation.objects.get_or_create(scheme=scheme, number=number, defaults=facts)
    return organisation


@transaction.atomic
def create_body(
    *, by: User, place_id: int, now: datetime, name: str, scheme: str, number: str, reply_days: int
) -> Body:
    """Refuses not_allowed, bad_number, body_exists."""
    place = Place.objects.get(pk=place_id)
    if refused := may_manage_bodies(by, place):
        raise refused
    organisation = save_organisation(name=name, scheme=scheme, number=number)
    try:
        with transaction.atomic():
            body = Body.objects.create(organisation=organisation, place=place, reply_days=reply_days)
    except IntegrityError as error:
        raise Refused("body_exists", field="number") from error
    record(by=by, action="body.created", target=f"body:{body.pk}", now=now, place=place.pk, name=organisation.name)
    return body


@transaction.atomic
def add_member(*, by: User, body_id: int, email: str, desk: str, now: datetime) -> Member:
    """Seat someone at a desk of the body, or move them to the other. Refuses not_allowed, no_such_person,
    member_needs_role."""
    body = Body.objects.select_related("organisation", "place__parent__parent").get(pk=body_id)
    if refused := may_manage_bodies(by, body.place):
        raise refused
    user = User.objects.with_address(email.strip())
    if user is None:
        raise Refused("no_such_person", field="email")
    if not holds(user, COMMISSIONER, body.place):
        raise Refused("member_needs_role", field="email", name=user.public_name, place=body.place.name)
    member, _created = Member.objects.update_or_create(body=body, user=user, defaults={"desk": desk})
    record(
        by=by,
        action="body.member_added",
        target=f"body:{body.pk}",
        now=now,
        place=body.place_id,
        user=user.pk,
        desk=desk,
    )
    return member


@transaction.atomic
def remove_member(*, by: User, member_id: int, now: datetime) -> None:
    """Refuses not_allowed. Removing twice changes nothing."""
    member = Member.objects.select_related("body__place__parent__parent").filter(pk=member_id).first()
    if member is None:
        return
    if refused := may_manage_bodies(by, member.body.place):
        raise refused
    record(
        by=by, action="body.member_removed", target=f"body:{member.body_id}", now=now, place=member.body.place_id,
        user=member.user_id,
    )  # fmt: skip
    member.delete()
