"""What the home page shows: the round in which people can do most, some of its projects, what earlier rounds became."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest

from budgets.models import Round
from budgets.models.rounds import Phase
from cms import rounds
from cms.models.settings import SiteSettings

LATEST = 40  # rounds looked at; older ones are on the page of rounds
CARDS = 3
OUTCOMES = 3


def read(request: HttpRequest, *, now: datetime) -> dict[str, Any]:
    """The template's context. Its queries do not grow with the number of rounds or projects."""
    settings = SiteSettings.for_request(request)
    public = rounds.for_home()
    if settings.featured_place:
        public = public.within(settings.featured_place)
    latest = list(public[:LATEST])
    lead = _featured(settings, latest) or rounds.most_urgent(latest, now)
    return {
        "front": rounds.front(lead, now) if lead else None,
        "cards": rounds.cards(lead, now, CARDS) if lead and lead.phase(now) not in rounds.DECIDED else [],
        "others": [rounds.front(other, now) for other in _also_on(latest, lead, now)],
        "outcomes": rounds.outcomes(latest, OUTCOMES),
    }


def _featured(settings: SiteSettings, latest: list[Round]) -> Round | None:
    """The round chosen in the settings, while it is public."""
    return next((round for round in latest if round.pk == settings.featured_round_id), None)


def _also_on(latest: list[Round], lead: Round | None, now: datetime) -> list[Round]:
    """Other rounds where something can be done."""
    on = {Phase.VOTING, Phase.PROPOSING}
    return [round for round in latest if round != lead and round.phase(now) in on][:OUTCOMES]
