"""What beat calls over and over: each sweep looks at the database, does what is due, and may run at any time."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

from django.db import OperationalError, transaction
from django.db.models import Exists, F, OuterRef, Q

from budgets.actions.board import destroy_keys, seal
from budgets.actions.bundles import keep_bundle, without_bundle
from budgets.actions.results import publish_results
from budgets.actions.signals import forget_signals
from budgets.actions.tallies import COMPARED, analyse_results, count_other_rules, count_round
from budgets.keys import KeyGoneError
from budgets.models import BallotCount, BoardEntry, Pot, Result, Round, Tally
from participation.events import Changed, announce
from participation.refusals import Refused

logger = logging.getLogger(__name__)
TRY_AGAIN = timedelta(minutes=5)  # with rewriting the roll, which stops all casts for a moment
_busy_until: dict[int, datetime] = {}  # rounds with which it did not work, in this process


def sweep_rounds(*, now: datetime) -> list[str]:
    """Count every round that is closed and not counted, publish where its rules say so, then compare and analyse.

    Returns the slugs of the rounds that were counted. A round whose count failed waits for an organiser.
    """
    own = F("pot__round__counting_rule")  # by another rule it was only for comparison
    failed = Tally.objects.filter(state=Tally.State.FAILED, rule=own).values("pot__round")
    due = Round.objects.to_count(now).exclude(pk__in=failed)
    counted = [round.slug for round in due if _count(round, now)]
    for round in _to_publish():
        with _alone_without_keys(round.pk):
            _publish(round, now)
    for round in _to_compare():
        count_other_rules(round_id=round.pk, now=now)
    for round in Round.objects.filter(
        pots__result__isnull=False, pots__result__tally__analysis__isnull=True
    ).distinct():
        analyse_results(round_id=round.pk)
    return counted


def _count(round: Round, now: datetime) -> bool:
    """Whether it is counted now. Not closed yet by the database's clock: the next sweep comes in seconds."""
    tallies: list[Tally] | None = None
    with _alone_without_keys(round.pk):
        try:
            tallies = count_round(round_id=round.pk, now=now)
        except Refused as refused:
            if refused.code != "not_closed":
                raise
    return tallies is not None and all(tally.state == Tally.State.DONE for tally in tallies)


def _publish(round: Round, now: datetime) -> None:
    """What has changed since the list was made, such as a strike, is for a later sweep and holds up no other round."""
    try:
        publish_results(by=None, round_id=round.pk, now=now)
    except Refused as refused:
        if refused.code != "not_counted":
            raise
        logger.warning("round %s cannot be published yet: %s", round.pk, refused)


@contextmanager
def _alone_without_keys(round_id: int) -> Iterator[None]:
    """A round whose keys cannot be reached waits for the next sweep, and keeps no other round waiting."""
    try:
        yield
    except KeyGoneError:
        logger.exception("the keys of round %s cannot be reached", round_id)


def _to_publish() -> list[Round]:
    """Counted for the first time where the rules allow it, or counted again after everyone saw the first count."""
    counted = Round.objects.exclude(counted_at=None).filter(origin=Round.Origin.OWN, recount_due=False)
    first = Q(publish_at_close=True, pots__result=None)
    again = Q(pk__in=Result.objects.outdated().values("pot__round"))
    return list(counted.filter(first | again).distinct())


def _to_compare() -> list[Round]:
    """Published rounds with a rule by which their ballots are still to be counted; a failed count is a count too."""
    published = Pot.objects.exclude(round__counted_at=None).filter(result__isnull=False, round__recount_due=False)
    same = Tally.objects.filter(pot=OuterRef("pk"), election_digest=OuterRef("result__tally__election_digest"))
    missing = [~Exists(same.filter(rule=rule)) for rule in COMPARED]
    return list(Round.objects.filter(pk__in=published.filter(reduce(or_, missing)).order_by().values("round")))


def sweep_boards(*, now: datetime) -> int:
    """Seal what came in, where there is enough of it, destroy the keys of certified rounds, and delete the signals of those
    that can no longer be challenged; how many boards grew."""
    forget_signals(now=now)
    grown = sum(bool(seal(round_id=round.pk)) for round in Round.objects.voting(now))
    certified = BoardEntry.objects.filter(kind=BoardEntry.Kind.RESULT, body__state="certified")
    done = BoardEntry.objects.filter(kind=BoardEntry.Kind.KEY_DESTROYED)
    left = certified.exclude(round__in=done.values("round")).values_list("round_id", flat=True)
    for round_id in list(left):
        if now >= _busy_until.get(round_id, now):
            grown += _destroy_keys(round_id, now)
    return grown


def _destroy_keys(round_id: int, now: datetime) -> bool:
    """Whether it was done. A backup that reads the roll keeps neither casts nor other rounds waiting."""
    done = False
    try:
        with _alone_without_keys(round_id):
            done = destroy_keys(round_id=round_id)
    except OperationalError as error:
        _busy_until[round_id] = now + TRY_AGAIN
        logger.warning("the roll of round %s is in use and will be written anew later: %s", round_id, error)
    else:
        _busy_until.pop(round_id, None)
    return done


def sweep_bundles() -> list[str]:
    """Make the files of certified rounds that are not there, or not as their board stands; the heads of those boards."""
    kept = [keep_bundle(round_id=round_id) for round_id in without_bundle()]
    return [bundle.head for bundle in kept if bundle]


def refresh_ballot_counts(*, now: datetime) -> int:
    """Write down how many ballots each open round has, and tell its page when the number changed."""
    changed = 0
    for round in Round.objects.voting(now).select_related("ballot_count"):
        ballots = round.urn.standing().count()
        known = getattr(round, "ballot_count", None)
        if known is None or known.ballots != ballots:
            _write_count(round, ballots, now)
            changed += 1
    return changed


@transaction.atomic
def _write_count(round: Round, ballots: int, now: datetime) -> None:
    count, _created = BallotCount.objects.get_or_create(round=round, defaults={"refreshed_at": now})
    count.ballots, count.refreshed_at = ballots, now
    count.save()
    announce(Changed("round", round.pk, int(now.timestamp())))
