"""Each project's sentence, word for word."""

import re

import pytest

from budgets.tally.count import count
from budgets.tally.explain import SENTENCES, money, sentence
from budgets.tally.rules import PRESETS, Rule
from tests.budgets.tally.data import small

pytestmark = pytest.mark.pure


def told(election_and_rule: tuple[object, Rule]) -> dict[str, str]:
    return {row["id"]: sentence(row) for row in count(*election_and_rule).projects}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (1234500, "GBP", "£12,345"),
        (1234550, "GBP", "£12,345.50"),
        (1234505, "EUR", "€12,345.05"),
        (1234500, "PLN", "12,345 zł"),
        (0, "GBP", "£0"),
        (7, "XYZ", "0.07 XYZ"),
        (100000000000, "HUF", "1,000,000,000 Ft"),
    ],
)
def test_money(minor: int, currency: str, text: str) -> None:
    assert money(minor, currency) == text


def test_equal_shares() -> None:
    election = small(
        10000, {"a": 6000, "b": 3000, "c": 2600, "d": 1, "e": 20000, "f": 0}, ["abef", "a", "ac", "b"], unit=100
    )
    assert told((election, PRESETS["equal-shares-plain"])) == {
        "a": "Funded, 2nd: 3 supporters shared its cost of £60, paying £20 each.",
        "b": "Funded, 3rd: 2 supporters shared its cost of £30, paying up to £25 each; 1 of them gave all they had left.",
        "c": "Not funded: its 1 supporter had £5 left of the £26 it costs.",
        "d": "Not funded: nobody voted for it.",
        "e": "Not funded: it costs £200, more than the whole pot of £100.",
        "f": "Funded, 1st: it costs nothing and 1 person chose it.",
    }
    assert told((election, Rule("r", "equal-shares", completion="utilitarian")))["c"] == (
        "Not funded: its 1 supporter had £5 left of the £26 it costs, and when the rest of the pot was shared out by "
        "votes, only £10 was left."
    )


def test_completion() -> None:
    election = small(1000, {"a": 800, "b": 800}, ["a", "b", "b"], unit=100)
    assert told((election, Rule("r", "equal-shares", completion="utilitarian"))) == {
        "a": "Not funded: its 1 supporter had £3.33 left of the £8 it costs, and when the rest of the pot was shared out "
        "by votes, only £2 was left.",
        "b": "Funded, 1st, with money left over: £10 was left, and with 2 votes it was next in line among those that fitted.",
    }


def test_greedy() -> None:
    election = small(1000, {"a": 600, "b": 500, "c": 450}, ["abc", "ab", "a"], unit=100)
    assert told((election, PRESETS["greedy-no-skip"])) == {
        "a": "Funded, 1st: with 3 votes its turn came when £10 was left, and it costs £6.",
        "b": "Not funded: with 2 votes its turn came when £4 was left, and it costs £5.",
        "c": "Not funded: it has 1 vote, and the count ended at a project before it that did not fit what was left.",
    }
    assert told((election, Rule("r", "greedy", threshold=2)))["c"] == (
        "Not funded: it has 1 vote, fewer than the 2 every project needs."
    )
    assert told((election, Rule("r", "greedy", cost_share=1)))["c"] == (
        "Not funded: it has 1 vote, fewer than the 2 a project of its cost needs."
    )


def test_points_and_phragmen() -> None:
    election = small(2000, {"a": 1600}, [{"a": 3}, {"a": 1}], "cumulative", unit=100)
    assert told((election, PRESETS["equal-shares-points"]))["a"] == (
        "Funded, 1st: 2 supporters shared its cost of £16, paying up to £6 for each point they gave it; "
        "1 of them gave all they had left."
    )
    election = small(1000, {"a": 600, "b": 500}, ["ab", "a"], unit=100)
    assert told((election, PRESETS["phragmen"])) == {
        "a": "Funded, 1st: its 2 supporters earned its cost of £6.",
        "b": "Not funded: the pot ran out, with £4 left, before its 1 supporter earned its cost of £5.",
    }


def test_maximum_welfare() -> None:
    election = small(1000, {"a": 600, "b": 500, "c": 450}, ["abc", "abc", "a", "c"], unit=100)
    assert told((election, PRESETS["max-welfare"])) == {
        "a": "Not funded: no choice of projects within the pot that includes it has more votes in total than the one made.",
        "b": "Funded: it belongs to the projects within the pot that have the most votes in total.",
        "c": "Funded: it belongs to the projects within the pot that have the most votes in total.",
    }


def test_places() -> None:
    names = [f"{n:03}" for n in range(1, 114)]
    election = small(113, dict.fromkeys(names, 1), [names])
    rows = count(election, Rule("r", "greedy", ties=("id",))).projects
    places = {row["order"]: sentence(row).split(":")[0] for row in rows}
    assert [places[n] for n in (1, 2, 3, 4, 11, 12, 13, 21, 22, 101, 111, 112, 113)] == [
        f"Funded, {place}" for place in "1st 2nd 3rd 4th 11th 12th 13th 21st 22nd 101st 111th 112th 113th".split()
    ]


def test_every_code_has_its_sentence() -> None:
    assert set(SENTENCES) >= {"bought", "bought_completion", "not_affordable", "did_not_fit", "no_votes", "over_budget"}


class Shouting:
    """A language of its own: English in capitals."""

    def gettext(self, message: str) -> str:
        return re.sub(r"%\(\w+\)s|\w", lambda found: found[0] if len(found[0]) > 1 else found[0].upper(), message)

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        return self.gettext(singular if number == 1 else plural)


def test_every_word_of_a_sentence_can_be_translated() -> None:
    row = {
        "cost": 500_000, "votes": 4, "order": 2,
        "reason": {"code": "not_affordable", "params": {"have": 0, "left": 10_000}},
    }  # fmt: skip
    assert sentence(row, "GBP", Shouting()) == (
        "NOT FUNDED: ITS 4 SUPPORTERS HAD NO MONEY LEFT OF THE £5,000 IT COSTS, "
        "AND WHEN THE REST OF THE POT WAS SHARED OUT BY VOTES, ONLY £100 WAS LEFT."
    )


def test_phragmen_that_ended_at_a_dearer_project_does_not_say_the_pot_ran_out() -> None:
    """b is reached first and takes 9 of 13; a comes next and costs 6; c, later, would have fitted."""
    election = small(13, {"a": 6, "b": 9, "c": 4}, ["ab"] * 3 + ["b"] * 3 + ["c"], unit=1)
    assert told((election, PRESETS["phragmen"])) == {
        "a": "Not funded: the pot ran out, with £0.04 left, before its 3 supporters earned its cost of £0.06.",
        "b": "Funded, 1st: its 6 supporters earned its cost of £0.09.",
        "c": "Not funded: the count ended, with £0.04 left, at a project that was reached before and did not fit. "
        "It costs £0.04.",
    }
