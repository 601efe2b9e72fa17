"""An Equal Shares count once more, from what its tally says: the same endowment, one purchase at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

from budgets.tally.completion import Sharing
from budgets.tally.count import Tally
from budgets.tally.election import Election
from budgets.tally.incidence import Incidence
from budgets.tally.limits import Limits
from budgets.tally.prepare import Prepared, Stage
from budgets.tally.rules import Rule
from budgets.tally.shares import EqualShares, Purchase

# The fields of a rule the analysis knows the meaning of. A rule that sets any other is not analysed as if it did not.
KNOWN = frozenset(
    "name method score utility misfit start completion exhaustive_stop increment comparison threshold cost_share ties "
    "lot_seed".split()
)
LIMITS = frozenset({"caps", "incompatible", "part_funding"})


def is_known(rule: Rule, known: frozenset[str] = KNOWN) -> bool:
    """Every field outside `known` stands at its default."""
    return all(field.name in known or getattr(rule, field.name) == field.default for field in fields(rule))


@dataclass(frozen=True, eq=False)
class Replay:
    """`eligible`: positions of the projects that take part; `step`: how often money was raised before the final run."""

    who: Incidence
    eligible: list[int]
    sharing: Sharing
    step: int

    @classmethod
    def of(cls, election: Election, rule: Rule, tally: Tally) -> Replay | None:
        """None where the winners were not bought with equal shares in one run: another method, or guaranteed sums."""
        if (
            tally.log.get("method") != "equal-shares"
            or rule.method != "equal-shares"
            or not is_known(rule, KNOWN | LIMITS)
        ):
            return None
        ground, limits = Prepared(election, rule), Limits(election, rule)
        eligible = [p for p in ground.eligible if p not in limits.barred]
        sharing = Sharing(Stage(ground, election.budget, eligible, limits))
        return cls(ground.who, eligible, sharing, tally.log["steps"])

    def run(self) -> EqualShares:
        """At its beginning."""
        return self.sharing.begin(self.step)


def purchases(run: EqualShares) -> Iterator[Purchase]:
    """Buy until nobody can afford anything more."""
    while bought := run.step():
        yield bought
