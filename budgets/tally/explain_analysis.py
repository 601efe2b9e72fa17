"""Plain English sentences about what `analysis.analyse` found, beside those of `explain`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from budgets.tally.exact import from_ratio
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


# -- the outcome as a whole


def about_outcome(
    analysis: Found, names: Mapping[str, str], currency: str = "GBP", translation: Translation = ENGLISH
) -> list[str]:
    """How near the outcome was, and how it represents groups of voters. `names`: of all projects, by id."""
    fair = analysis["representation"]
    said = [closeness(analysis["margin"]["added"], translation)]
    if "ejr_plus" in fair:
        groups = [left_out(group, names, currency, translation) for group in fair["ejr_plus"]["cost"]]
        said += groups or [nobody_left_out(translation)]
    return [*said, *equal_money(fair["priceability"], names, currency, translation)]


def closeness(margin: Found, translation: Translation = ENGLISH) -> str:
    """`margin`: the part "added"."""
    _, ngettext, upper = translation.gettext, translation.ngettext, margin["upper"]
    if margin["how"] == "never":
        return _("No number of further ballots could have made other projects win.")
    if upper is None:
        return _("No number of further ballots was found that could have made other projects win.")
    words = {"n": f"{upper:,}", "lower": f"{margin['lower']:,}"}
    if margin["how"] == "exact":
        text = ngettext(
            "%(n)s more ballot could have made other projects win.",
            "%(n)s more ballots could have made other projects win; fewer could not.",
            upper,
        )
        return text % words
    if margin["lower"] == 1:
        return _("%(n)s more ballots could have made other projects win.") % words
    return _("%(n)s more ballots could have made other projects win; fewer than %(lower)s could not.") % words


def nobody_left_out(translation: Translation = ENGLISH) -> str:
    _ = translation.gettext
    return _(
        "Every group of people who chose a project in common has winners worth its share of the pot, "
        "or would have with one project more."
    )


def left_out(group: Found, names: Mapping[str, str], currency: str, translation: Translation = ENGLISH) -> str:
    """`group`: a violation of EJR+ by cost."""
    words = {
        "n": f"{group['voters']:,}",
        "project": names.get(group["project"]) or group["project"],
        "share": money(group["entitled"], currency),
        "most": money(group["most"], currency),
    }
    ngettext = translation.ngettext
    if not group["most"]:
        text = ngettext(
            "%(n)s person who chose %(project)s, with a share of the pot of %(share)s, chose no winner.",
            "%(n)s people who chose %(project)s, with a share of the pot of %(share)s between them, chose no winner.",
            group["voters"],
        )
        return text % words
    text = ngettext(
        "%(n)s person who chose %(project)s, with a share of the pot of %(share)s, chose winners of at most %(most)s.",
        "%(n)s people who chose %(project)s, with a share of the pot of %(share)s between them, "
        "each chose winners of at most %(most)s in all.",
        group["voters"],
    )
    return text % words


def equal_money(
    priced: Found, names: Mapping[str, str], currency: str, translation: Translation = ENGLISH
) -> list[str]:
    """`priced`: the part "priceability"; nothing where it was not decided."""
    _ = translation.gettext
    if priced["holds"] is None:
        return []
    if priced["holds"]:
        return [_("People with equal money could have bought these winners, and nothing else.")]
    against = priced.get("refutation")
    if not against:
        return [_("People with equal money could not have bought just these winners.")]
    least, most = (from_ratio(against[key]) for key in ("least", "most"))
    text = _(
        "People with equal money could not have bought just these winners: for %(winners)s they need %(least)s each, "
        "and with more than %(most)s each %(n)s of those who chose %(project)s could have bought that too."
    )
    words = {
        "winners": ", ".join(names.get(winner) or winner for winner in against["winners"]),
        "least": money(-(-least.numerator // least.denominator), currency),
        "most": money(int(most), currency),
        "n": f"{against['voters']:,}",
        "project": names.get(against["project"]) or against["project"],
    }
    return [text % words]
