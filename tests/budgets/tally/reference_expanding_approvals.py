"""Expanding approvals with exact fractions, one voter at a time (Aziz and Lee 2021), for small elections only."""

from collections.abc import Callable
from fractions import Fraction


def approves(ballot: dict[str, int], p: str, rank: int) -> bool:
    """`ballot`: points, more for what is preferred."""
    return p in ballot and sum(points > ballot[p] for points in ballot.values()) < rank


def expanding_approvals(
    costs: dict[str, int], votes: list[dict[str, int]], budget: int, per_cost: bool, rank: Callable[[str], int]
) -> list[tuple[str, int]]:
    """[(project, the rank at which it was bought), …] in purchase order."""
    money = [Fraction(budget, len(votes))] * len(votes)
    bought: dict[str, int] = {}
    for reach in range(1, max(map(len, votes), default=0) + 1):
        while True:
            held, keys = {}, {}
            for p in (p for p in costs if p not in bought):
                approvers = [v for v, ballot in enumerate(votes) if approves(ballot, p, reach)]
                held[p] = have = sum((money[v] for v in approvers), Fraction(0))
                if approvers and have >= costs[p]:
                    by_ratio = per_cost and costs[p]
                    keys[p] = (per_cost and not costs[p], have / costs[p] if by_ratio else have - costs[p], -rank(p))
            if not keys:
                break
            p = max(keys, key=lambda p: keys[p])
            for v, ballot in enumerate(votes):
                if held[p] and approves(ballot, p, reach):
                    money[v] -= money[v] * costs[p] / held[p]
            bought[p] = reach
    return list(bought.items())
