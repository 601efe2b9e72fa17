"""From an event of the domain to a nudge on the sockets. Runs after the commit, in the process that made the change."""

from participation.events import Changed
from realtime import groups


def tell_watchers(change: Changed) -> None:
    """Tell those who watch a round that it changed: its version and nothing else."""
    if change.noun == "round":
        groups.send(groups.round_group(change.id), {"type": "round.changed", "version": change.version})
