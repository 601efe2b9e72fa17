"""Planted faults in the files that others read, ours or another's: 360Giving and OCDS."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from commissioning.standards.checks import check_grants_csv, check_grants_json, check_releases_json
from commissioning.standards.package import write_package
from tests.commissioning.standards.data import FIXTURES, needs_schemas, outcome

pytestmark = [pytest.mark.pure, pytest.mark.once]

Json = dict[str, Any]
START = "2026-01-01T00:00:00Z"
OBSERVATION = "contracts.0.implementation.metrics.0.observations.0"
PAYMENT = "contracts.0.implementation.transactions.0"

# Which release (a number, or the last with a tag), where in it, what is put there (None: nothing is left), and the code.
RELEASE_FAULTS: list[tuple[int | str, str, Any, str]] = [
    ("contract", "contracts.0.awardID", "nowhere", "award_unknown"),
    ("award", "awards.0.suppliers.0.id", "GB-COH-1", "party_unknown"),
    (8, f"{PAYMENT}.payee.id", "X", "party_unknown"),
    ("planning", "parties.0.roles", ["funder"], "role_missing"),
    (1, "id", "ocds-a1b2c3-P2-20260601T090000000000Z", "id_repeated"),
    (0, "ocid", "P2", "ocid_wrong"),
    ("award", "date", START, "dates_backwards"),
    (0, "planning.milestones.0.dateMet", None, "met_without_date"),
    (0, "planning.milestones.0.status", "scheduled", "date_without_met"),
    (0, "planning.milestones.0.type", "vote", "code_unknown"),
    (0, "tag", ["planing"], "code_unknown"),
    (2, "tag", ["awardUpdate"], "update_without_first"),
    ("award", "awards.0.status", "won", "code_unknown"),
    ("award", "awards.0.date", "2026-07-01", "date_no_date"),
    ("award", "awards.0.value.amount", "40000", "amount_no_number"),
    ("award", "awards.0.value.currency", "POUND", "currency_unknown"),
    ("award", "awards.0.value.amountGross", 1, "gross_below_net"),
    ("contractAmendment", "contracts.0.value", {"amount": 42_001, "currency": "GBP"}, "contracts_exceed_award"),
    ("contractAmendment", "contracts.0.value.currency", "EUR", "currency_mixed"),
    ("contract", "contracts.0.dateSigned", START, "contract_before_award"),
    ("contract", "contracts.0.period.endDate", START, "period_backwards"),
    (8, f"{PAYMENT}.date", START, "payment_before_award"),
    (9, f"{OBSERVATION}.relatedImplementationMilestone.id", "X", "milestone_unknown"),
    (9, f"{OBSERVATION}.dimensions", {"imdDecile": 1}, "dimension_no_text"),
    (9, f"{OBSERVATION}.value", None, "value_and_measure"),
]


def put(thing: Any, path: str, value: Any) -> None:
    *steps, last = path.split(".")
    for step in steps:
        thing = thing[int(step)] if isinstance(thing, list) else thing[step]
    if value is None:
        del thing[last]
    else:
        thing[last] = value


@pytest.mark.parametrize(("which", "path", "value", "code"), RELEASE_FAULTS)
def test_a_fault_of_a_release_is_named(which: int | str, path: str, value: Any, code: str, tmp_path: Path) -> None:
    write_package(tmp_path / "p", outcome())
    file = tmp_path / "p" / "ocds.json"
    data = json.loads(file.read_text())
    releases = data["releases"]
    release = releases[which] if isinstance(which, int) else [r for r in releases if which in r["tag"]][-1]
    put(release, path, value)
    file.write_text(json.dumps(data, indent=1))
    found = list(check_releases_json(file))
    assert code in {finding.code for finding in found}
    assert all(finding.file == "ocds.json" and (finding.row or finding.code == "dates_backwards") for finding in found)


def test_what_is_no_release_is_named(tmp_path: Path) -> None:
    path = tmp_path / "ocds.json"
    for text, code in (
        ('{"releases":[7]}', "value_wrong"),
        ("{}", "value_missing"),
        ('{"releases":[', "file_unreadable"),
    ):
        path.write_text(text)
        assert [finding.code for finding in check_releases_json(path)] == [code]
    path.write_bytes(b'{"releases":["\xff"]}')
    assert [finding.code for finding in check_releases_json(path)] == ["file_unreadable"]


GRANT_FAULTS: dict[str, tuple[Callable[[Json], Any], str]] = {
    "id": (lambda g: g.update(id="PB-1"), "grant_id_wrong"),
    "no funder": (lambda g: g.pop("fundingOrganization"), "funder_missing"),
    "no recipient": (lambda g: g.pop("recipientOrganization"), "recipient_missing"),
    "two recipients": (lambda g: g.update(recipientIndividual={"id": "I", "name": "I"}), "recipient_twice"),
    "seven digits": (lambda g: g["recipientOrganization"][0].update(companyNumber="1234567"), "company_number_short"),
    "seven digits in the id": (
        lambda g: g["recipientOrganization"][0].update(id="GB-COH-1234567"),
        "company_number_short",
    ),
    "charity number": (lambda g: g["recipientOrganization"][0].update(id="GB-CHC-ABC"), "charity_number_wrong"),
    "nameless": (lambda g: g["recipientOrganization"][0].update(name=""), "text_missing"),
    "amount a text": (lambda g: g.update(amountAwarded="£15,000"), "amount_no_number"),
    "no amount": (lambda g: g.pop("amountAwarded"), "value_missing"),
    "below nought": (lambda g: g.update(amountAwarded=-5), "amount_negative"),
    "date": (lambda g: g.update(awardDate="20/06/2026"), "date_no_date"),
    "no date": (lambda g: g.pop("awardDate"), "date_missing"),
    "currency": (lambda g: g.update(currency="STERLING"), "currency_unknown"),
    "scope": (lambda g: g.update(locationScope="Local"), "code_unknown"),
    "place": (lambda g: g["beneficiaryLocation"][0].update(geoCode="Fishwick"), "geo_code_wrong"),
    "kind of place": (lambda g: g["beneficiaryLocation"][0].update(geoCodeType="Ward"), "code_unknown"),
    "period": (lambda g: g["plannedDates"][0].update(endDate="2026-01-01"), "period_backwards"),
    "no description": (lambda g: g.pop("description"), "text_missing"),
    "paid before": (
        lambda g: g.update(disbursementTransaction=[{"transactionDate": "2026-01-01"}]),
        "payment_before_award",
    ),
}


@pytest.mark.parametrize("name", GRANT_FAULTS)
def test_a_fault_of_a_grant_is_named(name: str, tmp_path: Path) -> None:
    write_package(tmp_path / "p", outcome())
    path = tmp_path / "p" / "360giving.json"
    data = json.loads(path.read_text())
    change, code = GRANT_FAULTS[name]
    change(data["grants"][0])
    path.write_text(json.dumps(data))
    assert [(finding.code, finding.file, finding.row) for finding in check_grants_json(path)] == [
        (code, "360giving.json", 1)
    ]


def test_a_grant_that_is_there_twice_is_named(tmp_path: Path) -> None:
    write_package(tmp_path / "p", outcome())
    path = tmp_path / "p" / "360giving.json"
    data = json.loads(path.read_text())
    path.write_text(json.dumps({**data, "grants": [*data["grants"], *data["grants"], 7]}, indent=1))
    found = list(check_grants_json(path))
    assert [finding.code for finding in found] == ["id_repeated", "value_wrong"]
    rows = [finding.row or 0 for finding in found]
    assert 0 < rows[0] < rows[1]
    path.write_text('{"version":"1.4"}')
    assert [finding.code for finding in check_grants_json(path)] == ["value_missing"]


@needs_schemas
@pytest.mark.parametrize(
    ("column", "text", "code"),
    [
        ("Recipient Org:Company Number", "1234567", "company_number_short"),
        ("Amount Awarded", "lots", "amount_no_number"),
        ("Funding Org:Identifier", "", "text_missing"),
        ("Award Date", "June", "date_no_date"),
        ("Recipient Ind:Identifier", "I-1", "recipient_twice"),
    ],
)
def test_a_fault_of_a_grants_csv_is_named_with_its_row(column: str, text: str, code: str, tmp_path: Path) -> None:
    with (FIXTURES / "pb_award_360giving.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    path = tmp_path / "grants.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        two = {**rows[0], "Identifier": "360G-x-2", "Description": "two\nlines"}
        writer.writerows([two, {**rows[0], column: text}])
    assert [(finding.code, finding.row) for finding in check_grants_csv(path)] == [(code, 4)]
