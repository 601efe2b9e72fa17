"""Setting up a round: timetable, pots, and the moment its rules are frozen."""

import secrets
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from anyascii import anyascii
from django.db import IntegrityError, transaction
from django.utils.text import slugify

from budgets.actions import board
from budgets.keys import make_keys
from budgets.models import BoardEntry, Funder, Pot, Round
from budgets.models.locks import hold_round
from budgets.permissions import may_change_rules, may_organise
from budgets.rules import Problem, check_configuration, digest
from participation.accounts.models import User
from participation.actions.audit import record
from participation.events import Changed, announce
from participation.models import Place
from participation.refusals import Refused

# What an organiser may still change once the ballot is confirmed: words, not rules.
WORDS = {"title", "question", "description"}
_ATTEMPTS = 8


@transaction.atomic
def create_round(*, by: User, place_id: int, now: datetime, **fields: Any) -> Round:
    """Make a round that only organisers see. Refuses not_allowed. Shifts nothing: the database checks the dates' order.

    Without a `slug` it gets an address made of its title.
    """
    place = Place.objects.get(pk=place_id)
    refused = may_organise(by, place)
    if refused:
        raise refused
    round = _created(place=place, created_by=by, created_at=now, **fields)
    record(by=by, action="round.created", target=f"round:{round.pk}", now=now, title=round.title, place=place.pk)
    return round


def _created(**fields: Any) -> Round:
    """Two rounds of one title made at the same moment: the second takes the next free address."""
    for _ in range(_ATTEMPTS):
        round = Round(**{"slug": free_slug(fields["title"]), **fields})
        try:
            with transaction.atomic():
                round.save(force_insert=True)
        except IntegrityError:
            if not Round.objects.filter(slug=round.slug).exists():
                raise
        else:
            return round
    raise RuntimeError(f"no free address in {_ATTEMPTS} attempts")


@transaction.atomic
def update_round(*, by: User, round_id: int, now: datetime, **fields: Any) -> Round:
    """Change fields of a round. Once the ballot is confirmed only its words may change; refuses ballot_confirmed."""
    round = _locked(round_id)
    refused = may_organise(by, round.place) if set(fields) <= WORDS else may_change_rules(by, round)
    if refused:
        raise refused
    changed = [name for name, value in fields.items() if getattr(round, name) != value]
    for name in changed:
        setattr(round, name, fields[name])
    if changed:
        round.save(update_fields=changed)
        record(
            by=by,
            action="round.changed",
            target=f"round:{round.pk}",
            now=now,
            place=round.place_id,
            fields=sorted(changed),
        )
        _tell(round, now)
    return round


@transaction.atomic
def save_pot(
    *,
    by: User,
    round_id: int,
    now: datetime,
    name: str,
    area_id: int | None,
    funders: list[tuple[str, int]],
    pot_id: int | None = None,
) -> Pot:
    """Add or change a pot; it holds exactly what its funders (name, minor units) pay in.

    Refuses ballot_confirmed, pot_name_taken, area_elsewhere, funder_twice.
    """
    round = _locked(round_id)
    refused = may_change_rules(by, round)
    if refused:
        raise refused
    _check_pot(round, name, area_id, funders, pot_id)
    pot = round.pots.get(pk=pot_id) if pot_id else _new_pot(round, name)
    pot.name, pot.area_id, pot.amount = name, area_id, sum(amount for _name, amount in funders)
    pot.save()
    pot.funders.all().delete()
    Funder.objects.bulk_create(Funder(pot=pot, name=funder, amount=amount) for funder, amount in funders)
    record(
        by=by, action="pot.saved", target=f"pot:{pot.pk}", now=now, round=round.pk, place=round.place_id,
        name=name, amount=pot.amount,
        funders=[[funder, amount] for funder, amount in funders],
    )  # fmt: skip
    return pot


def _new_pot(round: Round, name: str) -> Pot:
    return Pot(round=round, key=_free_key(round, name), position=round.pots.count())


def _check_pot(
    round: Round, name: str, area_id: int | None, funders: list[tuple[str, int]], pot_id: int | None
) -> None:
    namesake = round.pots.filter(name=name).first()
    if namesake and namesake.pk != pot_id:
        raise Refused("pot_name_taken", field="name")
    area = Place.objects.get(pk=area_id) if area_id else None
    if area and round.place not in area.lineage():
        raise Refused("area_elsewhere", field="area", area=area.name, place=round.place.name)
    if len({funder for funder, _amount in funders}) < len(funders):
        raise Refused("funder_twice")


@transaction.atomic
def remove_pot(*, by: User, round_id: int, pot_id: int, now: datetime) -> None:
    """Refuses ballot_confirmed, and pot_in_use while projects draw on it."""
    round = _locked(round_id)
    refused = may_change_rules(by, round)
    if refused:
        raise refused
    pot = round.pots.get(pk=pot_id)
    if pot.projects.exists():
        raise Refused("pot_in_use")
    record(
        by=by,
        action="pot.removed",
        target=f"pot:{pot.pk}",
        now=now,
        round=round.pk,
        place=round.place_id,
        name=pot.name,
    )
    pot.delete()


@transaction.atomic
def publish_round(*, by: User, round_id: int, now: datetime) -> Round:
    """Show the round to everyone. Publishing twice changes nothing."""
    round = _locked(round_id)
    refused = may_organise(by, round.place)
    if refused:
        raise refused
    if round.published_at is None:
        round.published_at = now
        round.save(update_fields=["published_at"])
        record(by=by, action="round.published", target=f"round:{round.pk}", now=now, place=round.place_id)
        _tell(round, now)
    return round


def problems(round: Round, now: datetime) -> list[Problem]:
    """What stands in the way of confirming the ballot now; also what is only worth knowing (`blocking` False)."""
    return check_configuration(round.configuration(), round.facts(now))


@transaction.atomic
def confirm_ballot(*, by: User, round_id: int, now: datetime) -> Round:
    """Freeze the rules with their hash, draw the seed that breaks ties, make the keys of the box and open its board.
    Voting then opens by the timetable alone.

    Refuses ballot_confirmed, and problems_left while `check_configuration` finds a blocking problem.
    """
    round = _locked(round_id)
    refused = may_change_rules(by, round)
    if refused:
        raise refused
    if any(problem.blocking for problem in problems(round, now)):
        raise Refused("problems_left")
    if round.published_at is None:
        round.published_at = now
    round.rules = round.configuration(lot_seed=secrets.token_hex(16), board_key=make_keys())
    round.rules_hash = digest(round.rules)
    round.rules_frozen_at = now
    round.save(update_fields=["published_at", "rules", "rules_hash", "rules_frozen_at"])
    record(
        by=by,
        action="ballot.confirmed",
        target=f"round:{round.pk}",
        now=now,
        place=round.place_id,
        rules_hash=round.rules_hash,
    )
    board.write(round, BoardEntry.Kind.OPEN, {"rules_hash": round.rules_hash, "board_key": round.rules["board_key"]})
    _tell(round, now)
    return round


@transaction.atomic
def reopen_ballot(*, by: User, round_id: int, now: datetime) -> Round:
    """Take the confirmation back, before voting opens. Refuses not_confirmed, voting_started."""
    round = _locked(round_id)
    refused = may_organise(by, round.place)
    if refused:
        raise refused
    if round.rules_frozen_at is None:
        raise Refused("not_confirmed")
    if now >= round.voting_opens_at or round.urn.exists():
        raise Refused("voting_started")
    round.rules, round.rules_hash, round.rules_frozen_at = None, "", None
    round.save(update_fields=["rules", "rules_hash", "rules_frozen_at"])
    record(by=by, action="ballot.reopened", target=f"round:{round.pk}", now=now, place=round.place_id)
    _tell(round, now)
    return round


def _locked(round_id: int) -> Round:
    """The round, re-read under its exclusive lock: no cast is under way while it changes."""
    hold_round(round_id)
    return Round.objects.select_for_update(of=("self",)).select_related("place").get(pk=round_id)


def _tell(round: Round, now: datetime) -> None:
    announce(Changed("round", round.pk, int(now.timestamp())))


def free_slug(title: str) -> str:
    """An address that no round has yet."""
    base = slugify(anyascii(title))[:70] or "round"
    taken = {"new", *Round.objects.filter(slug__startswith=base).values_list("slug", flat=True)}  # /organise/new/
    return next(slug for slug in _numbered(base) if slug not in taken)


def _free_key(round: Round, name: str) -> str:
    base = slugify(anyascii(name))[:50] or "pot"
    taken = set(round.pots.values_list("key", flat=True))
    return next(key for key in _numbered(base) if key not in taken)


def _numbered(base: str) -> Iterator[str]:
    yield base
    number = 2
    while True:
        yield f"{base}-{number}"
        number += 1
