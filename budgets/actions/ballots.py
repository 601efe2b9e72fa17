"""Casting: the only place where a resident's ballot is made."""

import secrets
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from budgets.keys import KeyGoneError
from budgets.models import Elector, Round, UrnBallot
from budgets.models.locks import database_now, share_round
from budgets.models.urn import handle_of
from budgets.permissions import entitled_area, may_cast, pots_of, refusal
from budgets.proofs import ballot_leaf
from budgets.rules import Selections, canonical, canonical_selections, check_ballot
from participation.accounts.models import User
from participation.actions.outbox import put_in_outbox
from participation.models import Place
from participation.refusals import Refused

MOST_REVISIONS = 100  # each may leave a code on the board: nobody should be able to fill it


@dataclass(frozen=True, slots=True)
class Cast:
    """What the voter is told. `created` is False when the very same ballot was in the box already."""

    receipt: str  # the ballot's leaf: SHA-256, hexadecimal
    revision: int
    created: bool


def cast_ballot(*, by: User, round_id: int, selections: Selections) -> Cast:
    """Put one ballot into the box, or change the one that is there, in one transaction.

    Takes the shared lock of the round, then the elector's row. The deadline is checked by the database's clock after
    the locks are held. Sending the same selections again gives the same receipt: the elector's handle makes it so.
    Writes no audit line and announces nothing, since either would rebuild the order of casting.

    Refuses: not_entitled, struck_off, paper_issued, round_not_open, already_voted, address_voted, too_many_changes,
    and whatever `check_ballot` finds.
    """
    with transaction.atomic():
        share_round(round_id)
        round = Round.objects.select_related("place").defer("place__boundary").get(pk=round_id)
        area = entitled_area(by, round)
        elector = _enrol(by, round, area)
        now = database_now()
        refused = may_cast(round, elector, area, now)
        if refused:
            raise refused
        _check(round, pots_of(area, round), selections)
        cast = put_ballot(round, elector, canonical(canonical_selections(round.rules["ballot"]["format"], selections)))
        if elector.status != Elector.Status.VOTED:
            elector.status = Elector.Status.VOTED
            elector.save(update_fields=["status"])
            put_in_outbox(
                key=f"vote:{elector.pk}",
                to=by.email,
                subject=_("Your vote is in the box: %(round)s") % {"round": round.title},
                body=_("Your vote in “%(round)s” has been received and will be counted.") % {"round": round.title},
                now=now,
                forget=True,
            )
    return cast


def ballot_of(person: User, round: Round) -> UrnBallot | None:
    """The ballot that lies in the urn for this person, for showing it back to them alone. None once the urn's key is
    destroyed: then nobody can find it, the site included."""
    elector = Elector.objects.filter(round=round, person=person).first()
    if elector is None or round.rules is None:
        return None
    try:
        return UrnBallot.objects.filter(round=round, handle=handle_of(elector, round)).first()
    except KeyGoneError:
        return None


def _enrol(by: User, round: Round, area: Place | None) -> Elector:
    """The person's row of the roll, locked. Known by the account or, after an erasure, by the address's token."""
    token = Elector.token_for(round.pk, f"email:{by.email.lower()}")
    postcode = round.eligibility == Round.Eligibility.POSTCODE
    assurance = Elector.Assurance.POSTCODE if postcode else Elector.Assurance.EMAIL
    row = Elector(round=round, person=by, token=token, assurance=assurance, area=area)
    # The constraints keep a second row of the same account or address out.
    Elector.objects.bulk_create([row], ignore_conflicts=True)
    mine = Elector.objects.filter(Q(person=by) | Q(token=token), round=round)
    return _own_row(by, list(mine.select_for_update().order_by("pk")))


def _own_row(by: User, rows: list[Elector]) -> Elector:
    """The person's row among those of the account and of the address; the latter may be another's or an erased one's.

    Nobody revises a ballot that was cast by another account: once such a row is used, its address has voted.
    """
    own = [row for row in rows if row.person_id == by.pk]
    others = [row for row in rows if row.person_id != by.pk]
    if any(row.status != Elector.Status.ELIGIBLE for row in others):
        raise Refused("address_voted")
    if own:
        return own[0]
    others[0].person = by
    others[0].save(update_fields=["person"])
    return others[0]


def _check(round: Round, pots: list[str], selections: Selections) -> None:
    problems = check_ballot(round.rules, pots, selections)
    if problems:
        raise refusal(problems[0])


def put_ballot(round: Round, elector: Elector, selections: str) -> Cast:
    """Insert, keep or revise the ballot of this elector: canonical selections that have been checked. The caller holds the
    round's lock and the elector's row. Refuses already_voted, too_many_changes; and with KeyGoneError where the roll says
    that the elector has voted and no ballot lies under the handle, so that a wrong key cannot make a second one."""
    handle, replaced = handle_of(elector, round), None
    ballot = UrnBallot.objects.filter(round=round, handle=handle).first()
    if ballot is None:
        if elector.status == Elector.Status.VOTED:
            raise KeyGoneError
        ballot = UrnBallot(round=round, handle=handle, revision=0)
    elif ballot.selections == selections:
        return Cast(ballot.leaf, ballot.revision, created=False)
    elif not round.may_revise:
        raise Refused("already_voted")
    elif ballot.revision >= MOST_REVISIONS:
        raise Refused("too_many_changes")
    else:
        replaced = _made_room(ballot)
    ballot.selections = selections
    ballot.salt = secrets.token_hex(16)
    ballot.leaf = ballot_leaf(round.slug, round.rules_hash, selections, ballot.salt)
    ballot.save()
    if replaced:
        replaced.save(force_insert=True)
    return Cast(ballot.leaf, ballot.revision, created=True)


def _made_room(ballot: UrnBallot) -> UrnBallot | None:
    """Ready the ballot for another choice. If its leaf stands on the board already, the row that keeps that leaf without
    what it stood for, to be saved after the ballot has its new one."""
    leaf, batch = ballot.leaf, ballot.batch
    ballot.revision += 1
    ballot.batch = None
    if batch is None:
        return None
    return UrnBallot(round=ballot.round, leaf=leaf, batch=batch, state=UrnBallot.State.SUPERSEDED)
