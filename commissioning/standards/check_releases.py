"""Whether the releases of an OCDS package, ours or another's, agree with one another: what its schema does not see."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

from commissioning.standards import codes
from commissioning.standards.findings import Finding

Json = Mapping[str, Any]
PHASES = ("planning", "tender", "award", "contract", "implementation")
MOMENTS = {
    *("date", "dateMet", "dueDate", "dateModified", "dateSigned", "datePublished", "startDate", "endDate"),
    *("maxExtentDate", "publishedDate", "finalStatusDate"),
}
CLOSED = {
    "awards": codes.AWARD_STATUSES,
    "contracts": codes.CONTRACT_STATUSES,
    "milestones": codes.MILESTONE_STATUSES,
}
# Where a release names an organisation, and the role that it then has.
REFERENCES = {
    "suppliers": "supplier",
    "tenderers": "tenderer",
    "payer": "payer",
    "payee": "payee",
    "buyer": "buyer",
} | {"procuringEntity": "procuringEntity"}


@dataclass(slots=True)
class _Process:
    """What is known of one ocid so far: ids, and the last value of each award and contract."""

    releases: set[str] = field(default_factory=set)
    began: dict[str, datetime] = field(default_factory=dict)
    awards: dict[str, dict[str, Any]] = field(default_factory=dict)
    contracts: dict[str, dict[str, Any]] = field(default_factory=dict)
    milestones: set[str] = field(default_factory=set)
    paid: list[tuple[int, str, str, datetime]] = field(default_factory=list)  # row, id, contract, when
    related: list[tuple[int, str]] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)  # contract -> where it was last
    named: dict[tuple[str, str], int] = field(default_factory=dict)  # contract and award -> where that was first said
    signed: dict[tuple[str, str], int] = field(default_factory=dict)  # contract and day -> where that was first said


class ReleaseChecks:
    """Takes releases in any order; what they say together is checked at the end. Holds ids and values, not releases."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.processes: dict[str, _Process] = {}

    def add(self, row: int, release: Any) -> Iterator[Finding]:
        """`row`: its line in the file."""
        if not isinstance(release, Mapping):
            yield Finding("value_wrong", self.file, row, "", "releases")
            return
        ocid, id = str(release.get("ocid", "")), str(release.get("id", ""))
        process = self.processes.setdefault(ocid, _Process())
        if not codes.OCID.fullmatch(ocid):
            yield Finding("ocid_wrong", self.file, row, id, "ocid", ocid)
        if id in process.releases:
            yield Finding("id_repeated", self.file, row, id, "id", ocid)
        process.releases.add(id)
        for code, path, detail in [
            *_tags(release, process),
            *_references(release),
            *_values(release, ""),
        ]:
            yield Finding(code, self.file, row, id, path, detail)
        _remember(row, release, process)

    def end(self) -> Iterator[Finding]:
        for ocid, process in self.processes.items():
            for code, row, path, detail in [
                *_order(process),
                *_together(process),
                *_sums(process),
                *_paid(process),
            ]:
                yield Finding(code, self.file, row, ocid, path, detail)


# ── One release ─────────────────────────────────────────────────────────────
def _tags(release: Json, process: _Process) -> Iterator[tuple[str, str, str]]:
    moment = _moment(release.get("date"))
    for tag in _texts(release.get("tag")):
        if tag not in codes.RELEASE_TAGS:
            yield "code_unknown", "tag", tag
        if tag in PHASES and moment:
            process.began[tag] = min(moment, process.began.get(tag, moment))
        first = next((phase for phase in PHASES if tag.startswith(phase) and tag != phase), None)
        if first and first not in process.began and first not in _texts(release.get("tag")):
            yield "update_without_first", "tag", tag


def _references(release: Json) -> Iterator[tuple[str, str, str]]:
    parties = {str(party.get("id")): _texts(party.get("roles")) for party in _objects(release.get("parties"))}
    for path, name, reference in _named(release, ""):
        id = str(reference.get("id", ""))
        if id not in parties:
            yield "party_unknown", path, id
        elif REFERENCES[name] not in parties[id]:
            yield "role_missing", path, f"{id}: {REFERENCES[name]}"


def _named(thing: Any, path: str) -> Iterator[tuple[str, str, Json]]:
    for key, value in thing.items() if isinstance(thing, Mapping) else ():
        here = f"{path}/{key}"
        for number, item in enumerate(_objects(value)):
            at = f"{here}/{number}" if isinstance(value, list) else here
            if key in REFERENCES:
                yield at, key, item
            elif key != "parties":
                yield from _named(item, at)


def _values(thing: Json, path: str, kind: str = "") -> Iterator[tuple[str, str, str]]:
    """Everything that can be wrong with one object alone, and with those within it."""
    status = thing.get("status")
    if kind in CLOSED and status is not None and status not in CLOSED[kind]:
        yield "code_unknown", f"{path}/status", str(status)
    if kind == "milestones":
        yield from _met(thing, path)
    if kind == "observations":
        yield from _observation(thing, path)
    if "amount" in thing or "amountGross" in thing:
        yield from _amounts(thing, path)
    yield from _dates(thing, path)
    for key, value in thing.items():
        for number, item in enumerate(_objects(value)):
            at = f"{path}/{key}/{number}" if isinstance(value, list) else f"{path}/{key}"
            yield from _values(item, at, key)


def _dates(thing: Json, path: str) -> Iterator[tuple[str, str, str]]:
    for key in MOMENTS & thing.keys():
        if thing[key] is not None and _moment(thing[key]) is None:
            yield "date_no_date", f"{path}/{key}", str(thing[key])[:40]
    start, end = _moment(thing.get("startDate")), _moment(thing.get("endDate"))
    if start and end and end < start:
        yield "period_backwards", f"{path}/endDate", str(thing["endDate"])


def _met(milestone: Json, path: str) -> Iterator[tuple[str, str, str]]:
    if milestone.get("status") == "met" and not milestone.get("dateMet"):
        yield "met_without_date", f"{path}/dateMet", str(milestone.get("id", ""))
    if milestone.get("dateMet") and milestone.get("status") not in ("met", None):
        yield "date_without_met", f"{path}/dateMet", str(milestone.get("id", ""))
    kind = milestone.get("type")
    if kind is not None and kind not in codes.MILESTONE_TYPES:
        yield "code_unknown", f"{path}/type", str(kind)


def _observation(observation: Json, path: str) -> Iterator[tuple[str, str, str]]:
    dimensions = observation.get("dimensions")
    for name, value in dimensions.items() if isinstance(dimensions, Mapping) else ():
        if not isinstance(value, str):
            yield "dimension_no_text", f"{path}/dimensions/{name}", str(value)[:40]
    if (observation.get("value") is None) == (observation.get("measure") is None):
        yield "value_and_measure", path, str(observation.get("id", ""))


def _amounts(value: Json, path: str) -> Iterator[tuple[str, str, str]]:
    for key in ("amount", "amountGross"):
        amount = value.get(key)
        # A budget's `amount` is itself a value.
        if amount is not None and not isinstance(amount, Mapping) and not _is_number(amount):
            yield "amount_no_number", f"{path}/{key}", str(amount)[:40]
    net, gross = value.get("amount"), value.get("amountGross")
    if _is_number(net) and _is_number(gross) and gross < net:  # type: ignore[operator]
        yield "gross_below_net", f"{path}/amountGross", str(gross)
    currency = value.get("currency")
    if currency is not None and currency not in codes.CURRENCIES:
        yield "currency_unknown", f"{path}/currency", str(currency)


# ── Releases together ───────────────────────────────────────────────────────
def _remember(row: int, release: Json, process: _Process) -> None:
    for award in _objects(release.get("awards")):
        process.awards.setdefault(str(award.get("id", "")), {}).update(_kept(award, "value", "date", "status"))
    for contract in _objects(release.get("contracts")):
        id = str(contract.get("id", ""))
        process.rows[id] = row
        process.named.setdefault((id, str(contract.get("awardID", ""))), row)
        process.signed.setdefault((id, str(contract.get("dateSigned", ""))), row)
        process.contracts.setdefault(id, {}).update(_kept(contract, "awardID", "value", "status"))
        implementation = contract.get("implementation")
        within = implementation if isinstance(implementation, Mapping) else {}
        process.milestones |= {
            str(milestone.get("id"))
            for milestone in [*_objects(contract.get("milestones")), *_objects(within.get("milestones"))]
        }
        for payment in _objects(within.get("transactions")):
            when = _moment(payment.get("date"))
            if when:
                process.paid.append((row, str(payment.get("id", "")), id, when))
        for metric in [*_objects(contract.get("agreedMetrics")), *_objects(within.get("metrics"))]:
            for observation in _objects(metric.get("observations")):
                for milestone in _objects(observation.get("relatedImplementationMilestone")):
                    process.related.append((row, str(milestone.get("id", ""))))


def _kept(thing: Json, *names: str) -> dict[str, Any]:
    return {name: thing[name] for name in names if thing.get(name) is not None}


def _order(process: _Process) -> Iterator[tuple[str, int | None, str, str]]:
    began = [(phase, process.began[phase]) for phase in PHASES if phase in process.began]
    for (before, first), (phase, then) in pairwise(began):
        if then < first:
            yield "dates_backwards", None, "date", f"{phase} before {before}"


def _together(process: _Process) -> Iterator[tuple[str, int | None, str, str]]:
    for (id, award_id), row in process.named.items():
        if award_id not in process.awards:
            yield "award_unknown", row, f"contracts/{id}/awardID", award_id
    for (id, day), row in process.signed.items():
        signed, given = _moment(day), _moment(_award_of(process, id).get("date"))
        if signed and given and signed < given:
            yield "contract_before_award", row, f"contracts/{id}/dateSigned", day
    for row, milestone in process.related:
        if milestone not in process.milestones:
            yield "milestone_unknown", row, "relatedImplementationMilestone", milestone


def _award_of(process: _Process, contract: str) -> Json:
    return process.awards.get(str(process.contracts[contract].get("awardID", "")), {})


def _sums(process: _Process) -> Iterator[tuple[str, int | None, str, str]]:
    """The last value of each contract in force against the last value of its award."""
    sums: dict[str, Decimal] = {}
    for id, contract in process.contracts.items():
        award_id = str(contract.get("awardID", ""))
        value, awarded = _value(contract), _value(_award_of(process, id))
        if value is None or awarded is None or contract.get("status") == "cancelled":
            continue
        sums[award_id] = sums.get(award_id, Decimal(0)) + value[0]
        if value[1] != awarded[1]:
            yield "currency_mixed", process.rows[id], f"contracts/{id}/value", str(value[1])
        elif sums[award_id] > awarded[0]:
            yield "contracts_exceed_award", process.rows[id], f"contracts/{id}/value", str(sums[award_id])


def _paid(process: _Process) -> Iterator[tuple[str, int | None, str, str]]:
    for row, id, contract, when in process.paid:
        given = _moment(_award_of(process, contract).get("date"))
        if given and when < given:
            yield "payment_before_award", row, f"contracts/{contract}/implementation/transactions", id


# ── Reading what may be anything ────────────────────────────────────────────
def _objects(value: Any) -> Iterable[Json]:
    """The objects of a list, or the object that it is."""
    if isinstance(value, Mapping):
        return [value]
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _texts(value: Any) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _value(thing: Json) -> tuple[Decimal, Any] | None:
    value = thing.get("value")
    if not isinstance(value, Mapping) or not _is_number(value.get("amount")):
        return None
    return Decimal(str(value["amount"])), value.get("currency")


def _moment(value: Any) -> datetime | None:
    """An OCDS date is a date, a time and a zone (RFC 3339)."""
    if not isinstance(value, str) or "T" not in value:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
