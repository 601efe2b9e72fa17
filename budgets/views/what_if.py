"""What if the same ballots had been counted by another rule: side by side, from tallies that were counted beforehand."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from budgets.actions.tallies import COMPARED
from budgets.models import Result, Tally
from budgets.tally.exact import from_ratio
from budgets.templatetags.money import money
from budgets.views.common import find_result, page
from budgets.views.rules import other_tallies, rule_idea, rule_name

# Voters with so many winners or more share one bar.
MANY_WINNERS = 5


@dataclass(frozen=True, slots=True)
class Pair:
    """For components/paired_bars.html: one figure under the rule that decided (`a`) and under the other (`b`)."""

    label: str
    a: int
    b: int
    a_text: str
    b_text: str


@dataclass(frozen=True, slots=True)
class Side:
    """One rule's outcome in figures a resident reads."""

    preset: str
    name: str
    idea: str
    published: bool
    winners: int
    cost: int
    with_winner: int  # voters
    voters: int
    average: str
    url: str  # of the same page with this rule chosen

    @property
    def percent(self) -> int:
        return round(100 * self.with_winner / max(self.voters, 1))


@require_safe
def what_if(request: HttpRequest, slug: str, pot: str) -> HttpResponse:
    """`?rule=` names the other rule; without it, the first there is. The published rule always stands beside it."""
    round, result = find_result(request, slug, pot)
    others = other_tallies(result)
    shown = sides(others, result)
    chosen = _chosen(request.GET.get("rule"), others, result)
    context = page(
        round,
        timezone.now(),
        result=result,
        pot=result.pot,
        currency=result.snapshot["currency"],
        sides=shown,
        decided=shown[0],
        chosen=next((side for side in shown if side.preset == chosen.rule), None) if chosen else None,
        comparison=(comparison := compare(result, chosen) if chosen else None),
        most_voters=_most(comparison["voters"]) if comparison else 1,
        most_money=_most(comparison["areas"]) if comparison else 1,
    )
    return render(request, "budgets/results/what_if.html", context)


def sides(others: Iterable[Tally], result: Result) -> list[Side]:
    """The published count first, then the others: the best known rules before the rest."""
    address = reverse("budgets:what_if", args=[result.snapshot["round"], result.pot.key])
    return [_side(tally, result, address) for tally in (result.tally, *_in_order(others, result))]


def _in_order(others: Iterable[Tally], result: Result) -> list[Tally]:
    known = {preset: place for place, preset in enumerate(COMPARED)}
    unpublished = [tally for tally in others if tally.rule != result.tally.rule]
    return sorted(unpublished, key=lambda tally: (known.get(tally.rule, len(known)), tally.rule))


def _chosen(asked: str | None, others: Iterable[Tally], result: Result) -> Tally | None:
    """The other rule asked for; 404 for one that was not counted, None where there is no other at all."""
    there = _in_order(others, result)
    if not asked:
        return there[0] if there else None
    found = next((tally for tally in there if tally.rule == asked), None)
    if found is None:
        raise Http404
    return found


def _side(tally: Tally, result: Result, address: str) -> Side:
    statistics = tally.outcome["statistics"]
    return Side(
        preset=tally.rule,
        name=rule_name(tally.rule),
        idea=rule_idea(tally.rule),
        published=tally.pk == result.tally_id,
        winners=len(tally.outcome["selected"]),
        cost=tally.outcome["cost"],
        with_winner=statistics["voters_with_winner"],
        voters=statistics["voters"],
        average=f"{float(from_ratio(statistics['winners_per_voter'])):.1f}",
        url=f"{address}?rule={tally.rule}",
    )


def compare(result: Result, other: Tally) -> dict[str, Any]:
    """What another rule would have changed: projects gained and lost, voters by number of winners, money by ward."""
    rows = {row["code"]: row for row in result.snapshot["projects"]}
    ours, theirs = set(result.tally.outcome["selected"]), set(other.outcome["selected"])
    votes = {row["id"]: row["votes"] for row in other.outcome["projects"]}

    def listed(codes: set[str]) -> list[dict[str, Any]]:
        chosen = sorted(codes, key=lambda code: (-votes[code], code))
        return [
            {"name": rows[code]["name"], "cost": rows[code]["cost"], "votes": votes[code], "area": rows[code]["area"]}
            for code in chosen
        ]

    return {
        "gained": listed(theirs - ours),
        "lost": listed(ours - theirs),
        "kept": listed(ours & theirs),
        "said": _said(len(theirs - ours), len(ours - theirs)),
        "voters": _voters(result.tally.outcome["statistics"], other.outcome["statistics"]),
        "areas": _areas(rows, ours, theirs, result.snapshot["currency"]),
    }


def _said(more: int, fewer: int) -> str:
    if not more and not fewer:
        return _("The same projects would be funded.")
    gained = ngettext("%(n)s other project would be funded", "%(n)s other projects would be funded", more) % {"n": more}
    lost = ngettext("%(n)s would not be", "%(n)s would not be", fewer) % {"n": fewer}
    return _("%(gained)s, and %(lost)s.") % {"gained": gained, "lost": lost}


def _voters(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[Pair]:
    """How many voters get none, one, two … of their choices."""
    sides = [_by_winners(statistics["voters_by_winners"]) for statistics in (ours, theirs)]
    labels = [_("none"), *(f"{n}" for n in range(1, MANY_WINNERS)), _("%(n)s or more") % {"n": MANY_WINNERS}]
    pairs = [Pair(label, a, b, f"{a:,}", f"{b:,}") for label, a, b in zip(labels, sides[0], sides[1], strict=True)]
    while len(pairs) > 2 and not pairs[-1].a and not pairs[-1].b:
        pairs.pop()
    return pairs


def _by_winners(voters: list[int]) -> list[int]:
    padded = [*voters, *[0] * (MANY_WINNERS + 1)]
    return [*padded[:MANY_WINNERS], sum(padded[MANY_WINNERS:])]


def _most(pairs: list[Pair]) -> int:
    """The value of a full bar."""
    return max((max(pair.a, pair.b) for pair in pairs), default=1)


def _areas(rows: Mapping[str, Any], ours: set[str], theirs: set[str], currency: str) -> list[Pair]:
    """Money by ward, where the projects have one; the most first."""
    spent: dict[str, list[int]] = {}
    for code, row in rows.items():
        sums = spent.setdefault(row["area"], [0, 0])
        sums[0] += row["cost"] if code in ours else 0
        sums[1] += row["cost"] if code in theirs else 0
    if set(spent) <= {""}:
        return []
    listed = sorted(spent.items(), key=lambda item: (item[0] == "", -item[1][0], item[0]))
    return [Pair(area or _("the whole place"), a, b, money(a, currency), money(b, currency)) for area, (a, b) in listed]
