"""How much one connection and one person may ask of the sockets."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

FRAME_BYTES = 16 * 1024  # the servers refuse longer frames and messages
SOCKETS_PER_PERSON = 5
PER_SECOND = 10.0
BURST = 20.0


@dataclass(slots=True)
class TokenBucket:
    """`PER_SECOND` messages a second on average, `BURST` at once."""

    clock: Callable[[], float] = time.monotonic
    tokens: float = BURST
    filled_at: float = field(init=False)

    def __post_init__(self) -> None:
        self.filled_at = self.clock()

    def take(self) -> bool:
        """Take one token; False when there is none."""
        now = self.clock()
        self.tokens = min(BURST, self.tokens + (now - self.filled_at) * PER_SECOND)
        self.filled_at = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


class Places:
    """Sockets open in this process, by person. People who are not signed in share networks, so they are not counted."""

    def __init__(self) -> None:
        self._open: Counter[int] = Counter()

    def take(self, user_id: int | None) -> bool:
        """Take a place for this person; False when all of theirs are taken."""
        if user_id is None:
            return True
        if self._open[user_id] >= SOCKETS_PER_PERSON:
            return False
        self._open[user_id] += 1
        return True

    def leave(self, user_id: int | None) -> None:
        if user_id is None:
            return
        self._open[user_id] -= 1
        if self._open[user_id] <= 0:
            del self._open[user_id]
