"""What the organiser's pages share: finding the round, the frame of its pages, and how its timetable and rules read."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypedDict

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from budgets.forms.rounds import LABELS
from budgets.models import Round
from budgets.permissions import may_change_rules, may_organise
from participation.accounts.models import User
from participation.refusals import Refused

Text = str | Promise


# Shapes of areas are long, and no page of an organiser draws one.
BOUNDARIES = ("place__boundary", "place__parent__boundary", "place__parent__parent__boundary")


class Row(TypedDict):
    """For components/summary_list.html."""

    key: str
    value: str


def organiser(request: HttpRequest) -> User:
    """The person who asks; nobody is asked to sign in first."""
    if not request.user.is_authenticated:
        raise Refused("sign_in")
    return request.user


def find_organised(request: HttpRequest, slug: str, *, pots: bool = False) -> Round:
    """The round (with its `pots`, funders and results, where the page shows them), for the organisers of its place.
    Anyone else is refused, or told that it does not exist."""
    person = organiser(request)
    rounds = Round.objects.with_pots() if pots else Round.objects.all()
    round = rounds.select_related("place__parent__parent").defer(*BOUNDARIES).filter(slug=slug).first()
    if round is None:
        raise Http404
    refused = may_organise(person, round.place)
    if refused and round.published_at is None:
        raise Http404
    if refused:
        raise refused
    return round


def address(round: Round, page: str = "organise_round", *arguments: Any) -> str:
    return reverse(f"budgets:{page}", args=[round.slug, *arguments])


def frame(request: HttpRequest, round: Round, **context: Any) -> dict[str, Any]:
    """The context of a page below a round's task list. `locked` is why its rules cannot be changed, or None;
    `may_reopen` says whether there is a way round it."""
    return {
        "round": round,
        "crumbs": [(reverse("budgets:organise"), _("Your rounds")), (address(round), round.title)],
        "locked": may_change_rules(request.user, round),
        "may_reopen": bool(round.rules_frozen_at) and not round.is_imported and timezone.now() < round.voting_opens_at,
        **context,
    }


def answers(round: Round, names: Iterable[str]) -> list[Row]:
    """Fields of a round as they are, for reading."""
    return [{"key": str(LABELS[name]), "value": _said(round, name)} for name in names]


def _said(round: Round, name: str) -> str:
    value = getattr(round, name)
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, datetime):
        return moment(value)
    if hasattr(round, f"get_{name}_display"):
        return str(getattr(round, f"get_{name}_display")())
    return str(value)


def moment(value: datetime) -> str:
    """In local time, such as: Saturday 1 May 2027, 09:00."""
    return date_format(timezone.localtime(value), "l j F Y, H:i")
