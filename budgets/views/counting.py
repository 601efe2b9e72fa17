"""How far the count of a closed round is, for its pages: read from the tallies, where the worker notes it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from budgets.models import Round, Tally
from budgets.models.rounds import Phase
from budgets.templatetags.money import money
from budgets.views.common import find_round

# Without news for so long the count has probably died; the sweep then starts it again.
QUIET = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class PotCount:
    """`state`: waiting, running, done or failed; `text`: one sentence about it."""

    name: str
    state: str
    text: str


@dataclass(frozen=True, slots=True)
class Counting:
    """For components/count_progress.html."""

    pots: list[PotCount]
    quiet: bool

    @property
    def done(self) -> int:
        return sum(pot.state == "done" for pot in self.pots)

    @property
    def over(self) -> bool:
        """Every pot is counted."""
        return self.done == len(self.pots)

    @property
    def failed(self) -> bool:
        return any(pot.state == "failed" for pot in self.pots)


def counting(round: Round, now: datetime) -> Counting | None:
    """None unless the round is being counted here. `round` with its pots prefetched; one query."""
    if round.is_imported or round.phase(now) != Phase.COUNTING:
        return None
    name = round.rules["counting"]["name"]
    newest = {
        tally.pot_id: tally
        for tally in Tally.objects.light().filter(pot__round=round, rule=name).order_by("started_at")
    }
    pots = [(pot.name, newest.get(pot.pk)) for pot in round.pots.all()]
    return Counting(
        [PotCount(name, *_said(tally, round.currency)) for name, tally in pots],
        any(tally is not None and _is_quiet(tally, now) for _name, tally in pots),
    )


def _said(tally: Tally | None, currency: str) -> tuple[str, str]:
    """The state of one pot's count, and a sentence about it."""
    if tally is None:
        return "waiting", _("The ballots are being gathered.")
    if tally.state == Tally.State.DONE:
        return "done", _("Counted.")
    if tally.state == Tally.State.FAILED:
        return "failed", _("The count stopped. No ballot is lost; the organisers can start it again.")
    return "running", _step(tally.progress or {}, currency)


def _step(progress: dict[str, Any], currency: str) -> str:
    if "share" not in progress:
        return _("Counting has begun.")
    return _("Step %(step)s: every voter’s share has been raised to %(share)s.") % {
        "step": f"{progress['step']:,}",
        "share": money(progress["share"], currency),
    }


def _is_quiet(tally: Tally, now: datetime) -> bool:
    if tally.state != Tally.State.RUNNING:
        return False
    heard = (tally.progress or {}).get("at")
    return now - (datetime.fromisoformat(heard) if heard else tally.started_at) > QUIET


@require_safe
def count_progress(request: HttpRequest, slug: str) -> HttpResponse:
    """The fragment that a page of a round being counted fetches again; with a result there it asks for the whole page."""
    now = timezone.now()
    round = find_round(request, slug)
    found = counting(round, now)
    response = render(request, "budgets/results/_progress.html", {"round": round, "counting": found})
    if found is None and request.headers.get("HX-Request"):
        response["HX-Refresh"] = "true"
    return response
