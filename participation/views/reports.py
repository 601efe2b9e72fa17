"""The report button: for everyone, with or without an account."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from participation.actions.moderation import report
from participation.forms.moderation import ReportForm
from participation.forms.refusals import show_refusal
from participation.models import Picture, Proposal
from participation.permissions import may_see_picture, may_see_proposal
from participation.refusals import Refused
from participation.views.navigation import limit
from participation.views.pages import form_page, posted


@require_http_methods(["GET", "POST"])
def report_proposal(request: HttpRequest, reference: str) -> HttpResponse:
    proposal = get_object_or_404(Proposal.objects.select_related("place"), reference=reference)
    if not may_see_proposal(request.user, proposal):
        raise Http404
    return _report(request, proposal, None)


@require_http_methods(["GET", "POST"])
def report_picture(request: HttpRequest, pk: int) -> HttpResponse:
    picture = get_object_or_404(Picture.objects.select_related("proposal__place"), pk=pk)
    if not may_see_picture(request.user, picture):
        raise Http404
    return _report(request, picture.proposal, picture)


def _report(request: HttpRequest, proposal: Proposal, picture: Picture | None) -> HttpResponse:
    form, refused = ReportForm(posted(request)), None
    if request.method == "POST" and form.is_valid():
        try:
            limit(request, "report")
            report(
                by=request.user,
                now=timezone.now(),
                proposal_id=None if picture else proposal.pk,
                picture_id=picture.pk if picture else None,
                reason=form.cleaned_data["reason"],
                details=form.cleaned_data["details"],
            )
        except Refused as problem:
            refused = show_refusal(form, problem)
        else:
            messages.success(request, _("Thank you. A moderator will look at it."))
            return redirect(proposal)
    context = {"proposal": proposal, "picture": picture}
    return form_page(request, "participation/reports/report.html", form, refused=refused, **context)
