"""The socket of a round: it tells its watchers that something changed. They say nothing that counts."""

import json
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer

from budgets.permissions import watched_round
from realtime.groups import round_group
from realtime.limits import Places, TokenBucket

NOT_UNDERSTOOD = 4003
NOT_THERE = 4004
TOO_FAST = 4008
TOO_MANY = 4009

places = Places()


class RoundConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels is untyped
    """`/ws/rounds/<slug>/`, for public rounds, signed in or not.

    Sends `{"type": "round.changed", "version": n}`; the page then fetches its fragment, where the ordinary view and
    permission decide. Closes with 4003 (not understood), 4004 (no such public round), 4008 (more than ten messages a
    second) or 4009 (a sixth socket of one person). The codes reach the browser because the socket is accepted first.
    """

    group: str | None = None
    holds_place = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """However the socket ends, also by a failure or before it is open, its place is free again."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            if self.holds_place:
                places.leave(self.user_id)
                self.holds_place = False

    async def connect(self) -> None:
        """Joins before it accepts: whatever changes once the browser holds the socket is told."""
        self.bucket = TokenBucket()
        refused = await self._join()
        await self.accept()
        if refused:
            await self.close(refused)

    async def _join(self) -> int | None:
        """Take a place and join the round's group; the close code if that may not be."""
        user = self.scope.get("user")
        self.user_id: int | None = user.pk if user is not None else None
        self.holds_place = places.take(self.user_id)
        if not self.holds_place:
            return TOO_MANY
        round_id = await database_sync_to_async(watched_round)(self.scope["url_route"]["kwargs"]["slug"])
        if round_id is None:
            return NOT_THERE
        self.group = round_group(round_id)
        await self.channel_layer.group_add(self.group, self.channel_name)
        return None

    async def disconnect(self, code: int) -> None:
        if self.group is not None:
            await self.channel_layer.group_discard(self.group, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """There is nothing to say to a round: whatever comes is measured, and answered only if it is JSON."""
        if not self.bucket.take():
            await self.close(TOO_FAST)
        elif text_data is None or not _is_object(text_data):
            await self.close(NOT_UNDERSTOOD)
        else:
            await self.send(json.dumps({"type": "refused", "code": "unknown_command"}))

    async def round_changed(self, message: dict[str, Any]) -> None:
        await self.send(json.dumps({"type": "round.changed", "version": message["version"]}))


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False
