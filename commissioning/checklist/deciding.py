"""Whether something is asked of a case: one small function for each kind of condition."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from commissioning.checklist.figures import LOCAL_RESERVATION, Authority, Band, Facts, Kind, Region


class Applies(StrEnum):
    NEEDED = "needed"
    POSSIBLE = "possible"
    NOT_NEEDED = "not-needed"


@dataclass(frozen=True, slots=True)
class Verdict:
    applies: Applies
    figure: int | None = None  # pence; the one that decided
    sure: bool = True


Decide = Callable[[Facts], Verdict]
NEEDED, POSSIBLE, NOT_NEEDED = Applies.NEEDED, Applies.POSSIBLE, Applies.NOT_NEEDED
CHECK = Verdict(POSSIBLE, sure=False)


def always(facts: Facts) -> Verdict:
    return Verdict(NEEDED)


def perhaps(facts: Facts) -> Verdict:
    return Verdict(POSSIBLE)


def to_check(facts: Facts) -> Verdict:
    return CHECK


def in_band(band: Band, then: Applies = NEEDED) -> Decide:
    """`then` in this band of value; not known where the threshold is not."""

    def decide(facts: Facts) -> Verdict:
        if facts.band == Band.UNKNOWN:
            return CHECK
        return Verdict(then if facts.band == band else NOT_NEEDED, facts.threshold)

    return decide


def over(name: str, then: Applies = NEEDED) -> Decide:
    """`then` for a value of more than this figure."""

    def decide(facts: Facts) -> Verdict:
        figure = facts.figure(name)
        if figure is None:
            return CHECK
        return Verdict(then if facts.gross > figure else NOT_NEEDED, figure)

    return decide


def above_and_over(name: str, then: Applies = NEEDED) -> Decide:
    """As `over`, for what is at the threshold or above it as well."""

    def decide(facts: Facts) -> Verdict:
        if facts.band == Band.BELOW:
            return Verdict(NOT_NEEDED, facts.threshold)
        return CHECK if facts.band == Band.UNKNOWN else over(name, then)(facts)

    return decide


def indicators(facts: Facts) -> Verdict:
    """More than £5 million; whether a light-touch contract is meant too has to be checked."""
    found = above_and_over("indicators")(facts)
    unsure = facts.kind == Kind.LIGHT and found.applies == NEEDED
    return Verdict(POSSIBLE, found.figure, sure=False) if unsure else found


def unknown_law(facts: Facts) -> Verdict:
    if facts.band == Band.UNKNOWN:
        return Verdict(NEEDED, sure=False)
    return Verdict(NOT_NEEDED, facts.threshold)


def below(facts: Facts) -> Verdict:
    """Part 6 of the Act, as it is in England; elsewhere it differs."""
    found = in_band(Band.BELOW)(facts)
    return Verdict(NEEDED, found.figure, facts.region == Region.ENGLAND) if found.applies == NEEDED else found


def notice_below(then: Applies) -> Decide:
    """Below the threshold and not less than the value from which a notice is asked for."""

    def decide(facts: Facts) -> Verdict:
        if facts.band != Band.BELOW:
            return in_band(Band.BELOW)(facts)
        figure = facts.figure("notice-below-central" if facts.authority == Authority.NHS else "notice-below")
        if figure is None:
            return CHECK
        return Verdict(then if facts.gross >= figure else NOT_NEEDED, figure)

    return decide


def reservation(facts: Facts) -> Verdict:
    """For best-value authorities and parish councils in England, below the threshold, from the day it began."""
    if facts.region == Region.UNKNOWN:
        return CHECK
    if facts.region != Region.ENGLAND or facts.on < LOCAL_RESERVATION or facts.authority == Authority.NHS:
        return Verdict(NOT_NEEDED)
    found = in_band(Band.BELOW, POSSIBLE)(facts)
    if found.applies != POSSIBLE:
        return found
    return Verdict(POSSIBLE, found.figure, facts.authority == Authority.COUNCIL)


def social_value(facts: Facts) -> Verdict:
    """Services at the threshold or above; below it the Act asks nothing, and it is open to a body to do it all the same."""
    if facts.kind in {Kind.GOODS, Kind.WORKS}:
        return Verdict(NOT_NEEDED)
    if facts.region != Region.ENGLAND or facts.band == Band.UNKNOWN:
        return CHECK
    return Verdict(NEEDED if facts.band == Band.ABOVE else POSSIBLE, facts.threshold)


def in_england(applies: Applies) -> Decide:
    def decide(facts: Facts) -> Verdict:
        return Verdict(applies, sure=facts.authority == Authority.COUNCIL) if facts.region == Region.ENGLAND else CHECK

    return decide


def published(name: str) -> Decide:
    """What the Transparency Code asks of councils in England; other bodies have rules of their own."""

    def decide(facts: Facts) -> Verdict:
        return over(name)(facts) if facts.authority == Authority.COUNCIL else CHECK

    return decide


def own_rules(facts: Facts) -> Verdict:
    """Needed in any case; the body's own figure says whether its limit is reached."""
    return Verdict(NEEDED, facts.own_limit)


def health_care(facts: Facts) -> Verdict:
    return CHECK if facts.authority == Authority.NHS else Verdict(NOT_NEEDED)
