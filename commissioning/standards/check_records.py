"""Whether a round's records agree with one another: what no schema sees."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from itertools import pairwise
from typing import Any

from commissioning.standards import codes
from commissioning.standards.findings import Finding, found
from commissioning.standards.outcome import Outcome, OutOfOrder, Project, in_order, latest, projects
from commissioning.standards.records import (
    Award,
    Case,
    Contract,
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

Organisations = Mapping[str, Organisation]

CODELISTS: dict[type[Any], dict[str, Iterable[str]]] = {
    Organisation: {"scale": codes.SCALES},
    Case: {"state": codes.STATES, "route": codes.ROUTES, "legal_basis": codes.LEGAL_BASES},
    Step: {"state": codes.STATES},
    Award: {
        "route": codes.ROUTES,
        "status": codes.AWARD_STATUSES,
        "from_open_call": ("Yes", "No"),
        "location_scope": codes.LOCATION_SCOPES,
        "regrant_type": codes.REGRANT_TYPES,
        "procurement_method": codes.METHODS,
        "main_procurement_category": codes.CATEGORIES,
    },
    Contract: {"status": codes.CONTRACT_STATUSES},
    Milestone: {"type": codes.MILESTONE_TYPES, "status": codes.MILESTONE_STATUSES, "verified_by": codes.VERIFIERS},
    Observation: {"stage": codes.STAGES},
    Location: {"geo_code_type": codes.GEO_CODE_TYPES},
}
NEEDED: dict[type[Any], tuple[str, ...]] = {
    Package: ("identifier", "title", "license", "uri", "publisher"),
    Organisation: ("name",),
    Case: ("state",),
    Award: ("title", "route", "status"),
    Milestone: ("title", "status"),
    Metric: ("title",),
}
POSITIVE = {"amount_awarded", "amount_gross", "amount_applied_for", "cost", "value_gross"}
ROUTED = frozenset(codes.STATES[codes.STATES.index("routed") :])


def check_outcome(outcome: Outcome) -> Iterator[Finding]:
    """Every fault of the records. After rows that are out of order nothing more is read."""
    check = None
    try:
        check = RecordChecks(outcome.package, in_order("organisations", outcome.organisations()))
        yield from check.start()
        for project in projects(outcome):
            yield from check.add(project)
    except OutOfOrder as error:
        yield found(error.code, error.record)


class RecordChecks:
    """Checks project by project. Holds the organisations and the ids of awards."""

    def __init__(self, package: Package, organisations: Iterable[Organisation]) -> None:
        self.package = package
        self.organisations = {row.id: row for row in organisations}
        self.awards: set[str] = set()

    def start(self) -> Iterator[Finding]:
        """What is wrong with the head and the organisations."""
        package = self.package
        yield from _plain(package)
        if package.currency not in codes.CURRENCIES:
            yield found("currency_unknown", package, "currency", package.currency)
        if package.publisher and package.publisher not in self.organisations:
            yield found("organisation_unknown", package, "publisher", package.publisher)
        for field in ("license", "uri"):
            yield from _address(package, field)
        if package.ocid_prefix and not codes.OCID.fullmatch(f"{package.ocid_prefix}-1"):
            yield found("ocid_wrong", package, "ocid_prefix", package.ocid_prefix)
        for row in self.organisations.values():
            yield from _organisation(row)

    def add(self, project: Project) -> Iterator[Finding]:
        """What is wrong with one project's rows."""
        context = _Context(self, project)
        yield from _plain(project.decision)
        yield from _cases(project)
        kinds: tuple[tuple[Iterable[Any], Callable[[_Context, Any], Iterator[Finding]]], ...] = (
            (project.cases, _case),
            (project.steps, _step),
            (project.awards, _award),
            (project.contracts, _contract),
            (project.milestones, _milestone),
            (project.transactions, _transaction),
            (project.metrics, _metric),
            (project.observations, _observation),
            (project.locations, _location),
            (project.documents, _document),
        )
        for rows, check in kinds:
            for row in rows:
                yield from _plain(row)
                yield from check(context, row)
        for versioned in (project.awards, project.contracts, project.milestones):
            yield from _versions(versioned)
        yield from _sums(project)
        for id in context.awards:
            if id in self.awards:
                yield found("id_repeated", context.awards[id], "id", id)
            self.awards.add(id)


class _Context:
    """What the rows of one project may refer to: the last version of each."""

    def __init__(self, check: RecordChecks, project: Project) -> None:
        self.package, self.organisations, self.project = check.package, check.organisations, project
        self.case = project.cases[-1] if project.cases else None
        self.awards = {row.id: row for row in latest(project.awards)}
        self.contracts = {row.id: row for row in latest(project.contracts)}
        self.milestones = {row.id for row in project.milestones}
        self.metrics = {row.id: row for row in project.metrics}
        self.documents = {row.id for row in project.documents}

    def role(self, record: Any, field: str, *, role: str = "") -> Iterator[Finding]:
        """The organisation that a field names has to be known and to have the role."""
        id = getattr(record, field)
        organisation = self.organisations.get(id)
        if id and organisation is None:
            yield found("organisation_unknown", record, field, id)
        elif organisation and role and role not in organisation.roles:
            yield found("role_missing", record, field, f"{id}: {role}")

    def owners(self, record: Any, *, needed: bool) -> Iterator[Finding]:
        """`award_id` and `contract_id` have to be known, if there are any."""
        if record.award_id and record.award_id not in self.awards:
            yield found("award_unknown", record, "award_id", record.award_id)
        if record.contract_id and record.contract_id not in self.contracts:
            yield found("contract_unknown", record, "contract_id", record.contract_id)
        if needed and not record.award_id and not record.contract_id:
            yield found("owner_missing", record)

    def award_of(self, record: Any) -> Award | None:
        contract = self.contracts.get(record.contract_id)
        return self.awards.get(contract.award_id if contract else record.award_id)


# ── What every record can have wrong ────────────────────────────────────────
def _plain(record: Any) -> Iterator[Finding]:
    kind = type(record)
    for field, allowed in CODELISTS.get(kind, {}).items():
        value = getattr(record, field)
        if value and value not in allowed:
            yield found("code_unknown", record, field, value)
    for field in NEEDED.get(kind, ()):
        if not getattr(record, field):
            yield found("text_missing", record, field)
    for field in POSITIVE & set(kind.__slots__):
        value = getattr(record, field)
        if value is not None and value < 0:
            yield found("amount_negative", record, field, value)
    if "url" in kind.__slots__:
        yield from _address(record, "url")


def _address(record: Any, field: str) -> Iterator[Finding]:
    value = getattr(record, field)
    if value and not codes.ADDRESS.fullmatch(value):
        yield found("address_wrong", record, field, value)


def _period(record: Any, start: str, end: str) -> Iterator[Finding]:
    first, last = getattr(record, start), getattr(record, end)
    if first and last and last < first:
        yield found("period_backwards", record, end, last)


def _gross(record: Any, net: str, gross: str) -> Iterator[Finding]:
    less, more = getattr(record, net), getattr(record, gross)
    if more is not None and more < less:
        yield found("gross_below_net", record, gross, more)


def _versions(rows: Iterable[Any]) -> Iterator[Finding]:
    before: Any = None
    for row in rows:
        follows = before is not None and before.id == row.id
        if row.version != (before.version + 1 if follows else 1):
            yield found("version_gap", row, "version", row.version)
        if follows and row.date_modified < before.date_modified:
            yield found("dates_backwards", row, "date_modified", row.date_modified.isoformat())
        before = row


# ── Kind by kind ────────────────────────────────────────────────────────────
def _organisation(row: Organisation) -> Iterator[Finding]:
    yield from _plain(row)
    if row.scheme and row.id != f"{row.scheme}-{row.identifier}":
        yield found("organisation_id_wrong", row, "id", row.id)
    for role in row.roles:
        if role not in codes.PARTY_ROLES:
            yield found("code_unknown", row, "roles", role)
    companies = {"company_number": row.company_number} | (
        {"identifier": row.identifier} if row.scheme == "GB-COH" else {}
    )
    for field, number in companies.items():
        if fault := company_number_fault(number):
            yield found(fault, row, field, number)
    shape = codes.CHARITY_NUMBERS.get(row.scheme)
    if shape and not shape.fullmatch(row.identifier):
        yield found("charity_number_wrong", row, "identifier", row.identifier)
    if row.charity_number and not codes.charity_number(row.charity_number):
        yield found("charity_number_wrong", row, "charity_number", row.charity_number)


def company_number_fault(number: str) -> str:
    """The code of what is wrong with it, or nothing. Spreadsheets eat the noughts in front."""
    if not number or codes.COMPANY_NUMBER.fullmatch(number):
        return ""
    return "company_number_short" if re.fullmatch(r"\d{1,7}", number) else "company_number_wrong"


def _cases(project: Project) -> Iterator[Finding]:
    decision, cases = project.decision, project.cases
    if not decision.title:
        yield found("text_missing", decision, "title")
    if decision.funded and not cases:
        yield found("case_missing", decision)
    if cases and not decision.funded:
        yield found("case_not_funded", cases[0], "project_id", decision.project_id)
    for case in cases[1:]:
        yield found("case_repeated", case, "project_id", decision.project_id)


def _case(context: _Context, row: Case) -> Iterator[Finding]:
    yield from context.role(row, "commissioner", role="buyer")
    if row.state in ("declined", "changed") and not row.reason:
        yield found("reason_missing", row, "reason")
    if row.state in ROUTED and not row.route:
        yield found("route_missing", row, "route")
    dated: list[tuple[str, date | None]] = [
        *(("sent_on", row.sent_on), ("received_on", row.received_on), ("replied_on", row.replied_on)),
    ]
    known = [(field, day) for field, day in dated if day]
    for (_, earlier), (field, later) in pairwise(known):
        if later < earlier:
            yield found("dates_backwards", row, field, later)


def _step(context: _Context, row: Step) -> Iterator[Finding]:
    steps = context.project.steps
    number = steps.index(row)
    if number and row.date_modified < steps[number - 1].date_modified:
        yield found("dates_backwards", row, "date_modified", row.date_modified.isoformat())
    if row is steps[-1] and context.case and row.state != context.case.state:
        yield found("state_differs", row, "state", context.case.state)


def _award(context: _Context, row: Award) -> Iterator[Finding]:
    yield from _recipient(context, row)
    yield from context.role(row, "funding_organization", role="funder")
    if not row.funding_organization:
        yield found("funder_missing", row, "funding_organization")
    if row.route == "grant" and not row.id.startswith(context.package.grant_prefix or "360G-"):
        yield found("grant_id_wrong", row, "id", row.id)
    if row.status == "active" and row.award_date is None:
        yield found("date_missing", row, "award_date")
    yield from _gross(row, "amount_awarded", "amount_gross")
    yield from _period(row, "planned_start", "planned_end")
    case = context.case
    if case and case.state not in codes.ACCEPTED:
        yield found("award_without_acceptance", row, "id", case.state)
    elif case and case.decision_date and row.award_date and row.award_date < case.decision_date:
        yield found("award_before_acceptance", row, "award_date", row.award_date)


def _recipient(context: _Context, row: Award) -> Iterator[Finding]:
    if row.recipient_organization and row.recipient_individual:
        yield found("recipient_twice", row, "recipient_organization")
    elif row.recipient_organization:
        yield from context.role(row, "recipient_organization", role="supplier" if row.route == "contract" else "")
    elif not row.recipient_individual and row.status == "active":
        yield found("recipient_missing", row, "recipient_organization")


def _contract(context: _Context, row: Contract) -> Iterator[Finding]:
    award = context.awards.get(row.award_id)
    if award is None:
        yield found("award_unknown", row, "award_id", row.award_id)
    elif award.route != "contract":
        yield found("contract_of_grant", row, "award_id", row.award_id)
    if award and award.award_date and row.date_signed and row.date_signed < award.award_date:
        yield found("contract_before_award", row, "date_signed", row.date_signed)
    if row.value < 0:
        yield found("amount_negative", row, "value", row.value)
    yield from _gross(row, "value", "value_gross")
    yield from _period(row, "period_start", "period_end")
    yield from _period(row, "period_end", "period_max_extent")


def _milestone(context: _Context, row: Milestone) -> Iterator[Finding]:
    yield from context.owners(row, needed=False)
    if row.status == "met" and row.date_met is None:
        yield found("met_without_date", row, "date_met")
    if row.status != "met" and row.date_met is not None:
        yield found("date_without_met", row, "date_met", row.date_met)


def _transaction(context: _Context, row: Transaction) -> Iterator[Finding]:
    yield from context.owners(row, needed=True)
    award = context.award_of(row)
    yield from context.role(row, "payer", role="payer")
    if not (award and award.recipient_individual and award.recipient_individual == row.payee):
        yield from context.role(row, "payee", role="payee")
    for field in ("payer", "payee"):
        if not getattr(row, field):
            yield found("organisation_unknown", row, field)
    if award and award.award_date and row.date < award.award_date:
        yield found("payment_before_award", row, "date", row.date)


def _metric(context: _Context, row: Metric) -> Iterator[Finding]:
    yield from context.owners(row, needed=False)


def _observation(context: _Context, row: Observation) -> Iterator[Finding]:
    metric = context.metrics.get(row.metric_id)
    if metric is None:
        yield found("metric_unknown", row, "metric_id", row.metric_id)
    if (row.value is None) == (row.measure is None):
        yield found("value_and_measure", row, "measure")
    elif metric and row.measure is not None and not metric.unit_name:
        yield found("unit_missing", row, "measure", row.measure)
    if row.milestone_id and row.milestone_id not in context.milestones:
        yield found("milestone_unknown", row, "milestone_id", row.milestone_id)
    if row.evidence and row.evidence not in context.documents:
        yield found("document_unknown", row, "evidence", row.evidence)
    yield from _period(row, "period_start", "period_end")
    if row.stage == "actual" and row.period_end and row.date_modified.date() < row.period_end:
        yield found("observation_early", row, "date_modified", row.date_modified.date())


def _location(_: _Context, row: Location) -> Iterator[Finding]:
    if row.geo_code and not codes.GSS_CODE.fullmatch(row.geo_code):
        yield found("geo_code_wrong", row, "geo_code", row.geo_code)
    if row.geo_code and not row.geo_code_type:
        yield found("text_missing", row, "geo_code_type")


def _document(context: _Context, row: Document) -> Iterator[Finding]:
    yield from context.owners(row, needed=False)
    if row.milestone_id and row.milestone_id not in context.milestones:
        yield found("milestone_unknown", row, "milestone_id", row.milestone_id)


# ── Sums ────────────────────────────────────────────────────────────────────
def _sums(project: Project) -> Iterator[Finding]:
    """Contracts that came into force, and payments, against their award."""
    contracts = {row.id: row for row in latest(project.contracts)}
    contracted: Counter[str] = Counter()
    paid: Counter[str] = Counter()
    for contract in contracts.values():
        if contract.status != "cancelled":
            contracted[contract.award_id] += contract.value
    for row in project.transactions:
        owner = contracts.get(row.contract_id)
        paid[owner.award_id if owner else row.award_id] += row.value
    for award in latest(project.awards):
        if contracted[award.id] > award.amount_awarded:
            yield found("contracts_exceed_award", award, "amount_awarded", contracted[award.id])
        # Payments under a contract are with VAT; where the award does not say how much that is, nothing is compared.
        limit = award.amount_awarded if award.route == "grant" else award.amount_gross
        if limit is not None and paid[award.id] > limit:
            yield found("payments_exceed_award", award, "amount_awarded", paid[award.id])
