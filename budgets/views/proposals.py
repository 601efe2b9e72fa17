"""The way of an idea into a round: write, check the answers, hand in, and a reference to keep."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from budgets.actions import projects as project_actions
from budgets.models import Submission
from budgets.permissions import may_edit_submission
from budgets.views.common import find_round, page
from participation.accounts.models import User
from participation.actions.proposals import describe_picture, remove_picture, save_draft, set_picture
from participation.forms.proposals import ProposalForm
from participation.models import Proposal
from participation.permissions import may_see_proposal
from participation.refusals import Refused

private = cache_control(no_store=True, private=True)


@private
@login_required
@require_http_methods(["GET", "POST"])
def propose(request: HttpRequest, slug: str) -> HttpResponse:
    """Before the first word: what it takes. POST starts a draft."""
    found = find_round(request, slug)
    now = timezone.now()
    if request.method == "POST":
        submission = project_actions.start_submission(by=_person(request), round_id=found.pk, now=now)
        return redirect("budgets:edit_proposal", slug, submission.proposal.reference)
    drafts = Submission.objects.filter(
        round=found, proposal__author=_person(request), state=Submission.State.DRAFT
    ).select_related("proposal")
    return render(request, "budgets/proposals/start.html", page(found, now, drafts=drafts))


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _mine(request: HttpRequest, slug: str, reference: str) -> Submission:
    """The submission of this person, or 404 for anyone else's."""
    submission = (
        Submission.objects.filter(round__slug=slug, proposal__reference=reference, proposal__author=_person(request))
        .select_related("round__place", "proposal__place", "proposal__area")
        .prefetch_related("proposal__pictures")
        .first()
    )
    if submission is None:
        raise Http404
    return submission


@private
@login_required
@require_http_methods(["GET", "POST"])
def edit_proposal(request: HttpRequest, slug: str, reference: str) -> HttpResponse:
    """Write an idea. It may be left unfinished: the draft is kept by the button, and by a script while one writes."""
    now = timezone.now()
    submission = _mine(request, slug, reference)
    refused = may_edit_submission(_person(request), submission, now)
    if refused:
        raise refused
    if request.method == "GET":
        form = ProposalForm(instance=submission.proposal)
        return _edit_page(request, submission, form, 200)
    form = ProposalForm(request.POST, request.FILES, instance=submission.proposal)
    autosave = "X-Autosave" in request.headers
    if not form.is_valid():
        return JsonResponse({"saved": False}, status=422) if autosave else _edit_page(request, submission, form, 422)
    try:
        _save(request, submission.proposal, form)
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return JsonResponse({"saved": False}, status=422) if autosave else _edit_page(request, submission, form, 422)
    if autosave:
        return JsonResponse({"saved": True})
    if request.POST.get("action") == "save":
        messages.success(request, _("Your draft is saved. You find it in your account."))
        return redirect("budgets:edit_proposal", slug, reference)
    return redirect("budgets:check_proposal", slug, reference)


def _save(request: HttpRequest, proposal: Proposal, form: ProposalForm) -> None:
    """Keep the answers first, so that a picture that is refused loses no text."""
    by, now = _person(request), timezone.now()
    save_draft(by=by, proposal_id=proposal.pk, now=now, **form.answers())
    alt_text = form.cleaned_data["picture_alt"]
    if form.cleaned_data["picture"]:
        set_picture(by=by, proposal_id=proposal.pk, file=form.cleaned_data["picture"], alt_text=alt_text, now=now)
    elif form.cleaned_data.get("remove_picture"):
        remove_picture(by=by, proposal_id=proposal.pk, now=now)
    else:
        describe_picture(by=by, proposal_id=proposal.pk, alt_text=alt_text, now=now)


def _edit_page(request: HttpRequest, submission: Submission, form: ProposalForm, status: int) -> HttpResponse:
    context = page(submission.round, timezone.now(), submission=submission, proposal=submission.proposal, form=form)
    return render(request, "budgets/proposals/edit.html", context, status=status)


@private
@login_required
@require_http_methods(["GET", "POST"])
def check_proposal(request: HttpRequest, slug: str, reference: str) -> HttpResponse:
    """All answers on one page, each with its way back. POST hands the idea in."""
    now = timezone.now()
    submission = _mine(request, slug, reference)
    if submission.state != Submission.State.DRAFT:
        return redirect("budgets:proposal_done", slug, reference)
    refused = None
    status = 200
    if request.method == "POST":
        try:
            project_actions.submit(by=_person(request), submission_id=submission.pk, now=now)
        except Refused as refusal:
            refused, status = refusal, 422
        else:
            return redirect("budgets:proposal_done", slug, reference)
    missing = ProposalForm(instance=submission.proposal).missing()
    context = page(
        submission.round, now, submission=submission, rows=_answers(submission), missing=missing, refused=refused
    )
    return render(request, "budgets/proposals/check.html", context, status=status)


def _answers(submission: Submission) -> list[dict[str, Any]]:
    """For components/summary_list.html."""
    proposal, url = (
        submission.proposal,
        reverse("budgets:edit_proposal", args=[submission.round.slug, submission.proposal.reference]),
    )
    picture = proposal.picture
    answers = [
        ("title", _("Title"), proposal.title),
        ("what", _("What should happen"), proposal.what),
        ("why", _("Why it is needed"), proposal.why),
        ("beneficiaries", _("Who benefits"), proposal.beneficiaries),
        ("area", _("For"), proposal.area.name if proposal.area else _("All of %(place)s") % {"place": proposal.place}),
        ("where", _("Where exactly"), proposal.where or _("No one spot")),
        ("estimated_cost", _("What it may cost"), proposal.estimated_cost or _("Not known yet")),
        ("picture", _("Picture"), picture.alt_text or _("Without a description") if picture else _("None")),
    ]
    return [{"key": label, "value": value or _("Not answered yet"), "url": f"{url}#id_{name}"}
            for name, label, value in answers]  # fmt: skip


@private
@login_required
@require_safe
def proposal_done(request: HttpRequest, slug: str, reference: str) -> HttpResponse:
    """It is handed in: the reference to keep, and what happens next."""
    submission = _mine(request, slug, reference)
    if submission.state == Submission.State.DRAFT:
        return redirect("budgets:check_proposal", slug, reference)
    context = page(submission.round, timezone.now(), submission=submission, proposal=submission.proposal)
    return render(request, "budgets/proposals/done.html", context)


@require_safe
def follow(request: HttpRequest, reference: str) -> HttpResponse:
    """From an idea to where it stands in its round: its draft (of one's own), its project, or the list it waits in."""
    submission = (
        Submission.objects.filter(proposal__reference=reference).select_related("round", "proposal", "project").first()
    )
    if submission is None or not may_see_proposal(request.user, submission.proposal):
        raise Http404
    if submission.state == Submission.State.DRAFT:
        return redirect("budgets:edit_proposal", submission.round.slug, reference)
    if submission.state == Submission.State.ACCEPTED:
        return redirect(submission.project)
    return redirect("budgets:ideas", submission.round.slug)
