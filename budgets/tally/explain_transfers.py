"""Sentences about the rules that hand money on: cumulative STV and expanding approvals."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # explain.py reads this module
    from budgets.tally.explain import Words


def bought_with_points(w: Words) -> str:
    _ = w.gettext
    words = {
        "place": w.place,
        "supporters": w.supporters(w.params["votes"]),
        "support": w.money("support"),
        "more": w.money("more"),
        "cost": w.cost,
    }
    if w.params["more"]:
        text = _(
            "Funded, %(place)s: the points of its %(supporters)s stood for %(support)s of the %(cost)s it costs, "
            "and they added %(more)s of what they had for other projects."
        )
        return text % words
    return (
        _("Funded, %(place)s: the points of its %(supporters)s stood for %(support)s, and it costs %(cost)s.") % words
    )


def bought_from_rest(w: Words) -> str:
    _ = w.gettext
    text = _(
        "Funded, %(place)s, with money left over: %(left)s was left, and it was next in line among those that fitted."
    )
    return text % {"place": w.place, "left": w.money("left")}


def given_up(w: Words) -> str:
    _ = w.gettext
    words = {"support": w.money("support"), "cost": w.cost}
    if "left" not in w.params:
        text = _(
            "Not funded: when no project had enough, it was the furthest from its cost – its points stood for %(support)s "
            "of %(cost)s – and they passed on to its supporters’ other choices."
        )
        return text % words
    text = _(
        "Not funded: when no project had enough, it was the furthest from its cost – its points stood for %(support)s "
        "of %(cost)s – and at the end only %(left)s was left."
    )
    return text % {**words, "left": w.money("left")}


def out_of_reach(w: Words) -> str:
    _ = w.gettext
    text = _(
        "Not funded: its %(supporters)s had %(had)s left of the %(cost)s it costs, and at the end only %(left)s was left."
    )
    had = w.money("have") if w.params["have"] else _("no money")
    return text % {"supporters": w.supporters(w.row["votes"]), "had": had, "cost": w.cost, "left": w.money("left")}


def bought_at_rank(w: Words) -> str:
    _, ngettext, rank = w.gettext, w.ngettext, w.params["rank"]
    words = {
        "place": w.place,
        "supporters": w.supporters(w.params["voters"]),
        "held": w.money("held"),
        "cost": w.cost,
        "rank": f"{rank:,}",
    }
    if not w.params["ranked"]:
        return _("Funded, %(place)s: its %(supporters)s held %(held)s together, and it costs %(cost)s.") % words
    text = ngettext(
        "Funded, %(place)s: the %(supporters)s with it as first choice held %(held)s together, and it costs %(cost)s.",
        "Funded, %(place)s: the %(supporters)s with it among their first %(rank)s choices held %(held)s together, "
        "and it costs %(cost)s.",
        rank,
    )
    return text % words
