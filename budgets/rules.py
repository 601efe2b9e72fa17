"""May this ballot stand? May this round open? Pure functions that list what is wrong, and nothing else.

They read the round's configuration: the dictionary that `Round.configuration` makes and that is frozen, hashed and
published when the organiser confirms the ballot. Its shape:

    {"v": 1, "round": slug, "place": slug, "currency": "GBP",
     "voting_opens_at": ISO 8601 UTC, "voting_closes_at": …,
     "ballot": {"format": "approval" | "knapsack", "max_choices": n, "may_revise": bool},
     "eligibility": {"assurance": "email" | "postcode", "minimum_age": n},
     "counting": {"name": preset, "version": engine, "rule": {every field of budgets.tally.rules.Rule}},
     "publish_at_close": bool,
     "board_key": Ed25519 public key that signs the checkpoints of the board, hexadecimal,
     "pots": [{"key", "name", "area": slug or null, "amount": minor units,
               "projects": [{"code", "name", "cost": minor units}, … by code]}, …]}
"""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Configuration = Mapping[str, Any]
Selections = Mapping[str, Sequence[str]]


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


def canonical_selections(selections: Selections) -> dict[str, list[str]]:
    """Sections without choices left out, choices sorted: two ballots that mean the same are the same."""
    return {pot: sorted(codes) for pot, codes in sorted(selections.items()) if codes}


def check_ballot(config: Configuration, pots: Collection[str], selections: Selections) -> list[Problem]:
    """What is wrong with these selections of someone entitled to `pots` (keys). Empty list: the ballot may stand."""
    if not any(selections.values()):
        return [Problem("nothing_chosen")]
    by_key = {pot["key"]: pot for pot in config["pots"]}
    problems: list[Problem] = []
    for key, codes in selections.items():
        if key not in by_key:
            problems.append(Problem("unknown_pot", key))
        elif codes and key not in pots:
            problems.append(Problem("not_your_pot", key, {"pot": by_key[key]["name"]}))
        else:
            problems += _check_section(config, by_key[key], codes)
    return problems


def _check_section(config: Configuration, pot: Mapping[str, Any], codes: Sequence[str]) -> list[Problem]:
    costs = {project["code"]: project["cost"] for project in pot["projects"]}
    unknown = [code for code in codes if code not in costs]
    if unknown:
        return [Problem("unknown_project", pot["key"], {"project": str(unknown[0])[:60], "pot": pot["name"]})]
    if len(set(codes)) != len(codes):
        return [Problem("project_twice", pot["key"], {"pot": pot["name"]})]
    ballot = config["ballot"]
    if ballot["format"] == "knapsack":
        over = sum(costs[code] for code in codes) - pot["amount"]
        if over > 0:
            return [Problem("over_pot", pot["key"], {"over": over, "pot": pot["name"], "currency": config["currency"]})]
    elif len(codes) > ballot["max_choices"]:
        most, chosen = ballot["max_choices"], len(codes)
        return [Problem("too_many_choices", pot["key"], {"most": most, "chosen": chosen, "pot": pot["name"]})]
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
