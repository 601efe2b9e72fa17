"""Publishing a tally as a result, and certifying it."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from budgets.actions import board
from budgets.actions.tallies import elections
from budgets.models import Elector, Pot, Result, Round, Signal, Tally
from budgets.models.challenges import challenged_until
from budgets.models.locks import hold_round
from budgets.permissions import may_certify, may_open_box, may_publish
from budgets.tally.election import POINTS, RANKED
from participation.accounts.models import User
from participation.actions.audit import record
from participation.events import Changed, announce
from participation.refusals import Refused


@transaction.atomic
def publish_results(*, by: User | None, round_id: int, now: datetime, rule: str | None = None) -> list[Result]:
    """Freeze the tally of each pot as its public result: provisional, to be certified by someone else.

    `by` None is the sweep, where the frozen rules allow it, or the command line for an imported round. Publishing the
    same count again changes nothing. A provisional result is replaced once its round has been counted again, which
    happens when ballots were struck out; an imported round may be published anew by another `rule`.
    Takes the round's exclusive lock. Refuses not_allowed, not_confirmed, not_counted.
    """
    hold_round(round_id)
    round = Round.objects.select_related("place__parent__parent").get(pk=round_id)
    refused = may_publish(by, round) if by else None
    if refused:
        raise refused
    if round.rules is None:
        raise Refused("not_confirmed")
    if round.recount_due:
        raise Refused("not_counted")
    before = sorted(Result.objects.filter(pot__round=round).values_list("tally_id", flat=True))
    results = [_publish(pot, by=by, now=now, rule=rule) for pot in round.pots.select_related("result")]
    if any(created for _result, created in results):
        if not round.is_imported:
            _let_be_challenged(round, now, again=bool(before))
            board.write_result(round, Result.State.PROVISIONAL, [_said(result) for result, _created in results])
        record(
            by=by, action="result.published", target=f"round:{round.pk}", now=now, place=round.place_id,
            tallies=[result.tally_id for result, _created in results], replaced=before,
        )  # fmt: skip
        announce(Changed("round", round.pk, int(now.timestamp())))
    return [result for result, _created in results]


def _let_be_challenged(round: Round, now: datetime, *, again: bool) -> None:
    """For the days of the rules from the moment everyone sees the result; of one that is shown anew for one day at least.
    Rules without such days leave it at the close."""
    days = min(round.challenge_days, 1) if again else round.challenge_days
    if days:
        round.challengeable_until = max(challenged_until(round), now + timedelta(days=days))
        round.save(update_fields=["challengeable_until"])


def _publish(pot: Pot, *, by: User | None, now: datetime, rule: str | None) -> tuple[Result, bool]:
    name = rule or pot.round.rules["counting"]["name"]
    # A slow count may end after a strike, and after the count that the strike made due.
    now_in_box = pot.tallies.filter(rule=name, state=Tally.State.DONE, strikes=board.strikes_on(pot.round))
    tally = now_in_box.order_by("-finished_at", "-pk").first()
    if tally is None:
        raise Refused("not_counted")
    result = Result.objects.filter(pot=pot).first()
    if result:
        if _same(result.tally, tally) or (not pot.round.is_imported and result.state == Result.State.CERTIFIED):
            return result, False
        # Whoever published it first still may not certify it.
        by = by or result.published_by
        result.delete()
    fresh = Result.objects.create(
        pot=pot, tally=tally, snapshot=snapshot(pot, tally), published_at=now, published_by=by
    )
    return fresh, True


def _same(published: Tally, tally: Tally) -> bool:
    """Whether publishing it would say nothing new: another engine may have counted the same ballots to the same end."""
    ends = [(t.rule_digest, t.election_digest, t.outcome["selected"], t.outcome["cost"]) for t in (published, tally)]
    return ends[0] == ends[1]


def _said(result: Result) -> dict[str, Any]:
    """What the board says about the result of a pot."""
    tally = result.tally
    return {
        "pot": result.pot.key,
        "rule": tally.rule,
        "rule_digest": tally.rule_digest,
        "election_digest": tally.election_digest,
        "version": tally.version,
        "selected": tally.outcome["selected"],
        "cost": tally.outcome["cost"],
    }


def snapshot(pot: Pot, tally: Tally) -> dict[str, Any]:
    """Everything a page or an export says about a result, so that later edits of names or places change nothing.

    {"v": 1, "round", "title", "place", "origin", "currency", "pot": {"key", "name", "amount", "funders"},
     "counting": {"name", "rule", "version"}, "rules_hash", "format", "max_choices", "points", "opened", "closed",
     "ballots": n, "electors": n or null, "cost": minor units, "winners": n, "outcome": the engine's statistics,
     "projects": [{"code", "name", "cost", "votes", "score": points (of ranks: Borda points) or null, "funded", "order",
                   "reason", "area", "latitude", "longitude", "proposal"}, …
                  in the order of the result: winners as they were bought, then by votes]}
    """
    round, outcome = pot.round, tally.outcome
    rows = {row["id"]: row for row in outcome["projects"]}
    known = {project.code: project for project in pot.projects.select_related("area", "proposal")}
    frozen = next(section for section in round.rules["pots"] if section["key"] == pot.key)
    pointed = round.rules["ballot"]["format"] in POINTS | RANKED
    projects = []
    for item in frozen["projects"]:
        row, project = rows[item["code"]], known[item["code"]]
        projects.append(
            {
                "code": item["code"],
                "name": item["name"],
                "cost": item["cost"],
                "votes": row["votes"],
                "score": row["score"] if pointed else None,
                "funded": row["selected"],
                "order": row["order"],
                "reason": row["reason"],
                "area": project.area.name if project.area else project.area_name,
                "latitude": None if project.latitude is None else str(project.latitude),
                "longitude": None if project.longitude is None else str(project.longitude),
                "proposal": project.proposal.reference if project.proposal else None,
            }
        )
    projects.sort(key=lambda p: (not p["funded"], p["order"] if p["funded"] else 0, -p["votes"], p["cost"], p["code"]))
    return {
        "v": 1,
        "round": round.slug,
        "title": round.title,
        "place": round.place.name,
        "origin": round.origin,
        "currency": round.currency,
        "pot": {
            "key": pot.key,
            "name": pot.name,
            "amount": frozen["amount"],
            "funders": [[funder.name, funder.amount] for funder in pot.funders.all()],
        },
        "counting": {"name": tally.rule, "version": tally.version},
        "rules_hash": round.rules_hash,
        "format": round.rules["ballot"]["format"],
        "max_choices": round.rules["ballot"]["max_choices"],
        "points": round.rules["ballot"].get("points"),
        "opened": round.rules["voting_opens_at"],
        "closed": round.rules["voting_closes_at"],
        "ballots": outcome["n_ballots"],
        "electors": _electors(round),
        "cost": outcome["cost"],
        "winners": len(outcome["selected"]),
        "statistics": outcome.get("statistics", {}),
        "projects": projects,
    }


def _electors(round: Round) -> int | None:
    """How many people have voted, from the roll; imported rounds have none."""
    return None if round.is_imported else round.electors.filter(status=Elector.Status.VOTED).count()


@transaction.atomic
def certify_results(*, by: User, round_id: int, now: datetime) -> list[Result]:
    """Certify all results of a round at once, and open its box: the ballots become public and lose what led to them.

    Two people always look at it: who published it and who certifies. Where nobody did publish it (the sweep did, or the
    account is gone), the first organiser to certify vouches for it in the publisher's place, and another one has to
    follow: the results that come back are still provisional then.
    The signals of its electors go too. Takes the round's exclusive lock. The key to electors' handles is destroyed by
    `destroy_keys` after the commit.
    Refuses not_counted (also where other ballots than those in the box were counted), same_person (who published may not
    certify), wrong_state, challenge_open before the time for challenges has ended, challenges_unanswered, strikes_open while
    one waits for its second person, and out_of_balance.
    """
    hold_round(round_id)
    results = list(
        Result.objects.select_for_update(of=("self",))
        .filter(pot__round_id=round_id)
        .select_related("pot__round__place__parent__parent", "tally")
        .order_by("pot__position", "pot_id")  # as they were published: the board says them in this order
    )
    if not results:
        raise Refused("not_counted")
    round = results[0].pot.round
    _check_certifiable(round, results, by, now)
    if any(result.published_by_id is None for result in results):
        return _vouch(results, by, now)
    for result in results:
        result.state, result.certified_at, result.certified_by = Result.State.CERTIFIED, now, by
        result.save(update_fields=["state", "certified_at", "certified_by"])
    if not round.is_imported:
        Signal.objects.filter(round=round).delete()
        board.open_box(round, [_said(result) for result in results])
    record(by=by, action="result.certified", target=f"round:{round_id}", now=now, place=round.place_id)
    announce(Changed("round", round_id, int(now.timestamp())))
    return results


def _check_certifiable(round: Round, results: list[Result], by: User, now: datetime) -> None:
    """By this person, at this moment, and counted from the ballots that are in the box now."""
    for result in results:
        if refused := may_certify(by, result):
            raise refused
        if result.state == Result.State.CERTIFIED:
            raise Refused("wrong_state")
    if round.is_imported:
        return
    if refused := may_open_box(round, now):
        raise refused
    there = {pot.pk: election.digest for pot, election in elections(round)}
    if there != {result.pot_id: result.tally.election_digest for result in results}:
        raise Refused("not_counted")


def _vouch(results: list[Result], by: User, now: datetime) -> list[Result]:
    """Stand for a result that no person has published."""
    round = results[0].pot.round
    for result in results:
        result.published_by = by
        result.save(update_fields=["published_by"])
    record(by=by, action="result.vouched", target=f"round:{round.pk}", now=now, place=round.place_id)
    announce(Changed("round", round.pk, int(now.timestamp())))
    return results
