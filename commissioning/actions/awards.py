"""Awards and the contracts under them. A change is a further row (`actions.versions`)."""

from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db import transaction

from budgets.tally.explain import money
from commissioning import rules
from commissioning.actions.bodies import save_organisation
from commissioning.actions.cases import lock_case
from commissioning.actions.versions import in_order, next_version, not_ahead, tell
from commissioning.models import Award, Case, Contract, Organisation, Payment
from commissioning.permissions import may_record
from participation.accounts.models import User
from participation.models import Place
from participation.refusals import Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """An organisation as somebody types it."""

    name: str
    scheme: str = ""
    number: str = ""
    postcode: str = ""
    is_vcse: bool = False


@transaction.atomic
def record_award(
    *, by: User, case_id: int, now: datetime, kind: str, title: str, description: str, amount: int, awarded_on: date,
    recipient: Party, from_open_call: bool, starts_on: date | None = None, ends_on: date | None = None,
    area_id: int | None = None, status: str = Award.Status.ACTIVE, replaces_id: int | None = None, change: str = "",
) -> Award:  # fmt: skip
    """Record an award of the case, or with `replaces_id` a change to one; the funder is the case's body.

    Refuses not_allowed, not_yet, over_accepted (all awards against the amount accepted, naming the difference),
    below_spent, dates_order, day_ahead, bad_number, area_elsewhere, reason_needed, wrong_state.
    """
    case = lock_case(case_id)
    if refused := may_record(by, case):
        raise refused
    in_order(starts_on, ends_on)
    not_ahead(awarded_on, now, "awarded_on")
    old = case.awards.select_related("recipient").get(pk=replaces_id) if replaces_id else None
    _fits(case, old, amount if status == Award.Status.ACTIVE else 0)
    award = next_version(
        Award, old, change=change, by=by, now=now, case=case, kind=kind, status=status, title=title.strip(),
        description=description.strip(), amount=amount, awarded_on=awarded_on, recipient=_organisation(old, recipient),
        funder=case.body.organisation, starts_on=starts_on, ends_on=ends_on, from_open_call=from_open_call,
        area=_area(case, area_id),
    )  # fmt: skip
    tell(case, by=by, action="award.changed" if old else "award.made", now=now, award=award.first_id, amount=amount)
    return award


def _fits(case: Case, old: Award | None, standing: int) -> None:
    """The awards stay within what was accepted, and this one covers what hangs on it."""
    over = case.awards.total() - (old.standing if old else 0) + standing - (case.amount or 0)
    if over > 0:
        raise Refused("over_accepted", field="amount", over=money(over, case.round.currency))
    if old is None:
        return
    spent = max(Contract.objects.filter(award=old.first_id).total(), Payment.objects.filter(award=old.first_id).total())
    short = spent - standing
    if short > 0:
        raise Refused("below_spent", field="amount", over=money(short, case.round.currency))


def _organisation(old: Award | None, party: Party) -> Organisation:
    """One without a number is known by nothing but its name: a change to its award must not make a second one of it."""
    if old and not party.number and not old.recipient.number and old.recipient.name == party.name.strip():
        return old.recipient
    return save_organisation(**asdict(party))


def _area(case: Case, area_id: int | None) -> Place | None:
    if area_id is None:
        return None
    area = Place.objects.within(case.round.place).filter(pk=area_id).first()
    if area is None:
        raise Refused("area_elsewhere", field="area", area=f"#{area_id}", place=case.round.place.name)
    return area


def standing_award(case: Case, award_id: int) -> Award:
    """The current version of an award of this case, by the id of any of its versions. Refuses called_off."""
    first = case.awards.get(pk=award_id).first_id
    award: Award = case.awards.current().select_related("recipient", "funder").known_as(first).get()
    if not award.standing:
        raise Refused("called_off")
    return award


@transaction.atomic
def record_contract(
    *, by: User, case_id: int, award_id: int, now: datetime, status: str, description: str, net: int,
    above_threshold: bool, gross: int | None = None, signed_on: date | None = None, starts_on: date | None = None,
    ends_on: date | None = None, replaces_id: int | None = None, change: str = "",
) -> Contract:  # fmt: skip
    """Record a contract under an award, or with `replaces_id` a change to one.

    Refuses as `record_award` does; also called_off, grant_has_no_contract, over_award, vat_below, fact_missing.
    """
    case = lock_case(case_id)
    if refused := may_record(by, case):
        raise refused
    award = standing_award(case, award_id)
    if award.kind not in rules.WITH_CONTRACT:
        raise Refused("grant_has_no_contract")
    in_order(starts_on, ends_on)
    not_ahead(signed_on, now, "signed_on")
    _signed(status, signed_on)
    if gross is not None and gross < net:
        raise Refused("vat_below", field="gross")
    old = Contract.objects.get(pk=replaces_id, award=award.first_id) if replaces_id else None
    others = Contract.objects.filter(award=award.first_id).total() - (old.standing if old else 0)
    over = others + (0 if status == Contract.Status.CANCELLED else net) - award.amount
    if over > 0:
        raise Refused("over_award", field="net", over=money(over, case.round.currency))
    contract = next_version(
        Contract, old, change=change, by=by, now=now, award_id=award.first_id, status=status, net=net, gross=gross,
        description=description.strip(), above_threshold=above_threshold, signed_on=signed_on, starts_on=starts_on,
        ends_on=ends_on,
    )  # fmt: skip
    tell(
        case, by=by, action="contract.changed" if old else "contract.made", now=now, contract=contract.first_id, net=net
    )
    return contract


def _signed(status: str, signed_on: date | None) -> None:
    if status in {Contract.Status.ACTIVE, Contract.Status.TERMINATED} and signed_on is None:
        raise Refused("fact_missing", field="signed_on")
