"""Counting rules as people call them, and the counts of the same ballots by other rules."""

from django.http import Http404
from django.utils.translation import gettext_lazy as _

from budgets.models import Result, Tally

# For every preset of the engine: what people call it, and its idea in one sentence.
RULES = {
    "equal-shares": (
        _("Equal Shares"),
        _("Every voter has the same part of the money, and supporters pay for their projects together."),
    ),
    "equal-shares-plain": (
        _("Equal Shares, once"),
        _("As Equal Shares, but what the supporters cannot pay for stays in the pot."),
    ),
    "equal-shares-add1": (
        _("Equal Shares, raised step by step"),
        _("As Equal Shares, with every share raised on paper until the next step would cost more than the pot."),
    ),
    "equal-shares-add1-no-exhaustive": (
        _("Equal Shares, raised to the last step"),
        _("As “raised step by step”, but going on even where nothing more fits into the pot as it is."),
    ),
    "equal-shares-cardinality": (
        _("Equal Shares, each project worth the same"),
        _("As Equal Shares, but what counts is how many projects each voter gets, not what they cost."),
    ),
    "equal-shares-points": (
        _("Equal Shares by points, once"),
        _("As Equal Shares, but who gave a project more points pays more for it."),
    ),
    "equal-shares-points-add1": (
        _("Equal Shares by points, raised step by step"),
        _("As Equal Shares by points, with every share raised on paper so that more of the pot is used."),
    ),
    "equal-shares-bounded-overspending": (
        _("Equal Shares with some overspending"),
        _("As Equal Shares, but supporters may be short of a part of the cost, which the rest of the pot then pays."),
    ),
    "exact-shares": (
        _("Exactly Equal Shares, once"),
        _("As Equal Shares, but everybody who pays for a project pays exactly the same, or nothing."),
    ),
    "exact-shares-add1": (
        _("Exactly Equal Shares, raised step by step"),
        _("As Exactly Equal Shares, with every share raised on paper by fixed steps so that more of the pot is used."),
    ),
    "exact-shares-add-opt": (
        _("Exactly Equal Shares, raised to each change"),
        _("As Exactly Equal Shares, with every share raised on paper to each sum at which something changes."),
    ),
    "exact-shares-add-opt-skip": (
        _("Exactly Equal Shares, raised to each new project"),
        _("As Exactly Equal Shares, with every share raised on paper to each sum at which another project comes in."),
    ),
    "wieliczka-2023": (
        _("Equal Shares as in Wieliczka in 2023"),
        _("Equal Shares, raised to the last step, unless “most votes first” serves more of the voters better."),
    ),
    "swiecie-2023": (
        _("Equal Shares as in Świecie in 2023"),
        _(
            "Equal Shares for projects with enough votes for their cost, unless “most votes first” serves more of the "
            "voters better."
        ),
    ),
    "greedy": (
        _("Most votes first"),
        _("The project with the most votes first, then the next that fits, until the pot is used."),
    ),
    "greedy-no-skip": (
        _("Most votes first, nothing passed over"),
        _("The project with the most votes first, then the next, until one does not fit: there the count ends."),
    ),
    "greedy-threshold": (
        _("Most votes first, with a least number of votes"),
        _("As “most votes first”, but a project needs a certain number of votes to be looked at."),
    ),
    "greedy-points": (
        _("Most points first"),
        _("The project with the most points first, then the next that fits, until the pot is used."),
    ),
    "greedy-per-cost": (
        _("Most votes for each pound"),
        _("As “most votes first”, but cheap projects come sooner: votes are divided by the cost."),
    ),
    "phragmen": (
        _("Earning together (Phragmén)"),
        _("Voters earn money at the same pace; a project is bought when its supporters have its cost."),
    ),
    "max-welfare": (
        _("Most votes in total"),
        _("The choice of projects that has the most votes when all are added up."),
    ),
    "max-welfare-cost": (
        _("Most votes in total, by cost"),
        _("The choice of projects with the most votes when all are added up, each vote weighed by its project’s cost."),
    ),
    "cumulative-stv": (
        _("Points that flow on"),
        _("A voter’s points are money: what a project does not need flows on to the voter’s other choices."),
    ),
    "cumulative-stv-excess": (
        _("Points that flow on, the largest surplus first"),
        _("As “points that flow on”, but the project with the most money above its cost comes first."),
    ),
    "cumulative-stv-elimination": (
        _("Points that flow on, the weakest given up"),
        _("As “points that flow on”, but the project furthest from its cost is given up, and its points flow on."),
    ),
    "cumulative-stv-elimination-excess": (
        _("Points that flow on, the weakest given up, the largest surplus first"),
        _("As “the weakest given up”, but the project with the most money above its cost comes first."),
    ),
    "expanding-approvals": (
        _("First choices first"),
        _("Supporters pay together: those with a project as first choice first, then second choices too, and so on."),
    ),
}


def rule_name(preset: str) -> str:
    """What people call a counting rule; of one that the engine does not know, the name it was given."""
    return str(RULES[preset][0]) if preset in RULES else preset


def rule_idea(preset: str) -> str:
    """The idea of a counting rule in one sentence, or nothing."""
    return str(RULES[preset][1]) if preset in RULES else ""


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
