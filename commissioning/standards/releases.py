"""Contracts as OCDS 1.1.5 releases, with the United Kingdom and metrics extensions.

A project that is contracted is one contracting process. It has one release for each moment at which something was
recorded, with what was recorded then and nothing else; so a release, once published, never changes (but for the names
and addresses of its parties), and a new version of an award or contract is a further release tagged `awardUpdate`,
`contractAmendment`, `contractTermination` … The vote is a planning milestone of type `engagement`, and
`planning.budget.projectID` is the project. Grants are not contracting processes and are only in the 360Giving files.

Sources: standard.open-contracting.org/1.1 (releases and records, merging, release tags); cabinetoffice/ocds_uk_extension;
open-contracting-extensions/ocds_metrics_extension.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import groupby
from typing import TextIO

from commissioning.standards import exact
from commissioning.standards.outcome import Project
from commissioning.standards.records import (
    Award,
    Case,
    Contract,
    Document,
    Metric,
    Milestone,
    Organisation,
    Package,
    Transaction,
)
from commissioning.standards.release_parts import (
    Draft,
    Json,
    amendments,
    append,
    award_tag,
    contract_tag,
    metric_tag,
    milestone,
    observed,
    paper,
    party,
    period,
    rationale,
    settled,
    transaction,
)  # fmt: skip

VERSION = "1.1"
EXTENSIONS = (
    "https://raw.githubusercontent.com/cabinetoffice/ocds_uk_extension/main/extension.json",
    "https://raw.githubusercontent.com/open-contracting-extensions/ocds_metrics_extension/master/extension.json",
)
VOTE = "vote"
DECISION = "decision"


def contracted(project: Project) -> bool:
    """Whether it is, or is to be, a contracting process."""
    return any(row.route == "contract" for rows in (project.cases, project.awards) for row in rows)


@dataclass(frozen=True, slots=True)
class Event:
    """Something recorded at `moment`; `write` puts it into that moment's release."""

    moment: datetime
    tag: str
    write: Callable[[Draft], None]


class Process:
    """The releases of one project. What refers to an award or contract that is none of its own is left out; what was
    recorded before that is shown with it."""

    def __init__(self, package: Package, organisations: Mapping[str, Organisation], project: Project) -> None:
        self.package, self.organisations, self.project = package, organisations, project
        self.ocid = f"{package.ocid_prefix}-{project.decision.project_id}"
        self.awards = {row.id: row for row in reversed(project.awards) if row.route == "contract"}  # first versions
        self.contracts = {row.id: row for row in reversed(project.contracts) if row.award_id in self.awards}
        self.case = project.cases[-1] if project.cases else None

    def releases(self) -> Iterator[Json]:
        events = sorted(self._events(), key=lambda event: event.moment)
        implemented = False
        for moment, group in groupby(events, key=lambda event: event.moment):
            together = list(group)
            draft = Draft(self.package.currency, self.organisations)
            for event in together:
                event.write(draft)
            tags = {event.tag for event in together}
            if "implementation" in tags and implemented:
                tags = tags - {"implementation"} | {"implementationUpdate"}
            implemented = implemented or "implementation" in tags
            yield self._release(moment, settled(tags), draft)

    def _release(self, moment: datetime, tags: list[str], draft: Draft) -> Json:
        buyer = draft.party(self._buyer(), "buyer", "procuringEntity")
        stamp = moment.astimezone(UTC).strftime("%Y%m%dT%H%M%S%fZ")
        return {
            "ocid": self.ocid,
            "id": f"{self.ocid}-{stamp}",
            "date": exact.moment_text(moment),
            "tag": tags,
            "initiationType": "tender",
            "language": "en",
            "parties": [party(id, self.organisations.get(id), draft.roles[id]) for id in sorted(draft.roles)],
            "buyer": buyer,
            **exact.filled(
                planning=draft.planning,
                tender=draft.tender,
                awards=list(draft.awards.values()),
                contracts=list(draft.contracts.values()),
            ),
        }

    def _buyer(self) -> str:
        return (self.case and self.case.commissioner) or self.package.publisher

    # ── What was recorded ───────────────────────────────────────────────────
    def _events(self) -> Iterator[Event]:
        project = self.project
        yield Event(self._decided(), "planning", self._planning)
        if self.case:
            yield Event(max(self.case.date_modified, self._decided()), "planningUpdate", self._decision(self.case))
        for award in project.awards:
            if award.id in self.awards:
                yield Event(award.date_modified, award_tag(award), self._award(award))
        for contract in project.contracts:
            if contract.id in self.contracts:
                yield Event(contract.date_modified, contract_tag(contract), self._contract(contract))
        yield from self._delivery()
        yield from self._measured()
        for document in project.documents:
            yield from self._document(document)

    def _delivery(self) -> Iterator[Event]:
        written: tuple[tuple[str, Callable[..., Json], Sequence[Milestone | Transaction]], ...] = (
            ("milestones", milestone, self.project.milestones),
            ("transactions", transaction, self.project.transactions),
        )
        for kind, write, rows in written:
            for row in rows:
                contract = self.contracts.get(row.contract_id)
                if contract is not None:
                    yield self._event(row.date_modified, contract, kind, partial(write, row=row))

    def _event(self, moment: datetime, contract: Contract, kind: str, written: Callable[[Draft], Json]) -> Event:
        def write(draft: Draft) -> None:
            draft.implementation(contract).setdefault(kind, []).append(written(draft))

        return Event(max(moment, contract.date_modified), "implementation", write)

    def _measured(self) -> Iterator[Event]:
        metrics = {row.id: row for row in self.project.metrics}
        titles = {row.id: row.title for row in self.project.milestones}
        for row in self.project.observations:
            metric = metrics.get(row.metric_id)
            owner = self._owner(metric) if metric else None
            if metric and owner and (row.stage == "agreed" or isinstance(owner, Contract)):
                moment = max(row.date_modified, owner.date_modified)
                yield Event(moment, metric_tag(row, owner), observed(metric, row, owner, titles))

    def _owner(self, metric: Metric) -> Contract | Award | None:
        return self.contracts.get(metric.contract_id) or self.awards.get(metric.award_id)

    def _decided(self) -> datetime:
        package = self.package
        closed = package.voting_closed
        return package.certified_at or (
            datetime(closed.year, closed.month, closed.day, tzinfo=UTC) if closed else package.issued
        )

    def _planning(self, draft: Draft) -> None:
        package, decision = self.package, self.project.decision
        closed = package.voting_closed
        met = exact.start_of(closed) if closed else exact.moment_text(self._decided())
        draft.planning |= exact.filled(
            rationale=rationale(package, decision.votes, decision.points, decision.reason),
            budget=exact.filled(
                id=package.identifier,
                description=decision.pot_title,
                amount=draft.value(decision.cost),
                project=decision.title,
                projectID=decision.project_id,
                uri=decision.url,
            ),
        )
        milestone = {"id": VOTE, "title": "Residents’ vote", "type": "engagement", "status": "met", "dateMet": met}
        draft.planning.setdefault("milestones", []).append(milestone)

    def _decision(self, case: Case) -> Callable[[Draft], None]:
        def write(draft: Draft) -> None:
            if case.budget_line:
                draft.planning.setdefault("budget", {})["id"] = case.budget_line
            replied = case.replied_on
            milestone = exact.filled(
                id=DECISION,
                title="Decision of the commissioner",
                type="approval",
                description=case.reason or case.reply,
                dueDate=case.reply_due and exact.start_of(case.reply_due),
                status="met" if replied else "scheduled",
                dateMet=replied and exact.start_of(replied),
                dateModified=exact.moment_text(case.date_modified),
            )
            draft.planning.setdefault("milestones", []).append(milestone)

        return write

    def _award(self, award: Award) -> Callable[[Draft], None]:
        def write(draft: Draft) -> None:
            supplier = award.recipient_organization
            if award.funding_organization:
                draft.party(award.funding_organization, "funder")
            draft.award(award.id).update(
                exact.filled(
                    title=award.title,
                    description=award.description,
                    status=award.status,
                    date=award.award_date and exact.start_of(award.award_date),
                    value=draft.value(award.amount_awarded, award.amount_gross),
                    suppliers=[draft.party(supplier, "supplier")] if supplier else [],
                    contractPeriod=period(award.planned_start, award.planned_end),
                    aboveThreshold=award.above_threshold,
                    mainProcurementCategory=award.main_procurement_category,
                    amendments=amendments(award),
                )
            )
            if award.procurement_method:
                draft.tender = exact.filled(
                    id=f"{self.ocid}-tender",
                    title=award.title,
                    procurementMethod=award.procurement_method,
                    procurementMethodRationale=award.procurement_method_rationale,
                )

        return write

    def _contract(self, contract: Contract) -> Callable[[Draft], None]:
        def write(draft: Draft) -> None:
            runs = period(contract.period_start, contract.period_end) | exact.filled(
                maxExtentDate=contract.period_max_extent and exact.end_of(contract.period_max_extent)
            )
            draft.contract(contract).update(
                exact.filled(
                    title=contract.title,
                    description=contract.description,
                    status=contract.status,
                    period=runs,
                    value=draft.value(contract.value, contract.value_gross),
                    dateSigned=contract.date_signed and exact.start_of(contract.date_signed),
                    aboveThreshold=contract.above_threshold,
                    noAgreedMetricsRationale=contract.no_agreed_metrics_rationale,
                    amendments=amendments(contract),
                )
            )

        return write

    def _document(self, row: Document) -> Iterator[Event]:
        contract, award = self.contracts.get(row.contract_id), self.awards.get(row.award_id)
        written = paper(row)
        if contract is not None and row.milestone_id:
            yield self._event(row.date_modified, contract, "documents", lambda _: written)
        elif contract is not None:
            moment = max(row.date_modified, contract.date_modified)
            yield Event(moment, "contractUpdate", lambda draft: append(draft.contract(contract), written))
        elif award is not None:
            moment = max(row.date_modified, award.date_modified)
            yield Event(moment, "awardUpdate", lambda draft: append(draft.award(award.id), written))
        elif not (row.contract_id or row.award_id or row.milestone_id):
            moment = max(row.date_modified, self._decided())
            yield Event(moment, "planningUpdate", lambda draft: append(draft.planning, written))


class ReleasesJson:
    """Writes the release package, one release on each line."""

    def __init__(self, file: TextIO, package: Package, organisations: Mapping[str, Organisation]) -> None:
        self.file, self.package, self.organisations, self.count = file, package, organisations, 0
        publisher = organisations.get(package.publisher)
        head = {
            "uri": package.uri,
            "version": VERSION,
            "extensions": list(EXTENSIONS),
            "publishedDate": exact.moment_text(package.issued),
            "publisher": exact.filled(
                name=publisher.name if publisher else package.publisher,
                scheme=publisher.scheme if publisher else "",
                uid=publisher.identifier if publisher else "",
            ),
            "license": package.license,
        }
        file.write(exact.dumps(head)[:-1] + ',\n"releases":[')

    def add(self, project: Project) -> None:
        if not contracted(project):
            return
        for release in Process(self.package, self.organisations, project).releases():
            self.file.write(f"{',' if self.count else ''}\n{exact.dumps(release)}")
            self.count += 1

    def end(self) -> None:
        self.file.write("\n]}\n")
