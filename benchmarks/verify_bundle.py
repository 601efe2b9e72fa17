"""How long `verify.py` needs for a large ballot box, step by step: `python benchmarks/verify_bundle.py [--ballots N] …`.

The box is made by the pure code. Hashes, Merkle trees and signatures have to be done in 5 seconds of CPU for 100,000
ballots; what the count's replay takes is printed beside it. Ends with 1 if it is not, or if anything does not hold.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from budgets.bundle import verify  # noqa: E402
from tests.boxes import FORMATS, filled  # noqa: E402

MOST = 5.0  # seconds of CPU for 100,000 ballots


def timed(name: str, step: Callable[[], Any]) -> tuple[Any, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    found = step()
    spent = time.process_time() - cpu
    print(f"  {name:<44} {time.perf_counter() - wall:6.2f} s, {spent:6.2f} s of CPU")
    return found, spent


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--ballots", type=int, default=100_000)
    asked.add_argument("--projects", type=int, default=40)
    asked.add_argument("--batch", type=int, default=20)
    asked.add_argument("--format", choices=FORMATS, default="approval")
    options = asked.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made) / "bundle"
        box = filled(options.format, ballots=options.ballots, projects=options.projects, batch=options.batch)
        box.write(folder)
        size = sum(path.stat().st_size for path in folder.iterdir())
        print(f"{options.ballots:,} {options.format} ballots in batches of {options.batch}, {size / 1e6:.0f} MB")
        program = verify.program_beside(folder)
        bundle, reading = timed("read the files", lambda: verify.Bundle(folder))
        _, files = timed("every file's hash, the manifest's signature", lambda: verify.check_files(bundle))
        board, chain = timed("chain, checkpoints, Merkle trees, balance", lambda: verify.check_board(bundle))
        _, leaves = timed("every ballot's leaf, and whether it may stand", lambda: verify.check_ballots(bundle, board))
        _, count = timed(
            "replay of the counts, the table, the .pb files", lambda: verify.check_counts(bundle, board, program)
        )
    spent = reading + files + chain + leaves
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"hashes, Merkle trees and signatures: {spent:.2f} s of CPU; with the counts {spent + count:.2f} s; {memory:.0f} MB"
    )
    return 1 if spent > MOST * max(1.0, options.ballots / 100_000) else 0


if __name__ == "__main__":
    sys.exit(main())
