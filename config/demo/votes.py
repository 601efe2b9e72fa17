"""How the people of Larkmoor vote: what they choose, and how the ballots of a vote that is over come into its box.

A vote that is over takes no more ballots: `cast_ballot` goes by the database's clock, and that cannot be told that it is
earlier. The steps behind it can be taken one by one, and are, for the rounds that want a whole board.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from budgets.actions import board
from budgets.actions.ballots import put_ballot
from budgets.actions.challenges import answer_challenge, hand_in_challenge
from budgets.actions.strikes import confirm_strikes, propose_strikes
from budgets.models import Elector, Round, Strike, UrnBallot
from budgets.models.urn import handle_of
from budgets.proofs import ballot_leaf
from budgets.rules import canonical, canonical_selections, check_ballot
from config.demo.rounds import DemoRound
from participation.accounts.models import User
from participation.models import Place

Selections = dict[str, list[Any]]
CHANGE_THEIR_MIND = 12  # one voter of so many votes again
STRUCK = 3  # ballots that are struck out of the box, where the plan says that somebody objects


def choices(round: Round, pots: Sequence[str], chance: Random, likings: dict[str, int]) -> Selections:
    """What someone might choose: well-liked projects more often, and only as much as the ballot allows."""
    ballot, chosen = round.rules["ballot"], {}
    for section in round.rules["pots"]:
        if section["key"] not in pots:
            continue
        liked = sorted(section["projects"], key=lambda p: -(chance.random() ** (1 / likings[p["name"]])))
        most = chance.randint(1, ballot["max_choices"])
        if ballot["format"] == "knapsack":
            chosen[section["key"]] = _as_money_lasts(liked, section["amount"])
        elif ballot["format"] in {"cumulative", "scoring"}:
            chosen[section["key"]] = _points([project["code"] for project in liked], ballot, chance)
        else:
            chosen[section["key"]] = [project["code"] for project in liked[:most]]
    return chosen


def _as_money_lasts(liked: list[dict[str, Any]], left: int) -> list[Any]:
    codes = []
    for project in liked:
        if project["cost"] <= left:
            left -= project["cost"]
            codes.append(project["code"])
    return codes


def _points(liked: list[str], ballot: dict[str, Any], chance: Random) -> list[Any]:
    """Half of what is left to each project in turn, or a score that falls with the liking."""
    left, pairs = ballot["points"], []
    for code in liked[: chance.randint(1, 4)]:
        given = max(1, left // 2 + left % 2)
        if left:
            pairs.append([code, given])
        left -= given if left else 0
    return pairs


def fill(round: Round, plan: DemoRound, wards: Sequence[Place], chance: Random, likings: dict[str, int]) -> None:
    """The ballots of a vote that is over, all at once, each with its row of the roll."""
    pots = [pot["key"] for pot in round.rules["pots"]] if plan.voters else []
    electors = [_elector(round, number, chance.choice(wards)) for number in range(plan.voters)]
    ballots = [_in_urn(round, elector, choices(round, pots, chance, likings)) for elector in electors]
    Elector.objects.bulk_create(electors)
    # In the order of their random ids, so that the table does not tell who voted when.
    UrnBallot.objects.bulk_create(sorted(ballots, key=lambda ballot: ballot.id))


def fill_and_seal(
    round: Round,
    plan: DemoRound,
    people: Sequence[User],
    wards: Sequence[Place],
    chance: Random,
    likings: dict[str, int],
) -> None:
    """The same one after the other, as they would have come in: checked, put in, sealed in batches as the sweep does, and
    some of them changed later. The residents who have accounts are among the voters. Whoever lives in a ward votes about
    its pot too."""
    of_everyone = [pot.key for pot in round.pots.all() if pot.area_id is None]
    own = {pot.area_id: pot.key for pot in round.pots.all() if pot.area_id}
    electors = [
        _elector(round, number, people[number].residence.area if number < len(people) else chance.choice(wards))
        for number in range(plan.voters)
    ]
    for elector, person in zip(electors, people, strict=False):
        elector.person = person
        elector.token = Elector.token_for(round.pk, f"email:{person.email}")
    for elector in electors:
        elector.status = Elector.Status.ELIGIBLE
    Elector.objects.bulk_create(electors)
    again = chance.sample(electors, len(electors) // CHANGE_THEIR_MIND)
    waiting, enough = 0, board.LEAST_BATCH
    for elector in [*electors, *again]:
        pots = of_everyone + [key for area, key in own.items() if area == elector.area_id]
        chosen = choices(round, pots, chance, likings)
        assert check_ballot(round.rules, pots, chosen) == []
        put_ballot(round, elector, canonical(canonical_selections(plan.format, chosen)))
        waiting += 1
        if waiting >= enough:
            board.seal(round_id=round.pk)
            waiting, enough = 0, chance.randint(board.LEAST_BATCH, 2 * board.LEAST_BATCH)
    round.electors.update(status=Elector.Status.VOTED)


def dispute(round: Round, *, resident: User, organiser: User, second: User, closed: datetime) -> None:
    """Somebody objects, an organiser looks into it, proposes to strike some ballots out, and another one agrees."""
    challenge = hand_in_challenge(
        by=resident, round_id=round.pk, now=closed + timedelta(hours=5),
        text="Three people of the guest house on the quay have voted. They were here for a week.",
    )  # fmt: skip
    electors = Elector.objects.filter(round=round, person=None, status=Elector.Status.VOTED).order_by("token")[:STRUCK]
    strikes = propose_strikes(
        by=organiser, round_id=round.pk, now=closed + timedelta(hours=20),
        elector_ids=[elector.pk for elector in electors], reason=Strike.Reason.NOT_ENTITLED,
        explanation="guests of the town, who have said so themselves", note="Told us so at the front desk.",
    )  # fmt: skip
    confirm_strikes(
        by=second, round_id=round.pk, strike_ids=[strike.pk for strike in strikes], now=closed + timedelta(hours=26)
    )
    answer_challenge(
        by=organiser, challenge_id=challenge.pk, now=closed + timedelta(hours=27),
        answer="You are right. Three ballots were struck out, and the rest was counted again. Thank you for telling us.",
    )  # fmt: skip


def _elector(round: Round, number: int, area: Place) -> Elector:
    return Elector(
        round=round,
        token=Elector.token_for(round.pk, f"email:voter{number:04d}@larkmoor.example"),
        assurance=Elector.Assurance.POSTCODE,
        area=area,
        status=Elector.Status.VOTED,
    )


def _in_urn(round: Round, elector: Elector, chosen: Selections) -> UrnBallot:
    selections = canonical(canonical_selections(round.rules["ballot"]["format"], chosen))
    salt = secrets.token_hex(16)
    leaf = ballot_leaf(round.slug, round.rules_hash, selections, salt)
    handle = handle_of(elector, round)
    return UrnBallot(round=round, handle=handle, selections=selections, salt=salt, leaf=leaf)
