"""Signals about electors: noted after a cast, deleted as soon as the result cannot be challenged any more."""

import logging
from datetime import UTC, datetime

from django.db import DatabaseError
from django.db.models import Exists, OuterRef

from budgets.actions.board import sweep_out_the_dead
from budgets.keys import KeyGoneError, signal_key
from budgets.models import Elector, Round, Signal
from budgets.models.challenges import challenged_until
from budgets.models.signals import network_of, sealed
from participation.accounts.models import User

logger = logging.getLogger(__name__)


def note_signal(*, by: User, round: Round, address: str, device: str, now: datetime) -> None:
    """Note that this person voted from this network address and device, both of which may be unknown ("").

    Called after the cast has committed, in a transaction of its own: inside, a signal that cannot be written would take
    the ballot with it, it would share the mark of its transaction with the ballot, and it would make the time for which
    a cast holds its locks longer. What is lost when the process dies in between is a hint and not a vote. Refuses nothing.
    """
    try:
        key = signal_key(round.rules["board_key"])
        network = sealed(key, "network", network_of(address) if address else "")
        seen = {"network": network, "device": sealed(key, "device", device)}
        hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        elector = Elector.objects.filter(round=round, person=by).values_list("pk", flat=True).first()
        if elector and any(seen.values()):
            signal = Signal(round=round, elector_id=elector, hour=hour, **seen)
            Signal.objects.bulk_create([signal], ignore_conflicts=True)
    # No traceback: it would show the address.
    except (DatabaseError, KeyGoneError, ValueError) as error:
        logger.warning("a signal of round %s was not noted: %s", round.pk, type(error).__name__)


def forget_signals(*, now: datetime) -> int:
    """Delete the signals of rounds whose time for challenges has ended; how many rounds it were."""
    noted = Exists(Signal.objects.filter(round=OuterRef("pk")))
    closed = Round.objects.filter(noted, voting_closes_at__lte=now)
    over = [round for round in closed if challenged_until(round) <= now]
    if over:
        Signal.objects.filter(round__in=over).delete()
        sweep_out_the_dead(Signal)
    return len(over)
