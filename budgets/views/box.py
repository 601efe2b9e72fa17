"""Where a round's ballot box stands, and whether what is in it adds up: what the page of the box draws."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Sum
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from budgets.models import BoardEntry, Elector, Round
from budgets.models.board import Length
from budgets.models.challenges import challenged_until
from budgets.views.common import Step

Kind = BoardEntry.Kind


@dataclass(frozen=True, slots=True)
class Box:
    """What the checkpoints of the board say. Bodies come without leaves (`BoardQuerySet.without_leaves`)."""

    close: Any = None  # the entry, or None while the box is not closed
    result: Any = None  # the newest result
    key_destroyed: bool = False

    @property
    def certified(self) -> bool:
        return self.result is not None and self.result.state == "certified"


def read_box(round: Round) -> Box:
    """One query, however long the board is."""
    last = {
        entry.kind: entry for entry in BoardEntry.objects.filter(round=round).signed().without_leaves().order_by("seq")
    }
    return Box(last.get(Kind.CLOSE), last.get(Kind.RESULT), Kind.KEY_DESTROYED in last)


def stage(round: Round, box: Box, now: datetime) -> str:
    """before | open | counting | challenge | waiting (for the second person) | certified."""
    if box.certified:
        return "certified"
    if now < round.voting_opens_at:
        return "before"
    if round.is_open(now):
        return "open"
    if box.result is None:
        return "counting"
    return "challenge" if now < challenged_until(round) else "waiting"


def says(stage: str, round: Round, box: Box) -> dict[str, str]:
    """The stage for people: {"title", "text", "drawing"}."""
    texts = {
        "before": (
            _("The box is ready, and empty"),
            _("The rules are fixed. Nothing can be put in before voting opens."),
            "box",
        ),
        "open": (
            _("The box is open"),
            _("Ballots go in and stay shut. Nobody sees who is ahead, the organisers included."),
            "box",
        ),
        "counting": (
            _("The box is closed"),
            _("Nothing goes in any more. The ballots are being counted by the rules that were fixed before the vote."),
            "count",
        ),
        "challenge": (
            _("The count can be challenged"),
            _("The outcome is out, but it is not final. Who thinks that something is wrong can say so now."),
            "certify",
        ),
        "waiting": (
            _("The count waits for a second person"),
            _("Two organisers look at the count: one stands for it, then another one certifies it."),
            "certify",
        ),
        "certified": (
            _("The outcome is certified"),
            _("Every ballot is public, without names. Anyone can count again.")
            + (" " + _("Nobody can find out any more whose ballot is whose.") if box.key_destroyed else ""),
            "recount",
        ),
    }  # fmt: skip
    title, text, drawing = texts[stage]
    return {"title": title, "text": text, "drawing": drawing}


def progress(round: Round, stage: str) -> list[Step]:
    """The stages as steps with "you are here", for components/timeline.html."""
    until = challenged_until(round)
    steps: list[tuple[str, str, datetime | None]] = [
        ("before", _("Rules fixed"), round.rules_frozen_at),
        ("open", _("Box open"), round.voting_opens_at),
        ("counting", _("Closed and counted"), round.voting_closes_at),
    ]
    if until > round.voting_closes_at:
        steps.append(("challenge", _("Can be challenged"), None))
    certified = _("Certified by a second person") if stage == "certified" else _("A second person certifies")
    steps.append(("certified", certified, None))
    here = [name for name, *_rest in steps].index("certified" if stage == "waiting" else stage)
    found: list[Step] = []
    for place, (name, label, starts) in enumerate(steps):
        state = "done" if place < here else "now" if place == here else "next"
        step: dict[str, Any] = {"label": label, "state": state, "starts": starts}
        if name == "challenge":
            step["when"] = _("until %(day)s") % {"day": date_format(localtime(until), "j M, H:i")}
        found.append(step)  # type: ignore[arg-type]
    return found


def balance_sheet(round: Round, box: Box, struck: int) -> dict[str, Any] | None:
    """Voters against ballots, and codes on the board against ballots: all from the board, as everyone can read it.

    None while the box is open. {"voters": [{"label", "number"}], "voted", "closed": ballots at the close, "sealed": codes on
    the board, "replaced", "struck", "counted", "holds"}. Two queries at most.
    """
    if box.close is None:
        return None
    batches = BoardEntry.objects.filter(round=round, kind=Kind.BATCH)
    sealed = batches.aggregate(n=Sum(Length("leaves")))["n"] or 0
    voted, closed, replaced = sum(box.close.voted.values()), box.close.ballots, box.close.replaced
    counted = closed - struck
    holds = voted == closed and sealed == closed + replaced and (not box.certified or box.result.ballots == counted)
    return {
        "voters": [{"label": _channel(name), "number": number} for name, number in sorted(box.close.voted.items())],
        "voted": voted,
        "closed": closed,
        "sealed": sealed,
        "replaced": replaced,
        "struck": struck,
        "counted": counted,
        "holds": holds,
    }


def _channel(name: str) -> str:
    if name == Elector.Channel.WEB:
        return _("People who voted on this site")
    return str(dict(Elector.Channel.choices).get(name, name))
