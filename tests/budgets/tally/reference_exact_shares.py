"""Exact Equal Shares as plainly as it can be written: Fractions, one voter at a time."""

from fractions import Fraction

from tests.budgets.tally.reference import Costs, Rank, Votes, supporters

Run = list[tuple[str, int]]  # (project, how many pay), in purchase order


def payers(project: str, cost: int, votes: Votes, money: list[Fraction]) -> list[int]:
    """The largest group of voters who can each pay an equal part of the cost."""
    able = sorted(supporters(votes, project), key=lambda v: money[v], reverse=True)
    while able and money[able[-1]] < Fraction(cost, len(able)):
        able.pop()
    return able


def exact_shares(
    costs: Costs, votes: Votes, share: Fraction, by_cost: bool, rank: Rank
) -> tuple[Run, list[list[Fraction]]]:
    """(purchases, what each voter has spent before each purchase and at the end)."""
    spent, run, history = [Fraction(0)] * len(votes), Run(), list[list[Fraction]]()
    while True:
        history.append(list(spent))
        able = {
            p: who
            for p, cost in costs.items()
            if p not in dict(run) and (who := payers(p, cost, votes, [share - paid for paid in spent]))
        }
        if not able:
            return run, history
        best = min(
            able,
            key=lambda p: (Fraction(costs[p], len(able[p]) * (max(costs[p], 1) if by_cost else 1)), rank(p)),
        )
        for v in able[best]:
            spent[v] += Fraction(costs[best], len(able[best]))
        run.append((best, len(able[best])))


def next_change(costs: Costs, votes: Votes, share: Fraction, by_cost: bool, rank: Rank) -> Fraction | None:
    """The least larger endowment with other purchases: it lets k voters share a cost who could not at some stage."""
    run, history = exact_shares(costs, votes, share, by_cost, rank)
    candidates = {
        Fraction(cost, k) + paid
        for spent in history
        for p, cost in costs.items()
        for paid in {spent[v] for v in supporters(votes, p)}
        for k in range(1, len(supporters(votes, p)) + 1)
    }
    for candidate in sorted(candidates):
        if candidate > share and exact_shares(costs, votes, candidate, by_cost, rank)[0] != run:
            return candidate
    return None


def next_new(costs: Costs, votes: Votes, share: Fraction, by_cost: bool, rank: Rank) -> Fraction | None:
    """The least larger endowment at which k voters of a project that is not bought could share its cost and it would then
    come before what is bought at that stage (or at the end, at all), if what they have spent stays as it is."""
    run, history = exact_shares(costs, votes, share, by_cost, rank)

    def key(p: str, k: int) -> tuple[Fraction, object]:
        return Fraction(costs[p], k * (max(costs[p], 1) if by_cost else 1)), rank(p)

    found = []
    for stage, spent in enumerate(history):
        for p in costs.keys() - dict(run).keys():
            for k, paid in enumerate(sorted(spent[v] for v in supporters(votes, p)), start=1):
                if stage == len(run) or key(p, k) < key(*run[stage]):
                    found.append(Fraction(costs[p], k) + paid)
    return min(found, default=None)


def add_opt(
    costs: Costs, votes: Votes, budget: int, by_cost: bool, exhaustive_stop: bool, rank: Rank, skip: bool = False
) -> tuple[Run, int]:
    """(purchases, changes)."""
    costs = {p: cost for p, cost in costs.items() if cost <= budget and supporters(votes, p)}
    share, changes = Fraction(budget, len(votes)), 0
    run = exact_shares(costs, votes, share, by_cost, rank)[0]
    while len(run) < len(costs):
        left = budget - sum(costs[p] for p, _ in run)
        if exhaustive_stop and all(costs[p] > left for p in costs if p not in dict(run)):
            break
        following = (next_new if skip else next_change)(costs, votes, share, by_cost, rank)
        assert following is not None
        further = exact_shares(costs, votes, following, by_cost, rank)[0]
        if sum(costs[p] for p, _ in further) > budget:
            break
        run, share, changes = further, following, changes + 1
    return run, changes


def add1(
    costs: Costs, votes: Votes, budget: int, unit: int, by_cost: bool, exhaustive_stop: bool, rank: Rank
) -> tuple[Run, int]:
    """(purchases, steps)."""
    costs = {p: cost for p, cost in costs.items() if cost <= budget and supporters(votes, p)}

    def at(step: int) -> Run:
        return exact_shares(costs, votes, Fraction(budget, len(votes)) + step * unit, by_cost, rank)[0]

    run, step = at(0), 0
    while len(run) < len(costs):
        left = budget - sum(costs[p] for p, _ in run)
        if exhaustive_stop and all(costs[p] > left for p in costs if p not in dict(run)):
            break
        following = at(step + 1)
        if sum(costs[p] for p, _ in following) > budget:
            break
        run, step = following, step + 1
    return run, step
