"""What budgets keeps for how long: rolls, ballots, keys, and ideas that came to nothing."""

from datetime import datetime

from django.db import OperationalError
from django.db.models import CharField, Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext_lazy as _

from budgets.actions.board import destroy_keys
from budgets.actions.signals import forget_signals
from budgets.keys import KeyGoneError, destroy_all_keys, has_urn_key
from budgets.models import BoardEntry, Challenge, Elector, Pot, Result, Round, Signal, Strike
from budgets.models.challenges import challenged_until
from participation.actions.proposals import delete_proposals
from participation.actions.retention import rows
from participation.models import Proposal, Report
from participation.retention import Entry, Group, Period, Purge

NAMELESS = "nameless-"  # what the token of an elector begins with, once nobody can be found by it


# ── What is found ────────────────────────────────────────────────────────────
def certified(before: datetime) -> QuerySet[Round]:
    """Rounds of this site whose results were all certified before that moment."""
    pots = Pot.objects.filter(round=OuterRef("pk"))
    done = Result.objects.filter(state=Result.State.CERTIFIED, certified_at__lt=before)
    return Round.objects.filter(Exists(pots), ~Exists(pots.exclude(pk__in=done.values("pot"))), origin=Round.Origin.OWN)


def linked_electors(before: datetime) -> QuerySet[Elector]:
    return Elector.objects.filter(round__in=certified(before), person__isnull=False)


def known_electors(before: datetime) -> QuerySet[Elector]:
    return Elector.objects.filter(round__in=certified(before)).exclude(token__startswith=NAMELESS)


def electors_of_unfinished(before: datetime) -> QuerySet[Elector]:
    return Elector.objects.filter(round__voting_closes_at__lt=before).exclude(token__startswith=NAMELESS)


def _cut(electors: QuerySet[Elector]) -> None:
    electors.update(person=None)


def _make_nameless(electors: QuerySet[Elector]) -> None:
    """A token that was computed from nothing: whoever has the key cannot try addresses on it any more."""
    electors.update(person=None, token=Concat(Value(NAMELESS), Cast("pk", CharField())))


def old_challenges(before: datetime) -> QuerySet[Challenge]:
    return Challenge.objects.filter(round__in=certified(before), answered_at__isnull=False).exclude(text="")


def _make_wordless(challenges: QuerySet[Challenge]) -> None:
    """How many there were, and that they were answered, stays public."""
    challenges.update(person=None, text="", answer="–")


def strikes_with_notes(before: datetime) -> QuerySet[Strike]:
    return Strike.objects.filter(elector__round__in=certified(before)).exclude(note="")


def _make_noteless(strikes: QuerySet[Strike]) -> None:
    strikes.update(note="")


# ── Signals ──────────────────────────────────────────────────────────────────
def _count_signals(before: datetime) -> int:
    closed = Round.objects.filter(voting_closes_at__lte=before, signals__isnull=False).distinct()
    return Signal.objects.filter(round__in=[round for round in closed if challenged_until(round) <= before]).count()


def _clear_signals(before: datetime) -> int:
    number = _count_signals(before)
    forget_signals(now=before)
    return number


# ── Ideas ────────────────────────────────────────────────────────────────────
def withdrawn_ideas(before: datetime) -> QuerySet[Proposal]:
    return _undecided().filter(state=Proposal.State.WITHDRAWN, changed_at__lt=before)


def hidden_ideas(before: datetime) -> QuerySet[Proposal]:
    return _undecided().filter(hidden_at__lt=before)


def _undecided() -> QuerySet[Proposal]:
    """Never on a ballot, and with nothing left for a moderator to decide about them."""
    return Proposal.objects.filter(projects=None).exclude(reports__state=Report.State.OPEN)


# ── Keys ─────────────────────────────────────────────────────────────────────
def _boxes_to_forget() -> list[int]:
    """Certified rounds whose key is still there; the sweep of the boards comes to them within seconds."""
    done = BoardEntry.objects.filter(kind=BoardEntry.Kind.KEY_DESTROYED).values("round")
    said = BoardEntry.objects.filter(kind=BoardEntry.Kind.RESULT, body__state="certified").exclude(round__in=done)
    return list(said.values_list("round_id", flat=True))


def _replaced_keys() -> list[str]:
    """Keys made for a ballot that was reopened before anybody voted: the board names them, no round uses them."""
    opened = BoardEntry.objects.filter(kind=BoardEntry.Kind.OPEN).values_list("body__board_key", flat=True)
    used = set(Round.objects.exclude(rules=None).values_list("rules__board_key", flat=True))
    return sorted(key for key in set(opened) - used if key and has_urn_key(key))


def _count_keys(before: datetime) -> int:
    return len(_boxes_to_forget()) + len(_replaced_keys())


def _clear_keys(before: datetime) -> int:
    done = 0
    for round_id in _boxes_to_forget():
        try:
            done += destroy_keys(round_id=round_id)
        except (KeyGoneError, OperationalError):
            continue  # not on this machine, or a table is being read: the sweep says so and tries again
    for key in _replaced_keys():
        destroy_all_keys(key)
        done += 1
    return done


# ── The table ────────────────────────────────────────────────────────────────
ENTRIES = (
    Entry(
        "withdrawn", Group.IDEAS,
        _("Ideas that were taken back before they came on a ballot"),
        _("So that whoever has talked about them understands what became of them."),
        _("%(period)s after they were taken back. What was on a ballot is part of a public decision and stays."),
        Period(days=30), rows(withdrawn_ideas, delete_proposals),
    ),
    Entry(
        "hidden-ideas", Group.IDEAS,
        _("Ideas that a moderator has hidden"),
        _("So that the decision can be looked at again if somebody complains."),
        _("%(period)s after they were hidden."),
        Period(months=12), rows(hidden_ideas, delete_proposals),
    ),
    Entry(
        "urn", Group.VOTING,
        _("Ballots in the box: choices under a code, without name, network address or time"),
        _("So that they are counted, and so that you can change yours until voting closes."),
        _("Until the result is certified; then they become public without the code."),
    ),
    Entry(
        "box-keys", Group.VOTING,
        _("The key of a ballot box, with which a place in the roll leads to a ballot"),
        _("So that nobody votes twice and you can see and change your own ballot. It lies in no database."),
        _("Until the result is certified, and then it is destroyed within seconds; keys that were never used, %(period)s."),
        Period(days=1), Purge(_count_keys, _clear_keys),
    ),
    Entry(
        "roll", Group.VOTING,
        _("The roll: that you were entitled to vote in a round, and whether you have"),
        _("So that nobody votes twice, and complaints can be looked into."),
        _("The link to you: %(period)s after the result is certified, or when you delete your account."),
        Period(months=6), rows(linked_electors, _cut),
    ),
    Entry(
        "roll-tokens", Group.VOTING,
        _("On the roll: a scrambled form of your e-mail address, which cannot be turned back without a key"),
        _("So that an address votes once, also after its account was deleted."),
        _("%(period)s after the result is certified. What is left then is a number of voters for each ward."),
        Period(months=24), rows(known_electors, _make_nameless),
    ),
    Entry(
        "unfinished-rolls", Group.VOTING,
        _("Both of these, of a round whose result was never certified"),
        _("As above."),
        _("%(period)s after voting closed."),
        Period(months=36), rows(electors_of_unfinished, _make_nameless),
    ),
    Entry(
        "signals", Group.VOTING,
        _("Hints for checking the vote: scrambled network address and browser of a vote, and its hour"),
        _("So that people can judge whether somebody voted for many. They lead to no ballot."),
        _("Until the result can no longer be challenged; the round says until when."),
        Period(), Purge(_count_signals, _clear_signals),
    ),
    Entry(
        "challenges", Group.VOTING,
        _("What people said is wrong with a vote, and the answer"),
        _("So that complaints about a result can be looked into."),
        _("%(period)s after the result is certified. How many there were stays."),
        Period(months=24), rows(old_challenges, _make_wordless),
    ),
    Entry(
        "strike-notes", Group.VOTING,
        _("What organisers noted when somebody was struck off a roll"),
        _("So that the decision can be looked at again if somebody complains. The reason alone is public."),
        _("%(period)s after the result is certified."),
        Period(months=6), rows(strikes_with_notes, _make_noteless),
    ),
    Entry(
        "results", Group.VOTING,
        _("Public ballots, the board and the results: without names"),
        _("They are the record of a public decision, and anyone can count again."),
        _("For good."),
    ),
)  # fmt: skip
