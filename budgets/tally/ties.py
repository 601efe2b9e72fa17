"""One total order of the projects, fixed before the count, that decides between exactly equal projects."""

from __future__ import annotations

import hashlib

from budgets.tally.election import Election
from budgets.tally.rules import Rule


def lot(seed: str, project: str) -> bytes:
    """Anyone can draw this lot again: SHA-256 of the published seed followed by the project's id; the lowest wins."""
    return hashlib.sha256((seed + project).encode()).digest()


def tie_order(election: Election, rule: Rule, votes: list[int]) -> list[int]:
    """`order[p]`: place of project p (position in `election.projects`) among all; the lower wins a tie."""
    lots = [lot(rule.lot_seed, project) for project in election.ids]
    parts: dict[str, list[int] | list[bytes]] = {
        "lowest-cost": election.costs,
        "most-votes": [-n for n in votes],
        "id": list(range(len(lots))),
        "lot": lots,
    }
    ranked = sorted(range(len(lots)), key=lambda p: tuple(parts[name][p] for name in rule.ties))
    order = [0] * len(ranked)
    for place, p in enumerate(ranked):
        order[p] = place
    return order
