"""A national vote on a sample: shards grouped by worker processes, merged, counted once; figures for ten million.

`python benchmarks/national.py [--shards 8] [--ballots 250000] [--workers 2] [--projects 300]`. Every worker makes the
ballots of its shard (3 to 15 projects, the popular ones more often; not timed), groups them and hands over a partial.
Prints CPU seconds and peak memory of each part, bytes for each shard, and what that comes to for 10,000,000 ballots:
grouping grows with the ballots, merging somewhat more than with them (it sorts), both said as extrapolations. Part of
the ballots is grouped without shards too: the digest must be the same, or the exit code is 1.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402

from budgets.tally.count import winners  # noqa: E402
from budgets.tally.election import BallotBox, Election, TallyProject  # noqa: E402
from budgets.tally.grouping import Rows  # noqa: E402
from budgets.tally.rules import PRESETS  # noqa: E402
from budgets.tally.shards import election_of, merge, partial  # noqa: E402

NATION = 10_000_000
Job = tuple[int, int, int]


def names(projects: int) -> list[str]:
    return [f"p{n:03}" for n in range(projects)]


def listed(projects: int, voters: int) -> tuple[list[TallyProject], int]:
    """(projects, budget): one in pence for each voter and project, so that about a sixth of the projects win."""
    chance = np.random.default_rng(2026)
    costs = chance.integers(voters, 11 * voters, projects).tolist()
    return [TallyProject(id, cost) for id, cost in zip(names(projects), costs, strict=True)], voters * projects


def ballots(shard: int, count: int, projects: int) -> Rows:
    """The same for the same shard; about as many distinct ones as ballots, the worst case for grouping."""
    chance = np.random.default_rng([2026, shard])
    popularity = 1 / (np.arange(projects) + 20)
    drawn = chance.choice(projects, (count, 15), p=popularity / popularity.sum()).astype(np.int32)
    drawn[np.arange(15) >= chance.integers(3, 16, count)[:, None]] = projects  # beyond the ballot's length
    drawn.sort(axis=1)
    kept = drawn < projects
    kept[:, 1:] &= drawn[:, 1:] != drawn[:, :-1]
    return Rows(kept.sum(axis=1), drawn[kept])


def group_shard(job: Job) -> tuple[bytes, float]:
    """(partial, CPU seconds of grouping and packing)."""
    shard, count, projects = job
    rows = ballots(shard, count, projects)
    started = time.process_time()
    ids = names(projects)
    box = BallotBox(ids, "approval")
    box.add_rows(rows)
    return partial(ids, box), time.process_time() - started


def peak_megabytes(of: int = resource.RUSAGE_SELF) -> float:
    return resource.getrusage(of).ru_maxrss / 1024


def whole_digest(jobs: list[Job], projects: list[TallyProject], budget: int) -> str:
    """The digest without any shards."""
    box = BallotBox([project.id for project in projects], "approval")
    for job in jobs:
        box.add_rows(ballots(*job))
    return Election.of_box(box, budget=budget, projects=projects).digest


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, number in (("shards", 8), ("ballots", 250_000), ("workers", 2), ("projects", 300)):
        parser.add_argument(f"--{name}", type=int, default=number)
    options = parser.parse_args()
    sample = options.shards * options.ballots
    projects, budget = listed(options.projects, sample)
    bare = peak_megabytes()
    jobs = [(shard, options.ballots, options.projects) for shard in range(options.shards)]

    with multiprocessing.get_context("spawn").Pool(options.workers, maxtasksperchild=1) as pool:
        done = pool.map(group_shard, jobs, chunksize=1)
        pool.close()
        pool.join()
    partials, each = [part for part, _ in done], sum(seconds for _, seconds in done)
    size = sum(map(len, partials))
    print(
        f"{options.shards} shards of {options.ballots:,} ballots, {options.projects} projects, {options.workers} workers"
    )
    print(
        f"group     {each:7.2f} s CPU in all, {each / options.shards:.2f} s and {size / options.shards / 1e6:.1f} MB a shard,"
    )
    print(
        f"          {size / sample:.1f} bytes a ballot, worker's peak {peak_megabytes(resource.RUSAGE_CHILDREN):.0f} MB"
    )

    before, started = peak_megabytes(), time.process_time()
    merged = merge(partials)
    merging = time.process_time() - started
    print(
        f"merge     {merging:7.2f} s CPU, {len(merged) / 1e6:.1f} MB, peak {peak_megabytes():.0f} MB ({before:.0f} before)"
    )

    started = time.process_time()
    election = election_of([merged], budget=budget, projects=projects)
    built = time.process_time() - started
    started = time.process_time()
    chosen = winners(election, PRESETS["equal-shares-plain"])
    counting = time.process_time() - started
    print(f"election  {built:7.2f} s CPU, {len(election.weights):,} distinct ballots of {election.n_ballots:,}")
    print(f"count     {counting:7.2f} s CPU, {len(chosen)} winners, peak {peak_megabytes():.0f} MB")

    times, peak = NATION / sample, bare + (peak_megabytes() - bare) * NATION / sample
    print(f"EXTRAPOLATED to {NATION:,} ballots, {times:g} times this sample, all distinct:")
    print(f"          group {each * times:.0f} s CPU over all workers, {size * times / 1e6:.0f} MB of partials")
    print(
        f"          merge, build and count about {(merging + built + counting) * times:.0f} s CPU, {peak / 1e3:.1f} GB"
    )

    part = max(1, options.shards // 4)
    few = election_of(list(reversed(partials[:part])), budget=budget, projects=projects).digest
    same = few == whole_digest(jobs[:part], projects, budget)
    print(f"digest of {part} shards in reverse order {'equals' if same else 'DIFFERS FROM'} that without shards")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
