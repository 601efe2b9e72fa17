"""One plain English sentence for every project of a tally, winner or not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from gettext import NullTranslations
from typing import Any, Protocol

from budgets.tally.exact import from_ratio
from budgets.tally.explain_transfers import bought_at_rank, bought_from_rest, bought_with_points, given_up, out_of_reach

BEFORE = {"GBP": "£", "EUR": "€", "USD": "$", "JPY": "¥"}
AFTER = {"PLN": "zł", "CHF": "CHF", "HUF": "Ft", "CZK": "Kč", "SEK": "kr", "NOK": "kr", "DKK": "kr"}


def money(minor: int, currency: str = "GBP") -> str:
    """1234500 -> £12,345; 1234550 -> £12,345.50; in other currencies 12,345 zł, 12,345 XYZ."""
    whole, rest = divmod(abs(minor), 100)
    amount = f"{'-' if minor < 0 else ''}{BEFORE.get(currency, '')}{whole:,}" + (f".{rest:02d}" if rest else "")
    return amount if currency in BEFORE else f"{amount} {AFTER.get(currency, currency)}"


class Translation(Protocol):
    """What translates: `django.utils.translation`, the standard library's gettext, or nothing at all."""

    def gettext(self, message: str, /) -> str: ...

    def ngettext(self, singular: str, plural: str, number: int, /) -> str: ...


ENGLISH: Translation = NullTranslations()


def sentence(row: Mapping[str, Any], currency: str = "GBP", translation: Translation = ENGLISH) -> str:
    """`row`: one entry of `Tally.projects`."""
    return SENTENCES[row["reason"]["code"]](Words(row, currency, translation))


class Words:
    """The pieces of the sentence about one project, each whole in itself so that a translator can move it."""

    def __init__(self, row: Mapping[str, Any], currency: str, translation: Translation) -> None:
        self.row, self.params, self.currency = row, row["reason"]["params"], currency
        self.gettext, self.ngettext = translation.gettext, translation.ngettext

    def money(self, key: str) -> str:
        return money(self.params[key], self.currency)

    @property
    def cost(self) -> str:
        return money(self.row["cost"], self.currency)

    @property
    def votes(self) -> str:
        ngettext, n = self.ngettext, self.row["votes"]
        return ngettext("%(n)s vote", "%(n)s votes", n) % {"n": f"{n:,}"}

    @property
    def score(self) -> str:
        ngettext, n = self.ngettext, self.params["score"]
        if self.params["by"] == "points":
            return ngettext("%(n)s point", "%(n)s points", n) % {"n": f"{n:,}"}
        return ngettext("%(n)s vote", "%(n)s votes", n) % {"n": f"{n:,}"}

    def supporters(self, n: int) -> str:
        ngettext = self.ngettext
        return ngettext("%(n)s supporter", "%(n)s supporters", n) % {"n": f"{n:,}"}

    @property
    def place(self) -> str:
        _, n = self.gettext, self.row["order"]
        pattern = {1: _("%(n)sst"), 2: _("%(n)snd"), 3: _("%(n)srd")}.get(n % 10, _("%(n)sth"))
        return (_("%(n)sth") if 10 <= n % 100 <= 20 else pattern) % {"n": n}

    @property
    def total(self) -> str:
        """What the largest-total rule adds up."""
        _ = self.gettext
        names = {"cost": _("votes, each counted with its project's cost,"), "cardinality": _("votes")}
        return names.get(self.params["by"], _("points"))


def bought(w: Words) -> str:
    _, ngettext, p = w.gettext, w.ngettext, w.params
    if not w.row["cost"]:
        text = ngettext(
            "Funded, %(place)s: it costs nothing and %(n)s person chose it.",
            "Funded, %(place)s: it costs nothing and %(n)s people chose it.",
            p["votes"],
        )
        return text % {"place": w.place, "n": f"{p['votes']:,}"}
    price = from_ratio(p["price"])
    each = money(-(-price.numerator // price.denominator), w.currency)
    words = {
        "place": w.place,
        "payers": w.supporters(p["full"] + p["part"]),
        "cost": w.cost,
        "each": _("%(price)s for each point they gave it") % {"price": each}
        if p["points"]
        else _("%(price)s each") % {"price": each},
        "all": f"{p['part']:,}",
    }
    if p["part"]:
        text = _(
            "Funded, %(place)s: %(payers)s shared its cost of %(cost)s, paying up to %(each)s; "
            "%(all)s of them gave all they had left."
        )
        return text % words
    return _("Funded, %(place)s: %(payers)s shared its cost of %(cost)s, paying %(each)s.") % words


def bought_completion(w: Words) -> str:
    _ = w.gettext
    text = _(
        "Funded, %(place)s, with money left over: %(left)s was left, "
        "and with %(score)s it was next in line among those that fitted."
    )
    return text % {"place": w.place, "left": w.money("left"), "score": w.score}


def bought_in_turn(w: Words) -> str:
    _ = w.gettext
    text = _("Funded, %(place)s: with %(score)s its turn came when %(left)s was left, and it costs %(cost)s.")
    return text % {"place": w.place, "score": w.score, "left": w.money("left"), "cost": w.cost}


def bought_when_earned(w: Words) -> str:
    _ = w.gettext
    text = _("Funded, %(place)s: its %(supporters)s earned its cost of %(cost)s.")
    return text % {"place": w.place, "supporters": w.supporters(w.row["votes"]), "cost": w.cost}


def not_affordable(w: Words) -> str:
    _, have = w.gettext, w.params["have"]
    words = {
        "supporters": w.supporters(w.row["votes"]),
        "had": money(have, w.currency) if have else _("no money"),
        "cost": w.cost,
    }
    if "left" not in w.params:
        return _("Not funded: its %(supporters)s had %(had)s left of the %(cost)s it costs.") % words
    text = _(
        "Not funded: its %(supporters)s had %(had)s left of the %(cost)s it costs, "
        "and when the rest of the pot was shared out by votes, only %(left)s was left."
    )
    return text % {**words, "left": w.money("left")}


def did_not_fit(w: Words) -> str:
    _ = w.gettext
    text = _("Not funded: with %(score)s its turn came when %(left)s was left, and it costs %(cost)s.")
    return text % {"score": w.score, "left": w.money("left"), "cost": w.cost}


def count_ended(w: Words) -> str:
    _ = w.gettext
    text = _("Not funded: it has %(score)s, and the count ended at a project before it that did not fit what was left.")
    return text % {"score": w.score}


def not_reached(w: Words) -> str:
    _ = w.gettext
    if w.params["left"] >= w.params["cost"]:
        text = _(
            "Not funded: the count ended, with %(left)s left, at a project that was reached before and did not fit. "
            "It costs %(cost)s."
        )
        return text % {"left": w.money("left"), "cost": w.cost}
    text = _("Not funded: the pot ran out, with %(left)s left, before its %(supporters)s earned its cost of %(cost)s.")
    return text % {"left": w.money("left"), "supporters": w.supporters(w.row["votes"]), "cost": w.cost}


def in_best_set(w: Words) -> str:
    _ = w.gettext
    text = _("Funded: it belongs to the projects within the pot that have the most %(total)s in total.")
    return text % {"total": w.total}


def not_in_best_set(w: Words) -> str:
    _ = w.gettext
    text = _(
        "Not funded: no choice of projects within the pot that includes it has more %(total)s in total than the one made."
    )
    return text % {"total": w.total}


def no_votes(w: Words) -> str:
    _ = w.gettext
    return _("Not funded: nobody voted for it.")


def over_budget(w: Words) -> str:
    _ = w.gettext
    text = _("Not funded: it costs %(cost)s, more than the whole pot of %(budget)s.")
    return text % {"cost": w.cost, "budget": w.money("budget")}


def below_threshold(w: Words) -> str:
    _ = w.gettext
    text = _("Not funded: it has %(score)s, fewer than the %(needed)s every project needs.")
    return text % {"score": w.score, "needed": f"{w.params['threshold']:,}"}


def below_cost_share(w: Words) -> str:
    _ = w.gettext
    text = _("Not funded: it has %(votes)s, fewer than the %(needed)s a project of its cost needs.")
    return text % {"votes": w.votes, "needed": f"{w.params['needed']:,}"}


def over_cap(w: Words) -> str:
    _ = w.gettext
    words = {"cost": w.cost, "cap": w.money("cap"), "name": w.params["name"], "spent": w.money("spent")}
    if w.params["spent"]:
        text = _(
            "Not funded: at most %(cap)s may go to %(name)s, %(spent)s of it was spent already, and it costs %(cost)s."
        )
        return text % words
    return _("Not funded: at most %(cap)s may go to %(name)s, and it costs %(cost)s.") % words


def incompatible(w: Words) -> str:
    _ = w.gettext
    return _("Not funded: it cannot be done together with %(winner)s, which was funded.") % {
        "winner": w.params["winner"]
    }


def over_rest(w: Words) -> str:
    _ = w.gettext
    text = _("Not funded: it costs %(cost)s, and after the guaranteed amounts only %(budget)s was left for the others.")
    return text % {"cost": w.cost, "budget": w.money("budget")}


def part_funded(w: Words) -> str:
    _ = w.gettext
    text = _("Funded in part: it was next in line and gets the %(amount)s that was left of the %(cost)s it costs.")
    return text % {"amount": w.money("amount"), "cost": w.cost}


def bought_overspending(w: Words) -> str:
    _, p = w.gettext, w.params
    words = {
        "place": w.place,
        "cost": w.cost,
        "payers": w.supporters(p["full"] + p["part"]),
        "paid": w.money("paid"),
        "short": w.money("short"),
    }
    if not w.row["cost"]:
        return bought(w)
    if p["short"]:
        text = _(
            "Funded, %(place)s: %(payers)s paid %(paid)s of its cost of %(cost)s; the %(short)s they were short came "
            "out of the rest of the pot."
        )
        return text % words
    return bought(w)


def no_room(w: Words) -> str:
    _ = w.gettext
    text = _("Not funded: it costs %(cost)s, and only %(left)s of the pot was left when its turn could have come.")
    return text % {"cost": w.cost, "left": w.money("left")}


def voters_spent(w: Words) -> str:
    _ = w.gettext
    words = {"supporters": w.supporters(w.row["votes"]), "cost": w.cost}
    if "left" not in w.params:
        return _("Not funded: its %(supporters)s had spent all their money on other projects.") % words
    text = _(
        "Not funded: its %(supporters)s had spent all their money on other projects, "
        "and when the rest of the pot was shared out by votes, only %(left)s was left."
    )
    return text % {**words, "left": w.money("left")}


def bought_exactly(w: Words) -> str:
    _, p = w.gettext, w.params
    if not w.row["cost"]:
        return bought(w)
    price = from_ratio(p["price"])
    each = money(-(-price.numerator // price.denominator), w.currency)
    words = {
        "place": w.place,
        "payers": f"{p['payers']:,}",
        "all": w.supporters(p["votes"]),
        "cost": w.cost,
        "each": each,
    }
    if p["payers"] < p["votes"]:
        text = _(
            "Funded, %(place)s: %(payers)s of its %(all)s shared its cost of %(cost)s, paying %(each)s each; "
            "the others no longer had that much."
        )
        return text % words
    return _("Funded, %(place)s: its %(all)s shared its cost of %(cost)s, paying %(each)s each.") % words


def not_together(w: Words) -> str:
    _ = w.gettext
    words = {"supporters": w.supporters(w.row["votes"]), "cost": w.cost, "more": w.money("more")}
    if "left" not in w.params:
        text = _(
            "Not funded: its %(supporters)s could not share its cost of %(cost)s equally; "
            "everybody would have needed %(more)s more."
        )
        return text % words
    text = _(
        "Not funded: its %(supporters)s could not share its cost of %(cost)s equally, "
        "and when the rest of the pot was shared out by votes, only %(left)s was left."
    )
    return text % {**words, "left": w.money("left")}


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
        over_cap,
        incompatible,
        over_rest,
        part_funded,
        bought_with_points,
        bought_from_rest,
        given_up,
        out_of_reach,
        bought_at_rank,
        bought_overspending,
        no_room,
        voters_spent,
        bought_exactly,
        not_together,
    )
}
