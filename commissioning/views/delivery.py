"""What a case's page shows of its delivery: the money from the vote to the payment, and who gets it."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from budgets.templatetags.money import money
from commissioning import rules
from commissioning.models import Award, Case, Contract
from commissioning.models.versions import Version


def delivery(case: Case) -> dict[str, Any]:
    """The context of the delivery's partials. Its queries are the same whatever there is."""
    awards = awards_of(case)
    return {
        "awards": awards,
        "money": money_rows(case, awards),
        "money_max": max(case.voted, case.amount or 0),
        "records": case.state in rules.RECORDING,
    }


def with_history(versions: Iterable[Any]) -> list[tuple[Any, list[Any]]]:
    """The current version of each thing with those before it, newest first; things in the order they were first made."""
    known: dict[int, list[Version]] = defaultdict(list)
    for version in sorted(versions, key=lambda version: version.version):
        known[version.first_id].append(version)
    return [(rows[-1], rows[-2::-1]) for _first, rows in sorted(known.items())]


def awards_of(case: Case) -> list[dict[str, Any]]:
    contracts: dict[int, list[Contract]] = defaultdict(list)
    for contract in Contract.objects.filter(award__case=case):
        contracts[contract.award_id].append(contract)
    return [
        {
            "award": award,
            "history": history,
            "contracts": with_history(contracts[award.first_id]),
            "takes_contracts": award.kind in rules.WITH_CONTRACT and award.standing,
        }
        for award, history in with_history(
            Award.objects.filter(case=case).select_related("recipient", "funder", "area")
        )
    ]


def money_rows(case: Case, awards: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """For components/bar_chart.html: what became of the money, step by step, in minor units."""
    rows = [
        (_("The vote gave it"), case.voted),
        (_("Accepted"), case.amount),
        (_("Awarded"), sum(item["award"].standing for item in awards)),
    ]
    return [
        {"label": label, "value": value, "display": money(value, case.round.currency)}
        for label, value in rows
        if value is not None
    ]
