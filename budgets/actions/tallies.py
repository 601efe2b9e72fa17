"""Counting: loads the ballots, lets the pure engine count in a child process, stores one row keyed by what went in."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from budgets.models import Ballot, Pot, Result, Round, Tally
from budgets.models.locks import alone_counting, database_now, hold_round
from budgets.models.rounds import counting
from budgets.permissions import may_count
from budgets.tally.count import VERSION
from budgets.tally.election import BallotBox, Election, TallyProject, in_order
from budgets.tally.rules import Rule
from participation.accounts.models import User
from participation.actions.audit import record
from participation.events import Changed, announce
from participation.refusals import Refused

TIME_LIMIT = 30 * 60  # seconds for one count
# Other rules a resident can compare with, counted after the round's own.
COMPARED = ("equal-shares", "greedy")


def count_round(*, round_id: int, now: datetime, rule: str | None = None) -> list[Tally]:
    """Count every pot of a closed round, by the round's frozen rule or by the preset `rule`; one tally per pot.

    Counting again finds the same rows. First takes the round's exclusive lock for a moment, so that every cast under
    way has ended; after the close no other can begin. Refuses not_closed, not_confirmed.
    A count that fails is stored as failed with its reason, and announced like one that succeeds.
    """
    round = _closed(round_id)
    tallies = [_count_pot(pot, election, _rule(round, rule), now) for pot, election in elections(round)]
    if rule is None and all(tally.state == Tally.State.DONE for tally in tallies):
        Round.objects.filter(pk=round.pk, counted_at=None).update(counted_at=now)
    announce(Changed("round", round.pk, int(now.timestamp())))
    return tallies


@transaction.atomic
def ask_for_count(*, by: User, round_id: int, now: datetime) -> None:
    """Let a closed round be counted now, also after a count that failed: the sweep leaves those to an organiser.

    Takes the round's exclusive lock. Refuses not_allowed, not_confirmed, not_closed, already_counted.
    """
    hold_round(round_id)
    round = Round.objects.select_for_update(of=("self",)).select_related("place__parent__parent").get(pk=round_id)
    if refused := may_count(by, round, now):
        raise refused
    failed = Tally.objects.filter(pot__round=round, state=Tally.State.FAILED)
    errors = list(failed.values_list("error", flat=True))
    failed.update(state=Tally.State.RUNNING, error="", finished_at=None)
    record(by=by, action="count.asked", target=f"round:{round.pk}", now=now, place=round.place_id, failed=errors)
    announce(Changed("round", round.pk, int(now.timestamp())))


def count_other_rules(*, round_id: int, now: datetime) -> list[Tally]:
    """The what-if counts of a round that has been counted, for comparison only."""
    round = Round.objects.get(pk=round_id)
    own = round.rules["counting"]["name"]
    return [tally for name in COMPARED if name != own for tally in count_round(round_id=round_id, now=now, rule=name)]


def _closed(round_id: int) -> Round:
    """The round, closed by the clock that casts obey: a worker's clock that runs ahead must not count too early."""
    with transaction.atomic():
        hold_round(round_id)
        round = Round.objects.select_related("place").get(pk=round_id)
        moment = database_now()
    if round.rules is None:
        raise Refused("not_confirmed")
    if not round.is_imported and moment < round.voting_closes_at:
        raise Refused("not_closed")
    return round


def _rule(round: Round, preset: str | None) -> Rule:
    """The frozen rule, or another preset with the same lots."""
    frozen: dict[str, Any] = round.rules["counting"]["rule"]
    chosen = counting(preset, round.ballot_format, frozen["lot_seed"])["rule"] if preset else frozen
    return Rule.from_json(chosen)


def elections(round: Round) -> Iterator[tuple[Pot, Election]]:
    """Each pot with its election, built from the frozen rules and the ballots; reads the ballots once per pot."""
    pots = {pot.key: pot for pot in round.pots.all()}
    for section in round.rules["pots"]:
        projects = in_order(
            TallyProject(id=project["code"], cost=project["cost"], name=project["name"])
            for project in section["projects"]
        )
        box = BallotBox((project.id for project in projects), round.rules["ballot"]["format"])
        for selections, weight in Ballot.objects.filter(round=round).grouped().iterator(chunk_size=5000):
            chosen = json.loads(selections).get(section["key"])
            if chosen is not None:
                box.add(chosen, weight)
        yield pots[section["key"]], Election.of_box(box, budget=section["amount"], projects=projects)


def _count_pot(pot: Pot, election: Election, rule: Rule, now: datetime) -> Tally:
    """Find or compute the tally of exactly this election, rule and engine."""
    tally, _created = Tally.objects.get_or_create(
        pot=pot,
        rule_digest=rule.digest,
        version=VERSION,
        election_digest=election.digest,
        defaults={"rule": rule.name, "started_at": now},
    )
    with alone_counting(pot.pk) as alone:
        tally.refresh_from_db()
        if tally.state == Tally.State.DONE or not alone:
            return tally
        try:
            outcome, error = _in_child_process(election, rule), ""
        except (subprocess.SubprocessError, ValueError) as failure:
            outcome, error = None, _why(failure)
        _finish(tally, outcome, error)
    return tally


def _finish(tally: Tally, outcome: dict[str, Any] | None, error: str) -> None:
    tally.state = Tally.State.FAILED if outcome is None else Tally.State.DONE
    tally.outcome, tally.error, tally.finished_at = outcome, error, timezone.now()
    tally.save(update_fields=["state", "outcome", "error", "finished_at"])


def _in_child_process(election: Election, rule: Rule) -> dict[str, Any]:
    """Run the engine in a process of its own: the site answers while it counts, and a crash there ends nothing here."""
    question = json.dumps({"election": election.to_json(), "rule": rule.to_json()})
    gently = ["nice"] if shutil.which("nice") else []
    answer = subprocess.run(
        [*gently, sys.executable, "-m", "budgets.tally", "--stdin-json"],
        input=question,
        capture_output=True,
        text=True,
        check=True,
        timeout=TIME_LIMIT,
        cwd=Path(__file__).resolve().parents[2],
    )
    outcome: dict[str, Any] = json.loads(answer.stdout)
    return outcome


def _why(failure: Exception) -> str:
    """The last line a failed child wrote, or what the failure says of itself, for an organiser to read."""
    if isinstance(failure, subprocess.TimeoutExpired):
        return f"The count did not end within {TIME_LIMIT} seconds and was stopped."
    told = (getattr(failure, "stderr", None) or "").strip().splitlines()
    return (told[-1] if told else str(failure))[:500]


def recount(result: Result) -> str | None:
    """Count the ballots of a published result again and say where the outcome differs, or None. Changes nothing."""
    round, tally = result.pot.round, result.tally
    election = next(election for pot, election in elections(round) if pot.pk == result.pot_id)
    if election.digest != tally.election_digest:
        return "the ballots or projects are not those that were counted"
    frozen = round.rules["counting"]["name"] == tally.rule
    outcome = _in_child_process(election, _rule(round, None if frozen else tally.rule))
    if tally.version != outcome["version"]:
        outcome["version"] = tally.version  # a newer engine has to come to the same outcome
    differing = sorted(key for key in tally.outcome if tally.outcome[key] != outcome.get(key))
    published = [row["code"] for row in result.snapshot["projects"] if row["funded"]]
    if published != outcome["selected"]:
        differing.append("the published winners")
    return f"different: {', '.join(differing)}" if differing else None
