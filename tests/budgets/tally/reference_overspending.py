"""Equal Shares with bounded overspending as plainly as it can be written: Fractions, one voter at a time."""

from fractions import Fraction

from tests.budgets.tally.reference import Costs, Rank, Votes, supporters


def offers(project: str, cost: int, votes: Votes, money: list[Fraction]) -> list[tuple[Fraction, Fraction, Fraction]]:
    """Every (ratio r / a, a negated, price r) at an end of a piece of what the voters of the project can raise."""
    who = supporters(votes, project)

    def raised(x: Fraction) -> Fraction:
        return sum((min(money[v], x * votes[v][project]) for v in who), Fraction(0))

    if cost == 0:
        return [(Fraction(0), Fraction(-1), Fraction(0))]
    ends = sorted({money[v] / votes[v][project] for v in who} - {Fraction(0)})
    found = []
    before = Fraction(0)
    for x in ends:
        if raised(before) < cost < raised(x):
            # The whole cost is raised between two ends, on a straight line.
            slope = (raised(x) - raised(before)) / (x - before)
            whole = before + (cost - raised(before)) / slope
            found.append((whole, Fraction(-1), whole))
        part = raised(x) / cost
        if part <= 1:
            found.append((x / part**2, -part, x / part))
        before = x
    return found


def overspending(
    costs: Costs, votes: Votes, budget: int, by_cost: bool, rank: Rank
) -> tuple[list[tuple[str, Fraction, Fraction]], list[Fraction]]:
    """([(project, price, part of the cost), …] in purchase order, what each voter has left)."""
    money, bought = [Fraction(budget, len(votes))] * len(votes), list[tuple[str, Fraction, Fraction]]()
    left = budget
    while True:
        best = [
            (ratio / (max(cost, 1) if by_cost else 1), rank(p), minus, p, price)
            for p, cost in costs.items()
            if p not in [name for name, _, _ in bought] and cost <= left and supporters(votes, p)
            for ratio, minus, price in offers(p, cost, votes, money)
        ]
        if not best:
            return bought, money
        _, _, minus, p, price = min(best)
        for v in supporters(votes, p):
            money[v] -= min(money[v], price * votes[v][p])
        left -= costs[p]
        bought.append((p, price, -minus))
