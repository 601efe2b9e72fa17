"""The rules again, as plainly as they can be written: Fractions, one voter at a time. Slow and obviously right."""

from collections.abc import Callable
from fractions import Fraction

Votes = list[dict[str, int]]  # for each voter, points by project id
Costs = dict[str, int]
Rank = Callable[[str], object]


def supporters(votes: Votes, project: str) -> list[int]:
    return [voter for voter, ballot in enumerate(votes) if project in ballot]


def price(project: str, cost: int, votes: Votes, money: list[Fraction]) -> Fraction | None:
    """The least x such that the voters, each paying min(money, x times points), pay the cost."""
    payers = sorted(supporters(votes, project), key=lambda v: money[v] / votes[v][project])
    need, points = Fraction(cost), sum(votes[v][project] for v in payers)
    for v in payers:
        if need <= money[v] / votes[v][project] * points:
            return need / points
        need -= money[v]
        points -= votes[v][project]
    return None


def equal_shares(
    costs: Costs, votes: Votes, share: Fraction, by_cost: bool, rank: Rank
) -> tuple[list[tuple[str, Fraction]], list[Fraction]]:
    """([(project, price), …] in purchase order, what each voter has left)."""
    money, bought = [share] * len(votes), list[tuple[str, Fraction]]()
    while True:
        prices = {
            p: x
            for p in costs
            if p not in dict(bought) and supporters(votes, p)
            if (x := price(p, costs[p], votes, money)) is not None
        }
        if not prices:
            return bought, money
        best = min(prices, key=lambda p: (prices[p] / max(costs[p], 1) if by_cost else prices[p], rank(p)))
        for v in supporters(votes, best):
            money[v] -= min(money[v], prices[best] * votes[v][best])
        bought.append((best, prices[best]))


def add1(
    costs: Costs, votes: Votes, budget: int, unit: int, by_cost: bool, exhaustive_stop: bool, rank: Rank
) -> tuple[list[str], int]:
    """(winners in purchase order, steps)."""
    costs = {p: cost for p, cost in costs.items() if cost <= budget and supporters(votes, p)}

    def run(step: int) -> list[str]:
        share = Fraction(budget, len(votes)) + step * unit
        return [p for p, _ in equal_shares(costs, votes, share, by_cost, rank)[0]]

    winners, step = run(0), 0
    while len(winners) < len(costs):
        left = budget - sum(costs[p] for p in winners)
        if exhaustive_stop and all(costs[p] > left for p in costs if p not in winners):
            break
        following = run(step + 1)
        if sum(costs[p] for p in following) > budget:
            break
        winners, step = following, step + 1
    return winners, step


def greedy(costs: Costs, score: dict[str, int], budget: int, stop: bool, rank: Rank) -> list[str]:
    winners: list[str] = []
    for p in sorted((p for p in costs if score[p] and costs[p] <= budget), key=lambda p: (-score[p], rank(p))):
        if costs[p] <= budget - sum(costs[q] for q in winners):
            winners.append(p)
        elif stop:
            break
    return winners


def phragmen(costs: Costs, votes: Votes, budget: int, rank: Rank) -> list[str]:
    """Each voter earns one unit of money in one unit of time; a project is bought when its voters hold its cost."""
    since, winners = [Fraction(0)] * len(votes), list[str]()
    candidates = {p: supporters(votes, p) for p in costs if costs[p] <= budget and supporters(votes, p)}
    while len(winners) < len(candidates):
        times = {
            p: sum((since[v] for v in who), Fraction(costs[p])) / len(who)
            for p, who in candidates.items()
            if p not in winners
        }
        first = min(times, key=lambda p: (times[p], rank(p)))
        if sum(costs[p] for p in [*winners, first]) > budget:
            break
        for v in candidates[first]:
            since[v] = times[first]
        winners.append(first)
    return winners
