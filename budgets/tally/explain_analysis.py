"""Plain English sentences about what `analysis.analyse` found, beside those of `explain`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from budgets.tally.explain import ENGLISH, Translation, money

Found = Mapping[str, Any]

# Winners named one by one in a sentence; the others are summed up.
MOST_NAMED = 5


def about(
    row: Found, analysis: Found, names: Mapping[str, str], currency: str = "GBP", translation: Translation = ENGLISH
) -> list[str]:
    """All the sentences about one project of the tally that was not funded."""
    said = [more_votes(analysis["votes_needed"][row["id"]], translation)]
    if "spending" in analysis:
        said.append(spent_elsewhere(row, analysis["spending"], names, currency, translation))
    return [sentence for sentence in said if sentence]


def more_votes(entry: Found, translation: Translation = ENGLISH) -> str:
    """`entry`: one of "votes_needed". Empty where that was not searched."""
    _, ngettext, votes = translation.gettext, translation.ngettext, entry["votes"]
    if entry["how"] == "never":
        return _("No number of further votes for it alone would have funded it.")
    if entry["how"] == "not-found":
        return _("No number of further votes for it alone was found that would have funded it.")
    if votes is None:
        return ""
    words = {"n": f"{votes:,}", "less": f"{votes - 1:,}"}
    if entry["how"] == "smallest":
        text = ngettext(
            "%(n)s more vote for it alone would have funded it.",
            "%(n)s more votes for it alone would have funded it; fewer would not.",
            votes,
        )
        return text % words
    return _("%(n)s more votes for it alone would have funded it; %(less)s would not.") % words


def spent_elsewhere(
    row: Found, spending: Found, names: Mapping[str, str], currency: str = "GBP", translation: Translation = ENGLISH
) -> str:
    """`row`: a project of the tally that was not funded; `spending`: the part of the analysis with that name; `names`: of
    the winners, by id. Says what its supporters had, spent on which winners, and have left; empty without supporters.
    """
    _, entry = translation.gettext, spending["projects"][row["id"]]
    if not row["votes"]:
        return ""
    bills = [(amount, place) for place, amount in enumerate(entry["spent"]) if amount]
    # The dearest first; as it was bought where two are equal.
    bills.sort(key=lambda bill: (-bill[0], bill[1]))
    words = {
        "supporters": _supporters(row["votes"], translation),
        "started": money(entry["started"], currency),
        "left": money(entry["left"], currency),
        "cost": money(row["cost"], currency),
    }
    if not bills:
        text = _(
            "Its %(supporters)s had %(started)s between them, spent nothing of it, and the project costs %(cost)s."
        )
        return text % words
    winners = spending["winners"]
    parts = [
        _("%(amount)s on %(name)s")
        % {"amount": money(amount, currency), "name": names.get(winners[place]) or winners[place]}
        for amount, place in bills[:MOST_NAMED]
    ]
    if rest := bills[MOST_NAMED:]:
        parts.append(_others(sum(amount for amount, _place in rest), len(rest), currency, translation))
    text = _(
        "Its %(supporters)s started with %(started)s between them; they spent %(list)s, "
        "and had %(left)s left of the %(cost)s it costs."
    )
    return text % {**words, "list": ", ".join(parts)}


def _supporters(n: int, translation: Translation) -> str:
    return translation.ngettext("%(n)s supporter", "%(n)s supporters", n) % {"n": f"{n:,}"}


def _others(amount: int, count: int, currency: str, translation: Translation) -> str:
    text = translation.ngettext("%(amount)s on %(n)s other project", "%(amount)s on %(n)s other projects", count)
    return text % {"amount": money(amount, currency), "n": f"{count:,}"}
