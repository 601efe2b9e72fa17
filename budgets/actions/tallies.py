"""Counting: loads the ballots, lets the pure engine count in a child process, stores one row keyed by what went in."""

import json
import subprocess
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import DatabaseError, transaction
from django.db.models import Q
from django.utils import timezone

from budgets.actions import board
from budgets.actions.engine import ask_engine, why_it_failed
from budgets.models import BoardEntry, Pot, Result, Round, Tally
from budgets.models.locks import alone_counting, database_now, hold_round
from budgets.models.rounds import counting
from budgets.models.urn import counted_ballots, grouped_ballots
from budgets.permissions import may_count
from budgets.proofs import ballot_leaf, root
from budgets.tally.count import VERSION
from budgets.tally.election import BallotBox, Election, TallyProject, in_order
from budgets.tally.rules import Rule
from participation.accounts.models import User
from participation.actions.audit import record
from participation.events import Changed, announce
from participation.refusals import Refused

PROGRESS_EVERY = 3.0  # seconds between two notes of how far a count is, and between the nudges about them
ANALYSING = -1  # in place of a pot's id: one analysis at a time
# Other rules a resident can compare with, counted after the round's own.
COMPARED = ("equal-shares", "greedy", "phragmen", "equal-shares-cardinality", "greedy-per-cost", "max-welfare")


def count_round(*, round_id: int, now: datetime, rule: str | None = None) -> list[Tally]:
    """Count every pot of a closed round, by the round's frozen rule or by the preset `rule`; one tally per pot.

    Counting again finds the same rows. First takes the round's exclusive lock for a moment, so that every cast under
    way has ended; after the close no other can begin. Refuses not_closed, not_confirmed.
    A count that fails is stored as failed with its reason, and announced like one that succeeds.
    """
    round, struck = _closed(round_id)
    tallies = [_count_pot(pot, election, _rule(round, rule), struck, now) for pot, election in elections(round)]
    if rule is None and all(tally.state == Tally.State.DONE for tally in tallies):
        _mark_counted(round, struck, now)
    # Not `now`: the news of the progress were later than that.
    announce(Changed("round", round.pk, int(timezone.now().timestamp())))
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


def _closed(round_id: int) -> tuple[Round, int]:
    """The round with its box closed, by the clock that casts obey: a worker's that runs ahead must not count early.
    And how many ballots have been struck out of it."""
    with transaction.atomic():
        hold_round(round_id)
        round = Round.objects.select_related("place").get(pk=round_id)
        if round.rules is None:
            raise Refused("not_confirmed")
        if not round.is_imported:
            if database_now() < round.voting_closes_at:
                raise Refused("not_closed")
            board.close(round)
        return round, board.strikes_on(round)


@transaction.atomic
def _mark_counted(round: Round, struck: int, now: datetime) -> None:
    """The round is counted, unless a ballot was struck out meanwhile: then the next sweep counts again."""
    hold_round(round.pk)
    if board.strikes_on(round) == struck:
        uncounted = Q(counted_at=None) | Q(recount_due=True)
        Round.objects.filter(uncounted, pk=round.pk).update(counted_at=now, recount_due=False)


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
        for selections, weight in grouped_ballots(round).iterator(chunk_size=5000):
            chosen = json.loads(selections).get(section["key"])
            if chosen is not None:
                box.add(chosen, weight)
        yield pots[section["key"]], Election.of_box(box, budget=section["amount"], projects=projects)


def _count_pot(pot: Pot, election: Election, rule: Rule, struck: int, now: datetime) -> Tally:
    """Find or compute the tally of exactly this election, rule and engine. `struck`: how many ballots had been struck out
    before these were read."""
    tally, _created = Tally.objects.get_or_create(
        pot=pot,
        rule_digest=rule.digest,
        version=VERSION,
        election_digest=election.digest,
        defaults={"rule": rule.name, "started_at": now, "strikes": struck},
    )
    # Ballots that were struck out had nothing in this pot.
    Tally.objects.filter(pk=tally.pk, strikes__lt=struck).update(strikes=struck)
    with alone_counting(pot.pk) as alone:
        tally.refresh_from_db()
        if tally.state == Tally.State.DONE or not alone:
            return tally
        try:
            outcome, error = ask_engine(election, rule, Progress(tally)), ""
        except (subprocess.SubprocessError, ValueError) as failure:
            outcome, error = None, why_it_failed(failure)
        _finish(tally, outcome, error)
    return tally


def analyse_results(*, round_id: int) -> list[Tally]:
    """Find out what there is to say about the published counts of a round: the votes a project lacked, what was spent by
    whom. Kept with the tally, so that no page counts anything. An analysis that fails is kept as {"failed": why}.

    One at a time in the whole site: it may take minutes, and no count should wait for it. Changes no outcome.
    """
    round = Round.objects.get(pk=round_id)
    with alone_counting(ANALYSING) as alone:
        if not alone:
            return []
        results = Result.objects.of_round(round).filter(tally__analysis__isnull=True).select_related("tally")
        wanted = {result.pot_id: result.tally for result in results}
        for pot, election in elections(round) if wanted else ():
            if tally := wanted.get(pot.pk):
                tally.analysis = _analysis(round, tally, election)
                tally.save(update_fields=["analysis"])
    if wanted:
        announce(Changed("round", round.pk, int(timezone.now().timestamp())))
    return list(wanted.values())


def _analysis(round: Round, tally: Tally, election: Election) -> dict[str, Any]:
    frozen = round.rules["counting"]["name"] == tally.rule
    try:
        answer = ask_engine(election, _rule(round, None if frozen else tally.rule), analyse=True)
    except (subprocess.SubprocessError, ValueError) as failure:
        return {"failed": why_it_failed(failure)}
    if answer["selected"] != tally.outcome["selected"]:
        return {"failed": "a recount came to other winners"}
    analysis: dict[str, Any] = answer["analysis"]
    return analysis


class Progress:
    """Writes down how far a count is and tells those who watch the round, now and then.

    A note that cannot be written is left out: the count is worth more than the news of it.
    """

    def __init__(self, tally: Tally) -> None:
        self.tally, self.next = tally, 0.0

    def __call__(self, line: dict[str, Any]) -> None:
        if time.monotonic() < self.next:
            return
        self.next = time.monotonic() + PROGRESS_EVERY
        now = timezone.now()
        try:
            with transaction.atomic():
                note = {**line, "at": now.isoformat()}
                Tally.objects.filter(pk=self.tally.pk, state=Tally.State.RUNNING).update(progress=note)
                announce(Changed("round", self.tally.pot.round_id, int(now.timestamp())))
        except DatabaseError:
            return


def _finish(tally: Tally, outcome: dict[str, Any] | None, error: str) -> None:
    tally.state = Tally.State.FAILED if outcome is None else Tally.State.DONE
    tally.outcome, tally.error, tally.finished_at, tally.progress = outcome, error, timezone.now(), None
    tally.save(update_fields=["state", "outcome", "error", "finished_at", "progress"])


def recount(result: Result) -> str | None:
    """Count the ballots of a published result again and say where the outcome differs, or None. Changes nothing."""
    round, tally = result.pot.round, result.tally
    election = next(election for pot, election in elections(round) if pot.pk == result.pot_id)
    if election.digest != tally.election_digest:
        return "the ballots or projects are not those that were counted"
    frozen = round.rules["counting"]["name"] == tally.rule
    outcome = ask_engine(election, _rule(round, None if frozen else tally.rule))
    if tally.version != outcome["version"]:
        outcome["version"] = tally.version  # a newer engine has to come to the same outcome
    differing = sorted(key for key in tally.outcome if tally.outcome[key] != outcome.get(key))
    published = [row["code"] for row in result.snapshot["projects"] if row["funded"]]
    if published != outcome["selected"]:
        differing.append("the published winners")
    return f"different: {', '.join(differing)}" if differing else None


def recount_box(round: Round) -> tuple[str, int, str | None]:
    """The root and number of the ballots that count, every leaf derived anew from its ballot; and, where there is a board,
    how that differs from what it says of the published result, or None. Changes nothing."""
    rows = counted_ballots(round).values_list("selections", "salt", "leaf").order_by("leaf").iterator(chunk_size=5000)
    leaves, changed = [], 0
    for selections, salt, leaf in rows:
        leaves.append(leaf)
        changed += ballot_leaf(round.slug, round.rules_hash, selections, salt) != leaf
    found = root(leaves)
    if changed:
        return found, len(leaves), f"different: {changed} ballots are not those of their leaves"
    said = BoardEntry.objects.filter(round=round, kind=BoardEntry.Kind.RESULT).order_by("seq").last()
    if said and (said.body["root"], said.body["ballots"]) != (found, len(leaves)):
        return found, len(leaves), "different: the board's result stands on other ballots"
    return found, len(leaves), None
