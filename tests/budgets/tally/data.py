"""Where the real elections are, and small ones made by hand."""

import functools
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from budgets.tally.election import Election, TallyProject
from budgets.tally.pb import read_election

PABULIB = Path(__file__).parents[3].parent / "shared" / "data" / "pabulib"
FILES = sorted(path.name.removesuffix(".gz") for path in PABULIB.glob("*.pb.gz"))
GOLDEN: dict[str, dict[str, Any]] = (
    json.loads((PABULIB / "golden.json").read_text()) if (PABULIB / "golden.json").exists() else {}
)

needs_files = pytest.mark.skipif(not FILES, reason="the real elections (../shared/data/pabulib) are not here")


@functools.cache
def real(name: str) -> Election:
    return read_election(PABULIB / f"{name}.gz")[0]


def small(
    budget: int, costs: dict[str, int], ballots: Iterable[Any], vote_type: str = "approval", unit: int = 1
) -> Election:
    """`ballots` as Election.build takes them; an approval ballot may be one word of one-letter ids."""
    return Election.build(
        budget=budget,
        projects=[TallyProject(project, cost) for project, cost in costs.items()],
        ballots=[tuple(ballot) if isinstance(ballot, str) else ballot for ballot in ballots],
        vote_type=vote_type,
        unit=unit,
    )
