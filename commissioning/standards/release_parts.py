"""The objects of an OCDS release, made of our records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from commissioning.standards import exact
from commissioning.standards.records import (
    Award,
    Contract,
    Document,
    Metric,
    Milestone,
    Observation,
    Organisation,
    Package,
    Transaction,
)

TAG_ORDER = ("planning", "award", "contract", "implementation")

Json = dict[str, Any]


@dataclass(slots=True)
class Draft:
    """A release while it is made. Objects are kept by id; `roles` are of the parties that it refers to."""

    currency: str
    organisations: Mapping[str, Organisation]
    planning: Json = field(default_factory=dict)
    tender: Json = field(default_factory=dict)
    awards: dict[str, Json] = field(default_factory=dict)
    contracts: dict[str, Json] = field(default_factory=dict)
    roles: dict[str, set[str]] = field(default_factory=dict)

    def party(self, id: str, *roles: str) -> Json:
        """A reference to an organisation, which becomes a party with those roles."""
        self.roles.setdefault(id, set()).update(roles)
        found = self.organisations.get(id)
        return {"id": id, "name": found.name if found else id}

    def value(self, net: int | None, gross: int | None = None) -> Json | None:
        if net is None:
            return None
        amount = {"amount": exact.money(net), "currency": self.currency}
        return amount if gross is None else {**amount, "amountGross": exact.money(gross)}

    def award(self, id: str) -> Json:
        return self.awards.setdefault(id, {"id": id})

    def contract(self, row: Contract) -> Json:
        return self.contracts.setdefault(row.id, {"id": row.id, "awardID": row.award_id})

    def implementation(self, row: Contract) -> Json:
        found: Json = self.contract(row).setdefault("implementation", {})
        return found


def append(thing: Json, document: Json) -> None:
    thing.setdefault("documents", []).append(document)


def settled(tags: set[str]) -> list[str]:
    """In the order of a process; an update of what begins in the same release is no update."""
    kept = {
        tag
        for tag in tags
        if not (tag.endswith(("Update", "Amendment")) and tags & {tag.removesuffix("Update").removesuffix("Amendment")})
    }
    return sorted(kept, key=lambda tag: (next(n for n, stem in enumerate(TAG_ORDER) if tag.startswith(stem)), tag))


def award_tag(award: Award) -> str:
    if award.version == 1:
        return "award"
    return "awardCancellation" if award.status == "cancelled" else "awardUpdate"


def contract_tag(contract: Contract) -> str:
    if contract.version == 1:
        return "contract"
    return "contractTermination" if contract.status in ("terminated", "cancelled") else "contractAmendment"


def metric_tag(row: Observation, owner: Contract | Award) -> str:
    if row.stage == "actual":
        return "implementation"
    return "contractUpdate" if isinstance(owner, Contract) else "awardUpdate"


def rationale(package: Package, votes: int | None, points: int | None, reason: str) -> str:
    cast = f" of {package.ballots} ballots" if package.ballots is not None else ""
    given = [f"{number} {what}" for number, what in ((votes, "votes"), (points, "points")) if number is not None]
    return f"Voted by residents: {' and '.join(given)}{cast}. {reason}".strip() if given else reason


def party(id: str, found: Organisation | None, roles: set[str]) -> Json:
    if found is None:
        return {"id": id, "name": id, "roles": sorted(roles)}
    identifier = exact.filled(scheme=found.scheme, id=found.identifier)
    return exact.filled(
        id=id,
        name=found.name,
        roles=sorted(roles),
        identifier={**identifier, "legalName": found.name} if identifier else {},
        address=exact.filled(streetAddress=found.street_address, locality=found.locality, postalCode=found.postal_code),
        details=exact.filled(
            scale=found.scale,
            vcse=found.vcse,
            publicServiceMissionOrganization=found.public_service_mission_organization,
            shelteredWorkshop=found.sheltered_workshop,
        ),
    )


def period(start: date | None, end: date | None) -> Json:
    return exact.filled(startDate=start and exact.start_of(start), endDate=end and exact.end_of(end))


def amendments(row: Award | Contract) -> list[Json]:
    if row.version == 1:
        return []
    return [
        exact.filled(id=f"{row.id}-{row.version}", date=exact.moment_text(row.date_modified), rationale=row.amendment)
    ]


def milestone(_: Draft, row: Milestone) -> Json:
    return exact.filled(
        id=row.id,
        title=row.title,
        type=row.type,
        description=row.description,
        dueDate=row.due_date and exact.start_of(row.due_date),
        dateMet=row.date_met and exact.start_of(row.date_met),
        dateModified=exact.moment_text(row.date_modified),
        status=row.status,
    )


def transaction(draft: Draft, row: Transaction) -> Json:
    return exact.filled(
        id=row.id,
        date=exact.start_of(row.date),
        value=draft.value(row.value),
        payer=draft.party(row.payer, "payer"),
        payee=draft.party(row.payee, "payee"),
    )


def observed(
    metric: Metric, row: Observation, owner: Contract | Award, titles: Mapping[str, str]
) -> Callable[[Draft], None]:
    def write(draft: Draft) -> None:
        unit = exact.filled(name=metric.unit_name, scheme=metric.unit_scheme, id=metric.unit_id)
        observation = exact.filled(
            id=row.id,
            period=period(row.period_start, row.period_end),
            value=draft.value(row.value),
            measure=None if row.measure is None else exact.number(row.measure),
            unit=unit if row.measure is not None else {},
            dimensions=dict(row.dimensions),
            notes=row.notes,
            relatedImplementationMilestone=_related(row.milestone_id, titles),
        )
        metrics = _metrics(draft, row, owner)
        found = next((item for item in metrics if item["id"] == metric.id), None)
        if found is None:
            found = exact.filled(id=metric.id, title=metric.title, description=metric.description) | {
                "observations": []
            }
            metrics.append(found)
        found["observations"].append(observation)

    return write


def _related(milestone: str, titles: Mapping[str, str]) -> Json:
    return exact.filled(id=milestone, title=titles.get(milestone, "")) if milestone else {}


def _metrics(draft: Draft, row: Observation, owner: Contract | Award) -> list[Json]:
    if isinstance(owner, Award):
        where, name = draft.award(owner.id), "agreedMetrics"
    elif row.stage == "agreed":
        where, name = draft.contract(owner), "agreedMetrics"
    else:
        where, name = draft.implementation(owner), "metrics"
    found: list[Json] = where.setdefault(name, [])
    return found


def paper(row: Document) -> Json:
    return exact.filled(
        id=row.id,
        documentType=row.document_type,
        title=row.title,
        description=row.description,
        url=row.url,
        dateModified=exact.moment_text(row.date_modified),
        format=row.format,
        language=row.language,
        noticeType=row.notice_type,
    )
