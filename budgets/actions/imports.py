"""Making a round of a Pabulib election file: its projects and anonymous ballots, ready to count and publish."""

import re
import secrets
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction

from budgets.actions.rounds import free_slug
from budgets.models import Ballot, Funder, Pot, Project, Round
from budgets.proofs import ballot_leaf
from budgets.rules import canonical, digest
from budgets.tally.election import POINTS, RANKED
from budgets.tally.pb import PbBallot, PbProject, PbReader, lines_of
from budgets.tally.pb_records import PbError, minor_units
from participation.actions.audit import record

BATCH = 2000  # ballots in one transaction: a longer one would keep readers of SQLite waiting
POT = "pot"
LONGEST_CODE = 60


def import_election(*, source: Any, place_id: int, now: datetime) -> tuple[Round, list[str]]:
    """Read a `.pb` file (path, also `.gz`, or lines) into a round labelled imported; returns it and the repairs made.

    The whole file is read and checked before anything is written: a malformed one raises `PbError` with its line number
    and leaves nothing. The ballots then go in by batches into a round that nobody sees until the last one is in.
    Voters' ids and personal columns are not kept.
    """
    reader = PbReader(lines_of(source))
    selections = [_selections(ballot, reader.vote_type) for ballot in reader.ballots()]
    opens, closes = _dates(reader.meta)
    if any("\0" in text for text in (*reader.meta.values(), *(project.name for project in reader.projects))):
        raise PbError(1, "the file holds characters that are no text (NUL)")
    for project in reader.projects:
        if len(project.id) > LONGEST_CODE:
            raise PbError(1, f"the project id {project.id[:20]}… is longer than {LONGEST_CODE} characters")
    round = _make_round(reader, opens, closes, place_id, now)
    for batch in _batched(selections, BATCH):
        Ballot.objects.bulk_create(_ballot(round, text) for text in batch)
    with transaction.atomic():
        Round.objects.filter(pk=round.pk).update(published_at=now)
        record(
            by=None, action="round.imported", target=f"round:{round.pk}", now=now, place=place_id,
            ballots=len(selections), projects=len(reader.projects),
        )  # fmt: skip
    round.published_at = now
    return round, reader.repairs


def _batched(items: list[str], size: int) -> Iterator[list[str]]:
    return (items[start : start + size] for start in range(0, len(items), size))


def _selections(ballot: PbBallot, vote_type: str) -> str:
    """The ballot in our canonical form: sorted ids; pairs of id and points; ids best first."""
    chosen: Iterable[Any] = ballot.vote
    if vote_type in POINTS:
        chosen = sorted(zip(ballot.vote, ballot.points, strict=True))
    elif vote_type not in RANKED:
        chosen = sorted(ballot.vote)
    return canonical({POT: list(chosen)})


def _ballot(round: Round, selections: str) -> Ballot:
    salt = secrets.token_hex(16)
    return Ballot(
        round=round, selections=selections, salt=salt, leaf=ballot_leaf(round.slug, round.rules_hash, selections, salt)
    )


@transaction.atomic
def _make_round(reader: PbReader, opens: datetime, closes: datetime, place_id: int, now: datetime) -> Round:
    """The hidden round with its pot, projects and frozen rules. The lots for ties come from the file, so that importing
    it again counts the same."""
    meta = reader.meta
    title = f"{meta['description']} {meta['instance']}".strip()[:120]
    round = Round.objects.create(
        place_id=place_id,
        slug=free_slug(f"{meta['unit']} {meta.get('subunit', '')} {meta['instance']}"),
        title=title,
        description="",
        currency=(meta.get("currency") or "GBP").upper()[:3],
        origin=Round.Origin.IMPORTED,
        created_at=now,
        proposing_opens_at=opens,
        shaping_opens_at=opens,
        review_opens_at=opens,
        voting_opens_at=opens,
        voting_closes_at=closes,
        delivery_opens_at=closes,
        ballot_format=meta["vote_type"],
        max_choices=_number(meta, "max_length", len(reader.projects)),
        points=_number(meta, "max_sum_points", _number(meta, "max_points", 10)),
        counting_rule=Round.Rule.GREEDY if meta["rule"].startswith("greedy") else Round.Rule.EQUAL_SHARES,
        eligibility=Round.Eligibility.EMAIL,
        may_revise=False,
    )
    unit = ", ".join(part for part in (meta["unit"], meta.get("subunit", "")) if part)
    amount = minor_units(meta["budget"], down=True)
    pot = Pot.objects.create(round=round, key=POT, name=unit[:100], amount=amount)
    if amount:
        Funder.objects.create(pot=pot, name=meta["unit"][:120], amount=amount)
    Project.objects.bulk_create(_project(round, pot, project) for project in reader.projects)
    round.rules = round.configuration(lot_seed=f"{meta['unit']} {meta['instance']}")
    round.rules_hash = digest(round.rules)
    round.rules_frozen_at = now
    round.save(update_fields=["rules", "rules_hash", "rules_frozen_at"])
    return round


def _number(meta: dict[str, str], name: str, otherwise: int) -> int:
    """A limit that the file names, or `otherwise`; at least one."""
    text = meta.get(name, "").strip()
    if text and not re.fullmatch(r"[0-9]{1,4}", text):
        raise PbError(1, f"META {name} {text[:20]!r} is not a whole number up to 9999")
    return max(1, int(text or otherwise))


def _project(round: Round, pot: Pot, project: PbProject) -> Project:
    latitude, longitude = _coordinate(project.latitude, 90), _coordinate(project.longitude, 180)
    point = latitude is not None and longitude is not None
    return Project(
        round=round,
        pot=pot,
        code=project.id,
        name=(project.name or project.id)[:500],
        summary=project.description,
        cost=project.cost,
        area_name=(project.neighborhood or project.district or project.subunit)[:100],
        latitude=latitude if point else None,
        longitude=longitude if point else None,
    )


def _coordinate(text: str, most: int) -> Decimal | None:
    """Six decimals (about 10 cm), or None for what is no coordinate."""
    try:
        value = Decimal(text.replace(",", ".")).quantize(Decimal("0.000001"))
    except InvalidOperation:
        return None
    return value if value.is_finite() and abs(value) <= most else None


def _dates(meta: dict[str, str]) -> tuple[datetime, datetime]:
    """First and last day of the vote; a bare year is the whole year."""
    opens, closes = _day(meta["date_begin"], last=False), _day(meta["date_end"], last=True)
    return opens, max(closes, opens + timedelta(hours=1))


def _day(text: str, *, last: bool) -> datetime:
    found = re.fullmatch(r"(?:(\d{1,2})\.(\d{1,2})\.)?(\d{4})", text.strip())
    if not found:
        raise PbError(1, f"META date {text!r} is neither a day (31.12.2025) nor a year")
    day, month, year = found.groups()
    try:
        if day is None:
            start = datetime(int(year) + last, 1, 1, tzinfo=UTC)
        else:
            start = datetime(int(year), int(month), int(day), tzinfo=UTC) + timedelta(days=last)
    except (ValueError, OverflowError) as error:
        raise PbError(1, f"META date {text!r} does not exist") from error
    return start
