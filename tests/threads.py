"""Several people at once: each call in a thread with its own database connection."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connections

from participation.refusals import Refused


def in_threads(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """What each call returned, in order; a refusal's code is its answer. Needs `django_db(transaction=True)`."""

    def run(call: Callable[[], Any]) -> Any:
        try:
            return call()
        except Refused as refused:
            return refused.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))
