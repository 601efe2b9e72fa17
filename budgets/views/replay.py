"""The count of one pot, step by step: one address for each step, so that it works without any script."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from budgets.models import Result, Round, Tally
from budgets.tally.explain import sentence
from budgets.views.common import find_result, page
from budgets.views.rules import other_tally, rule_name
from budgets.views.steps import Film, film

# How many of the projects that missed out the closing picture names.
MISSED = 5


@require_safe
def replay(request: HttpRequest, slug: str, pot: str) -> HttpResponse:
    """`?step=n`: 0 is the opening picture, one more than there are winners the closing one; `?rule=` another rule."""
    round, result = find_result(request, slug, pot)
    preset = request.GET.get("rule", "")
    tally = other_tally(result, preset) if preset and preset != result.tally.rule else result.tally
    shown = film(tally, result.snapshot)
    number = _number(request.GET.get("step", ""), shown.last)
    step = shown.steps[number - 1] if 0 < number < shown.last else None
    context = page(
        round,
        timezone.now(),
        result=result,
        pot=result.pot,
        currency=result.snapshot["currency"],
        rule=rule_name(tally.rule),
        published=tally.pk == result.tally_id,
        film=shown,
        number=number,
        step=step,
        most=max((rival.value for rival in step.rivals), default=1) if step else 1,
        paid=any(each.payers for each in shown.steps),
        missed=_missed(tally, result) if number == shown.last else [],
        picture=_picture(round, shown, number),
        chart=_rise(shown) if number == 0 else None,
        segments=segments(shown, number),
        query=f"rule={tally.rule}&" if tally.pk != result.tally_id else "",
        heading=_heading(shown, number),
    )
    return render(request, "budgets/results/replay.html", context)


def _number(asked: str, last: int) -> int:
    """The step asked for, as near as there is one."""
    return min(int(asked), last) if asked.isascii() and asked.isdigit() and len(asked) < 9 else 0


def _heading(shown: Film, number: int) -> str:
    if number == 0:
        return _("How it begins")
    if number == shown.last:
        return _("How it ends")
    return _("Step %(n)s of %(all)s") % {"n": number, "all": len(shown.steps)}


def _picture(round: Round, shown: Film, number: int) -> dict[str, Any] | None:
    """The picture and address of the project of this step."""
    if not 0 < number < shown.last:
        return None
    code = shown.steps[number - 1].code
    project = round.projects.listed().filter(code=code).first()
    return {
        "picture": project.idea.picture if project and project.idea else None,
        "url": reverse("budgets:project", args=[round.slug, code]),
    }


def _missed(tally: Tally, result: Result) -> list[tuple[str, str]]:
    """The projects with the most votes that were not funded, each with the reason."""
    names = {row["code"]: row["name"] for row in result.snapshot["projects"]}
    rows = [row for row in tally.outcome["projects"] if not row["selected"]]
    rows.sort(key=lambda row: (-row["votes"], row["id"]))
    currency = result.snapshot["currency"]
    return [(names[row["id"]], sentence(row, currency, translation)) for row in rows[:MISSED]]


def segments(shown: Film, number: int, done: bool = False) -> list[dict[str, Any]]:
    """The pot as a strip of film: a piece for each winner, as wide as its cost, in thousandths of the pot.

    Those before step `number` are done, or all where `done`.
    """
    whole = max(shown.total, 1)
    return [
        {
            "number": step.number,
            "title": step.title,
            "x": 1000 * step.given // whole,
            "width": max(1000 * step.cost // whole, 1),
            "state": "now" if step.number == number else "done" if done or step.number < number else "next",
        }
        for step in shown.steps
    ]


def _rise(shown: Film) -> dict[str, Any] | None:
    """The line of what the winners cost while the shares were raised, for components/rise_chart.html.

    1000 wide and 300 high; the pot's edge lies at a fifth from the top.
    """
    if not shown.rise:
        return None
    first, last = shown.rise[0]["share"], shown.rise[-1]["share"]
    across, up = max(last - first, 1), max(shown.total * 5 // 4, 1)

    def x(share: int) -> int:
        return 1000 * (share - first) // across

    def y(cost: int) -> int:
        return 300 - 300 * cost // up

    path = f"M0 {y(shown.rise[0]['cost'])}"
    for change in shown.rise[1:]:
        path += f" H{x(change['share'])} V{y(change['cost'])}"
    return {
        "path": path,
        "area": f"{path} V300 H0 Z",
        "pot": y(shown.total),
        "rows": shown.rise,
        "first": first,
        "last": last,
        "total": shown.total,
    }
