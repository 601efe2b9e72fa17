"""Places, their boundaries, and where people live.

`by=None` is the operator at the machine's own command line.
"""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime
from itertools import count
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.text import slugify

from participation.accounts.models import User
from participation.actions.audit import record
from participation.boundaries import Ward
from participation.models import Place, Postcode, Residence
from participation.permissions import may_manage_place
from participation.refusals import Refused

RESERVED_SLUGS = {"new"}  # addresses of pages beside those of the places


@transaction.atomic
def create_place(
    *,
    by: User | None,
    now: datetime,
    kind: str,
    name: str,
    parent_id: int | None = None,
    gss_code: str | None = None,
    boundary: dict[str, Any] | None = None,
) -> Place:
    """Add a council area (by an administrator), a ward or a neighbourhood (also by an organiser of its council).

    Locks the parent, so that two people adding the same ward at once do not both succeed.
    Refuses `place_exists`, `gss_taken` and `bad_gss_code`.
    """
    parent = Place.objects.select_for_update().get(pk=parent_id) if parent_id else None
    if by is not None and (refused := may_manage_place(by, parent)):
        raise refused
    place = _new_place(parent, kind=kind, name=name, gss_code=gss_code, boundary=boundary)
    record(by=by, action="place.created", target=f"place:{place.pk}", now=now, place=place.pk, name=place.name)
    return place


def _new_place(
    parent: Place | None, *, kind: str, name: str, gss_code: str | None, boundary: dict[str, Any] | None
) -> Place:
    name, gss_code = " ".join(name.split()), gss_code or None
    if Place.objects.filter(parent=parent, name__iexact=name).exists():
        raise Refused("place_exists", field="name", name=name)
    if gss_code and Place.objects.filter(gss_code=gss_code).exists():
        raise Refused("gss_taken", field="gss_code", gss=gss_code)
    place = Place(parent=parent, kind=kind, name=name, gss_code=gss_code, boundary=boundary)
    place.slug = _free_slug(f"{parent.slug}-{name}" if parent else name)
    try:
        place.full_clean(exclude=["parent", "boundary"], validate_unique=False, validate_constraints=False)
    except ValidationError as problem:
        raise Refused("bad_gss_code" if "gss_code" in problem.message_dict else "bad_place", field="name") from problem
    try:
        with transaction.atomic():
            place.save(force_insert=True)
    except IntegrityError as problem:  # someone added it in this very moment
        raise Refused("place_exists", field="name", name=name) from problem
    return place


def _free_slug(text: str) -> str:
    base = slugify(text)[:90] or "place"
    taken = RESERVED_SLUGS | set(Place.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    return next(slug for n in count(1) if (slug := base if n == 1 else f"{base}-{n}") not in taken)


@transaction.atomic
def load_boundaries(*, by: User | None, place_id: int, wards: Sequence[Ward], now: datetime) -> tuple[int, int]:
    """Add the wards below a council, or bring those that are there up to date; returns (added, changed).

    A ward is known by its code, else by its name. What a ward has and the file has not stays as it is; wards that the
    file does not name stay too. Locks the council. Refuses `gss_taken` when a code belongs to a place elsewhere.
    """
    council = Place.objects.select_for_update().get(pk=place_id)
    if by is not None and (refused := may_manage_place(by, council)):
        raise refused
    if council.parent_id is not None:
        raise Refused("not_a_council", name=council.name)
    known = list(Place.objects.select_for_update().filter(parent=council))
    added = changed = 0
    for ward in wards:
        place = _known_ward(known, ward)
        if place is None:
            _new_place(council, kind=Place.Kind.WARD, name=ward.name, gss_code=ward.code, boundary=ward.geometry)
            added += 1
        elif _bring_up_to_date(place, ward):
            changed += 1
    if added or changed:
        target = f"place:{council.pk}"
        record(
            by=by, action="place.wards_loaded", target=target, now=now, place=council.pk, added=added, changed=changed
        )
    return added, changed


def _known_ward(known: Sequence[Place], ward: Ward) -> Place | None:
    """By its code; by its name only where one of the two has no code."""
    name = " ".join(ward.name.split()).casefold()
    by_code = [place for place in known if ward.code and place.gss_code == ward.code]
    by_name = [place for place in known if place.name.casefold() == name and not (place.gss_code and ward.code)]
    return next(iter(by_code + by_name), None)


def _bring_up_to_date(place: Place, ward: Ward) -> bool:
    """Write what the file says anew; True if that changed anything."""
    before = (place.name, place.gss_code, place.boundary)
    if ward.code and not place.gss_code and Place.objects.filter(gss_code=ward.code).exists():
        raise Refused("gss_taken", gss=ward.code)
    place.name = " ".join(ward.name.split())
    place.gss_code = ward.code or place.gss_code
    place.boundary = ward.geometry or place.boundary
    if before == (place.name, place.gss_code, place.boundary):
        return False
    place.save(update_fields=["name", "gss_code", "boundary"])
    return True


def set_residence(*, by: User, postcode: str, now: datetime) -> Residence:
    """Find the area of a postcode and keep that alone, with an HMAC that tells a changed postcode from the same one.

    Refuses `unknown_postcode`, and `postcode_elsewhere` where none of the places here contains it.
    """
    code = Postcode.normalise(postcode)
    return _keep_residence(by, area_of(code), code, now)


def set_residence_area(*, by: User, area_id: int, now: datetime) -> Residence:
    """Choose a ward oneself: within the area that one's postcode gave, or freely while this site has no postcodes.

    Refuses `postcode_first`, and `area_elsewhere` for a ward the postcode does not lie in.
    """
    area = Place.objects.get(pk=area_id)
    if not Postcode.objects.exists():
        return _keep_residence(by, area, "", now)
    with transaction.atomic():
        residence = Residence.objects.select_for_update(of=("self",)).select_related("area").filter(user=by).first()
        if residence is None:
            raise Refused("postcode_first")
        if not Place.objects.within(residence.area).filter(pk=area.pk).exists():
            raise Refused("area_elsewhere", field="area", area=area.name, place=residence.area.name)
        residence.area, residence.confirmed_at = area, now
        residence.save(update_fields=["area", "confirmed_at"])
    return residence


def area_of(code: str) -> Place:
    """The ward of a normalised postcode, or its council area where the ward is no place here."""
    row = Postcode.objects.filter(pk=code).first()
    if row is None:
        raise Refused("unknown_postcode", field="postcode")
    places = {place.gss_code: place for place in Place.objects.filter(gss_code__in=[row.ward_code, row.district_code])}
    area = places.get(row.ward_code) or places.get(row.district_code)
    if area is None:
        raise Refused("postcode_elsewhere", field="postcode")
    return area


@transaction.atomic
def _keep_residence(by: User, area: Place, code: str, now: datetime) -> Residence:
    token = hmac.new(settings.IDENTITY_KEY.encode(), b"postcode:" + code.encode(), hashlib.sha256).hexdigest()
    residence, _created = Residence.objects.update_or_create(
        user=by, defaults={"area": area, "postcode_token": token if code else "", "confirmed_at": now}
    )
    return residence
