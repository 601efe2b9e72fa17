"""Counting rules as people call them, and the counts of the same ballots by other rules."""

from django.http import Http404
from django.utils.translation import gettext as _

from budgets.models import Result, Tally


def rule_name(preset: str) -> str:
    """What people call a counting rule."""
    known = {
        "equal-shares": _("Equal Shares"),
        "equal-shares-plain": _("Equal Shares, once"),
        "equal-shares-add1": _("Equal Shares, raised step by step"),
        "equal-shares-add1-no-exhaustive": _("Equal Shares, raised to the last step"),
        "equal-shares-cardinality": _("Equal Shares, each project worth the same"),
        "greedy": _("Most votes first"),
        "greedy-per-cost": _("Most votes for each pound"),
        "phragmen": _("Earning together (Phragmén)"),
        "max-welfare": _("Most votes in total"),
    }
    return known.get(preset, preset)


def rule_idea(preset: str) -> str:
    """The idea of a counting rule in one sentence, or nothing."""
    ideas = {
        "equal-shares": _(
            "Every voter has the same part of the money, and supporters pay for their projects together."
        ),
        "equal-shares-cardinality": _(
            "As Equal Shares, but what counts is how many projects each voter gets, not what they cost."
        ),
        "greedy": _("The project with the most votes first, then the next that fits, until the pot is used."),
        "greedy-per-cost": _("As “most votes first”, but cheap projects come sooner: votes are divided by the cost."),
        "phragmen": _("Voters earn money at the same pace; a project is bought when its supporters have its cost."),
        "max-welfare": _("The choice of projects that has the most votes when all are added up."),
    }
    return ideas.get(preset, "")


def other_tallies(result: Result) -> list[Tally]:
    """The same ballots counted by other rules, one tally a rule, the newest. One query."""
    found: dict[str, Tally] = {}
    tallies = Tally.objects.filter(
        pot=result.pot, state=Tally.State.DONE, election_digest=result.tally.election_digest
    ).defer("analysis")
    for tally in tallies.order_by("finished_at", "pk"):
        found[tally.rule] = tally
    return list(found.values())


def other_tally(result: Result, preset: str) -> Tally:
    """The newest count of the same ballots by this rule; 404 where there is none."""
    tally = (
        Tally.objects.filter(
            pot=result.pot, rule=preset, state=Tally.State.DONE, election_digest=result.tally.election_digest
        )
        .order_by("-finished_at", "-pk")
        .first()
    )
    if tally is None:
        raise Http404
    return tally
