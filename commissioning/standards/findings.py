"""What the checks find: a stable code, the file and row, and a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from commissioning.standards.records import KIND_OF


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """`file`: the name of a file, or the kind of a record (`awards`). `row`: its line or row, where it has one; `id`: its
    own id; `field`: as it is written there; `detail`: the value at fault."""

    code: str
    file: str
    row: int | None = None
    id: str = ""
    field: str = ""
    detail: str = ""

    def __str__(self) -> str:
        row = f" row {self.row}" if self.row else ""
        named = f" {self.id}" if self.id else ""
        field = f", {self.field}" if self.field else ""
        detail = f" ({self.detail})" if self.detail else ""
        return f"{self.file}{row}{named}{field}: {SENTENCES[self.code]}{detail}"


def found(code: str, record: Any, field: str = "", detail: object = "") -> Finding:
    """A finding about one of our records."""
    version = getattr(record, "version", 1)
    id = getattr(record, "id", "") or getattr(record, "project_id", "") or getattr(record, "identifier", "")
    named = f"{id} version {version}" if version != 1 else id
    return Finding(code, KIND_OF.get(type(record), "package"), None, named, field, str(detail))


SENTENCES = {
    # references
    "award_unknown": "there is no award with this id",
    "contract_unknown": "there is no contract with this id",
    "document_unknown": "there is no document with this id",
    "metric_unknown": "there is no metric with this id",
    "milestone_unknown": "there is no milestone with this id",
    "organisation_unknown": "there is no organisation with this id",
    "party_unknown": "the organisation is not among the parties of the release",
    "project_unknown": "there is no decision about this project",
    "role_missing": "the organisation does not have the role that it is named in",
    "owner_missing": "it belongs to no award and to no contract",
    # order and repetition
    "row_repeated": "there are two of these",
    "row_unsorted": "the rows are not in order",
    "id_repeated": "the id is used twice",
    "version_gap": "versions do not count up from 1",
    "case_repeated": "the project has more than one case",
    "update_without_first": "something is updated that was not published before",
    # dates
    "date_no_date": "this is not a date",
    "date_missing": "the date is missing",
    "dates_backwards": "this is dated before what comes before it",
    "period_backwards": "the period ends before it starts",
    "met_without_date": "the milestone is met, but not when",
    "date_without_met": "there is a date of being met, but the milestone is not met",
    "award_before_acceptance": "the award is dated before the case was accepted",
    "award_without_acceptance": "there is an award, but the case was not accepted",
    "contract_before_award": "the contract is signed before the award",
    "payment_before_award": "the payment is dated before the award",
    "observation_early": "it was observed before its period ended",
    # money
    "amount_no_number": "this is not an amount",
    "amount_negative": "the amount is below nought",
    "contracts_exceed_award": "the contracts come to more than the award",
    "payments_exceed_award": "the payments come to more than the award",
    "gross_below_net": "the amount with VAT is less than without",
    "currency_unknown": "this is not a currency that has a hundred parts",
    "currency_mixed": "award and contract are in different currencies",
    # what has to be there
    "text_missing": "this text is missing",
    "value_missing": "this is missing",
    "value_wrong": "this cannot be read",
    "field_unknown": "this field is not known",
    "funder_missing": "there is no funder",
    "recipient_missing": "there is no recipient",
    "recipient_twice": "there is more than one recipient, or more than one kind",
    "state_differs": "the last step is not the state of the case",
    "reason_missing": "a case that is changed or declined needs its reason",
    "route_missing": "the case has gone further than the choice of its route, but has no route",
    "case_missing": "the project is funded, but has no case",
    "case_not_funded": "there is a case, but the project is not funded",
    "contract_of_grant": "the award of this contract is no award of a contract",
    "value_and_measure": "an observation is either money or a number in the unit of its metric",
    "unit_missing": "a number has no unit",
    # codes and shapes
    "code_unknown": "this is not one of the codes",
    "company_number_short": "a company number has 8 characters; the noughts in front are missing",
    "company_number_wrong": "this is not a company number",
    "charity_number_wrong": "this is not a charity number",
    "organisation_id_wrong": "the id is not the scheme and the identifier",
    "grant_id_wrong": "the id of a grant starts with the publisher’s 360G- prefix",
    "ocid_wrong": "the id of a contracting process starts with the publisher’s ocds- prefix",
    "geo_code_wrong": "this is not a GSS code",
    "address_wrong": "this is not a web address",
    "dimension_no_text": "a dimension has to be a text",
    # files
    "file_missing": "the file is not there",
    "file_changed": "the file is not the one that the manifest names",
    "file_unlisted": "the manifest does not name this file",
    "file_unreadable": "the file cannot be read",
    "file_large": "the file is larger than can be read here",
    "file_unsafe": "the file is made so that reading it would do harm",
    "sheet_unknown": "the workbook has no sheet that is known here",
    "column_unknown": "this column is not known here",
    "column_missing": "this column is missing",
    "column_repeated": "this column is there twice",
    "schema": "the official schema refuses this",
}
