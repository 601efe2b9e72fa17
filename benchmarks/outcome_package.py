"""An outcome package of 250,000 rows: seconds and peak memory of writing, checking and reading it back.

Each step runs in a child process of its own, at a tenth of the size and at the whole: if the peak does not grow, memory is
constant. The rows are made as they are asked for: projects with a grant or a contract in turn, each with a case, its steps,
versions, milestones, payments, metrics, observations, a place and documents, among 2,000 organisations.
"""

from __future__ import annotations

import argparse
import dataclasses
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from commissioning.standards import records as r  # noqa: E402
from commissioning.standards.check_records import check_outcome  # noqa: E402
from commissioning.standards.checks import check_package  # noqa: E402
from commissioning.standards.outcome import Outcome  # noqa: E402
from commissioning.standards.package import write_package, write_zip  # noqa: E402
from commissioning.standards.read import read_package  # noqa: E402

BODY = "GB-LAE-LMR"
SUPPLIERS = 2_000
START = datetime(2026, 6, 1, 9, tzinfo=UTC)
PACKAGE = r.Package(
    identifier="larkmoor-2026", title="Larkmoor decides", publisher=BODY, uri="https://goodlocal.example/outcome",
    license="https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/", issued=START,
    ocid_prefix="ocds-a1b2c3", grant_prefix="360G-larkmoor", certified_at=START,
)  # fmt: skip


def organisations() -> Iterator[r.Organisation]:
    for n in range(SUPPLIERS):
        number = f"{n:08d}"
        yield r.Organisation(
            id=f"GB-COH-{number}", name=f"Supplier {n} CIC", scheme="GB-COH", identifier=number, company_number=number,
            roles=("payee", "supplier"), postal_code="PR1 4AA", vcse=n % 3 == 0,
        )  # fmt: skip
    roles = ("buyer", "funder", "payer")
    yield r.Organisation(id=BODY, name="Larkmoor Council", scheme="GB-LAE", identifier="LMR", roles=roles)


def project(n: int) -> list[object]:
    """All rows of one project: 25."""
    id, award, contract = f"P{n:07d}", f"360G-larkmoor-{n:07d}", f"K{n:07d}"
    supplier = f"GB-COH-{n % SUPPLIERS:08d}"
    granted = n % 2 == 1
    mine = {"project_id": id}
    under = {"award_id": award} if granted else {"award_id": award, "contract_id": contract}

    def at(days: int) -> datetime:
        return START + timedelta(days=days)

    first = r.Award(
        **mine, id=award, date_modified=at(10), route="grant" if granted else "contract", title=f"Project {n}",
        award_date=at(10).date(), amount_awarded=1_000_00 + n, recipient_organization=supplier, funding_organization=BODY,
        funding_department="Communities", planned_start=at(11).date(), planned_months=12, location_scope="GLS060",
    )  # fmt: skip
    signed = r.Contract(
        **mine, id=contract, award_id=award, date_modified=at(12), title=f"Project {n}", value=900_00,
        date_signed=at(12).date(), period_start=at(13).date(), period_end=at(300).date(),
    )  # fmt: skip
    milestones = [
        r.Milestone(**mine, id=f"M{k}", **under, title=f"Step {k}", date_modified=at(13), due_date=at(60 * k).date())
        for k in (1, 2, 3)
    ]
    met = dataclasses.replace(milestones[0], version=2, status="met", date_met=at(61).date(), date_modified=at(62))
    states = ("sent", "received", "accepted", "routed", "checked")
    return [
        r.Decision(**mine, title=f"Project {n}", cost=1_000_00 + n, votes=n, rank=n + 1, funded=True, pot="all"),
        r.Case(
            **mine, id=f"C{n:07d}", state="checked", route=first.route, commissioner=BODY, reply_due=at(30).date(),
            replied_on=at(5).date(), decision_date=at(5).date(), reply="We will pay for it.", date_modified=at(9),
        ),
        *(r.Step(**mine, id=f"{k:02d}", state=state, date_modified=at(k)) for k, state in enumerate(states)),
        first,
        dataclasses.replace(first, version=2, amount_awarded=1_100_00 + n, amendment="Dearer.", date_modified=at(20)),
        *([] if granted else [signed]),
        milestones[0],
        met,
        *milestones[1:],
        *(
            r.Transaction(
                **mine, id=f"T{k}", **under, date=at(30 + k).date(), value=100_01, payer=BODY, payee=supplier,
                date_modified=at(31 + k),
            )
            for k in range(3 if granted else 2)
        ),
        r.Metric(**mine, id="hours", **under, title="Hours given", unit_name="hours", unit_scheme="UNCEFACT", unit_id="HUR"),
        r.Observation(**mine, id="O1", metric_id="hours", stage="agreed", measure=Decimal(30), date_modified=at(12)),
        *(
            r.Observation(
                **mine, id=f"O{k}", metric_id="hours", stage="actual", measure=Decimal("12.5"), date_modified=at(100 * k),
                period_start=date(2026, 7, 1), period_end=date(2026, 9, 1), dimensions=(("imdDecile", "1-3"),),
            )
            for k in (2, 3)
        ),
        r.Location(**mine, id="E05012197", name="Fishwick", geo_code="E05012197", geo_code_type="WD"),
        *(
            r.Document(**mine, id=f"D{k}", **under, title="Photo", url="https://goodlocal.example/p", date_modified=at(70))
            for k in (1, 2)
        ),
    ]  # fmt: skip


PER_PROJECT = len(project(0))


def outcome(projects: int) -> Outcome:
    """Nothing is kept: each kind is picked out of the projects anew."""

    def of(kind: type[object]) -> Callable[[], Iterable[object]]:
        return lambda: (row for n in range(projects) for row in project(n) if isinstance(row, kind))

    kinds = {name: of(kind) for name, kind in r.KINDS.items()}
    return Outcome(package=PACKAGE, **{**kinds, "organisations": organisations})  # type: ignore[arg-type]


def step(name: str, projects: int, folder: Path) -> None:
    """One step, in its own process; prints what the table shows."""
    before = time.process_time()
    if name == "rows":
        for kind in r.KINDS:
            for _ in outcome(projects).rows(kind):
                pass
    elif name == "write":
        write_package(folder / "package", outcome(projects))
    elif name == "zip":
        with (folder / "package.zip").open("wb") as file:
            write_zip(file, folder / "package", "larkmoor-2026")
    elif name == "check":
        found = list(check_package(folder / "package"))
        assert found == [], found[:5]
    elif name == "read":
        read = read_package(folder / "package").outcome
        assert list(check_outcome(read)) == []
    else:
        write_package(folder / "again", read_package(folder / "package").outcome)
    seconds, peak = time.process_time() - before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{seconds:8.1f} s {peak:6.0f} MB", end="", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=250_000)
    parser.add_argument("--step", nargs=3, metavar=("NAME", "PROJECTS", "FOLDER"))
    options = parser.parse_args()
    if options.step:
        step(options.step[0], int(options.step[1]), Path(options.step[2]))
        return 0
    sizes = [max(1, rows // PER_PROJECT) for rows in (options.rows // 10, options.rows)]
    print("CPU seconds and peak memory" + "".join(f"{n * PER_PROJECT:>15,} rows" for n in sizes))
    with tempfile.TemporaryDirectory(prefix="good-local-package-") as folder:
        places = [Path(folder, str(n)) for n in sizes]
        for place in places:
            place.mkdir()
        for name in ("rows", "write", "zip", "check", "read", "again"):
            print(f"{name:<27}", end="", flush=True)
            for n, place in zip(sizes, places, strict=True):
                subprocess.run([sys.executable, __file__, "--step", name, str(n), str(place)], check=True)
            print()
        for place in places:
            files = {path.name: path.stat().st_size for path in sorted((place / "package").iterdir())}
            print(", ".join(f"{name} {size / 1e6:.1f} MB" for name, size in files.items()))
            same = all(
                (place / "again" / name).read_bytes() == (place / "package" / name).read_bytes() for name in files
            )
            print("read back and written again:", "byte-identical" if same else "NOT THE SAME")
    return 0


if __name__ == "__main__":
    sys.exit(main())
