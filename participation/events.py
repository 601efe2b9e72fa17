"""Telling others that something changed, after the commit and without knowing who listens.

`announce` carries ids and versions only; whoever listens reads the data itself, through the ordinary permission.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction


@dataclass(frozen=True, slots=True)
class Changed:
    """The thing called `noun` with this id changed and is now at `version` (it only ever grows)."""

    noun: str  # such as round
    id: int
    version: int


Listener = Callable[[Changed], None]
_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    """Called with every change after its commit, in the process that made it. Registering twice counts once."""
    if listener not in _listeners:
        _listeners.append(listener)


def announce(change: Changed) -> None:
    for listener in _listeners:
        transaction.on_commit(lambda tell=listener: tell(change), robust=True)  # type: ignore[misc]  # bound at definition
