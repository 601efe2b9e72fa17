"""Fault and load drills: on loopback, on data of their own, bounded, never part of the tests' verdict.

`manage.py drill` runs them all, `manage.py drill cast` one. Each prints what it did and what came of it, and fails aloud.
A drill about the ballot box runs once on each database. SEED=… repeats a run; VOTERS, CLIENTS, KILLS, CASTS make one smaller.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Drill:
    """`seconds` is the limit on each database, after which it is stopped and counts as failed."""

    name: str
    what: str
    seconds: int
    databases: tuple[str, ...]


BOTH = ("postgresql", "sqlite")
DRILLS = [
    Drill("restart", "kill -9 each process of `up` under load; the site answers again", 400, ("postgresql",)),
    Drill("sweep", "kill -9 the worker in the middle of a count; the sweep finishes it", 400, ("postgresql",)),
    Drill("cast", "5,000 voters at once, web and database killed: 0 lost, 0 double, counted as cast", 1500, BOTH),
    Drill("close", "2,000 casts around the close: every 201 is counted and no 409 is", 600, BOTH),
]
