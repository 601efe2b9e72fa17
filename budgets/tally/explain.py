"""One plain English sentence for every project of a tally, winner or not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from budgets.tally.exact import from_ratio

BEFORE = {"GBP": "£", "EUR": "€", "USD": "$", "JPY": "¥"}
AFTER = {"PLN": "zł", "CHF": "CHF", "HUF": "Ft", "CZK": "Kč", "SEK": "kr", "NOK": "kr", "DKK": "kr"}


def money(minor: int, currency: str = "GBP") -> str:
    """1234500 -> £12,345; 1234550 -> £12,345.50; in other currencies 12,345 zł, 12,345 XYZ."""
    whole, rest = divmod(abs(minor), 100)
    amount = f"{'-' if minor < 0 else ''}{BEFORE.get(currency, '')}{whole:,}" + (f".{rest:02d}" if rest else "")
    return amount if currency in BEFORE else f"{amount} {AFTER.get(currency, currency)}"


def number(n: int, one: str, many: str) -> str:
    return f"{n:,} {one if n == 1 else many}"


def sentence(row: Mapping[str, Any], currency: str = "GBP") -> str:
    """`row`: one entry of `Tally.projects`."""
    return SENTENCES[row["reason"]["code"]](Words(row, currency))


def more_votes(needed: int | None) -> str:
    """`needed`: what `what_if.votes_needed` found."""
    if needed is None:
        return "No number of further votes for it alone would have funded it."
    return f"{number(needed, 'more vote', 'more votes')} for it alone would have funded it."


class Words:
    """The pieces of the sentence about one project."""

    def __init__(self, row: Mapping[str, Any], currency: str) -> None:
        self.row, self.params, self.currency = row, row["reason"]["params"], currency

    def money(self, key: str) -> str:
        return money(self.params[key], self.currency)

    @property
    def cost(self) -> str:
        return money(self.row["cost"], self.currency)

    @property
    def votes(self) -> str:
        return number(self.row["votes"], "vote", "votes")

    @property
    def score(self) -> str:
        points = self.params["by"] == "points"
        return number(self.params["score"], *(("point", "points") if points else ("vote", "votes")))

    @property
    def place(self) -> str:
        n = self.row["order"]
        ending = "th" if 10 <= n % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
        return f"{n}{ending}"


def bought(w: Words) -> str:
    p = w.params
    if not w.row["cost"]:
        return f"Funded, {w.place}: it costs nothing and {number(p['votes'], 'person', 'people')} chose it."
    price = from_ratio(p["price"])
    each = money(-(-price.numerator // price.denominator), w.currency)
    per = " for each point they gave it" if p["points"] else " each"
    payers = number(p["full"] + p["part"], "supporter", "supporters")
    text = f"Funded, {w.place}: {payers} shared its cost of {w.cost}, paying "
    if p["part"]:
        return f"{text}up to {each}{per}; {p['part']:,} of them gave all they had left."
    return f"{text}{each}{per}."


def bought_completion(w: Words) -> str:
    return (
        f"Funded, {w.place}, with money left over: {w.money('left')} was left, "
        f"and with {w.score} it was next in line among those that fitted."
    )


def bought_in_turn(w: Words) -> str:
    return f"Funded, {w.place}: with {w.score} its turn came when {w.money('left')} was left, and it costs {w.cost}."


def bought_when_earned(w: Words) -> str:
    return f"Funded, {w.place}: its {number(w.row['votes'], 'supporter', 'supporters')} earned its cost of {w.cost}."


def not_affordable(w: Words) -> str:
    have = w.params["have"]
    had = money(have, w.currency) if have else "no money"
    text = (
        f"Not funded: its {number(w.row['votes'], 'supporter', 'supporters')} had {had} left of the {w.cost} it costs"
    )
    if "left" in w.params:
        text += f", and when the rest of the pot was shared out by votes, only {w.money('left')} was left"
    return text + "."


def did_not_fit(w: Words) -> str:
    return f"Not funded: with {w.score} its turn came when {w.money('left')} was left, and it costs {w.cost}."


def count_ended(w: Words) -> str:
    return f"Not funded: it has {w.score}, and the count ended at a project with more that did not fit what was left."


def not_reached(w: Words) -> str:
    supporters, left = number(w.row["votes"], "supporter", "supporters"), w.money("left")
    return f"Not funded: the pot ran out, with {left} left, before its {supporters} earned its cost of {w.cost}."


TOTALS = {"cost": "votes, each counted with its project's cost,", "cardinality": "votes", "points": "points"}


def in_best_set(w: Words) -> str:
    return f"Funded: it belongs to the projects within the pot that have the most {TOTALS[w.params['by']]} in total."


def not_in_best_set(w: Words) -> str:
    most = TOTALS[w.params["by"]]
    return (
        f"Not funded: no choice of projects within the pot that includes it has more {most} in total than the one made."
    )


def no_votes(_: Words) -> str:
    return "Not funded: nobody voted for it."


def over_budget(w: Words) -> str:
    return f"Not funded: it costs {w.cost}, more than the whole pot of {w.money('budget')}."


def below_threshold(w: Words) -> str:
    return f"Not funded: it has {w.score}, fewer than the {w.params['threshold']:,} every project needs."


def below_cost_share(w: Words) -> str:
    return f"Not funded: it has {w.votes}, fewer than the {w.params['needed']:,} a project of its cost needs."


SENTENCES: dict[str, Callable[[Words], str]] = {
    function.__name__: function
    for function in (
        bought,
        bought_completion,
        bought_in_turn,
        bought_when_earned,
        not_affordable,
        did_not_fit,
        count_ended,
        not_reached,
        in_best_set,
        not_in_best_set,
        no_votes,
        over_budget,
        below_threshold,
        below_cost_share,
    )
}
