"""Planted faults: each is named by its code, with the kind of record and the row it is in."""

import dataclasses
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from commissioning.standards import codes
from commissioning.standards.check_records import check_outcome, company_number_fault
from commissioning.standards.records import (
    KIND_OF,
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
    Step,
    Transaction,
)
from tests.commissioning.standards.data import BUILDER, KITCHEN, PACKAGE, at, outcome, with_

pytestmark = [pytest.mark.pure, pytest.mark.once]

GRANT = "360G-larkmoor-P1"
WARD = "E05012197"

# A record, what is changed of it, and the code that names the fault.
FAULTS: list[tuple[type[Any], str, dict[str, Any], str]] = [
    # references
    (Contract, "K2", {"award_id": "A9"}, "award_unknown"),
    (Milestone, "M2", {"contract_id": "K9"}, "contract_unknown"),
    (Metric, "V", {"award_id": "A9"}, "award_unknown"),
    (Observation, "V2", {"metric_id": "X"}, "metric_unknown"),
    (Observation, "L2", {"milestone_id": "M9"}, "milestone_unknown"),
    (Observation, "L2", {"evidence": "D9"}, "document_unknown"),
    (Document, "D1", {"milestone_id": "M9"}, "milestone_unknown"),
    (Award, GRANT, {"recipient_organization": "X"}, "organisation_unknown"),
    (Transaction, "T1", {"payer": ""}, "organisation_unknown"),
    (Transaction, "T1", {"award_id": ""}, "owner_missing"),
    (Case, "C1", {"commissioner": KITCHEN}, "role_missing"),
    # dates
    (Milestone, "M1", {"status": "met"}, "met_without_date"),
    (Milestone, "M1", {"date_met": date(2026, 8, 1)}, "date_without_met"),
    (Award, GRANT, {"award_date": date(2026, 6, 14)}, "award_before_acceptance"),
    (Award, GRANT, {"award_date": None}, "date_missing"),
    (Contract, "K2", {"date_signed": date(2026, 6, 30)}, "contract_before_award"),
    (Contract, "K2", {"period_end": date(2026, 7, 1)}, "period_backwards"),
    (Transaction, "T2", {"date": date(2026, 6, 30)}, "payment_before_award"),
    (Observation, "V2", {"date_modified": at(9, 1)}, "observation_early"),
    (Case, "C1", {"replied_on": date(2026, 6, 1)}, "dates_backwards"),
    # money
    (Award, GRANT, {"amount_awarded": -1}, "amount_negative"),
    (Contract, "K2", {"value": -1}, "amount_negative"),
    (Contract, "K2", {"value_gross": 1_00}, "gross_below_net"),
    # what has to be there
    (Award, GRANT, {"funding_organization": ""}, "funder_missing"),
    (Award, GRANT, {"recipient_organization": ""}, "recipient_missing"),
    (Award, GRANT, {"recipient_individual": "I1"}, "recipient_twice"),
    (Case, "C2", {"state": "changed", "reason": ""}, "reason_missing"),
    (Case, "C1", {"route": ""}, "route_missing"),
    (Step, "02", {"state": "accepted"}, "state_differs"),
    (Step, "02", {"date_modified": at(1, 1)}, "dates_backwards"),
    (Milestone, "M1", {"title": ""}, "text_missing"),
    (Observation, "V2", {"value": 1}, "value_and_measure"),
    # codes and shapes
    (Award, GRANT, {"status": "granted"}, "code_unknown"),
    (Milestone, "M1", {"status": "done"}, "code_unknown"),
    (Case, "C1", {"state": "lost"}, "code_unknown"),
    (Location, WARD, {"geo_code_type": "WARD"}, "code_unknown"),
    (Location, WARD, {"geo_code": "E0501219"}, "geo_code_wrong"),
    (Organisation, KITCHEN, {"roles": ("payee", "grantee")}, "code_unknown"),
    (Organisation, KITCHEN, {"company_number": "1234567"}, "company_number_short"),
    (Organisation, KITCHEN, {"company_number": "KITCHENS"}, "company_number_wrong"),
    (Organisation, KITCHEN, {"charity_number": "12"}, "charity_number_wrong"),
    (Organisation, KITCHEN, {"identifier": "01234568"}, "organisation_id_wrong"),
    (Document, "D1", {"url": "javascript:alert(1)"}, "address_wrong"),
]


def names(*changes: Callable[[Any], Any]) -> set[tuple[str, str, str]]:
    found = list(check_outcome(outcome(*changes)))
    assert all(str(finding) for finding in found)
    return {(finding.code, finding.file, finding.id) for finding in found}


@pytest.mark.parametrize(("kind", "id", "values", "code"), FAULTS)
def test_a_fault_is_named_in_its_row(kind: type[Any], id: str, values: dict[str, Any], code: str) -> None:
    assert (code, KIND_OF[kind], id) in names(with_(kind, id, **values))


def drop(kind: type[Any], id: str) -> Callable[[Any], Any]:
    return lambda row: None if isinstance(row, kind) and row.id == id else row


def version(kind: type[Any], id: str, number: int, **values: Any) -> Callable[[Any], Any]:
    def change(row: Any) -> Any:
        found = isinstance(row, kind) and (row.id, row.version) == (id, number)
        return dataclasses.replace(row, **values) if found else row

    return change


def renamed(kind: type[Any], id: str, new: str, *, both: bool = False) -> Callable[[Any], Any]:
    def change(row: Any) -> Any:
        if not isinstance(row, kind) or row.id != id:
            return row
        other = dataclasses.replace(row, id=new)
        return [row, other] if both else other

    return change


# Faults of more than one row, or that show in another one.
ELSEWHERE: dict[str, tuple[Callable[[Any], Any], tuple[str, str, str]]] = {
    "recipient left out": (drop(Organisation, KITCHEN), ("organisation_unknown", "awards", GRANT)),
    "payee's role": (with_(Organisation, BUILDER, roles=("supplier",)), ("role_missing", "transactions", "T2")),
    "supplier's role": (with_(Organisation, BUILDER, roles=("payee",)), ("role_missing", "awards", "A2")),
    "an id in two projects": (renamed(Award, "A2", GRANT), ("id_repeated", "awards", f"{GRANT} version 2")),
    "no prefix": (renamed(Award, GRANT, "P1-1"), ("grant_id_wrong", "awards", "P1-1")),
    "a version left out": (version(Award, "A2", 2, version=3), ("version_gap", "awards", "A2 version 3")),
    "a version too early": (
        version(Contract, "K2", 2, date_modified=at(7, 4)),
        ("dates_backwards", "contracts", "K2 version 2"),
    ),
    "two cases": (renamed(Case, "C1", "C9", both=True), ("case_repeated", "cases", "C9")),
    "no case": (drop(Case, "C1"), ("case_missing", "decisions", "P1")),
    "case of an unfunded project": (with_(Decision, "P1", funded=False), ("case_not_funded", "cases", "C1")),
    "case declined": (with_(Case, "C1", state="declined"), ("award_without_acceptance", "awards", GRANT)),
    "contract of a grant": (with_(Award, "A2", route="grant"), ("contract_of_grant", "contracts", "K2")),
    "contracts above the award": (
        version(Contract, "K2", 2, value=42_000_01, value_gross=60_000_00),
        ("contracts_exceed_award", "awards", "A2 version 2"),
    ),
    "paid above the award": (with_(Transaction, "T1", value=15_000_00), ("payments_exceed_award", "awards", GRANT)),
    "no unit": (with_(Metric, "V", unit_name=""), ("unit_missing", "observations", "V1")),
}


@pytest.mark.parametrize("name", ELSEWHERE)
def test_a_fault_is_named_where_it_shows(name: str) -> None:
    change, named = ELSEWHERE[name]
    assert named in names(change)


def test_several_faults_are_all_named() -> None:
    changes = [with_(kind, id, **values) for kind, id, values, _ in FAULTS[3:6]]
    assert {"metric_unknown", "milestone_unknown", "document_unknown"} <= {code for code, _, _ in names(*changes)}


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"currency": "JPY"}, "currency_unknown"),
        ({"license": ""}, "text_missing"),
        ({"uri": "here"}, "address_wrong"),
        ({"publisher": "GB-LAE-XXX"}, "organisation_unknown"),
        ({"ocid_prefix": "ocds-1"}, "ocid_wrong"),
    ],
)
def test_a_fault_of_the_head_is_named(values: dict[str, str], code: str) -> None:
    found = check_outcome(outcome(package=dataclasses.replace(PACKAGE, **values)))
    assert (code, "package") in {(finding.code, finding.file) for finding in found}


@pytest.mark.parametrize(
    ("number", "fault"),
    [
        *(("01234567", ""), ("SC123456", ""), ("IP12345R", ""), ("OC300001", ""), ("", "")),
        *(("1234567", "company_number_short"), ("7", "company_number_short"), ("012345678", "company_number_wrong")),
    ],
)
def test_company_numbers(number: str, fault: str) -> None:
    assert company_number_fault(number) == fault


@pytest.mark.parametrize(
    ("number", "good"), [("1234567", True), ("SC012345", True), ("NIC101234", True), ("12", False)]
)
def test_charity_numbers(number: str, good: bool) -> None:
    assert codes.charity_number(number) is good
