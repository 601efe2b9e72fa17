"""The receipt as a file to keep."""

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from budgets.actions.ballots import ballot_of
from budgets.views.ballots import no_receipt
from budgets.views.common import find_round
from participation.refusals import Refused


@cache_control(no_store=True, private=True)
@require_safe
def receipt_file(request: HttpRequest, slug: str) -> HttpResponse:
    """The code and how to check it, as plain text: every device opens it, now and in twenty years.

    It holds no name, no time and no choices, as the printed ticket: paper and files are found by others.
    """
    round = find_round(request, slug)
    if not request.user.is_authenticated:
        raise Refused("sign_in")
    ballot = ballot_of(request.user, round)
    if ballot is None:
        return no_receipt(request, round)
    address = request.build_absolute_uri(reverse("budgets:board", args=[slug]))
    text = render_to_string("budgets/ballots/receipt.txt", {"round": round, "ballot": ballot, "address": address})
    response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="receipt-{round.slug}.txt"'
    return response
