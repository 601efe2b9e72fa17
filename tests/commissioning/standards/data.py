"""A round's outcome made by hand, larger ones made by counting, and where the official schemas are."""

import dataclasses
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from commissioning.standards.outcome import Outcome, held
from commissioning.standards.records import (
    Award,
    Case,
    Contract,
    Decision,
    Document,
    Location,
    Metric,
    Milestone,
    Observation,
    Organisation,
    Package,
    Step,
    Transaction,
)

SHARED = Path(__file__).parents[3].parent / "shared" / "data"
SCHEMAS, FIXTURES = SHARED / "schemas", SHARED / "fixtures"
needs_schemas = pytest.mark.skipif(
    not SCHEMAS.exists(), reason="the official schemas (../shared/data/schemas) are not here"
)

COUNCIL, KITCHEN, BUILDER = "GB-LAE-LMR", "GB-COH-01234567", "GB-COH-SC123456"
ELECTION = ("riverside.pb", ["META\r\nkey;value\r\n", "PROJECTS\r\nproject_id;cost\r\nP1;1\r\n"])


def at(month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


PACKAGE = Package(
    identifier="larkmoor-2026",
    title="Larkmoor decides 2026",
    place="Larkmoor",
    place_code="E07000123",
    place_code_type="NMD",
    publisher=COUNCIL,
    uri="https://goodlocal.example/rounds/larkmoor-2026/outcome",
    license="https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
    issued=at(12, 31),
    ocid_prefix="ocds-a1b2c3",
    grant_prefix="360G-larkmoor",
    rule="Method of Equal Shares",
    ballots=900,
    voting_closed=date(2026, 5, 20),
    certified_at=at(6, 1),
    result_hash="0f" * 32,
)


def organisations() -> list[Organisation]:
    return [
        Organisation(
            id=COUNCIL,
            name="Larkmoor Council",
            scheme="GB-LAE",
            identifier="LMR",
            roles=("buyer", "funder", "payer", "procuringEntity"),
        ),
        Organisation(
            id=KITCHEN,
            name="Fishwick Kitchen CIC",
            scheme="GB-COH",
            identifier="01234567",
            company_number="01234567",
            roles=("payee",),
            postal_code="PR1 4AA",
            vcse=True,
            ownership_model="co-operative",
        ),
        Organisation(
            id=BUILDER,
            name="=Barrow & Sons <Paths>",
            scheme="GB-COH",
            identifier="SC123456",
            roles=("payee", "supplier"),
            scale="sme",
            vcse=False,
        ),
    ]


def granted() -> list[Any]:
    """A project that a grant pays for."""
    mine = {"project_id": "P1"}
    return [
        Decision(
            **mine,
            title="Community kitchen",
            cost=15_000_00,
            votes=412,
            rank=1,
            funded=True,
            pot="all",
            category="Food",
        ),
        Case(
            **mine,
            id="C1",
            state="delivering",
            route="grant",
            commissioner=COUNCIL,
            sent_on=date(2026, 6, 2),
            received_on=date(2026, 6, 3),
            replied_on=date(2026, 6, 15),
            decision_date=date(2026, 6, 15),
            reply="We will pay for it.",
            date_modified=at(6, 15),
        ),
        Step(**mine, id="01", state="sent", date_modified=at(6, 2)),
        Step(**mine, id="02", state="delivering", date_modified=at(7, 2), says="Work has begun."),
        Award(
            **mine,
            id="360G-larkmoor-P1",
            date_modified=at(6, 20),
            route="grant",
            title="Community kitchen",
            award_date=date(2026, 6, 20),
            amount_applied_for=15_000_00,
            amount_awarded=14_999_99,
            recipient_organization=KITCHEN,
            funding_organization=COUNCIL,
            funding_department="Communities",
            planned_start=date(2026, 7, 1),
            planned_end=date(2027, 6, 30),
            from_open_call="Yes",
            location_scope="GLS060",
        ),
        Location(
            **mine,
            id="E05012197",
            name="Fishwick",
            geo_code="E05012197",
            geo_code_type="WD",
            latitude=Decimal("53.7610"),
        ),
        Milestone(
            **mine,
            id="M1",
            award_id="360G-larkmoor-P1",
            title="Opened",
            date_modified=at(6, 21),
            due_date=date(2026, 9, 1),
        ),
        Transaction(
            **mine,
            id="T1",
            award_id="360G-larkmoor-P1",
            date=date(2026, 7, 10),
            value=5_000_10,
            payer=COUNCIL,
            payee=KITCHEN,
            date_modified=at(7, 11),
        ),
        Metric(
            **mine,
            id="V",
            award_id="360G-larkmoor-P1",
            title="Hours given",
            unit_name="hours",
            unit_scheme="UNCEFACT",
            unit_id="HUR",
        ),
        Observation(**mine, id="V1", metric_id="V", stage="agreed", measure=Decimal(30), date_modified=at(6, 20)),
        Observation(
            **mine,
            id="V2",
            metric_id="V",
            stage="actual",
            measure=Decimal("36.5"),
            period_start=date(2026, 7, 1),
            period_end=date(2026, 9, 30),
            dimensions=(("imdDecile", "1-3"), ("ward", "a;b:c\\d")),
            date_modified=at(10, 2),
        ),
        Document(
            **mine,
            id="D1",
            title="Photo",
            url="https://goodlocal.example/photo/1",
            document_type="illustration",
            date_modified=at(9, 3),
        ),
    ]


def contracted() -> list[Any]:
    """A project that a contract pays for, changed once and delivered."""
    mine = {"project_id": "P2"}
    award = Award(
        **mine,
        id="A2",
        date_modified=at(7, 1),
        route="contract",
        title="River path",
        award_date=date(2026, 7, 1),
        amount_awarded=40_000_00,
        amount_gross=48_000_00,
        recipient_organization=BUILDER,
        funding_organization=COUNCIL,
        procurement_method="open",
        main_procurement_category="works",
        above_threshold=False,
    )
    contract = Contract(
        **mine,
        id="K2",
        award_id="A2",
        date_modified=at(7, 5),
        title="River path",
        date_signed=date(2026, 7, 5),
        period_start=date(2026, 7, 6),
        period_end=date(2026, 12, 1),
        value=38_000_00,
        value_gross=45_600_00,
        above_threshold=False,
    )
    milestone = Milestone(
        **mine, id="M2", contract_id="K2", title="Half of it", date_modified=at(7, 5), due_date=date(2026, 9, 1)
    )
    return [
        Decision(**mine, title="River path", cost=40_000_00, votes=300, rank=2, funded=True, pot="all"),
        Case(
            **mine,
            id="C2",
            state="closed",
            route="contract",
            commissioner=COUNCIL,
            sent_on=date(2026, 6, 2),
            replied_on=date(2026, 6, 20),
            reply_due=date(2026, 6, 30),
            decision_date=date(2026, 6, 20),
            reason="Narrower\nthan asked for.",
            reply="-- We build it.",
            legal_basis="delegated",
            date_modified=at(6, 20),
        ),
        award,
        dataclasses.replace(
            award,
            version=2,
            amount_awarded=42_000_00,
            amount_gross=50_400_00,
            amendment="Stone is dearer.",
            date_modified=at(8, 1),
        ),
        contract,
        dataclasses.replace(
            contract,
            version=2,
            value=41_000_00,
            value_gross=49_200_00,
            amendment="Stone is dearer.",
            date_modified=at(8, 2),
        ),
        milestone,
        dataclasses.replace(
            milestone,
            version=2,
            status="met",
            date_met=date(2026, 9, 3),
            verified_by="resident",
            date_modified=at(9, 4),
        ),
        Transaction(
            **mine,
            id="T2",
            contract_id="K2",
            date=date(2026, 9, 10),
            value=20_000_00,
            payer=COUNCIL,
            payee=BUILDER,
            date_modified=at(9, 11),
        ),
        Metric(
            **mine, id="L", contract_id="K2", title="Spent with local firms", criterion="local employment", weight=40
        ),
        Observation(**mine, id="L1", metric_id="L", stage="agreed", value=9_000_00, date_modified=at(7, 5)),
        Observation(
            **mine,
            id="L2",
            metric_id="L",
            stage="actual",
            value=4_100_05,
            period_start=date(2026, 7, 1),
            period_end=date(2026, 9, 30),
            milestone_id="M2",
            evidence="D2",
            date_modified=at(10, 1),
        ),
        Document(
            **mine,
            id="D2",
            contract_id="K2",
            title="Notice",
            notice_type="UK7",
            url="https://goodlocal.example/n",
            date_modified=at(7, 6),
        ),
    ]


def unfunded() -> list[Any]:
    return [
        Decision(
            project_id="P3", title='@Skate "park"', cost=90_000_00, votes=12, rank=3, funded=False, reason="Too dear"
        )
    ]


def records() -> list[Any]:
    return [*organisations(), *granted(), *contracted(), *unfunded()]


def outcome(*changes: Callable[[Any], Any], package: Package = PACKAGE) -> Outcome:
    """The round, after each change: a function of a record that returns it, another one, a list or None (left out)."""
    rows = records()
    for change in changes:
        changed = [change(row) for row in rows]
        rows = [row for item in changed for row in (item if isinstance(item, list) else [item]) if row is not None]
    return held(package, rows)


def with_(kind: type[Any], id: str, **values: Any) -> Callable[[Any], Any]:
    """A change of every version of one record: of an organisation by its id, of a decision by its project."""

    def change(row: Any) -> Any:
        named = getattr(row, "id", None) or getattr(row, "project_id", None)
        return dataclasses.replace(row, **values) if isinstance(row, kind) and named == id else row

    return change


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def many(projects: int) -> Iterator[Any]:
    """As many projects as asked for, granted and contracted in turn, under ids that sort by number."""
    for number in range(projects):
        id = f"P{number:06d}"
        for row in granted() if number % 2 else contracted():
            changes = {"project_id": id}
            if isinstance(row, Award):
                changes["id"] = f"360G-larkmoor-{id}"
            elif getattr(row, "award_id", ""):
                changes["award_id"] = f"360G-larkmoor-{id}"
            yield dataclasses.replace(row, **changes)
