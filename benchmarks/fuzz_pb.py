"""Look for .pb files that break the reader, guided by coverage, for a bounded time.

`python benchmarks/fuzz_pb.py [--seconds N] [--corpus FOLDER]`, 60 seconds unless told. Every input is read by the block
and line by line, which must agree and may only return or refuse with a line. What breaks this is printed with the bytes
that did it, and the exit code is not 0. Needs atheris, which is no part of the project: `pip install atheris`; where it
is missing this says so and ends well.
"""

from __future__ import annotations

import argparse
import importlib.util
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

HEAD = """META
key;value
description;x
country;x
unit;x
instance;1
num_projects;3
num_votes;{votes}
budget;10.5
vote_type;{vote_type}
rule;x
date_begin;1
date_end;1
PROJECTS
project_id;cost;votes;name
a;5;1;A
b;5.50;;"B; ""b"" "
long project;1;;C
VOTES
"""
SEEDS = {
    "approval": "voter_id;vote\n1;a,b\n2;\n3;long project\n",
    "choose-1": "vote;voter_id\r\na;1\r\n;2\r\n",
    "ordinal": "voter_id;vote;age\n1;b,a;3\n2;a,a;3\n",
    "cumulative": 'voter_id;vote;points\n1;a,b;3,0\n"2";"b";1\n',
    "scoring": "voter_id;vote;points\n1;long project,a,b;1048576,2,3",
}


def seeds() -> list[bytes]:
    return [
        (HEAD.format(votes=max(body.count("\n") - 1, 1), vote_type=kind) + body).encode()
        for kind, body in SEEDS.items()
    ]


def fuzz(folder: Path, corpus: Path, seconds: int) -> None:
    """Ends the process when the time is over, or at the first input that breaks the reader."""
    import atheris

    with atheris.instrument_imports(include=["budgets.tally.pb", "budgets.tally.pb_lines", "budgets.tally.pb_votes"]):
        from budgets.tally.pb import PbError, PbReader
        from budgets.tally.pb_lines import FileLines

    class ByLine(FileLines):
        def block(self) -> bytes:
            return b""

    def outcome(lines: FileLines) -> object:
        try:
            reader = PbReader(lines)
            return reader.election().digest, reader.repairs
        except PbError as error:
            return str(error)

    def read(data: bytes) -> None:
        path = folder / "case.pb"
        path.write_bytes(data)
        careful = outcome(ByLine(path))
        for size in (64, 1 << 19):
            quick = outcome(FileLines(path, size))
            if quick != careful:
                raise AssertionError(f"by the block {quick}, line by line {careful}: {data!r}")

    atheris.Setup([sys.argv[0], f"-max_total_time={seconds}", "-max_len=4096", str(corpus)], read)
    atheris.Fuzz()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--corpus", type=Path, help="a folder to start from and to keep what was found in")
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        fuzz(options.inside, options.corpus, options.seconds)
    if importlib.util.find_spec("atheris") is None:
        print("atheris is not installed: nothing was fuzzed (pip install atheris)")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        corpus = options.corpus or Path(folder) / "corpus"
        corpus.mkdir(exist_ok=True)
        for number, seed in enumerate(seeds()):
            (corpus / f"seed-{number}").write_bytes(seed)
        again = [sys.executable, __file__, "--inside", folder, "--corpus", str(corpus.resolve())]
        return subprocess.run([*again, "--seconds", str(options.seconds)], check=False, cwd=folder).returncode


if __name__ == "__main__":
    sys.exit(main())
