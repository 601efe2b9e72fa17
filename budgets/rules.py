"""May this ballot stand? May this round open? Pure functions that list what is wrong, and nothing else.

They read the round's configuration: the dictionary that `Round.configuration` makes and that is frozen, hashed and
published when the organiser confirms the ballot. Its shape:

    {"v": 1, "round": slug, "place": slug, "currency": "GBP",
     "voting_opens_at": ISO 8601 UTC, "voting_closes_at": …,
     "ballot": {"format": "approval" | "knapsack" | "cumulative" | "scoring" | "ordinal", "max_choices": n,
                "points": n, "may_revise": bool},
     "eligibility": {"assurance": "email" | "postcode", "minimum_age": n},
     "counting": {"name": preset, "version": engine, "rule": {every field of budgets.tally.rules.Rule}},
     "challenge_days": n,
     "publish_at_close": bool,
     "board_key": Ed25519 public key that signs the checkpoints of the board, hexadecimal,
     "pots": [{"key", "name", "area": slug or null, "amount": minor units,
               "projects": [{"code", "name", "cost": minor units}, … by code]}, …]}

And a ballot's selections, a section for each pot: {pot key: section}. A section is a list of project codes (approval,
knapsack: in any order; ordinal: best first) or of pairs [code, points] (cumulative, scoring).
"""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from budgets.tally.election import POINTS, RANKED

Configuration = Mapping[str, Any]
Selections = Mapping[str, Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: a stable code, where (a pot key, a project code, a form field) and the figures of it."""

    code: str
    where: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    blocking: bool = True


def canonical(document: object) -> str:
    """The one spelling of a JSON document: sorted keys, no spaces. With integers and strings only it equals RFC 8785."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(document: object) -> str:
    """SHA-256, hexadecimal, of the canonical spelling."""
    return hashlib.sha256(canonical(document).encode()).hexdigest()


def canonical_selections(ballot_format: str, selections: Selections) -> dict[str, list[Any]]:
    """The one spelling of what is chosen: sections without choices and points of 0 left out, sorted unless the order is
    the choice. Two ballots that mean the same are the same. Only for selections in which `check_ballot` finds nothing."""
    sections = {pot: _canonical_section(ballot_format, section) for pot, section in sorted(selections.items())}
    return {pot: section for pot, section in sections.items() if section}


def _canonical_section(ballot_format: str, section: Sequence[Any]) -> list[Any]:
    if ballot_format in POINTS:
        return sorted([code, points] for code, points in section if points)
    return list(section) if ballot_format in RANKED else sorted(section)


def check_ballot(config: Configuration, pots: Collection[str], selections: Selections) -> list[Problem]:
    """What is wrong with these selections of someone entitled to `pots` (keys). Empty list: the ballot may stand.

    The selections may hold anything that JSON can say; the problems name the pot, and the project where there is one.
    """
    by_key = {pot["key"]: pot for pot in config["pots"]}
    problems: list[Problem] = []
    for key, section in selections.items():
        if key not in by_key:
            problems.append(Problem("unknown_pot", str(key)[:60]))
        elif section and key not in pots:
            problems.append(Problem("not_your_pot", key, {"pot": by_key[key]["name"]}))
        else:
            problems += _check_section(config, by_key[key], section)
    if not problems and not canonical_selections(config["ballot"]["format"], selections):
        return [Problem("nothing_chosen")]
    return problems


def _check_section(config: Configuration, pot: Mapping[str, Any], section: Sequence[Any]) -> list[Problem]:
    ballot, name = config["ballot"], {"pot": pot["name"]}
    codes = _codes(ballot["format"], section)
    if codes is None:
        return [Problem("wrong_shape", pot["key"], name)]
    costs = {project["code"]: project["cost"] for project in pot["projects"]}
    unknown = [code for code in codes if code not in costs]
    if unknown:
        return [Problem("unknown_project", pot["key"], {"project": unknown[0][:60], **name})]
    if len(set(codes)) != len(codes):
        return [Problem("project_twice", pot["key"], name)]
    if ballot["format"] in POINTS:
        return _check_points(ballot, pot, section)
    if ballot["format"] == "knapsack":
        over = sum(costs[code] for code in codes) - pot["amount"]
        return (
            [Problem("over_pot", pot["key"], {"over": over, "currency": config["currency"], **name})]
            if over > 0
            else []
        )
    over = len(codes) - ballot["max_choices"]
    figures = {"most": ballot["max_choices"], "chosen": len(codes), **name}
    return [Problem("too_many_choices", pot["key"], figures)] if over > 0 else []


def _codes(ballot_format: str, section: object) -> list[str] | None:
    """The codes that a section names, or None if it has not the shape of the format."""
    if not isinstance(section, list | tuple):
        return None
    if ballot_format in POINTS:
        if not all(isinstance(pair, list | tuple) and len(pair) == 2 for pair in section):
            return None
        section = [pair[0] for pair in section]
    return list(section) if all(isinstance(code, str) for code in section) else None


def _check_points(ballot: Mapping[str, Any], pot: Mapping[str, Any], pairs: Sequence[Any]) -> list[Problem]:
    """Whole numbers from 0 to the most points; where they are shared out, no more than that in all."""
    most, name = ballot["points"], {"pot": pot["name"]}
    titles = {project["code"]: project["name"] for project in pot["projects"]}
    for code, points in pairs:
        if type(points) is not int or not 0 <= points <= most:
            return [Problem("bad_points", pot["key"], {"project": titles[code], "most": most, **name})]
    given = sum(points for _code, points in pairs)
    if ballot["format"] == "cumulative" and given > most:
        return [Problem("too_many_points", pot["key"], {"given": given, "most": most, "over": given - most, **name})]
    return []


def check_configuration(config: Configuration, facts: Mapping[str, Any]) -> list[Problem]:
    """What has to be put right before the ballot can be confirmed, the blocking problems first.

    `facts` are what the frozen configuration does not hold: {"undecided": submissions without a review,
    "reachable": {pot key: can anyone prove to be entitled to it}, "over": is the voting time past,
    "dates_in_order": bool, "taking_ideas": can people still hand in ideas}.
    """
    problems = _check_round(config, facts)
    for pot in config["pots"]:
        problems += _check_pot(config, pot)
        if not facts["reachable"].get(pot["key"], True):
            problems.append(Problem("nobody_eligible", pot["key"], {"pot": pot["name"]}))
    return sorted(problems, key=lambda problem: not problem.blocking)


def _check_round(config: Configuration, facts: Mapping[str, Any]) -> list[Problem]:
    problems = []
    if not facts["dates_in_order"]:
        problems.append(Problem("dates_out_of_order", "timetable"))
    if facts["over"]:
        problems.append(Problem("voting_is_over", "timetable"))
    if not config["pots"]:
        problems.append(Problem("no_pot", "pots"))
    if facts["undecided"]:
        problems.append(Problem("undecided_submissions", "review", {"number": facts["undecided"]}))
    if facts.get("taking_ideas"):
        problems.append(Problem("ideas_still_open", "timetable", blocking=False))
    return problems


def _check_pot(config: Configuration, pot: Mapping[str, Any]) -> list[Problem]:
    key, name, amount, projects = pot["key"], pot["name"], pot["amount"], pot["projects"]
    problems = []
    if amount == 0:
        problems.append(Problem("empty_pot", key, {"pot": name}))
    if not projects:
        problems.append(Problem("no_project", key, {"pot": name}))
    for project in projects:
        if project["cost"] == 0:
            problems.append(Problem("project_without_cost", project["code"], {"project": project["name"]}))
        elif amount and project["cost"] > amount:
            params = {"project": project["name"], "pot": name, "over": project["cost"] - amount}
            problems.append(Problem("dearer_than_pot", project["code"], {**params, "currency": config["currency"]}))
    if projects and amount and sum(project["cost"] for project in projects) <= amount:
        problems.append(Problem("everything_fits", key, {"pot": name}, blocking=False))
    return problems
