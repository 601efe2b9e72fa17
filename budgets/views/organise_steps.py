"""The steps that move a round on: each has a page that says what it does, and a button that does it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods
from kombu.exceptions import OperationalError as BrokerError

from budgets import tasks
from budgets.actions.results import certify_results, publish_results
from budgets.actions.rounds import confirm_ballot, publish_round, reopen_ballot
from budgets.actions.tallies import ask_for_count
from budgets.forms.rounds import BALLOT
from budgets.models import Result
from budgets.views.desk import open_desk
from budgets.views.organise_common import Text, address, answers, find_organised, frame, organiser
from participation.accounts.models import User
from participation.refusals import Refused


def _count(*, by: User, round_id: int, now: datetime) -> None:
    """Ask for the count, and tell the worker at once; where no broker answers, the next sweep comes to the same."""
    with transaction.atomic():
        ask_for_count(by=by, round_id=round_id, now=now)
        transaction.on_commit(lambda: _send(round_id))


def _send(round_id: int) -> None:
    try:
        tasks.count_round.apply_async((round_id,), retry=False)
    except BrokerError:
        return


@dataclass(frozen=True, slots=True)
class Step:
    """`warning`: it cannot be taken back, or takes something back from others."""

    action: Callable[..., Any]
    title: Text
    effects: tuple[Text, ...]
    button: Text
    done: Text
    warning: bool = False


STEPS = {
    "publish": Step(
        publish_round,
        _("Show the round to everyone"),
        (
            _("The round appears in the list of rounds, with its question, timetable and pots."),
            _("From the day when ideas open, people who live in the place can hand them in."),
            _("You can still change everything until you confirm the ballot. It cannot be hidden again."),
        ),
        _("Show it to everyone"),
        _("Everyone can see the round now."),
    ),
    "confirm": Step(
        confirm_ballot,
        _("Confirm the ballot"),
        (
            _(
                "Projects, costs, pots, dates and rules are frozen. Their fingerprint is published, so that anyone can "
                "check that nothing changed."
            ),
            _("A random seed is drawn that decides the last ties."),
            _("Voting opens and closes by itself on the days below."),
            _("Until voting opens you can reopen the ballot. After that it stays as it is."),
        ),
        _("Confirm the ballot"),
        _("The ballot is confirmed. Voting opens by itself."),
        warning=True,
    ),
    "reopen": Step(
        reopen_ballot,
        _("Reopen the ballot"),
        (
            _("Projects, pots, dates and rules can be changed again."),
            _("The published fingerprint no longer holds; a new one is made when you confirm the ballot again."),
            _("Voting does not open until then."),
        ),
        _("Reopen the ballot"),
        _("The ballot is open for changes. Confirm it again before the vote."),
        warning=True,
    ),
    "count": Step(
        _count,
        _("Count the votes"),
        (
            _("The ballots are counted by the frozen rules. Counting again gives the same result."),
            _("It takes seconds, for a very large round some minutes. You need not wait here."),
        ),
        _("Count now"),
        _("The count has started. Reload the page to see how it went."),
    ),
    "result": Step(
        publish_results,
        _("Publish the result"),
        (
            _("Everyone sees which projects won, by how much, and why."),
            _("It is marked as provisional until a second organiser has certified it."),
            _("It cannot be taken back."),
        ),
        _("Publish the result"),
        _("The result is published, as provisional. Another organiser can certify it."),
        warning=True,
    ),
    "certify": Step(
        certify_results,
        _("Certify the result"),
        (
            _("You confirm that you have looked at the result and found nothing wrong with the vote or the count."),
            _("Two organisers have to do so: who published it or first vouches for it, and another one after that."),
            _("The result stands from now on, and commissioners can start the work."),
            _("It cannot be taken back."),
        ),
        _("Certify the result"),
        _("The result is certified."),
        warning=True,
    ),
}


def _said(name: str, result: Any, chosen: Step) -> str:
    """What to say once it is done: of a result that nobody had published, the first organiser has only vouched."""
    if name == "certify" and any(one.state != Result.State.CERTIFIED for one in result):
        return gettext("You vouch for this result. Now a second organiser has to certify it.")
    return str(chosen.done)


@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """What the step does, and its button; a refusal comes back on the same page."""
    round, now, chosen = find_organised(request, slug, pots=True), timezone.now(), STEPS[name]
    person, refused = organiser(request), None
    if request.method == "POST":
        try:
            result = chosen.action(by=person, round_id=round.pk, now=now)
        except Refused as refusal:
            refused = refusal
        else:
            messages.success(request, _said(name, result, chosen))
            return redirect(address(round))
    if name == "confirm":
        prefetch_related_objects([round], "pots__projects")
    desk = open_desk(round, person, now)
    context = {
        "step": chosen,
        "name": name,
        "desk": desk,
        "refused": refused,
        "stopped": name == "confirm" and bool(desk.blocking),
        "rules": answers(round, ("voting_opens_at", "voting_closes_at", *BALLOT)) if name == "confirm" else [],
    }
    return render(
        request,
        "budgets/organise/step.html",
        frame(request, round, **context),
        status=refused.status if refused else 200,
    )
