"""What the public pages of a round share: finding it, its links, and how its timetable reads."""

from datetime import datetime
from typing import Any, TypedDict

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from budgets.models import Result, Round
from budgets.models.rounds import Phase
from budgets.permissions import may_see_round

AFTER_REVIEW = {Phase.VOTING, Phase.COUNTING, Phase.RESULT, Phase.DELIVERY}


class Step(TypedDict):
    label: str
    state: str
    starts: datetime | None


def find_round(request: HttpRequest, slug: str, *, bare: bool = False) -> Round:
    """The round with its pots, funders and results, or 404 also for one that this person may not see.

    `bare`: the row alone, in one query, for what shows no page.
    """
    rounds = Round.objects.all() if bare else Round.objects.with_pots()
    round = rounds.filter(slug=slug).first()
    if round is None or not may_see_round(request.user, round):
        raise Http404
    return round


def find_result(request: HttpRequest, slug: str, pot: str) -> tuple[Round, Result]:
    """The round and the published result of one of its pots (by key) with its tally, or 404."""
    round = find_round(request, slug)
    result = Result.objects.of_round(round).filter(pot__key=pot).select_related("tally").first()
    if result is None:
        raise Http404
    return round, result


def timeline(round: Round, now: datetime) -> list[Step]:
    """The phases with "you are here", for components/timeline.html. Imported rounds show only what the file tells."""
    phases = list(Phase)
    here = phases.index(round.phase(now))
    steps: list[Step] = []
    for phase, starts in round.timetable():
        place = phases.index(phase)
        state = "done" if place < here else "now" if place == here else "next"
        steps.append({"label": str(phase.label), "state": state, "starts": starts})
    return steps[3:6] if round.is_imported else steps


def links(round: Round, now: datetime) -> list[tuple[str, str]]:
    """The pages of a round that have something to show now."""
    phase = round.phase(now)
    pages = [(reverse("budgets:round", args=[round.slug]), _("Overview"))]
    if not round.is_imported:
        pages.append((reverse("budgets:ideas", args=[round.slug]), _("Ideas")))
    if phase in AFTER_REVIEW or phase == Phase.REVIEW:
        pages.append((reverse("budgets:projects", args=[round.slug]), _("Projects")))
    if phase == Phase.VOTING:
        pages.append((reverse("budgets:vote", args=[round.slug]), _("Vote")))
    if round.rules and round.rules.get("board_key"):
        pages.append((reverse("budgets:board", args=[round.slug]), _("Ballot box")))
    if round.has_result():
        pages.append((reverse("budgets:result", args=[round.slug]), _("Result")))
    return pages


def page(round: Round, now: datetime, **context: Any) -> dict[str, Any]:
    """The context that every page of a round starts from."""
    return {
        "round": round,
        "now": now,
        "phase": round.phase(now),
        "links": links(round, now),
        "crumbs": [(reverse("budgets:rounds"), _("Rounds")), (round.get_absolute_url(), round.title)],
        **context,
    }
