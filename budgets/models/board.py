"""The board: what is said in public about a ballot box, line by line. Lines are added and never changed."""

from typing import Any

from django.db import models

from budgets.models.rounds import Round


class BoardEntry(models.Model):
    """Written only by `budgets.actions.board`; the database itself refuses to change or delete a row (triggers).

    Kinds and their bodies (all hashes hexadecimal):
    - open: {"rules_hash", "board_key"}; signed. The rules, and the key that signs this board.
    - batch: {"leaves": [sorted], "root"}.
    - close: {"ballots": n, "root": over their sorted leaves, "superseded": [leaves], "voted": {channel: electors}}; signed.
    - strike: {"leaf", "reason"}.
    - result: {"state", "ballots", "root": of those counted, "pots": [{"pot", "rule", "rule_digest", "election_digest",
      "version", "selected", "cost"}]}; signed.
    - key_destroyed: {}; signed: nobody can find an elector's ballot any more.
    """

    class Kind(models.TextChoices):
        OPEN = "open"
        BATCH = "batch"
        CLOSE = "close"
        STRIKE = "strike"
        ERRATUM = "erratum"
        RESULT = "result"
        KEY_DESTROYED = "key_destroyed"

    SIGNED = frozenset({Kind.OPEN, Kind.CLOSE, Kind.RESULT, Kind.KEY_DESTROYED})

    round = models.ForeignKey(Round, models.PROTECT, related_name="board")
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=16, choices=Kind.choices)
    body: Any = models.JSONField()
    previous = models.CharField(max_length=64)  # hash of the entry before; of the first: 64 zeros
    hash = models.CharField(max_length=64)
    signature = models.CharField(max_length=128, blank=True)

    class Meta:
        ordering = ["round", "seq"]
        verbose_name_plural = "board entries"
        constraints = [models.UniqueConstraint("round", "seq", name="one_entry_of_the_board_per_number")]

    def __str__(self) -> str:
        return f"{self.round_id}/{self.seq} {self.kind}"
