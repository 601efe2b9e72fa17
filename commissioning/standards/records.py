"""One round's outcome as facts: plain frozen records, streamed. Every format of a package is written from these.

Names are those of 360Giving 1.4 and OCDS 1.1 where they have one, in snake case; `projectID` and `awardID` are
`project_id` and `award_id`. Money is whole minor units (pence) in a record and becomes a decimal number only in a file.
Moments are aware and in UTC. Nothing known is "" or None.

What was published is never changed: a new version of an award, contract or milestone is a further row with the same
`id`, the next `version` and its own `date_modified`, the moment when it was recorded. A transaction and an observation
have no versions: a wrong one is answered by another (a negative value; the same period observed again).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

Money = Annotated[int, "money"]
"""Minor units of the package's currency, which has 100 of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """The head: which round of which place, published by whom and on which terms."""

    identifier: str  # of the round, unique for its publisher
    title: str
    description: str = ""
    place: str = ""
    place_code: str = ""  # GSS
    place_code_type: str = ""
    publisher: str  # id of an organisation
    uri: str  # where the package is found
    license: str  # address of the licence
    currency: str = "GBP"
    issued: datetime  # a fact like the others: writing again must not change it
    ocid_prefix: str = ""  # `ocds-` and six characters; without one no OCDS
    grant_prefix: str = ""  # `360G-…`
    rule: str = ""
    ballots: int | None = None
    voting_closed: date | None = None
    certified_at: datetime | None = None
    result_hash: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """A body, supplier or group. `id` is the org-id: scheme, hyphen, identifier; or one of the publisher's own without
    a scheme. `roles`: OCDS party roles it may hold in this round."""

    id: str
    name: str
    scheme: str = ""
    identifier: str = ""
    roles: tuple[str, ...] = ()
    organisation_type: str = ""
    legal_form: str = ""
    ownership_model: str = ""
    company_number: str = ""
    charity_number: str = ""
    street_address: str = ""
    locality: str = ""
    postal_code: str = ""
    url: str = ""
    scale: str = ""  # sme, large
    vcse: bool | None = None
    public_service_mission_organization: bool | None = None
    sheltered_workshop: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """A place that a project serves."""

    project_id: str
    id: str
    name: str = ""
    geo_code: str = ""  # GSS
    geo_code_type: str = ""  # WD, LSOA …
    country_code: str = "GB"
    latitude: Decimal | None = None
    longitude: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What the vote decided about one project."""

    project_id: str
    title: str
    description: str = ""
    pot: str = ""
    pot_title: str = ""
    category: str = ""
    cost: Money
    votes: int | None = None
    points: int | None = None
    rank: int | None = None
    funded: bool
    reason: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What the commissioner does about one funded project. `state` and `route` as in `codes`."""

    project_id: str
    id: str
    state: str
    route: str = ""
    commissioner: str = ""  # id of an organisation
    sent_on: date | None = None
    received_on: date | None = None
    reply_due: date | None = None
    replied_on: date | None = None
    reply: str = ""
    reason: str = ""
    amount_accepted: Money | None = None
    decision_maker: str = ""
    decision_date: date | None = None
    legal_basis: str = ""  # advisory, delegated
    decision_reference: str = ""
    budget_line: str = ""
    linked_strategy: str = ""
    equality_impact: str = ""
    market_note: str = ""
    procurement_owner: str = ""
    economic_development_owner: str = ""
    learned: str = ""
    url: str = ""
    date_modified: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A move of a case, with what was said to everyone; ids sort as the moves went (`01`, `02` …)."""

    project_id: str
    id: str
    state: str
    date_modified: datetime
    says: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Award:
    """A grant or an award that leads to contracts. Exactly one recipient; an individual by a made-up id, never a name."""

    project_id: str
    id: str
    version: int = 1
    date_modified: datetime
    amendment: str = ""  # why this version
    route: str
    title: str
    description: str = ""
    status: str = "active"
    award_date: date | None = None
    amount_applied_for: Money | None = None
    amount_awarded: Money  # without VAT
    amount_gross: Money | None = None
    recipient_organization: str = ""
    recipient_individual: str = ""
    funding_organization: str = ""
    funding_department: str = ""
    planned_start: date | None = None
    planned_end: date | None = None
    planned_months: int | None = None
    grant_programme_code: str = ""
    grant_programme_title: str = ""
    from_open_call: str = ""  # Yes, No
    location_scope: str = ""
    regrant_type: str = ""
    procurement_method: str = ""
    procurement_method_rationale: str = ""
    main_procurement_category: str = ""
    above_threshold: bool | None = None
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """A contract under an award; its supplier is the award's recipient."""

    project_id: str
    id: str
    award_id: str
    version: int = 1
    date_modified: datetime
    amendment: str = ""
    title: str = ""
    description: str = ""
    status: str = "active"
    date_signed: date | None = None
    period_start: date | None = None
    period_end: date | None = None
    period_max_extent: date | None = None
    review_date: date | None = None
    value: Money  # without VAT
    value_gross: Money | None = None
    above_threshold: bool | None = None
    no_agreed_metrics_rationale: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    """A step of the delivery, of a contract, a grant or (neither id) of the case alone."""

    project_id: str
    id: str
    award_id: str = ""
    contract_id: str = ""
    version: int = 1
    date_modified: datetime
    amendment: str = ""
    title: str
    type: str = "delivery"
    description: str = ""
    due_date: date | None = None
    date_met: date | None = None
    status: str = "scheduled"
    verified_by: str = ""  # resident, officer
    dispute: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """A payment; negative: paid back."""

    project_id: str
    id: str
    award_id: str = ""
    contract_id: str = ""
    date_modified: datetime
    date: date
    value: Money
    payer: str  # ids of organisations; the payee of a grant to an individual is its id
    payee: str
    description: str = ""
    spend_line: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """Something measured, in its own unit. `criterion` and `weight` (of 100) were declared beforehand."""

    project_id: str
    id: str
    award_id: str = ""
    contract_id: str = ""
    title: str
    description: str = ""
    criterion: str = ""
    weight: int | None = None
    unit_name: str = ""  # "" where the metric is money
    unit_scheme: str = ""
    unit_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """Agreed or actual: either money (`value`) or a number of the metric's unit (`measure`)."""

    project_id: str
    id: str
    metric_id: str
    stage: str  # agreed, actual
    date_modified: datetime
    value: Money | None = None
    measure: Decimal | None = None
    period_start: date | None = None
    period_end: date | None = None
    dimensions: tuple[tuple[str, str], ...] = ()
    milestone_id: str = ""
    notes: str = ""
    evidence: str = ""  # id of a document


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A paper, notice or photo, of what the narrowest of the ids names (none: of the case)."""

    project_id: str
    id: str
    award_id: str = ""
    contract_id: str = ""
    milestone_id: str = ""
    document_type: str = ""
    notice_type: str = ""  # UK1 … UK17
    title: str = ""
    description: str = ""
    url: str = ""
    format: str = ""
    language: str = "en"
    date_modified: datetime


Record = (
    Package | Organisation | Location | Decision | Case | Step | Award | Contract | Milestone | Transaction | Metric
    | Observation | Document
)  # fmt: skip
Delivery = Location | Case | Step | Award | Contract | Milestone | Transaction | Metric | Observation | Document
"""What belongs to one project besides the decision."""

KINDS: dict[str, type[Any]] = {
    "organisations": Organisation,
    "decisions": Decision,
    "cases": Case,
    "steps": Step,
    "awards": Award,
    "contracts": Contract,
    "milestones": Milestone,
    "transactions": Transaction,
    "metrics": Metric,
    "observations": Observation,
    "locations": Location,
    "documents": Document,
}
"""The fields of an Outcome that are rows, and what their rows are."""

KIND_OF = {record: kind for kind, record in KINDS.items()}
OF_A_PROJECT = [kind for kind in KINDS if kind not in ("organisations", "decisions")]


def key(record: Any) -> tuple[Any, ...]:
    """What a record is sorted by and known by: texts by code point (in PostgreSQL: COLLATE "C")."""
    project = getattr(record, "project_id", None)
    own = getattr(record, "id", "")
    return (own,) if project is None else (project, own, getattr(record, "version", 1))
