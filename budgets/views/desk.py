"""Where a round stands for its organisers: what is wrong, what waits, what failed. Reads once; `worklist` says it."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from budgets.actions.rounds import problems
from budgets.models import BallotCount, Project, Result, Round, Strike, Tally
from budgets.models.rounds import Phase
from budgets.permissions import refusal
from budgets.rules import Problem
from budgets.views.organise_common import Text, address
from participation.accounts.models import User


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing the configuration check found, and the page where it is put right."""

    sentence: str
    url: str
    label: Text
    where: str


@dataclass(frozen=True, slots=True)
class Desk:
    """A round as its organisers see it at `now`. `failed`: (pot, error) of each count that failed."""

    round: Round
    now: datetime
    phase: Phase
    blocking: list[Finding]
    notes: list[Finding]
    submissions: Counter[str]  # state → number
    ballots: int
    failed: list[tuple[str, str]]
    published: bool
    certified: bool
    may_certify: bool  # this person: not whoever published
    unanswered: int  # challenges
    proposed: int  # strikes
    outdated: bool  # counted again since the result was published, and not published again yet

    @property
    def total(self) -> int:
        """Minor units, over all pots."""
        return sum(pot.amount for pot in self.round.pots.all())

    def wrong(self, *where: str) -> bool:
        """Something blocking is to be put right there."""
        return any(finding.where in where for finding in self.blocking)


def open_desk(round: Round, person: User, now: datetime) -> Desk:
    """`round` with its pots and results prefetched."""
    found = [] if round.rules_frozen_at or round.is_imported else findings(round, now)
    results = [pot.result for pot in round.pots.all() if hasattr(pot, "result")]
    failed = _failed(round)
    return Desk(
        round=round,
        now=now,
        phase=round.phase(now),
        blocking=[finding for problem, finding in found if problem.blocking],
        notes=[finding for problem, finding in found if not problem.blocking],
        submissions=Counter(round.submissions.values_list("state", flat=True)),
        ballots=sum(BallotCount.objects.filter(round=round).values_list("ballots", flat=True)),
        failed=list(failed.values_list("pot__name", "error")) if failed is not None else [],
        published=round.has_result(),
        certified=round.has_result() and all(result.certified_at for result in results),
        may_certify=all(result.published_by_id != person.pk for result in results),
        unanswered=round.challenges.unanswered().count() if round.rules_frozen_at else 0,
        proposed=Strike.objects.of_round(round).waiting().count() if round.rules_frozen_at else 0,
        outdated=bool(results) and Result.objects.of_round(round).outdated().exists(),
    )


def _failed(round: Round) -> QuerySet[Tally] | None:
    """The counts that failed; None where none is due. After a first count only those by the round's own rule matter."""
    if round.counted_at is None:
        return Tally.objects.filter(pot__round=round, state=Tally.State.FAILED)
    if not round.recount_due:
        return None
    return Tally.objects.filter(pot__round=round, state=Tally.State.FAILED, rule=round.counting_rule)


def findings(round: Round, now: datetime) -> list[tuple[Problem, Finding]]:
    """The configuration check with a sentence and an address for each problem, the blocking ones first."""
    return [(problem, _finding(round, problem)) for problem in problems(round, now)]


def _finding(round: Round, problem: Problem) -> Finding:
    url, label = _remedy(round, problem)
    return Finding(str(refusal(problem)), url, label, problem.where)


def _remedy(round: Round, problem: Problem) -> tuple[str, Text]:
    """Where the problem is put right."""
    if problem.where == "timetable":
        return address(round, "edit_timetable"), _("Change the timetable")
    if problem.code == "no_pot":
        return address(round, "add_pot"), _("Add a pot")
    if problem.code == "nobody_eligible":
        return address(round, "edit_ballot"), _("Change who may vote")
    if problem.code in {"undecided_submissions", "no_project"}:
        return f"{address(round, 'review')}?state=submitted", _("Review ideas")
    if problem.code in {"project_without_cost", "dearer_than_pot"}:
        return _page_of_project(round, problem.where), _("Change the project")
    pot = next((pot for pot in round.pots.all() if pot.key == problem.where), None)
    return (
        (address(round, "edit_pot", pot.pk), _("Change the pot"))
        if pot
        else (address(round, "pots"), _("See the pots"))
    )


def _page_of_project(round: Round, code: str) -> str:
    project = Project.objects.filter(round=round, code=code).select_related("proposal").first()
    if project and project.proposal and project.submission_id:
        return address(round, "review_submission", project.proposal.reference)
    return address(round, "review")
