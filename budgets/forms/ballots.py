"""A ballot as it was filled in: read from the page's fields or from JSON, and shown again just as it was typed.

Fields of the page, for a pot and a project: `pot-<pot>` with the codes that are ticked (approval, knapsack), or
`pot-<pot>/<code>` with points (cumulative, scoring) or a place, 1 for the best (ordinal).
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from budgets.models import Round
from budgets.rules import Problem, Selections
from budgets.tally.election import POINTS, RANKED
from participation.refusals import Refused

MOST_VALUES = 1000  # in one section; no round has as many projects, and a flood stops here
MOST_BYTES = 100_000  # of a ballot as JSON
PREFIX = "pot-"
TICKED = "on"


@dataclass(frozen=True, slots=True)
class Paper:
    """A ballot paper. `entries`: pot key → project code → what stands there; `selections` what that means (`budgets.rules`);
    `problems`: what cannot be read, before anyone asks whether it may stand."""

    entries: dict[str, dict[str, str]]
    selections: dict[str, list[Any]]
    problems: list[Problem] = field(default_factory=list)

    def fields(self) -> list[tuple[str, str]]:
        """The same as (name, value) pairs for hidden inputs."""
        return [
            (f"{PREFIX}{pot}", code) if entry == TICKED else (f"{PREFIX}{pot}/{code}", entry)
            for pot, section in self.entries.items()
            for code, entry in section.items()
        ]


def read_form(round: Round, data: QueryDict) -> Paper:
    """The paper as posted; whether it may stand is for `budgets.rules` to say."""
    sections: dict[str, list[tuple[str, str]]] = {}
    for name in data:
        if name.startswith(PREFIX):
            pot, slash, code = name.removeprefix(PREFIX).partition("/")
            values = data.getlist(name)[:MOST_VALUES]
            pairs = [(code, value.strip()) for value in values] if slash else [(value, TICKED) for value in values]
            sections[pot] = (sections.get(pot, []) + [pair for pair in pairs if pair[1]])[:MOST_VALUES]
    entries = {pot: dict(pairs) for pot, pairs in sections.items()}
    ballot_format = round.rules["ballot"]["format"]
    if ballot_format in RANKED:
        return _ranked(round, entries, sections)
    chosen = {
        pot: [[code, whole_number(entry)] for code, entry in pairs]
        if ballot_format in POINTS
        else [code for code, _entry in pairs]
        for pot, pairs in sections.items()
    }
    return Paper(entries, chosen)


def whole_number(text: str) -> int | str:
    """A whole number, or the text as it stands, which the rules then refuse."""
    return int(text) if re.fullmatch(r"[0-9]{1,6}", text) else text


def _ranked(round: Round, entries: dict[str, dict[str, str]], sections: dict[str, list[tuple[str, str]]]) -> Paper:
    """Places become an order. Gaps close up: first and third choice are a first and a second."""
    chosen: dict[str, list[Any]] = {}
    problems: list[Problem] = []
    for pot, pairs in sections.items():
        frozen = next((section for section in round.rules["pots"] if section["key"] == pot), None)
        titles = {project["code"]: project["name"] for project in frozen["projects"]} if frozen else {}
        name = {"pot": frozen["name"] if frozen else pot[:60]}
        places: dict[int, list[str]] = {}
        for code, entry in pairs:
            place = whole_number(entry)
            if isinstance(place, str) or place == 0:
                params = {**name, "project": titles.get(code, code[:60]), "most": round.rules["ballot"]["max_choices"]}
                problems.append(Problem("bad_rank", pot, params))
            else:
                places.setdefault(place, []).append(code)
        shared = [place for place, codes in sorted(places.items()) if len(codes) > 1]
        problems += [Problem("rank_twice", pot, {**name, "place": place}) for place in shared]
        chosen[pot] = [code for _place, codes in sorted(places.items()) for code in codes]
    return Paper(entries, chosen, problems)


def paper_of(round: Round, selections: Selections) -> Paper:
    """The paper that says what these selections mean."""
    ballot_format = round.rules["ballot"]["format"]
    entries: dict[str, dict[str, str]] = {}
    for pot, section in selections.items():
        if ballot_format in POINTS:
            entries[pot] = {code: str(points) for code, points in section}
        elif ballot_format in RANKED:
            entries[pot] = {code: str(place) for place, code in enumerate(section, start=1)}
        else:
            entries[pot] = dict.fromkeys(section, TICKED)
    return Paper(entries, {pot: list(section) for pot, section in selections.items()})


def read_json(body: bytes) -> tuple[Selections, bool]:
    """Selections, and whether the voter declares the age, from `{"selections": {…}, "old_enough": true}`.

    Nothing is guessed: refuses not_json (also a key that stands twice, NaN, or what is no number of the kind),
    wrong_type and unknown_field, each with the field at fault, and too_large.
    """
    if len(body) > MOST_BYTES:
        raise Refused("too_large")
    try:
        document = json.loads(body, object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Refused("not_json") from error
    if not isinstance(document, dict):
        raise Refused("wrong_type", field="selections")
    for name in document.keys() - {"selections", "old_enough"}:
        raise Refused("unknown_field", field=name[:60])
    selections, declared = document.get("selections"), document.get("old_enough", False)
    if not isinstance(selections, dict) or not all(isinstance(section, list) for section in selections.values()):
        raise Refused("wrong_type", field="selections")
    if not isinstance(declared, bool):
        raise Refused("wrong_type", field="old_enough")
    return selections, declared


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) < len(pairs):
        raise ValueError("a key stands twice")
    return document


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


class DeclarationForm(forms.Form):
    """What a voter declares beside the choices."""

    old_enough = forms.BooleanField(error_messages={"required": _("Confirm that you are old enough to vote.")})

    def __init__(self, round: Round, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        self.fields["old_enough"].label = _("I am %(age)s or older.") % {"age": round.minimum_age}
        if not round.minimum_age:
            del self.fields["old_enough"]
