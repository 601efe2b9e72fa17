"""The board: what is said in public about a ballot box, line by line. Lines are added and never changed."""

from typing import Any

from django.db import models
from django.db.models import F, Func

from budgets.models.rounds import Round


class Length(Func):
    """How many items stand in the list `key` of an entry's body, counted by the database; NULL where there is none."""

    arity = 1

    def __init__(self, key: str) -> None:
        super().__init__(F("body"), output_field=models.IntegerField(), key=key)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="JSON_ARRAY_LENGTH(%(expressions)s, '$.%(key)s')", **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="JSONB_ARRAY_LENGTH(%(expressions)s -> '%(key)s')", **context)


class BoardQuerySet(models.QuerySet["BoardEntry"]):
    def signed(self) -> "BoardQuerySet":
        """The checkpoints: entries that carry the board's signature."""
        return self.filter(kind__in=BoardEntry.SIGNED)

    def without_leaves(self) -> "BoardQuerySet":
        """Without the bodies, which hold thousands of leaves, but with what is short in them: `sealed` (leaves of a batch),
        `replaced` (superseded leaves at the close), `ballots`, `state`, `reason`, `text`, `root` and `voted`."""
        short = {name: F(f"body__{name}") for name in ("ballots", "state", "reason", "text", "root", "voted")}
        return self.defer("body").annotate(sealed=Length("leaves"), replaced=Length("superseded"), **short)


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

    objects = BoardQuerySet.as_manager()

    class Meta:
        ordering = ["round", "seq"]
        verbose_name_plural = "board entries"
        constraints = [models.UniqueConstraint("round", "seq", name="one_entry_of_the_board_per_number")]

    def __str__(self) -> str:
        return f"{self.round_id}/{self.seq} {self.kind}"
