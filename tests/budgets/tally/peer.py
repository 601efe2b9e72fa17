"""pabutools (GPL, in the development lock alone) as a second opinion: our election in its terms, its rules beside ours.

It counts with exact fractions (gmpy2) and breaks ties by name, as our rules with `ties=("id",)` do. Where it means
something else by a rule, the difference is taken out here: it counts projects that no ballot names or that are dearer
than the budget, and it never buys what is free under cost utilities, so it is given neither; and sequential Phragmén
stops there as soon as any of the exactly equal next projects is too dear, here only when the one in turn is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pabutools import fractions
from pabutools.election import (
    Additive_Cardinal_Sat,
    ApprovalMultiProfile,
    Cardinality_Sat,
    CardinalMultiProfile,
    Cost_Sat,
    FrozenApprovalBallot,
    FrozenCardinalBallot,
    Instance,
    Project,
)
from pabutools.rules import (
    completion_by_rule_combination,
    exhaustion_by_budget_increase,
    greedy_utilitarian_welfare,
    max_additive_utilitarian_welfare,
    method_of_equal_shares,
    sequential_phragmen,
)

from budgets.tally.count import Tally, count
from budgets.tally.election import Election
from budgets.tally.rules import Rule

assert fractions.FRACTION == fractions.GMPY_FRAC, "the comparison is with exact fractions"

BY_ID = ("id",)
Peer = Callable[[Instance, Any, int], list[Project]]


def as_pabutools(election: Election) -> tuple[Instance, Any]:
    """(instance, profile): money in minor units, identical ballots with their multiplicity, in one fixed order."""
    named = {project for ballot, _ in election.ballots() for project, _ in ballot}
    kept = {p.id: Project(p.id, p.cost) for p in election.projects if p.id in named and p.cost <= election.budget}
    instance = Instance(kept.values(), budget_limit=election.budget)
    plain = election.values is None
    profile = ApprovalMultiProfile(instance=instance) if plain else CardinalMultiProfile(instance=instance)
    for ballot, weight in election.ballots():
        points = {kept[project]: value for project, value in ballot if project in kept}
        frozen = FrozenApprovalBallot(points) if plain else FrozenCardinalBallot(points)
        profile[frozen] += weight
    return instance, profile


def equal_shares(satisfaction: type) -> Peer:
    return lambda instance, profile, _: method_of_equal_shares(instance, profile, sat_class=satisfaction)


def add1(satisfaction: type) -> Peer:
    return lambda instance, profile, unit: method_of_equal_shares(
        instance, profile, sat_class=satisfaction, voter_budget_increment=unit
    )


def add1_to_the_end(instance: Instance, profile: Any, unit: int) -> list[Project]:
    """Add1 without the stop at an exhaustive outcome: the budget rises by one unit for every voter."""
    step = unit * profile.num_ballots()
    rule = {"sat_class": Cost_Sat}
    return exhaustion_by_budget_increase(
        instance, profile, method_of_equal_shares, rule, exhaustive_stop=False, budget_step=step
    )


def add1u(instance: Instance, profile: Any, unit: int) -> list[Project]:
    rules = [method_of_equal_shares, greedy_utilitarian_welfare]
    given = [{"sat_class": Cost_Sat, "voter_budget_increment": unit}, {"sat_class": Cost_Sat}]
    return completion_by_rule_combination(instance, profile, rules, given)


def greedy(satisfaction: type) -> Peer:
    """It ranks by satisfaction for each unit of cost: cost utilities give the order of votes."""
    return lambda instance, profile, _: greedy_utilitarian_welfare(instance, profile, sat_class=satisfaction)


def phragmen(instance: Instance, profile: Any, _: int) -> list[Project]:
    return sequential_phragmen(instance, profile)


def welfare(satisfaction: type) -> Peer:
    return lambda instance, profile, _: max_additive_utilitarian_welfare(instance, profile, sat_class=satisfaction)


SHARES = "equal-shares"
PLAIN: dict[str, tuple[Rule, Peer]] = {
    "equal shares, cost": (Rule("r", SHARES, ties=BY_ID), equal_shares(Cost_Sat)),
    "equal shares, cardinality": (Rule("r", SHARES, utility="cardinality", ties=BY_ID), equal_shares(Cardinality_Sat)),
    "greedy by votes": (Rule("r", "greedy", ties=BY_ID), greedy(Cost_Sat)),
    "greedy by votes per cost": (Rule("r", "greedy", score="votes-per-cost", ties=BY_ID), greedy(Cardinality_Sat)),
    "phragmen": (Rule("r", "phragmen", ties=BY_ID), phragmen),
    "max-welfare, cost": (Rule("r", "max-welfare", ties=BY_ID), welfare(Cost_Sat)),
    "max-welfare, cardinality": (
        Rule("r", "max-welfare", utility="cardinality", ties=BY_ID),
        welfare(Cardinality_Sat),
    ),
    "add1": (Rule("r", SHARES, completion="add1", ties=BY_ID), add1(Cost_Sat)),
    "add1, cardinality": (
        Rule("r", SHARES, utility="cardinality", completion="add1", ties=BY_ID),
        add1(Cardinality_Sat),
    ),
    "add1u": (Rule("r", SHARES, completion="add1u", ties=BY_ID), add1u),
    "add1 to the end": (
        Rule("r", SHARES, completion="add1", exhaustive_stop=False, ties=BY_ID),
        add1_to_the_end,
    ),
}
POINTS: dict[str, tuple[Rule, Peer]] = {
    "equal shares, points": (Rule("r", SHARES, utility="points", ties=BY_ID), equal_shares(Additive_Cardinal_Sat)),
    "max-welfare, points": (
        Rule("r", "max-welfare", utility="points", ties=BY_ID),
        welfare(Additive_Cardinal_Sat),
    ),
    "add1, points": (
        Rule("r", SHARES, utility="points", completion="add1", ties=BY_ID),
        add1(Additive_Cardinal_Sat),
    ),
}
RULES = PLAIN | POINTS


def rules_for(election: Election) -> list[str]:
    """What both can count; ranked ballots are left to our own reference."""
    if election.vote_type == "ordinal":
        return []
    return list(PLAIN if election.values is None else POINTS)


def theirs(election: Election, name: str) -> list[str]:
    """The ids they select, in their order. Its maximum welfare fails (IndexError) where there is nothing to choose."""
    instance, profile = as_pabutools(election)
    if not instance:
        return []
    return [project.name for project in RULES[name][1](instance, profile, election.unit)]


def ours(election: Election, name: str) -> Tally:
    return count(election, RULES[name][0])


def compared(election: Election, name: str) -> tuple[Any, Any]:
    """(ours, theirs) of what the rule decides: the purchases in order; for Phragmén the set; for maximum welfare, where
    several sets may be best, what the set is worth and that it can be paid."""
    tally, peer = ours(election, name), theirs(election, name)
    rule = RULES[name][0]
    if rule.method == "phragmen":
        return sorted(until_a_tie_overspends(election, tally)), sorted(peer)
    if rule.method == "max-welfare":
        return (worth(election, rule, list(tally.selected)), True), (
            worth(election, rule, peer),
            affordable(election, peer),
        )
    return list(tally.selected), peer


def until_a_tie_overspends(election: Election, tally: Tally) -> list[str]:
    cost, left, bought = dict(zip(election.ids, election.costs, strict=True)), election.budget, list[str]()
    tied = {tie["first"]: tie["equal"] for tie in tally.ties}
    for project in tally.selected:
        if any(cost[equal] > left for equal in tied.get(project, ())):
            break
        bought.append(project)
        left -= cost[project]
    return bought


def worth(election: Election, rule: Rule, selected: list[str]) -> int:
    cost = dict(zip(election.ids, election.costs, strict=True))
    each = {
        "cost": lambda project, _: cost[project],
        "cardinality": lambda *_: 1,
        "points": lambda _, value: value,
    }[rule.utility]
    return sum(
        weight * each(project, value)
        for ballot, weight in election.ballots()
        for project, value in ballot
        if project in selected
    )


def affordable(election: Election, selected: list[str]) -> bool:
    cost = dict(zip(election.ids, election.costs, strict=True))
    return sum(cost[project] for project in selected) <= election.budget
