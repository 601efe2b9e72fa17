"""Fault and load drills: on loopback, on data of their own, bounded, never part of the tests' verdict.

`manage.py drill` runs them all, `manage.py drill cast` one. Each prints what it did and what came of it, and fails aloud.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Drill:
    """`seconds` is the limit, after which it is stopped and counts as failed."""

    name: str
    what: str
    seconds: int
    services: bool


DRILLS = [
    Drill("restart", "kill -9 each process of `up` under load; the site answers again", 400, services=True),
    Drill("sweep", "kill -9 the worker in the middle of a count; the sweep finishes it", 400, services=True),
    Drill("cast", "many voters, every ballot sent twice, the site killed: 0 lost, 0 double", 400, services=False),
]
