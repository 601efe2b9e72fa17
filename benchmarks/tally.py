"""Count the same elections with this engine and with its peers, each in a process of its own, and print the ratios.

`python benchmarks/tally.py [--data FOLDER] [--peer-python PYTHON] [--voters N] [TITLE …]`. Every process reads the file,
counts and prints its winners. A limit that is hit (600 s of CPU, 8 GB) is the result. CPU time and peak memory are the
whole process's, reading included, as the system reports them; "count" is the CPU time of the count alone, what each
makes of the file before it (an election, a profile) left out. "with reasons" is `python -m budgets.tally --json`: the
whole tally. Peers: pabutools and abcvoting (committees: every project costs 1) count with exact fractions, and their
winners must be ours; muoblp counts in C++ with floats, may differ, and reads nothing: a small reader here does.

The peers live in an environment of their own, made in var/peers unless PYTHON names one; only pabutools is locked, for
the tests. abcvoting imports a solver under a closed licence even where it does not use it; an empty module stands in.
"""

from __future__ import annotations

import argparse
import csv
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
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SECONDS, BYTES = 600, 8 << 30
PEERS = ("pabutools==1.2.3", "abcvoting==2.19.2", "muoblpbindings==0.0.16")
WIELICZKA, WARSAW, LODZ, BUDAPEST, SYNTHETIC = (
    "Poland_Wieliczka_2023_Green_Budget", "Poland_Warszawa_2026", "Poland_Lodz_2022", "Hungary_Budapest_2024", "synthetic",
)  # fmt: skip
SEATS = 20

# Ties by id, as the peers break them.
SHARES = {"method": "equal-shares", "ties": ["id"]}
RULES = {
    "plain": SHARES,
    "add1": {**SHARES, "completion": "add1"},
    "add1u": {**SHARES, "completion": "add1u"},
    "committee": {**SHARES, "utility": "cardinality"},
}
Counted = tuple[list[str], float]


@dataclass(frozen=True)
class Task:
    title: str
    name: str
    rule: str
    peers: tuple[str, ...]


TASKS = [
    *(
        Task(f"{title}, {said}", name, rule, ("pabutools", "muoblp"))
        for title, name in (("Wieliczka 2023", WIELICZKA), ("Warsaw 2026", WARSAW), ("Łódź 2022", LODZ))
        for rule, said in (("plain", "plain Equal Shares"), ("add1", "with Add1"))
    ),
    Task("Warsaw 2026, Add1U", WARSAW, "add1u", ()),
    Task("Budapest 2024, Add1U in steps of 1 HUF", BUDAPEST, "add1u", ()),
    Task(f"Wieliczka 2023, a committee of {SEATS}", WIELICZKA, "committee", ("pabutools", "abcvoting")),
    Task("synthetic, plain Equal Shares", SYNTHETIC, "plain", ("pabutools", "muoblp")),
    Task("synthetic, with Add1", SYNTHETIC, "add1", ("muoblp",)),
]


# -- in the child: one engine, one file


def timed(count: Callable[[], list[str]]) -> Counted:
    started = time.process_time()
    winners = count()
    return winners, time.process_time() - started


def count_here(path: str, rule: str) -> Counted:
    from budgets.tally import one_thread  # noqa: F401  first of all
    from budgets.tally.count import winners
    from budgets.tally.pb import read_election
    from budgets.tally.rules import Rule

    election, _ = read_election(path)
    return timed(lambda: [election.ids[p] for p in winners(election, Rule.from_json(RULES[rule]))])


def count_pabutools(path: str, rule: str) -> Counted:
    from pabutools.election import Cardinality_Sat, Cost_Sat, parse_pabulib
    from pabutools.rules import method_of_equal_shares

    sys.setrecursionlimit(100_000)
    instance, profile = parse_pabulib(path)
    profile = profile.as_multiprofile()
    given = {"sat_class": Cardinality_Sat if rule == "committee" else Cost_Sat}
    if rule == "add1":
        given["voter_budget_increment"] = 1
    return timed(lambda: [project.name for project in method_of_equal_shares(instance, profile, **given)])


def lines(path: str) -> Iterator[str]:
    with Path(path).open(encoding="utf-8-sig", newline="") as file:
        yield from file


def plain_ballots(path: str) -> tuple[float, dict[str, float], Iterator[list[str]]]:
    """(budget, cost of each project, the ballots) of a plain file; no checks."""
    rows = csv.reader(lines(path), delimiter=";")
    header, budget, costs = [], 0.0, {}
    for row in rows:
        if row[0] in {"META", "PROJECTS", "VOTES"}:
            section, header = row[0], next(rows)
            if section == "VOTES":
                break
        elif row[0] == "budget":
            budget = float(row[1])
        elif header[0] == "project_id":
            costs[row[0]] = float(row[header.index("cost")])
    column = header.index("vote")
    return budget, costs, (list(dict.fromkeys(row[column].split(","))) for row in rows)


def count_muoblp(path: str, rule: str) -> Counted:
    """Its utilities are for each unit of cost: 1 means cost utilities."""
    from muoblpbindings import equal_shares_add1, equal_shares_utils

    budget, costs, ballots = plain_ballots(path)
    supporters: dict[str, list[tuple[str, int]]] = {project: [] for project in costs}
    voters = []
    for number, ballot in enumerate(ballots):
        voter = str(number)
        voters.append(voter)
        for project in filter(None, ballot):
            supporters[project].append((voter, 1))
    votes = {project: len(named) for project, named in supporters.items()}
    equal_shares = equal_shares_add1 if rule == "add1" else equal_shares_utils
    return timed(lambda: equal_shares(voters, list(costs), costs, supporters, votes, budget))


def count_abcvoting(path: str, rule: str) -> Counted:
    sys.modules["gurobipy"] = types.ModuleType("gurobipy")
    from abcvoting.abcrules import compute_equal_shares
    from abcvoting.preferences import Profile

    budget, costs, ballots = plain_ballots(path)
    names = list(costs)
    place = {name: number for number, name in enumerate(names)}
    profile = Profile(len(names))
    profile.add_voters([{place[name] for name in filter(None, ballot)} for ballot in ballots])
    size = int(budget)

    def committee() -> list[str]:
        found = compute_equal_shares(profile, size, algorithm="gmpy2-fractions", resolute=True, completion=None)
        return [names[member] for member in found[0]]

    return timed(committee)


def count_with_reasons(path: str, rule: str) -> Counted:
    from budgets.tally.__main__ import main

    # The command prints what is to be printed.
    sys.exit(main([path, "--rule", json.dumps(RULES[rule]), "--json"]))


ENGINES = {
    "this engine": count_here,
    "with reasons": count_with_reasons,
    "pabutools": count_pabutools,
    "muoblp": count_muoblp,
    "abcvoting": count_abcvoting,
}
OURS = ("this engine", "with reasons")


# -- in the parent: measure and compare


@dataclass(frozen=True)
class Measure:
    """`failure` says which limit was hit or what went wrong; then the figures are what was used until then."""

    cpu: float
    count: float | None
    megabytes: float
    winners: frozenset[str]
    failure: str = ""

    def __str__(self) -> str:
        count = " " * 18 if self.count is None else f"(count {self.count:9.4f} s)"
        figures = f"{self.cpu:9.2f} s  {count}  {self.megabytes:7.0f} MB"
        return f"{figures}  {self.failure or f'{len(self.winners)} winners'}"


def limits() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 5))


def measure(python: str, engine: str, path: Path, rule: str) -> Measure:
    command = [python, __file__, "--engine", engine, "--rule", rule, str(path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT) if engine in OURS else ""}
    # Modules come compiled, as anywhere they are used more than once.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        process = subprocess.Popen(command, stdout=out, stderr=err, env=environment)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        complaint = err.read().strip().splitlines() or [f"ended with {process.returncode}, nothing said"]
        cpu, megabytes = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
        if process.returncode == 0:
            answer = json.loads(out.read())
            return Measure(cpu, answer.get("seconds"), megabytes, frozenset(answer["selected"]))
    failure = f"STOPPED: {SECONDS} s passed" if cpu >= SECONDS - 1 else f"STOPPED: {complaint[-1]}"
    return Measure(cpu, None, megabytes, frozenset(), failure)


def times(ratio: float) -> str:
    return f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:.1f}"


def ratios(peer: Measure, ours: Measure) -> str:
    more = ">" if peer.failure else ""
    cpu, memory = times(peer.cpu / ours.cpu), times(peer.megabytes / ours.megabytes)
    said = f"{more}{cpu} times the CPU time, {more}{memory} times the memory"
    if peer.count and ours.count:
        said += f"; {times(peer.count / ours.count)} times for the count alone"
    return said


def compare(task: Task, path: Path, peer_python: str) -> bool:
    """False if we failed, or an exact peer finds other winners."""
    print(task.title, flush=True)
    measures = {engine: measure(sys.executable, engine, path, task.rule) for engine in OURS}
    for engine in OURS:
        print(f"  {engine:12} {measures[engine]}", flush=True)
    ours = measures["this engine"]
    good = not any(found.failure for found in measures.values())
    for engine in task.peers if good else ():
        peer = measure(peer_python, engine, path, task.rule)
        print(f"  {engine:12} {peer}", flush=True)
        print(f"  {'':12} {ratios(peer, ours)}", flush=True)
        if not peer.failure and peer.winners != ours.winners:
            print(f"  {'':12} other winners than ours: {sorted(peer.winners ^ ours.winners)}")
            good &= engine == "muoblp"
    return good


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


def committee(path: Path, source: Path) -> None:
    """The same ballots where every project costs 1 and the budget is SEATS."""
    _, costs, listed = plain_ballots(str(source))
    ballots = list(listed)
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, delimiter=";", lineterminator="\n")
        rows.writerows(
            [["META"], ["key", "value"], *([key, "x"] for key in ("description", "country", "unit", "instance"))]
        )
        rows.writerows(
            [
                ["num_projects", len(costs)],
                ["num_votes", len(ballots)],
                ["budget", SEATS],
                ["vote_type", "approval"],
                ["rule", "unknown"],
            ]
        )
        rows.writerows([["date_begin", 2026], ["date_end", 2026], ["PROJECTS"], ["project_id", "cost"]])
        rows.writerows([project, 1] for project in costs)
        rows.writerows([["VOTES"], ["voter_id", "vote"]])
        rows.writerows([number, ",".join(ballot)] for number, ballot in enumerate(ballots))


class Files:
    """The elections, unpacked or made when they are first asked for."""

    def __init__(self, folder: Path, data: Path, voters: int) -> None:
        self.folder, self.data, self.voters = folder, data, voters

    def of(self, task: Task) -> Path | None:
        """None if it is not to be had."""
        path = self.folder / f"{task.name}.pb"
        if task.name == SYNTHETIC:
            if self.voters and not path.exists():
                synthetic(path, self.voters)
        elif not path.exists() and (packed := self.data / f"{task.name}.pb.gz").exists():
            with gzip.open(packed) as source, path.open("wb") as plain:
                shutil.copyfileobj(source, plain)
        if not path.exists() or task.rule != "committee":
            return path if path.exists() else None
        committee(unit := self.folder / f"{task.name}_committee.pb", path)
        return unit


def peer_environment() -> str:
    folder = ROOT / "var" / "peers"
    python = folder / "bin" / "python"
    done = folder / "-".join(PEERS).replace("=", "")
    if not done.exists():
        print(f"Installing {', '.join(PEERS)} in var/peers", flush=True)
        uv = ROOT / ".venv" / "bin" / "uv"
        subprocess.run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, folder], check=True, cwd=ROOT)
        wheels = ("--quiet", "--only-binary", ":all:", "--python", python)
        subprocess.run([uv, "pip", "install", *wheels, *PEERS], check=True, cwd=ROOT)
        done.touch()
    return str(python)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data" / "pabulib")
    parser.add_argument("--peer-python", help="a Python that can import the peers (default: made in var/peers)")
    parser.add_argument("--voters", type=int, default=1_000_000, help="size of the synthetic election; 0: none")
    parser.add_argument("--engine", choices=ENGINES, help=argparse.SUPPRESS)
    parser.add_argument("--rule", choices=RULES, help=argparse.SUPPRESS)
    parser.add_argument("titles", nargs="*", metavar="TITLE", help="only what has one of these in its title")
    options = parser.parse_args()
    if options.engine:
        limits()
        winners, seconds = ENGINES[options.engine](options.titles[0], options.rule)
        print(json.dumps({"selected": winners, "seconds": seconds}))
        return 0
    peer_python, good = options.peer_python or peer_environment(), True
    with tempfile.TemporaryDirectory() as folder:
        files = Files(Path(folder), options.data, options.voters)
        for task in TASKS:
            if options.titles and not any(title in task.title for title in options.titles):
                continue
            path = files.of(task)
            if path is None:
                print(f"{task.title}: the election is not here")
            else:
                good &= compare(task, path, peer_python)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
