"""Change one byte of a bundle, thousands of times, and let the real `verify(folder)` find it and name the file.

`python benchmarks/mutate_bundle.py [--changes N] [--seed N] [--format FORMAT]`: a byte is replaced, taken out or put in, in
any file but verify.py itself, files and places drawn at random. Ends with 1 if a change is missed or another file is named.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.boxes import FORMATS, filled, wrong  # noqa: E402

MEMORY = Path("/dev/shm")


def changed(whole: bytes, chance: random.Random) -> tuple[str, bytes]:
    """One byte other than it was, in one of three ways."""
    way, place = chance.choice(("replaced", "taken out", "put in")), chance.randrange(len(whole))
    if way == "taken out":
        return way, whole[:place] + whole[place + 1 :]
    if way == "put in":
        return way, whole[:place] + bytes([chance.randrange(256)]) + whole[place:]
    return way, whole[:place] + bytes([whole[place] ^ chance.randrange(1, 256)]) + whole[place + 1 :]


def mutate(folder: Path, changes: int, chance: random.Random) -> list[str]:
    """What was missed, or named wrongly."""
    names = sorted(path.name for path in folder.iterdir() if path.name != "verify.py")
    tried: Counter[str] = Counter()
    missed = []
    for _ in range(changes):
        name = chance.choice(names)
        whole = (folder / name).read_bytes()
        way, other = changed(whole, chance)
        (folder / name).write_bytes(other)
        said = wrong(folder)
        (folder / name).write_bytes(whole)
        tried[f"{name}, {way}"] += 1
        if not said.startswith(name):
            missed.append(f"{name}, {way}: {said or 'not noticed'}")
    for kind, number in sorted(tried.items()):
        print(f"  {number:6,} {kind}")
    return missed


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--changes", type=int, default=10_000)
    asked.add_argument("--seed", type=int, default=2026)
    asked.add_argument("--format", choices=FORMATS, default="approval")
    options = asked.parse_args()
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as made:
        folder = filled(options.format).write(Path(made) / "bundle")
        assert wrong(folder) == ""
        began = time.process_time()
        missed = mutate(folder, options.changes, random.Random(options.seed))
        assert wrong(folder) == ""
    print(
        f"{options.changes:,} changes, seed {options.seed}: {len(missed)} missed ({time.process_time() - began:.0f} s of CPU)"
    )
    print("\n".join(missed[:20]))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
