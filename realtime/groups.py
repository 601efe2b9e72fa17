"""Names of the groups, and the one way to send to them.

In the embedded default the layer lives in the memory of the server's event loop, and a message put there by another
thread would lie until the loop wakes by itself, so the server lends its loop (`send_through`). With Redis any loop will do.
"""

import asyncio
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer  # noqa: TID251 - this is the one place

SEND_SECONDS = 2.0  # a Redis that accepts a connection and never answers must not hold whoever has news
_server_loop: asyncio.AbstractEventLoop | None = None


def round_group(round_id: int) -> str:
    return f"round.{round_id}"


def send_through(loop: asyncio.AbstractEventLoop | None) -> None:
    """Send through this loop from now on, and nowhere once it has stopped: called by the process that serves sockets from
    memory, where work under way may end after the server has."""
    global _server_loop  # noqa: PLW0603 - one server in a process
    _server_loop = loop


def send(group: str, message: dict[str, Any]) -> None:
    """Send to whoever is in the group now, from any thread without an event loop of its own. Nobody waits for delivery.

    `message["type"]` names the consumer's method (dots become underscores). A broken layer raises, a silent one
    after `SEND_SECONDS`: the caller is an on-commit hook, which logs it.
    """
    layer = get_channel_layer()
    if _server_loop is not None:
        # Before it runs and once it has stopped nobody holds a socket.
        if _server_loop.is_running():
            asyncio.run_coroutine_threadsafe(layer.group_send(group, message), _server_loop)
    else:
        async_to_sync(_send)(layer, group, message)


async def _send(layer: Any, group: str, message: dict[str, Any]) -> None:
    async with asyncio.timeout(SEND_SECONDS):
        await layer.group_send(group, message)
