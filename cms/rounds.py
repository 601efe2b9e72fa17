"""What pages show of rounds: read-only, and of results only what was published."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from random import Random
from typing import Any

from django.db.models import F, Prefetch
from django.db.models.functions import Mod
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from budgets.models import Pot, Project, Result, Round, Submission
from budgets.models.rounds import Phase, RoundQuerySet
from participation.models import Picture, Proposal

Text = str | Promise

# What someone can do in each phase: where it leads, what the button says, one sentence about now.
ACTIONS: dict[str, tuple[str, Text, Text]] = {
    Phase.ANNOUNCED: (
        "budgets:round",
        _("See what is planned"),
        _("It starts soon. Ideas are welcome from the first day."),
    ),
    Phase.PROPOSING: ("budgets:propose", _("Suggest an idea"), _("Anyone who lives here can suggest an idea.")),
    Phase.SHAPING: ("budgets:ideas", _("Read the ideas"), _("Neighbours work on the ideas together.")),
    Phase.REVIEW: (
        "budgets:ideas",
        _("Read the ideas"),
        _("Each idea is checked: can it be done, and what does it cost?"),
    ),
    Phase.VOTING: ("budgets:vote", _("Vote now"), _("Choose the projects you want. It takes about five minutes.")),
    Phase.COUNTING: (
        "budgets:round",
        _("See how it is counted"),
        _("Voting has closed and the votes are being counted."),
    ),
    Phase.RESULT: ("budgets:result", _("See the result"), _("The votes are counted. See what won, and why.")),
    Phase.DELIVERY: ("budgets:result", _("See what won"), _("The projects that won are being carried out.")),
}
# What comes at the end of a phase, to be followed by the moment.
NEXT: dict[str, Text] = {
    Phase.ANNOUNCED: _("Ideas are welcome from"),
    Phase.PROPOSING: _("Ideas are welcome until"),
    Phase.SHAPING: _("The ideas are checked from"),
    Phase.REVIEW: _("Voting starts on"),
    Phase.VOTING: _("Voting closes on"),
}
# The home page leads with the round in which people can do most.
URGENCY = (
    Phase.VOTING, Phase.PROPOSING, Phase.SHAPING, Phase.REVIEW, Phase.COUNTING, Phase.ANNOUNCED, Phase.RESULT,
    Phase.DELIVERY,
)  # fmt: skip
ON_THE_BALLOT = {Phase.VOTING, Phase.COUNTING, Phase.RESULT, Phase.DELIVERY}
DECIDED = {Phase.RESULT, Phase.DELIVERY}
PRIME = 10_007
SHOWN = 3  # winners named on a card


@dataclass(frozen=True, slots=True)
class Step:
    """One phase on the timeline; `state` is done, now or next."""

    label: Text
    state: str
    starts: datetime | None


@dataclass(frozen=True, slots=True)
class Slice:
    """What one funder pays into all pots together, and where its piece of the bar lies, in thousandths."""

    name: str
    amount: int  # minor units
    start: int
    width: int


@dataclass(frozen=True, slots=True)
class Front:
    """A round as the home page tells it."""

    round: Round
    phase: Phase
    steps: list[Step]
    sentence: Text
    action_url: str
    action_label: Text
    ends: datetime | None  # of the phase
    ends_label: Text
    total: int  # minor units, all pots
    slices: list[Slice]


@dataclass(frozen=True, slots=True)
class Card:
    """A project or an idea, as the project card shows it."""

    title: str
    url: str
    summary: str
    ward: str
    proposer: str
    cost: int | None
    currency: str
    picture_url: str
    picture_alt: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a round with a published result has become. Sums in minor units, over all pots."""

    round: Round
    certified: bool
    ballots: int
    spent: int
    total: int
    winners: list[dict[str, Any]]
    projects: int
    picture: Picture | None = None

    @property
    def first(self) -> list[dict[str, Any]]:
        return self.winners[:SHOWN]

    @property
    def more(self) -> int:
        return max(0, len(self.winners) - SHOWN)


def choices() -> list[tuple[str, str]]:
    """Public rounds for an editor to choose from: (slug, name)."""
    return [(round.slug, f"{round.title} ({round.place})") for round in Round.objects.public().select_related("place")]


def most_urgent(rounds: Iterable[Round], now: datetime) -> Round | None:
    """The round where people can do most now; of two alike the one that changes sooner. Imported ones never lead."""
    own = [round for round in rounds if not round.is_imported]

    def rank(round: Round) -> tuple[int, float]:
        phase = round.phase(now)
        moment = round.voting_closes_at.timestamp()
        return URGENCY.index(phase), -moment if phase in DECIDED else moment

    return min(own, key=rank, default=None)


def front(round: Round, now: datetime) -> Front:
    """Uses the prefetched place, pots, funders and results: no query."""
    phase = round.phase(now)
    url_name, label, sentence = ACTIONS[phase]
    pots = list(round.pots.all())
    return Front(
        round=round,
        phase=phase,
        steps=steps(round, phase),
        sentence=sentence,
        action_url=reverse(url_name, args=[round.slug]),
        action_label=label,
        ends=ends(round, phase),
        ends_label=NEXT.get(phase, ""),
        total=sum(pot.amount for pot in pots),
        slices=slices(pots),
    )


def slices(pots: Iterable[Pot]) -> list[Slice]:
    """Who pays how much, the largest first; the widths add up to 1000."""
    amounts: dict[str, int] = {}
    for pot in pots:
        for funder in pot.funders.all():
            amounts[funder.name] = amounts.get(funder.name, 0) + funder.amount
    total, paid, result = sum(amounts.values()), 0, []
    for name, amount in sorted(amounts.items(), key=lambda item: -item[1]):
        start, paid = round_half(1000 * paid, total), paid + amount
        result.append(Slice(name, amount, start, round_half(1000 * paid, total) - start))
    return result


def round_half(number: int, by: int) -> int:
    return (2 * number + by) // (2 * by)


def steps(round: Round, phase: Phase) -> list[Step]:
    """The timetable with "you are here"; what lies before the present phase is done."""
    order = list(Phase)
    here = order.index(phase)
    result = []
    for step, starts in round.timetable():
        place = order.index(step)
        state = "now" if place == here else "done" if place < here else "next"
        result.append(Step(step.label, state, starts))
    return result


def ends(round: Round, phase: Phase) -> datetime | None:
    return {
        Phase.ANNOUNCED: round.proposing_opens_at,
        Phase.PROPOSING: round.shaping_opens_at,
        Phase.SHAPING: round.review_opens_at,
        Phase.REVIEW: round.voting_opens_at,
        Phase.VOTING: round.voting_closes_at,
    }.get(phase)


def cards(round: Round, now: datetime, count: int) -> list[Card]:
    """Some of a round's projects, or of its ideas while there are none: other ones each hour, so that none is favoured.

    Two queries, however many there are.
    """
    if round.phase(now) in ON_THE_BALLOT:
        return [_project(project, round) for project in _some(round.projects.listed(), now, count)]
    return [_idea(submission) for submission in _some(round.submissions.public().listed(), now, count)]


def _some(queryset: Any, now: datetime, count: int) -> Any:
    """A few rows in an order that the database stirs anew each hour: a quadratic polynomial modulo a prime."""
    chance = Random(f"{now:%Y%m%d%H}")
    key = Mod(F("pk"), PRIME)
    stirred = Mod(key * key * chance.randrange(1, PRIME) + key * chance.randrange(PRIME), PRIME)
    return queryset.order_by(stirred, "pk")[:count]


def _project(project: Project, round: Round) -> Card:
    proposal = project.proposal
    picture = proposal.picture if proposal and not proposal.hidden_at else None
    return Card(
        title=project.name,
        url=reverse("budgets:project", args=[round.slug, project.code]),
        summary=project.summary,
        ward=project.area.name if project.area else project.area_name,
        proposer=proposal.author.public_name if proposal and proposal.author else "",
        cost=project.cost,
        currency=round.currency,
        picture_url=picture.get_absolute_url() if picture else "",
        picture_alt=picture.alt_text if picture else "",
    )


def _idea(submission: Submission) -> Card:
    proposal = submission.proposal
    picture = proposal.picture
    return Card(
        title=str(proposal),
        url=proposal.get_absolute_url(),
        summary=proposal.what,
        ward=proposal.area.name if proposal.area else "",
        proposer=proposal.author.public_name if proposal.author else "",
        cost=None,
        currency="GBP",
        picture_url=picture.get_absolute_url() if picture else "",
        picture_alt=picture.alt_text if picture else "",
    )


def for_home() -> RoundQuerySet:
    """Public rounds with all that their phase, money and place need, but without the long snapshots of their results."""
    pots = Pot.objects.select_related("result").defer("result__snapshot").prefetch_related("funders")
    return Round.objects.public().select_related("place").prefetch_related(Prefetch("pots", pots))


def result(round: Round) -> Outcome | None:
    """The published result of all pots, or None while there is none. Uses the prefetched pots and results: one query."""
    if not round.has_result():
        return None
    return with_pictures([_outcome(round, [pot.result for pot in round.pots.all()])])[0]


def outcomes(rounds: Iterable[Round], count: int) -> list[Outcome]:
    """What the first of these that have a result became, each with the picture of a winner. Two queries."""
    decided = [round for round in rounds if round.has_result()][:count]
    results: dict[int, list[Result]] = {}
    for found in Result.objects.filter(pot__round__in=decided).select_related("pot").order_by("pot__position", "pot"):
        results.setdefault(found.pot.round_id, []).append(found)
    return with_pictures([_outcome(round, results[round.pk]) for round in decided])


def with_pictures(outcomes: list[Outcome]) -> list[Outcome]:
    """Give each the first picture there is of its winners. One query."""
    references = [winner["proposal"] for outcome in outcomes for winner in outcome.first if winner.get("proposal")]
    public = Proposal.objects.public().filter(reference__in=references)
    pictures = Picture.objects.filter(proposal__in=public, hidden_at=None).select_related("proposal")
    of = {picture.proposal.reference: picture for picture in pictures}
    found = (next((of[w["proposal"]] for w in o.first if w.get("proposal") in of), None) for o in outcomes)
    return [replace(outcome, picture=picture) for outcome, picture in zip(outcomes, found, strict=True)]


def _outcome(round: Round, results: list[Result]) -> Outcome:
    snapshots = [result.snapshot for result in results]
    projects = [project for snapshot in snapshots for project in snapshot["projects"]]
    return Outcome(
        round=round,
        certified=all(result.certified_at for result in results),
        ballots=max(snapshot["ballots"] for snapshot in snapshots),
        spent=sum(snapshot["cost"] for snapshot in snapshots),
        total=sum(snapshot["pot"]["amount"] for snapshot in snapshots),
        winners=[project for project in projects if project["funded"]],
        projects=len(projects),
    )
