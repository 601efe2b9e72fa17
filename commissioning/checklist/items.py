"""The list of a case: every duty of its route, with what decides it."""

from dataclasses import dataclass
from datetime import date

from commissioning.checklist.deciding import Applies
from commissioning.checklist.duties import DUTIES, Duty, Stage
from commissioning.checklist.figures import Authority, Facts, Kind, Region
from commissioning.rules import Route


@dataclass(frozen=True, slots=True)
class Item:
    """`figure` in pence decided whether it applies; None where no figure does, or none is known."""

    key: str
    text: str
    why: str
    source: str
    stage: Stage
    applies: Applies
    figure: int | None
    sure: bool

    @property
    def blocks(self) -> bool:
        """Has to be answered before the award."""
        return self.applies == Applies.NEEDED and self.stage == Stage.BEFORE


def items(
    route: Route, kind: Kind | None, gross_value: int, on: date, region: Region, *, authority: Authority = Authority.COUNCIL,
    own_limit: int | None = None,
) -> list[Item]:  # fmt: skip
    """The list of a case in its order. `gross_value` and `own_limit` in pence with VAT; `on` is the day on which the
    procurement, or what stands in its place, begins."""
    facts = Facts(route, kind, gross_value, on, region, authority, own_limit)
    return [_item(duty, facts) for duty in DUTIES if route in duty.routes]


def _item(duty: Duty, facts: Facts) -> Item:
    verdict = duty.decide(facts)
    return Item(
        duty.key, duty.text, duty.why, duty.source, duty.stage, verdict.applies, verdict.figure,
        verdict.sure and duty.sure,
    )  # fmt: skip
