"""Count the same elections with this engine and with pabutools, each in a process of its own, and print the ratios.

`python benchmarks/tally.py [--data FOLDER] [--peer-python PYTHON] [--voters N]`. Every process reads the file, counts
plain Equal Shares with cost utilities in exact arithmetic and prints its winners, which must agree. A limit that is hit
(600 s, 8 GB) is the result. CPU time and peak memory are the whole process's, as the system reports them; "count" is
the CPU time of the count alone. pabutools (GPL) runs where PYTHON can import it; it is never a dependency.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SECONDS, BYTES = 600, 8 << 30
FILES = {
    "Wieliczka 2023": "Poland_Wieliczka_2023_Green_Budget.pb",
    "Warsaw 2026": "Poland_Warszawa_2026.pb",
    "Łódź 2022": "Poland_Lodz_2022.pb",
}


def count_here(path: str) -> list[str]:
    from budgets.tally.count import winners
    from budgets.tally.pb import read_election
    from budgets.tally.rules import PRESETS

    election, _ = read_election(path)
    started = time.process_time()
    selected = winners(election, PRESETS["equal-shares-plain"])
    sys.stderr.write(f"{time.process_time() - started}\n")
    return [election.ids[p] for p in selected]


def count_pabutools(path: str) -> list[str]:
    from pabutools.election import Cost_Sat, parse_pabulib
    from pabutools.rules import method_of_equal_shares

    sys.setrecursionlimit(100_000)
    instance, profile = parse_pabulib(path)
    profile = profile.as_multiprofile()
    started = time.process_time()
    selected = method_of_equal_shares(instance, profile, sat_class=Cost_Sat)
    sys.stderr.write(f"{time.process_time() - started}\n")
    return [project.name for project in selected]


ENGINES = {"this engine": count_here, "pabutools": count_pabutools}


@dataclass(frozen=True)
class Measure:
    """`failure` says which limit was hit or what went wrong; then the figures are what was used until then."""

    cpu: float
    count: float
    megabytes: float
    winners: frozenset[str]
    failure: str = ""

    def __str__(self) -> str:
        figures = f"{self.cpu:9.2f} s  (count {self.count:8.4f} s)  {self.megabytes:7.0f} MB"
        return f"{figures}  {self.failure or f'{len(self.winners)} winners'}"


def limits() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 5))


def measure(python: str, engine: str, path: Path) -> Measure:
    command = [python, __file__, "--engine", engine, str(path)]
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        process = subprocess.Popen(command, stdout=out, stderr=err, env={**os.environ, "PYTHONPATH": str(ROOT)})
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        complaint = err.read().strip().splitlines() or ["nothing said"]
        cpu, megabytes = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
        if process.returncode == 0:
            return Measure(cpu, float(complaint[-1]), megabytes, frozenset(json.loads(out.read())))
    failure = f"{SECONDS} s passed" if cpu >= SECONDS - 1 else complaint[-1]
    return Measure(cpu, float("nan"), megabytes, frozenset(), failure)


def synthetic(path: Path, voters: int, projects: int = 300) -> None:
    """Ballots of 3 to 15 projects, the popular ones more often; the same file for the same size."""
    chance = random.Random(2026)
    names = [f"p{n:03}" for n in range(projects)]
    popularity = [1 / (n + 20) for n in range(projects)]
    with path.open("w", encoding="utf-8") as file:
        meta = f"num_projects;{projects}\nnum_votes;{voters}\nbudget;20000000\nvote_type;approval\nrule;unknown"
        dates = "date_begin;2026\ndate_end;2026"
        file.write(f"META\nkey;value\ndescription;x\ncountry;x\nunit;x\ninstance;x\n{meta}\n{dates}\nPROJECTS\n")
        file.write("project_id;cost\n" + "".join(f"{name};{chance.randrange(10, 2000) * 1000}\n" for name in names))
        file.write("VOTES\nvoter_id;vote\n")
        for voter in range(voters):
            vote = sorted(set(chance.choices(names, popularity, k=chance.randrange(3, 16))))
            file.write(f"{voter};{','.join(vote)}\n")


def unpacked(folder: Path, data: Path, name: str) -> Path | None:
    source, target = data / f"{name}.gz", folder / name
    if not source.exists():
        return None
    with gzip.open(source) as packed, target.open("wb") as plain:
        shutil.copyfileobj(packed, plain)
    return target


def compare(title: str, path: Path, peer_python: str) -> bool:
    print(title, flush=True)
    ours = measure(sys.executable, "this engine", path)
    print(f"  this engine {ours}", flush=True)
    theirs = measure(peer_python, "pabutools", path)
    print(f"  pabutools   {theirs}", flush=True)
    if not theirs.failure:
        ratios = f"{theirs.cpu / ours.cpu:.0f} times the CPU time, {theirs.count / ours.count:.0f} times for the count"
        print(f"  pabutools / this engine: {ratios}, {theirs.megabytes / ours.megabytes:.1f} times the memory")
    agree = bool(theirs.failure) or theirs.winners == ours.winners
    if not agree:
        print(f"  THE WINNERS DIFFER: {sorted(theirs.winners ^ ours.winners)}")
    return agree and not ours.failure


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data" / "pabulib")
    parser.add_argument("--peer-python", default=sys.executable)
    parser.add_argument("--voters", type=int, default=1_000_000, help="size of the synthetic election; 0: none")
    parser.add_argument("--engine", choices=ENGINES, help=argparse.SUPPRESS)
    parser.add_argument("path", nargs="?", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.engine:
        limits()
        print(json.dumps(ENGINES[options.engine](options.path)))
        return 0
    good = True
    with tempfile.TemporaryDirectory() as folder:
        for title, name in FILES.items():
            path = unpacked(Path(folder), options.data, name)
            if path is None:
                print(f"{title}: {name}.gz is not in {options.data}")
            else:
                good &= compare(title, path, options.peer_python)
        if options.voters:
            path = Path(folder) / "synthetic.pb"
            synthetic(path, options.voters)
            good &= compare(f"synthetic, {options.voters:,} voters and 300 projects", path, options.peer_python)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
