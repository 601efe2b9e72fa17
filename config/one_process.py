"""The embedded default: Daphne in the main thread, a Celery worker with two threads, and beat, in one process.

Broker and channel layer live in this process's memory. What waits there is lost when it stops; the sweeps find it again.
"""

import threading
from collections.abc import Callable
from typing import Any

from celery.beat import EmbeddedService, Scheduler
from celery.worker import WorkController
from daphne.server import Server, twisted_loop

from config.asgi import application
from config.celery import app
from realtime.groups import send_through
from realtime.limits import FRAME_BYTES

WORKER_THREADS = 2
REQUEST_SECONDS = 60


class Background:
    """The worker's and beat's threads. Daemons both: the process never waits for them longer than `stop` does."""

    def __init__(self) -> None:
        # gossip, mingle and heartbeats are for workers that have neighbours
        self.worker: Any = WorkController(
            app=app, pool_cls="threads", concurrency=WORKER_THREADS, hostname="embedded@localhost", quiet=True,
            without_heartbeat=True, without_mingle=True, without_gossip=True,
        )  # fmt: skip
        self.beat: Any = EmbeddedService(app, thread=True, max_interval=5, scheduler_cls=Scheduler)

    def start(self) -> None:
        threading.Thread(target=self.worker.start, daemon=True, name="celery-worker").start()
        self.beat.start()

    def stop(self) -> None:
        """Take no new task; those under way may run twice and so may be cut off."""
        self.beat.service.stop(wait=False)
        self.worker.terminate(in_sighandler=False)


def run(*, host: str, port: int, ready: Callable[[], None]) -> None:
    """Serve until SIGTERM or SIGINT. `ready` is called once, just before the first request can come."""
    background = Background()
    server = Server(
        application,
        endpoints=[f"tcp:port={port}:interface={host.replace(':', chr(92) + ':')}"],  # Twisted's way to write IPv6
        http_timeout=REQUEST_SECONDS,
        websocket_max_message_size=FRAME_BYTES,
        websocket_max_frame_size=FRAME_BYTES,
        ready_callable=ready,
        server_name="good-local",
    )
    send_through(twisted_loop)
    background.start()
    try:
        server.run()
    finally:
        background.stop()
