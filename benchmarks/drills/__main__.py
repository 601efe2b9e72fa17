"""One drill in a process of its own: `python -m benchmarks.drills cast sqlite`. Sets the stage, runs it, clears it away."""

import sys
from importlib import import_module

from benchmarks.drills import DRILLS
from benchmarks.drills.stage import load, stage


def main(name: str, database: str) -> int:
    drill = next(drill for drill in DRILLS if drill.name == name)
    with stage(database, drill.seconds) as (folder, services):
        held: bool = import_module(f"benchmarks.drills.{name}").drill(folder, services)
        print(f"  {load()}")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
