"""A closed town in which one ballot cannot be counted, and the steps that strike it out."""

from datetime import timedelta

from budgets.actions.ballots import cast_ballot
from budgets.actions.results import publish_results
from budgets.actions.strikes import confirm_strikes, propose_strikes
from budgets.actions.tallies import count_round
from budgets.models import Elector, Round
from participation.accounts.models import User
from tests.budgets.conftest import Town, build_town
from tests.factories import NOW, BallotFactory, staff_of

CHEAT = "cheat@example.org"


def voted_town() -> Town:
    """Voted: 22 for benches, two for lights; one of those two cannot be counted. Closed by the timetable."""
    town = build_town(counting_rule="greedy")
    cast_ballot(by=town.resident(email=CHEAT), round_id=town.round.pk, selections={"whole": ["2"]})
    for n in range(23):
        BallotFactory(round=town.round, choices={"whole": ["1"] if n else ["2"]})
    Round.objects.filter(pk=town.round.pk).update(voting_closes_at=NOW - timedelta(hours=1))
    town.round.refresh_from_db()
    return town


def cheat() -> Elector:
    return Elector.objects.get(person__email=CHEAT)


def organiser(town: Town) -> User:
    return staff_of(town.place, "organiser")


def propose(town: Town, by: User, *electors: Elector) -> list[int]:
    ids = [elector.pk for elector in electors or (cheat(),)]
    strikes = propose_strikes(
        by=by, round_id=town.round.pk, elector_ids=ids, now=NOW,
        reason="not_entitled", explanation="Lives elsewhere", note="Seen on the electoral register of Hale.",
    )  # fmt: skip
    return [strike.pk for strike in strikes]


def strike(town: Town, *electors: Elector) -> None:
    ids = propose(town, organiser(town), *electors)
    confirm_strikes(by=organiser(town), round_id=town.round.pk, strike_ids=ids, now=NOW)


def count(town: Town) -> None:
    """As the sweep does, without comparing and analysing."""
    count_round(round_id=town.round.pk, now=NOW)
    publish_results(by=None, round_id=town.round.pk, now=NOW)
