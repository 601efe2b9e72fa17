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
    weight = [Fraction(1)] * len(votes)
    bought: dict[str, int] = {}
    for reach in range(1, max(map(len, votes), default=0) + 1):
        while True:
            keys = {}
            for p in (p for p in costs if p not in bought):
                approvers = [v for v, ballot in enumerate(votes) if approves(ballot, p, reach)]
                have, need = (
                    sum((weight[v] for v in approvers), Fraction(0)),
                    Fraction(len(votes) * costs[p], budget or 1),
                )
                if approvers and have >= need:
                    keys[p] = (per_cost and not need, have / need if per_cost and need else have - need, -rank(p))
            if not keys:
                break
            p = max(keys, key=lambda p: keys[p])
            approvers = [v for v, ballot in enumerate(votes) if approves(ballot, p, reach)]
            have, need = sum((weight[v] for v in approvers), Fraction(0)), Fraction(len(votes) * costs[p], budget or 1)
            for v in approvers:
                weight[v] -= weight[v] * need / have if have else 0
            bought[p] = reach
    return list(bought.items())
