"""Grants as 360Giving 1.4 JSON and CSV (titled columns), and as the seven columns of the Transparency Code.

360Giving has no versions: the last one of an award stands with `dateModified`. An award that is pending, cancelled or
unsuccessful is no grant. Sources: standard.threesixtygiving.org, schema 1.4.3; Local Government Transparency Code 2015,
paragraph 43 (grants to voluntary, community and social enterprise organisations).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from typing import Any, TextIO

from commissioning.standards import exact
from commissioning.standards.outcome import Project, latest
from commissioning.standards.records import Award, Document, Location, Organisation, Package, Transaction

VERSION = "1.4"
SCHEMA = "1.4.3"
VCSE_COLUMNS = (
    *("Date of award", "Time period", "Department", "Beneficiary", "Registration number", "Purpose of the grant"),
    "Amount of the grant",
)
INDIVIDUAL = "Grant to an individual"
FORMULAS = ("=", "+", "-", "@", "\t", "\r")

Organisations = Mapping[str, Organisation]


def cell(text: str) -> str:
    """With an apostrophe in front where a spreadsheet would take it for a formula."""
    return f"'{text}" if text.startswith(FORMULAS) else text


def granted(project: Project) -> Iterator[Award]:
    """The awards of a project that are grants."""
    return (award for award in latest(project.awards) if award.route == "grant" and award.status == "active")


def grant(package: Package, organisations: Organisations, project: Project, award: Award) -> dict[str, Any]:
    """One item of `grants`, for `exact.dumps`."""
    decision = project.decision
    paid = [row for row in project.transactions if row.award_id == award.id]
    documents = [row for row in latest(project.documents) if row.award_id in ("", award.id) and row.url]
    funder = {**_body(organisations, award.funding_organization), **exact.filled(department=award.funding_department)}
    return {
        "id": award.id,
        "title": award.title,
        "description": award.description or decision.description or award.title,
        "currency": package.currency,
        **exact.filled(amountAppliedFor=None if award.amount_applied_for is None else exact.money(award.amount_applied_for)),
        "amountAwarded": exact.money(award.amount_awarded),
        **exact.filled(
            amountDisbursed=exact.money(sum(row.value for row in paid)) if paid else None,
            awardDate=award.award_date and award.award_date.isoformat(),
            url=award.url,
            plannedDates=[dates] if (dates := _planned(award)) else [],
            recipientIndividual=_individual(award),
            recipientOrganization=[_body(organisations, award.recipient_organization)] if award.recipient_organization else [],
        ),
        **exact.filled(
            beneficiaryLocation=[_location(row) for row in project.locations],
            fundingOrganization=[funder] if award.funding_organization else [],
            grantProgramme=[_programme(package, award)],
            fromOpenCall=award.from_open_call,
            classifications=_classifications(project),
            relatedDocument=[_document(row) for row in documents],
            disbursementTransaction=[_transaction(package, row) for row in paid],
            relatedActivity=[project.decision.project_id],
            dateModified=exact.moment_text(award.date_modified),
            dataSource=package.uri,
            regrantType=award.regrant_type,
            locationScope=award.location_scope,
        ),
    }  # fmt: skip


def _body(organisations: Organisations, id: str) -> dict[str, Any]:
    found = organisations.get(id)
    if found is None:
        return {"id": id, "name": id}
    return {
        "id": found.id,
        "name": found.name,
        **exact.filled(
            charityNumber=found.charity_number,
            companyNumber=found.company_number,
            streetAddress=found.street_address,
            addressLocality=found.locality,
            postalCode=found.postal_code,
            organisationType=found.organisation_type,
            url=found.url,
        ),
    }


def _individual(award: Award) -> dict[str, Any] | None:
    return {"id": award.recipient_individual, "name": INDIVIDUAL} if award.recipient_individual else None


def _planned(award: Award) -> dict[str, Any]:
    return exact.filled(
        startDate=award.planned_start and award.planned_start.isoformat(),
        endDate=award.planned_end and award.planned_end.isoformat(),
        duration=award.planned_months,
    )


def _location(row: Location) -> dict[str, Any]:
    return exact.filled(
        id=row.id,
        name=row.name,
        countryCode=row.country_code,
        latitude=None if row.latitude is None else exact.number(row.latitude),
        longitude=None if row.longitude is None else exact.number(row.longitude),
        geoCode=row.geo_code,
        geoCodeType=row.geo_code_type,
    )


def _programme(package: Package, award: Award) -> dict[str, Any]:
    return {
        "code": award.grant_programme_code or package.identifier,
        "title": award.grant_programme_title or package.title,
    }


def _classifications(project: Project) -> list[dict[str, Any]]:
    category = project.decision.category
    return [{"vocabulary": "Category of the vote", "code": category, "title": category}] if category else []


def _document(row: Document) -> dict[str, Any]:
    return exact.filled(
        id=row.id,
        title=row.title,
        url=row.url,
        description=row.description,
        documentType=row.document_type,
        dateModified=exact.moment_text(row.date_modified),
    )


def _transaction(package: Package, row: Transaction) -> dict[str, Any]:
    return exact.filled(
        id=row.id,
        transactionDate=row.date.isoformat(),
        currency=package.currency,
        value=exact.money(row.value),
        description=row.description,
        provider=row.payer,
        recipient=row.payee,
    )


class GrantsJson:
    """Writes the package of grants, one on each line."""

    def __init__(self, file: TextIO, package: Package, organisations: Organisations) -> None:
        self.file, self.package, self.organisations, self.count = file, package, organisations, 0
        publisher = organisations.get(package.publisher)
        name = publisher.name if publisher else package.publisher
        head = {
            "version": VERSION,
            "title": package.title,
            **exact.filled(description=package.description),
            "issued": exact.moment_text(package.issued),
            "identifier": package.identifier,
            "publisher": {"identifier": package.publisher, "name": name},
            "accessURL": package.uri,
            "license": package.license,
        }
        file.write(exact.dumps(head)[:-1] + ',\n"grants":[')

    def add(self, project: Project) -> None:
        for award in granted(project):
            text = exact.dumps(grant(self.package, self.organisations, project, award))
            self.file.write(f"{',' if self.count else ''}\n{text}")
            self.count += 1

    def end(self) -> None:
        self.file.write("\n]}\n")


class GrantsCsv:
    """Writes one line for each grant; of its places only the first, for a line has one."""

    def __init__(self, file: TextIO, package: Package, organisations: Organisations) -> None:
        self.writer, self.count = csv.writer(file, lineterminator="\r\n"), 0
        self.package, self.organisations = package, organisations
        self.writer.writerow(CSV_COLUMNS)

    def add(self, project: Project) -> None:
        for award in granted(project):
            cells = titled(grant(self.package, self.organisations, project, award))
            self.writer.writerow([_csv(cells.get(column)) for column in CSV_COLUMNS])
            self.count += 1

    def end(self) -> None:
        """Nothing follows the last line."""


def _csv(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, exact.Number) else cell(str(value))


# Titles of the standard's columns and where the JSON has what stands in them; of a list the first item.
PATHS = {
    "Identifier": "id",
    "Title": "title",
    "Description": "description",
    "Currency": "currency",
    "Amount Applied For": "amountAppliedFor",
    "Amount Awarded": "amountAwarded",
    "Amount Disbursed": "amountDisbursed",
    "Award Date": "awardDate",
    "URL": "url",
    "Planned Dates:Start Date": "plannedDates/startDate",
    "Planned Dates:End Date": "plannedDates/endDate",
    "Planned Dates:Duration (months)": "plannedDates/duration",
    "Recipient Ind:Identifier": "recipientIndividual/id",
    "Recipient Ind:Name": "recipientIndividual/name",
    "Recipient Org:Identifier": "recipientOrganization/id",
    "Recipient Org:Name": "recipientOrganization/name",
    "Recipient Org:Charity Number": "recipientOrganization/charityNumber",
    "Recipient Org:Company Number": "recipientOrganization/companyNumber",
    "Recipient Org:Street Address": "recipientOrganization/streetAddress",
    "Recipient Org:City": "recipientOrganization/addressLocality",
    "Recipient Org:Postal Code": "recipientOrganization/postalCode",
    "Recipient Org:Web Address": "recipientOrganization/url",
    "Beneficiary Location:Name": "beneficiaryLocation/name",
    "Beneficiary Location:Country Code": "beneficiaryLocation/countryCode",
    "Beneficiary Location:Latitude": "beneficiaryLocation/latitude",
    "Beneficiary Location:Longitude": "beneficiaryLocation/longitude",
    "Beneficiary Location:Geographic Code": "beneficiaryLocation/geoCode",
    "Beneficiary Location:Geographic Code Type": "beneficiaryLocation/geoCodeType",
    "Funding Org:Identifier": "fundingOrganization/id",
    "Funding Org:Name": "fundingOrganization/name",
    "Funding Org:Department": "fundingOrganization/department",
    "Grant Programme:Code": "grantProgramme/code",
    "Grant Programme:Title": "grantProgramme/title",
    "From An Open Call?": "fromOpenCall",
    "Related Activity": "relatedActivity",
    "Last Modified": "dateModified",
    "Data Source": "dataSource",
    "For Regrant Type": "regrantType",
    "Location Scope": "locationScope",
}
CSV_COLUMNS = tuple(PATHS)


def titled(item: Mapping[str, Any]) -> dict[str, Any]:
    """A grant's cells by the standard's titles; without those that it does not have."""
    cells = {}
    for title, path in PATHS.items():
        value: Any = item
        for step in path.split("/"):
            value = value[0] if isinstance(value, list) else value
            value = value.get(step) if isinstance(value, Mapping) else None
        cells[title] = value[0] if isinstance(value, list) and value else value
    return {title: value for title, value in cells.items() if value is not None}


class VcseCsv:
    """Writes the grants to voluntary and community organisations and social enterprises."""

    def __init__(self, file: TextIO, package: Package, organisations: Organisations) -> None:
        self.writer, self.count, self.organisations = csv.writer(file, lineterminator="\r\n"), 0, organisations
        self.package = package
        self.writer.writerow(VCSE_COLUMNS)

    def add(self, project: Project) -> None:
        for award in granted(project):
            beneficiary = self.organisations.get(award.recipient_organization)
            if beneficiary is not None and beneficiary.vcse:
                self.writer.writerow(self._row(award, beneficiary))
                self.count += 1

    def _row(self, award: Award, beneficiary: Organisation) -> list[str]:
        dates = [day.isoformat() for day in (award.planned_start, award.planned_end) if day]
        months = f"{award.planned_months} months" if award.planned_months else ""
        return [
            award.award_date.isoformat() if award.award_date else "",
            " to ".join(dates) if len(dates) == 2 else months or "".join(dates),
            cell(award.funding_department),
            cell(beneficiary.name),
            cell(beneficiary.charity_number or beneficiary.company_number or beneficiary.identifier),
            cell(award.title),
            exact.money(award.amount_awarded),
        ]

    def end(self) -> None:
        """Nothing follows the last line."""
