"""Review: each idea that was handed in goes on the ballot with a cost, or is declined with a public reason."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from budgets.actions.projects import accept, change_project, decline, reconsider
from budgets.forms.reviews import DeclineForm, ProjectForm, initial_of
from budgets.models import Round, Submission
from budgets.views.organise_common import address, find_organised, frame, organiser
from participation.forms.refusals import show_refusal
from participation.refusals import Refused

PER_PAGE = 20
STATES = (Submission.State.SUBMITTED, Submission.State.ACCEPTED, Submission.State.DECLINED)
TAGS = {Submission.State.SUBMITTED: "wait", Submission.State.ACCEPTED: "good", Submission.State.DECLINED: "bad"}
DONE = {
    "accept": gettext_lazy("“%(idea)s” is on the ballot."),
    "change": gettext_lazy("“%(idea)s” is changed."),
    "decline": gettext_lazy("“%(idea)s” is declined. Its proposer gets your reason by e-mail."),
    "reconsider": gettext_lazy("“%(idea)s” waits for a review again."),
}


@require_safe
def review(request: HttpRequest, slug: str) -> HttpResponse:
    """The ideas of a round by state, the oldest first."""
    round = find_organised(request, slug)
    state = request.GET.get("state", "")
    handed_in = round.submissions.exclude(state=Submission.State.DRAFT)
    numbers = dict(handed_in.order_by().values_list("state").annotate(Count("pk")))
    chosen = handed_in.filter(state=state) if state in STATES else handed_in
    page = Paginator(chosen.listed(), PER_PAGE).get_page(request.GET.get("page"))
    filters = [("", _("All"), sum(numbers.values()), state not in STATES)]
    filters += [(str(s.value), str(s.label), numbers.get(s, 0), s == state) for s in STATES]
    context = {"page": page, "filters": filters, "rows": [(row, TAGS[Submission.State(row.state)]) for row in page]}
    context["query"] = f"state={state}" if state in STATES else ""
    return render(request, "budgets/organise/review_list.html", frame(request, round, **context))


@require_safe
def review_submission(request: HttpRequest, slug: str, reference: str) -> HttpResponse:
    """One idea in full, and what can be decided about it."""
    round, submission = _find(request, slug, reference)
    return _page(request, round, submission)


@require_POST
def accept_submission(request: HttpRequest, slug: str, reference: str) -> HttpResponse:
    """Onto the ballot; an idea that is there already is changed."""
    round, submission = _find(request, slug, reference)
    is_there = submission.state == Submission.State.ACCEPTED
    form = ProjectForm(request.POST, submission=submission)
    return _decide(
        request, round, submission, "change" if is_there else "accept", form, change_project if is_there else accept
    )


@require_POST
def decline_submission(request: HttpRequest, slug: str, reference: str) -> HttpResponse:
    round, submission = _find(request, slug, reference)
    return _decide(request, round, submission, "decline", DeclineForm(request.POST), decline)


@require_POST
def reconsider_submission(request: HttpRequest, slug: str, reference: str) -> HttpResponse:
    round, submission = _find(request, slug, reference)
    return _decide(request, round, submission, "reconsider", forms.Form(request.POST), reconsider)


def _find(request: HttpRequest, slug: str, reference: str) -> tuple[Round, Submission]:
    round = find_organised(request, slug, pots=True)
    handed_in = round.submissions.exclude(state=Submission.State.DRAFT).listed().select_related("reviewed_by")
    submission = get_object_or_404(handed_in.filter(proposal__reference=reference))
    submission.round = round
    return round, submission


def _decide(
    request: HttpRequest, round: Round, submission: Submission, what: str, form: forms.Form, action: Callable[..., Any]
) -> HttpResponse:
    """Let the action decide; a refusal comes back in the form, with everything that was typed."""
    if not form.is_valid():
        return _page(request, round, submission, what, form, 422)
    fields = form.answers() if isinstance(form, ProjectForm) else form.cleaned_data
    try:
        action(by=organiser(request), submission_id=submission.pk, now=timezone.now(), **fields)
    except Refused as refused:
        return _page(request, round, submission, what, form, show_refusal(form, refused))
    messages.success(request, DONE[what] % {"idea": submission.proposal.title})
    if what == "reconsider":
        return redirect(address(round, "review_submission", submission.proposal.reference))
    return redirect(f"{address(round, 'review')}?state=submitted")


def _page(
    request: HttpRequest,
    round: Round,
    submission: Submission,
    what: str = "",
    form: forms.Form | None = None,
    status: int = 200,
) -> HttpResponse:
    state = Submission.State(submission.state)
    if state not in TAGS:
        raise Http404
    pots = list(round.pots.all())
    context = frame(
        request,
        round,
        submission=submission,
        proposal=submission.proposal,
        tag=TAGS[state],
        pots=pots,
        refused=form,
        project_form=form
        if what in {"accept", "change"}
        else ProjectForm(submission=submission, initial=initial_of(submission, pots)),
        decline_form=form if what == "decline" else DeclineForm(),
    )
    context["crumbs"].append((address(round, "review"), _("Review")))
    return render(request, "budgets/organise/review.html", context, status=status)
