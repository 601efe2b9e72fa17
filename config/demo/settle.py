"""Larkmoor and its people: places, postcodes, accounts, homes and roles, each made when it is missing."""

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256

from allauth.account.models import EmailAddress
from django.db import transaction

from config.demo.town import (
    NAMED,
    OUTLINE,
    TOWN,
    TOWN_CODE,
    Person,
    polygon,
    postcode_rows,
    residents,
    wards,
)  # fmt: skip
from participation.accounts.models import User
from participation.actions.places import create_place, set_residence
from participation.actions.postcodes import import_postcodes
from participation.actions.roles import grant_role
from participation.models import Place, Residence, Role

Say = Callable[[str], None]


def settle(*, now: datetime, password: str, say: Say) -> Place:
    """The town with its wards, postcodes, staff and residents; returns it."""
    long_ago = now - timedelta(days=400)
    town = Place.objects.filter(parent=None, name=TOWN).first() or create_place(
        by=None, now=long_ago, kind=Place.Kind.COUNCIL, name=TOWN, gss_code=TOWN_CODE, boundary=polygon(OUTLINE)
    )
    there = set(town.children.values_list("name", flat=True))
    for ward in wards():
        if ward.name not in there:
            create_place(
                by=None, now=long_ago, kind=Place.Kind.WARD, name=ward.name, parent_id=town.pk, gss_code=ward.code,
                boundary=ward.geometry,
            )  # fmt: skip
    rows = postcode_rows()
    digest = sha256(repr(rows).encode()).hexdigest()
    import_postcodes(rows=rows, digest=digest, file_name=f"{TOWN}.csv", now=long_ago, progress=lambda done: None)
    say(f"{TOWN}: {len(wards())} wards, {len(rows)} postcodes")
    for number, person in enumerate([*NAMED, *residents()]):
        _move_in(person, town, number=number, now=long_ago + timedelta(hours=number), password=password)
    say(f"{len(NAMED)} accounts with roles, {len(residents())} residents")
    return town


@transaction.atomic
def _move_in(person: Person, town: Place, *, number: int, now: datetime, password: str) -> None:
    user = User.objects.filter(email=person.email).first()
    if user is None:
        user = User.objects.create_user(
            person.email,
            password if person.signs_in else None,
            name=person.name,
            is_superuser=person.is_administrator,
            is_staff=person.is_administrator,
        )
    EmailAddress.objects.get_or_create(user=user, email=person.email, defaults={"verified": True, "primary": True})
    if not Residence.objects.filter(user=user).exists():
        postcodes = next(ward.postcodes for ward in wards() if ward.name == person.ward)
        set_residence(by=user, postcode=postcodes[number % len(postcodes)], now=now)
    administrator = User.objects.get(email=NAMED[0].email)
    for kind in person.roles:
        if not Role.objects.filter(user=user, place=town, kind=kind).exists():
            grant_role(by=administrator, user_id=user.pk, place_id=town.pk, kind=kind, now=now)
