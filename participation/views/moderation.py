"""The moderators' queue and the page to decide."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from participation.actions.moderation import dismiss, uphold
from participation.forms.moderation import DecisionForm
from participation.forms.refusals import show_refusal
from participation.models import Report, Role
from participation.models.roles import RoleKind
from participation.permissions import may_moderate
from participation.refusals import Refused
from participation.views.pages import form_page, posted
from participation.views.requests import SignedInRequest

PER_PAGE = 20
RECENT = 10


@never_cache
@login_required
@require_safe
def moderate(request: SignedInRequest) -> HttpResponse:
    """Open reports, oldest first, and what was decided last."""
    if not Role.objects.filter(user=request.user, kind=RoleKind.MODERATOR).exists():
        raise Refused("not_allowed")
    mine = Report.objects.for_moderator(request.user.pk)
    page = Paginator(mine.open().listed().order_by("reported_at", "pk"), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "oldest": mine.open().order_by("reported_at").first(),
        "decided": mine.exclude(state=Report.State.OPEN).listed().order_by("-decided_at")[:RECENT],
    }
    return render(request, "participation/moderation/queue.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def moderate_report(request: SignedInRequest, pk: int) -> HttpResponse:
    report = get_object_or_404(Report.objects.for_moderator(request.user.pk).listed(), pk=pk)
    form, refused = DecisionForm(posted(request)), None
    if request.method == "POST" and form.is_valid():
        decide = uphold if form.cleaned_data["decision"] == DecisionForm.HIDE else dismiss
        try:
            decide(
                by=request.user,
                report_id=report.pk,
                public_reason=form.cleaned_data["public_reason"],
                now=timezone.now(),
            )
        except Refused as problem:
            refused = show_refusal(form, problem)
            report.refresh_from_db()
        else:
            done = _("Hidden. Everyone can read the reason.") if decide is uphold else _("Left as it is.")
            messages.success(request, done)
            return redirect("participation:moderate")
    context = {
        "report": report,
        "proposal": report.about,
        "same": Report.objects.filter(proposal=report.proposal_id, picture=report.picture_id).exclude(pk=report.pk),
        "may_not": may_moderate(request.user, report),
    }
    return form_page(request, "participation/moderation/report.html", form, refused=refused, **context)
