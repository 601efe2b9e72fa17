"""Whether the grants of a 360Giving package or CSV, ours or another's, can be right: what the schema does not see."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from commissioning.standards import codes
from commissioning.standards.check_records import company_number_fault
from commissioning.standards.findings import Finding
from commissioning.standards.grants import PATHS
from commissioning.standards.shapes import Misshapen, Shape, read

Json = Mapping[str, Any]
AMOUNTS = ("amountAppliedFor", "amountAwarded", "amountDisbursed")
CODELISTS = {
    "fromOpenCall": ("Yes", "No"),
    "locationScope": codes.LOCATION_SCOPES,
    "regrantType": codes.REGRANT_TYPES,
    "currency": codes.CURRENCIES,
}
DATES = ("startDate", "endDate", "transactionDate")
NUMBERS = {"amountAppliedFor", "amountAwarded", "amountDisbursed", "duration", "latitude", "longitude"}


class GrantChecks:
    """Takes the grants one by one; holds their ids."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.ids: set[str] = set()

    def add(self, row: int, grant: Any) -> Iterator[Finding]:
        """`row`: its line in the file. A grant of a CSV is first made one with `untitled`."""
        if not isinstance(grant, Mapping):
            yield Finding("value_wrong", self.file, row, "", "grants")
            return
        id = str(grant.get("id", ""))
        for code, path, detail in self._faults(id, grant):
            yield Finding(code, self.file, row, id, path, detail)
        self.ids.add(id)

    def _faults(self, id: str, grant: Json) -> Iterator[tuple[str, str, str]]:
        if not codes.GRANT_ID.fullmatch(id):
            yield "grant_id_wrong", "id", id
        if id in self.ids:
            yield "id_repeated", "id", id
        for name in ("title", "description"):
            if not grant.get(name):
                yield "text_missing", name, ""
        for check in (_codes, _money, _recipients, _bodies, _places, _dates):
            yield from check(grant)


def _codes(grant: Json) -> Iterator[tuple[str, str, str]]:
    for name, allowed in CODELISTS.items():
        value = grant.get(name)
        if value is not None and value not in allowed:
            yield "currency_unknown" if name == "currency" else "code_unknown", name, str(value)


def _money(grant: Json) -> Iterator[tuple[str, str, str]]:
    if grant.get("amountAwarded") is None:
        yield "value_missing", "amountAwarded", ""
    for name in AMOUNTS:
        amount = grant.get(name)
        if amount is None:
            continue
        if isinstance(amount, bool) or not isinstance(amount, int | float | Decimal):
            yield "amount_no_number", name, str(amount)[:40]
        elif amount < 0:
            yield "amount_negative", name, str(amount)
    paid = _objects(grant.get("disbursementTransaction"))
    for number, payment in enumerate(paid):
        when, awarded = _day(payment.get("transactionDate")), _day(grant.get("awardDate"))
        if when and awarded and when < awarded:
            yield "payment_before_award", f"disbursementTransaction/{number}", str(payment.get("transactionDate"))


def _recipients(grant: Json) -> Iterator[tuple[str, str, str]]:
    bodies, person = _objects(grant.get("recipientOrganization")), grant.get("recipientIndividual")
    many = len(bodies) + (1 if person else 0)
    if many == 0:
        yield "recipient_missing", "recipientOrganization", ""
    elif many > 1:
        yield "recipient_twice", "recipientOrganization", str(many)


def _bodies(grant: Json) -> Iterator[tuple[str, str, str]]:
    if not _objects(grant.get("fundingOrganization")):
        yield "funder_missing", "fundingOrganization", ""
    for name in ("fundingOrganization", "recipientOrganization"):
        for body in _objects(grant.get(name)):
            yield from _body(body, name)


def _body(body: Json, name: str) -> Iterator[tuple[str, str, str]]:
    id = str(body.get("id", ""))
    for field in ("id", "name"):
        if not body.get(field):
            yield "text_missing", f"{name}/{field}", ""
    company = id.removeprefix("GB-COH-") if id.startswith("GB-COH-") else ""
    for field, number in (("id", company), ("companyNumber", str(body.get("companyNumber") or ""))):
        if fault := company_number_fault(number):
            yield fault, f"{name}/{field}", number
    for scheme, shape in codes.CHARITY_NUMBERS.items():
        if id.startswith(f"{scheme}-") and not shape.fullmatch(id.removeprefix(f"{scheme}-")):
            yield "charity_number_wrong", f"{name}/id", id
    charity = str(body.get("charityNumber") or "")
    if charity and not codes.charity_number(charity):
        yield "charity_number_wrong", f"{name}/charityNumber", charity


def _places(grant: Json) -> Iterator[tuple[str, str, str]]:
    for place in _objects(grant.get("beneficiaryLocation")):
        code, kind = place.get("geoCode"), place.get("geoCodeType")
        if code and not codes.GSS_CODE.fullmatch(str(code)):
            yield "geo_code_wrong", "beneficiaryLocation/geoCode", str(code)
        if kind and kind not in codes.GEO_CODE_TYPES:
            yield "code_unknown", "beneficiaryLocation/geoCodeType", str(kind)


def _dates(grant: Json) -> Iterator[tuple[str, str, str]]:
    if not grant.get("awardDate"):
        yield "date_missing", "awardDate", ""
    dated = [("awardDate", grant), ("dateModified", grant)]
    for name in ("plannedDates", "actualDates", "disbursementTransaction"):
        dated += [(field, thing) for thing in _objects(grant.get(name)) for field in DATES]
    for field, thing in dated:
        if thing.get(field) and _day(thing[field]) is None:
            yield "date_no_date", field, str(thing[field])[:40]
    for event in [*_objects(grant.get("plannedDates")), *_objects(grant.get("actualDates"))]:
        start, end = _day(event.get("startDate")), _day(event.get("endDate"))
        if start and end and end < start:
            yield "period_backwards", "endDate", str(event["endDate"])


def _objects(value: Any) -> list[Json]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _day(value: Any) -> date | None:
    """A date, a moment, or as 360Giving also allows a year or a month, of which the first day counts."""
    if not isinstance(value, str):
        return None
    text = {4: f"{value}-01-01", 7: f"{value}-01"}.get(len(value), value)
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        return None


def untitled(cells: Mapping[str, str]) -> dict[str, Any]:
    """A grant as JSON has it, from the cells of a CSV by the standard's titles. What is no number stays a text."""
    grant: dict[str, Any] = {}
    for title, text in cells.items():
        path = PATHS.get(title)
        if path is None or not text.strip():
            continue
        outer, _, inner = path.partition("/")
        value = _number(text) if (inner or outer) in NUMBERS else text.strip().removeprefix("'")
        if not inner:
            grant[outer] = value
        elif outer == "recipientIndividual":
            grant.setdefault(outer, {})[inner] = value
        else:
            grant.setdefault(outer, [{}])[0][inner] = value
    return grant


def _number(text: str) -> Any:
    try:
        return read(Shape("amount", "amount", "Amount", "number", False, None), text, strict=False)
    except Misshapen:
        return text
