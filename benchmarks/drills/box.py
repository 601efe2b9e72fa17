"""What the ballot box holds against what the voters were told, before the count and after it is certified."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

from django.db.models import Count
from django.utils import timezone

from benchmarks.drills.voters import Choices, Log, Voter
from budgets.actions.board import FIRST, balance
from budgets.actions.bundles import write_bundle
from budgets.actions.results import publish_results
from budgets.actions.sweeps import sweep_boards, sweep_rounds
from budgets.models import BoardEntry, Elector, Result, Round, UrnBallot
from budgets.proofs import entry_hash
from participation.models.roles import RoleKind
from tests.factories import certify, staff_of

Said = dict[str, Choices]  # receipt → the choices it was given for


def problems_of_the_box(round: Round, said: Said) -> list[str]:
    """While the urn is there: exactly these ballots, each once, with what the voters chose, and nobody else marked."""
    standing = {ballot.leaf: ballot.sections() for ballot in UrnBallot.objects.filter(round=round).standing()}
    lost, unknown = said.keys() - standing.keys(), standing.keys() - said.keys()
    altered = [leaf for leaf in said.keys() & standing.keys() if standing[leaf] != _chosen(said[leaf])]
    handles = UrnBallot.objects.filter(round=round, handle__isnull=False).values("handle")
    twice = handles.annotate(n=Count("pk")).filter(n__gt=1)
    voted = Elector.objects.filter(round=round, status=Elector.Status.VOTED).count()
    return _said(
        (len(lost), "acknowledged ballots are not in the box"),
        (len(unknown), "ballots in the box were never acknowledged"),
        (len(altered), "ballots hold other choices"),
        (twice.count(), "electors have two ballots"),
        (abs(voted - len(said)), "more or fewer electors are marked as having voted"),
    )


def _chosen(choices: Choices) -> Choices:
    return {key: codes for key, codes in choices.items() if codes}


def _said(*counts: tuple[int, str]) -> list[str]:
    return [f"{number} {what}" for number, what in counts if number]


def problems_of_the_board(round: Round, said: Said) -> list[str]:
    """The chain holds, every counted leaf is sealed once, the sheet balances."""
    entries = list(BoardEntry.objects.filter(round=round).order_by("seq"))
    previous, broken = FIRST, 0
    for seq, entry in enumerate(entries):
        stated = {"round": round.slug, "seq": seq, "kind": entry.kind, "body": entry.body, "previous": previous}
        broken += (entry.seq, entry.previous, entry.hash) != (seq, previous, entry_hash(stated))
        previous = entry.hash
    sealed = Counter(leaf for entry in entries if entry.kind == "batch" for leaf in entry.body["leaves"])
    closes = [entry.body for entry in entries if entry.kind == "close"]
    batches = sum(entry.kind == "batch" for entry in entries)
    replaced = set(closes[0]["superseded"]) if closes else set()
    sheet = balance(round)
    print(
        f"  board: {len(entries)} entries, {batches} batches, {len(sealed)} leaves, {len(replaced)} of them replaced later"
    )
    print(f"  balance: {sheet}")
    return _said(
        (broken, "entries of the board do not fit the chain"),
        (sum(n > 1 for n in sealed.values()), "leaves were sealed twice"),
        (len(said.keys() - sealed.keys()), "acknowledged ballots were never sealed"),
        (len(sealed.keys() - said.keys() - replaced), "leaves on the board belong to nobody"),
        (len(closes) != 1, "closings missing or too many"),
        (not sheet["holds"], "balance sheet does not hold"),
    )


def finish(round: Round, said: Said, folder: Path) -> list[str]:
    """Count, publish, certify by a second person, destroy the key, write the bundle, let verify.py judge it, and hold the
    votes of every project against what the voters sent."""
    now = timezone.now()
    first, second = (staff_of(round.place, RoleKind.ORGANISER) for _ in range(2))
    sweep_rounds(now=now)
    publish_results(by=first, round_id=round.pk, now=now)
    found = problems_of_the_board(round, said)
    certify(by=second, round_id=round.pk, now=now + timedelta(days=30))
    sweep_boards(now=now + timedelta(days=30))
    return found + _problems_of_the_count(round, said) + _problems_of_the_bundle(round, len(said), folder / "bundle")


def _problems_of_the_count(round: Round, said: Said) -> list[str]:
    votes = Counter((key, code) for choices in said.values() for key, codes in choices.items() for code in codes)
    found = []
    for result in Result.objects.filter(pot__round=round).select_related("pot"):
        for row in result.snapshot["projects"]:
            ours = votes[result.pot.key, row["code"]]
            if row["votes"] != ours:
                found.append(f"{row['code']} was counted with {row['votes']} votes, and {ours} were cast")
    print(f"  votes of {sum(votes.values())} choices compared with the published count")
    return found


def _problems_of_the_bundle(round: Round, ballots: int, folder: Path) -> list[str]:
    write_bundle(round_id=round.pk, folder=folder)
    done = subprocess.run(
        [sys.executable, str(folder / "verify.py"), str(folder)], capture_output=True, text=True, check=False
    )
    print(f"  verify.py: {done.stdout.strip().splitlines()[-1] if done.stdout else done.stderr[-300:]}")
    lines = (folder / "ballots.jsonl").read_text().splitlines()
    return _said(
        (done.returncode, "as exit code of verify.py"),
        (abs(len(lines) - ballots), "ballots too many or few in the bundle"),
    )


def receipts_of(voters: list[Voter], log: Log) -> tuple[Said, list[str]]:
    """The receipt of every voter's last ballot with its choices; and whoever has none, or several for one ballot."""
    given = log.of(voters)
    last = {voter.number: given[voter.number, len(voter.choices) - 1] for voter in voters}
    said = {leaf: voter.choices[-1] for voter in voters for leaf in last[voter.number]}
    without = sum(not leaves for leaves in last.values())
    several = sum(len(leaves) > 1 for leaves in given.values())
    created = Counter((r.voter, r.revision) for r in log.receipts if r.created)
    return said, _said(
        (without, "voters have no receipt"),
        (several, "ballots have several receipts"),
        (sum(n > 1 for n in created.values()), "ballots were made twice"),
        (len(log.refused), f"requests were refused: {log.refused[:3]}"),
    )
