"""Writing, publishing and withdrawing proposals, and their pictures.

Every action locks the proposal's row and reads it again before it decides.
"""

import secrets
from datetime import datetime
from decimal import Decimal
from typing import BinaryIO, TypedDict, Unpack

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from participation.accounts.models import User
from participation.models import Picture, Place, Proposal
from participation.permissions import may_edit_proposal, may_propose, may_withdraw_proposal
from participation.pictures import Encoded, TooLarge, Unreadable, reencode
from participation.refusals import Refused

# Crockford's base 32: no I, L, O or U, so that a reference survives being read out on the telephone.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
REFERENCE_LENGTH = 6
_ATTEMPTS = 8


class Answers(TypedDict, total=False):
    """What a proposer may answer; what is left out stays as it is."""

    title: str
    what: str
    why: str
    beneficiaries: str
    area: Place | None  # None: the whole place
    where: str
    latitude: Decimal | None  # degrees, WGS 84; both coordinates or neither
    longitude: Decimal | None
    estimated_cost: str


def new_reference() -> str:
    """Such as P-7K3QXB: random, so that it tells nothing about how many there are."""
    return "P-" + "".join(secrets.choice(ALPHABET) for _ in range(REFERENCE_LENGTH))


def move(proposal: Proposal, to: Proposal.State) -> None:
    """Change the state of a locked proposal as its MOVES allow; the caller saves it. Refuses `wrong_state`."""
    if to not in Proposal.MOVES[Proposal.State(proposal.state)]:
        raise Refused("wrong_state")
    proposal.state = to


def start_draft(*, by: User, place_id: int, now: datetime) -> Proposal:
    """An empty draft that only its author sees. Refuses people who do not live in the place."""
    place = Place.objects.get(pk=place_id)
    if refused := may_propose(by, place):
        raise refused
    for _ in range(_ATTEMPTS):
        proposal = Proposal(reference=new_reference(), place=place, author=by, created_at=now, changed_at=now)
        try:
            with transaction.atomic():
                proposal.save(force_insert=True)
        except IntegrityError:
            if not Proposal.objects.filter(reference=proposal.reference).exists():
                raise
        else:
            return proposal
    raise RuntimeError(f"no free reference in {_ATTEMPTS} attempts")


@transaction.atomic
def save_draft(*, by: User, proposal_id: int, now: datetime, **answers: Unpack[Answers]) -> Proposal:
    """Keep the answers given so far. Refuses anyone but the author, anything but a draft, and a ward elsewhere."""
    proposal = _locked(proposal_id)
    if refused := may_edit_proposal(by, proposal):
        raise refused
    if unknown := answers.keys() - Answers.__annotations__.keys():
        raise TypeError(f"a proposal has no answers called {sorted(unknown)}")
    area = answers.get("area")
    if area and not Place.objects.within(proposal.place).filter(pk=area.pk).exists():
        raise Refused("area_elsewhere", field="area", area=area.name, place=proposal.place.name)
    for name, value in answers.items():
        setattr(proposal, name, value)
    proposal.changed_at = now
    proposal.save(update_fields=[*answers, "changed_at"])
    return proposal


@transaction.atomic
def publish_proposal(*, by: User, proposal_id: int, now: datetime) -> Proposal:
    """Show a draft to everyone. Refuses `incomplete_proposal` while `Proposal.missing()` lists anything."""
    proposal = _locked(proposal_id)
    if refused := may_edit_proposal(by, proposal):
        raise refused
    if missing := proposal.missing():
        raise Refused("incomplete_proposal", field=missing[0])
    move(proposal, Proposal.State.PUBLISHED)
    proposal.published_at = proposal.changed_at = now
    proposal.save(update_fields=["state", "published_at", "changed_at"])
    return proposal


@transaction.atomic
def withdraw_proposal(*, by: User, proposal_id: int, now: datetime) -> Proposal:
    """Take a published proposal back: it stays readable, marked as withdrawn. Withdrawing twice changes nothing."""
    proposal = _locked(proposal_id)
    if refused := may_withdraw_proposal(by, proposal):
        raise refused
    if proposal.state != Proposal.State.WITHDRAWN:
        move(proposal, Proposal.State.WITHDRAWN)
        proposal.changed_at = now
        proposal.save(update_fields=["state", "changed_at"])
    return proposal


def set_picture(*, by: User, proposal_id: int, file: BinaryIO, alt_text: str, now: datetime) -> Picture:
    """Give a draft its picture, in place of the one it had.

    The picture is decoded and written anew before the transaction: that takes a second, and no lock is worth it.
    Refuses `picture_too_large` and `picture_unreadable`.
    """
    if refused := may_edit_proposal(by, Proposal.objects.get(pk=proposal_id)):
        raise refused
    try:
        encoded = reencode(file, max_bytes=settings.PICTURE_MAX_BYTES, max_pixels=settings.PICTURE_MAX_PIXELS)
    except TooLarge as problem:
        raise Refused("picture_too_large", field="picture") from problem
    except Unreadable as problem:
        raise Refused("picture_unreadable", field="picture") from problem
    return _keep_picture(by, proposal_id, encoded, alt_text, now)


@transaction.atomic
def _keep_picture(by: User, proposal_id: int, encoded: Encoded, alt_text: str, now: datetime) -> Picture:
    proposal = _locked(proposal_id)
    if refused := may_edit_proposal(by, proposal):
        raise refused
    _drop_pictures(proposal)
    name = secrets.token_hex(16) + encoded.suffix
    return Picture.objects.create(
        proposal=proposal, image=ContentFile(encoded.content, name), alt_text=alt_text, created_at=now
    )


@transaction.atomic
def describe_picture(*, by: User, proposal_id: int, alt_text: str, now: datetime) -> None:
    """Say anew what the picture of a draft shows. Without a picture nothing happens."""
    proposal = _locked(proposal_id)
    if refused := may_edit_proposal(by, proposal):
        raise refused
    proposal.pictures.filter(hidden_at=None).update(alt_text=alt_text)
    Proposal.objects.filter(pk=proposal_id).update(changed_at=now)


@transaction.atomic
def remove_picture(*, by: User, proposal_id: int, now: datetime) -> None:
    """Take the picture off a draft; its file goes once the transaction stands."""
    proposal = _locked(proposal_id)
    if refused := may_edit_proposal(by, proposal):
        raise refused
    _drop_pictures(proposal)
    Proposal.objects.filter(pk=proposal_id).update(changed_at=now)


def _drop_pictures(proposal: Proposal) -> None:
    """Hidden pictures stay: they are the record of what a moderator decided about."""
    delete_pictures(proposal.pictures.filter(hidden_at=None))


def delete_pictures(pictures: QuerySet[Picture]) -> None:
    """Delete rows, and their files once the transaction stands. For other actions, which have decided that it may be."""
    for picture in pictures:
        image = picture.image
        transaction.on_commit(lambda name=image.name, storage=image.storage: storage.delete(name))  # type: ignore[misc]
        picture.delete()


def delete_proposals(proposals: QuerySet[Proposal]) -> int:
    """Delete proposals with all that hangs on them, and how many they were. For other actions, like the above."""
    ids = list(proposals.values_list("pk", flat=True))
    delete_pictures(Picture.objects.filter(proposal__in=ids))
    Proposal.objects.filter(pk__in=ids).delete()
    return len(ids)


def _locked(proposal_id: int) -> Proposal:
    return Proposal.objects.select_for_update(of=("self",)).select_related("place").get(pk=proposal_id)
