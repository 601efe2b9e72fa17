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
from django.db.models import CharField, Q, Value
from django.db.models.functions import Cast, Concat
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
    Refuses `place_exists`, `gss_taken`, `gss_elsewhere` and `bad_gss_code`.
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
    name, gss_code = _one_line(name), gss_code or None
    if Place.objects.filter(parent=parent, name__iexact=name).exists():
        raise Refused("place_exists", field="name", name=name)
    if gss_code:
        _check_code(parent, gss_code)
    place = Place(parent=parent, kind=kind, name=name, gss_code=gss_code, boundary=boundary)
    place.slug = _free_slug(f"{parent.slug}-{name}" if parent else name)
    try:
        place.full_clean(exclude=["parent", "boundary"], validate_unique=False, validate_constraints=False)
    except ValidationError as problem:
        raise Refused("bad_gss_code" if "gss_code" in problem.message_dict else "bad_place", field="name") from problem
    _save(place, force_insert=True)
    return place


def _check_code(parent: Place | None, gss_code: str) -> None:
    """Whoever has a ward's code has its residents: refuse one that the postcodes put into another council area."""
    if Place.objects.filter(gss_code=gss_code).exists():
        raise Refused("gss_taken", field="gss_code", gss=gss_code)
    if parent is None:
        return
    is_district = Postcode.objects.filter(district_code=gss_code).exists()
    rows = Postcode.objects.filter(ward_code=gss_code).exclude(district_code="")
    districts = set(rows.values_list("district_code", flat=True).distinct())
    if is_district or (districts and not _is_one_of(parent.council, districts)):
        raise Refused("gss_elsewhere", field="gss_code", gss=gss_code, place=parent.council.name)


def _is_one_of(council: Place, districts: set[str]) -> bool:
    """By its code; a council without one may be any district that no other council here is."""
    if council.gss_code:
        return council.gss_code in districts
    return not Place.objects.councils().filter(gss_code__in=districts).exists()


def _save(place: Place, **options: Any) -> None:
    """Refuse where the database holds the name, or the code, to be taken: in this very moment, or as it compares."""
    try:
        with transaction.atomic():
            place.save(**options)
    except IntegrityError as problem:
        raise Refused("place_exists", field="name", name=place.name) from problem


def _free_slug(text: str) -> str:
    base = slugify(text)[:90] or "place"
    taken = RESERVED_SLUGS | set(Place.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    return next(slug for n in count(1) if (slug := base if n == 1 else f"{base}-{n}") not in taken)


@transaction.atomic
def load_boundaries(*, by: User | None, place_id: int, wards: Sequence[Ward], now: datetime) -> tuple[int, int]:
    """Add the wards below a council, or bring those that are there up to date; returns (added, changed).

    A ward is known by its code, else by its name. What a ward has and the file has not stays as it is; wards that the
    file does not name stay too. Locks the council and its wards. Refuses `place_exists` when another ward keeps the
    name, `gss_taken` when a code belongs to another place, and `gss_elsewhere` when its postcodes lie elsewhere.
    """
    council = Place.objects.select_for_update().get(pk=place_id)
    if by is not None and (refused := may_manage_place(by, council)):
        raise refused
    if council.parent_id is not None:
        raise Refused("not_a_council", name=council.name)
    known = list(Place.objects.select_for_update().filter(parent=council))
    before = {place.pk: (place.name, place.gss_code, place.boundary) for place in known}
    new = _bring_up_to_date(council, known, wards)
    changed = [place for place in known if before[place.pk] != (place.name, place.gss_code, place.boundary)]
    _save_all(known, changed, renamed=[place for place in changed if before[place.pk][0] != place.name])
    for ward in new:  # last: a name may have become free
        _new_place(council, kind=Place.Kind.WARD, name=ward.name, gss_code=ward.code, boundary=ward.geometry)
    counts = {"added": len(new), "changed": len(changed)}
    if any(counts.values()):
        target = f"place:{council.pk}"
        record(by=by, action="place.wards_loaded", target=target, now=now, place=council.pk, **counts)
    return len(new), len(changed)


def _bring_up_to_date(council: Place, known: Sequence[Place], wards: Sequence[Ward]) -> list[Ward]:
    """Write what the file says into `known`, unsaved; returns the wards that are not there yet."""
    by_code = {place.gss_code: place for place in known if place.gss_code}
    others = []
    for ward in wards:
        if ward.code and (place := by_code.get(ward.code)):
            _take_over(place, ward)
        else:
            others.append(ward)
    new = []
    for ward in others:  # by their names only now: a file may give the name of one ward to another
        if place := _by_name(known, ward):
            if ward.code in by_code:
                raise Refused("gss_taken", gss=ward.code)
            if ward.code:
                _check_code(council, ward.code)
                by_code[ward.code] = place
            _take_over(place, ward)
        else:
            new.append(ward)
    return new


def _by_name(known: Sequence[Place], ward: Ward) -> Place | None:
    """Only where one of the two has no code; one spelled exactly so before one in other letters."""
    name = _one_line(ward.name)
    same = [p for p in known if p.name.casefold() == name.casefold() and not (p.gss_code and ward.code)]
    return min(same, key=lambda place: place.name != name, default=None)


def _take_over(place: Place, ward: Ward) -> None:
    place.name = _one_line(ward.name)
    place.gss_code = ward.code or place.gss_code
    place.boundary = ward.geometry or place.boundary


def _one_line(name: str) -> str:
    return " ".join(name.split())


def _save_all(known: Sequence[Place], changed: Sequence[Place], *, renamed: Sequence[Place]) -> None:
    for place in renamed:
        if any(other != place and other.name.casefold() == place.name.casefold() for other in known):
            raise Refused("place_exists", field="name", name=place.name)
    # Names may be swapped, so the old ones go first. No real name begins with a space.
    passing = Concat(Value(" "), Cast("pk", CharField()))
    Place.objects.filter(pk__in=[place.pk for place in renamed]).update(name=passing)
    for place in changed:
        _save(place, update_fields=["name", "gss_code", "boundary"])


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
    """The ward of a normalised postcode, or its council area where the ward is no place here.

    A ward whose council is another district than the postcode's does not count, whatever code it was given.
    """
    row = Postcode.objects.filter(pk=code).first()
    if row is None:
        raise Refused("unknown_postcode", field="postcode")
    found = Place.objects.filter(Q(gss_code=row.ward_code) | Q(gss_code=row.district_code, parent=None))
    places = {place.gss_code: place for place in found.select_related("parent__parent")}
    area = places.get(row.ward_code)
    if area is None or (row.district_code and not _is_one_of(area.council, {row.district_code})):
        area = places.get(row.district_code)
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
