"""Recording who is given what for a case, and the contracts under it."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from commissioning import rules
from commissioning.actions.awards import Party, record_award, record_contract
from commissioning.forms.awards import AwardForm, ContractForm
from commissioning.models import Award, Case, Contract
from commissioning.views.desk import own_case, signed_in
from commissioning.views.records import form_view, record_page
from participation.views.pages import posted

PARTY = ("name", "scheme", "number", "postcode", "is_vcse")
OWN = ("title", "description", "amount", "awarded_on", "starts_on", "ends_on", "kind", "status")
CONTRACT = ("description", "net", "gross", "status", "signed_on", "starts_on", "ends_on")


@form_view
def new_award(request: HttpRequest, pk: int) -> HttpResponse:
    case = own_case(request, pk)
    left = (case.amount or 0) - case.awards.total()
    start = {"kind": case.route, "amount": left if left > 0 else None, "title": case.title[:200]}
    return _award_page(request, case, None, start)


@form_view
def change_award(request: HttpRequest, pk: int) -> HttpResponse:
    award = Award.objects.current().filter(pk=pk).first()
    if award is None:
        raise Http404
    case = own_case(request, award.case_id)
    start: dict[str, Any] = {name: getattr(award, name) for name in OWN} | {"area": award.area_id}
    start |= {f"recipient_{name}": getattr(award.recipient, name) for name in PARTY}
    return _award_page(request, case, award, start | {"from_open_call": _yes_no(award.from_open_call)})


def _award_page(request: HttpRequest, case: Case, old: Award | None, start: dict[str, Any]) -> HttpResponse:
    form = AwardForm(case, posted(request), initial=start, changes=old is not None)

    def act(data: dict[str, Any]) -> None:
        party = {name: data.pop(f"recipient_{name}") for name in PARTY}
        area = data.pop("area")
        record_award(
            by=signed_in(request), case_id=case.pk, now=timezone.now(), recipient=Party(**party),
            area_id=area.pk if area else None, replaces_id=old.pk if old else None, **data,
        )  # fmt: skip

    heading = _("Change the award") if old else _("Record an award")
    return record_page(request, case, form, act, heading=heading, button=heading, part="awards")


def _yes_no(value: bool) -> str:
    return "yes" if value else "no"


@form_view
def new_contract(request: HttpRequest, pk: int) -> HttpResponse:
    """Under the award `pk`."""
    award = Award.objects.current().filter(pk=pk).first()
    if award is None or award.kind not in rules.WITH_CONTRACT:
        raise Http404
    return _contract_page(request, own_case(request, award.case_id), award.first_id, None, {})


@form_view
def change_contract(request: HttpRequest, pk: int) -> HttpResponse:
    contract = Contract.objects.current().select_related("award").filter(pk=pk).first()
    if contract is None:
        raise Http404
    case = own_case(request, contract.award.case_id)
    start = {name: getattr(contract, name) for name in CONTRACT}
    start["above_threshold"] = _yes_no(contract.above_threshold)
    return _contract_page(request, case, contract.award_id, contract, start)


def _contract_page(
    request: HttpRequest, case: Case, award_id: int, old: Contract | None, start: dict[str, Any]
) -> HttpResponse:
    form = ContractForm(posted(request), initial=start, changes=old is not None)

    def act(data: dict[str, Any]) -> None:
        record_contract(
            by=signed_in(request), case_id=case.pk, award_id=award_id, now=timezone.now(),
            replaces_id=old.pk if old else None, **data,
        )  # fmt: skip

    heading = _("Change the contract") if old else _("Record a contract")
    return record_page(request, case, form, act, heading=heading, button=heading, part="awards")
