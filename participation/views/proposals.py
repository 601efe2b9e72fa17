"""Reading proposals and their pictures. Writing them is a wizard of a round, in budgets."""

from pathlib import Path

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from participation.actions.proposals import withdraw_proposal
from participation.models import Picture, Place, Proposal
from participation.permissions import may_see_picture, may_see_proposal, may_withdraw_proposal
from participation.views.maps import map_of_point
from participation.views.requests import SignedInRequest

PER_PAGE = 20
CONTENT_TYPES = {".jpg": "image/jpeg", ".webp": "image/webp"}


@require_safe
def proposals(request: HttpRequest) -> HttpResponse:
    words, slug = request.GET.get("q", "").strip()[:100], request.GET.get("ward", "")
    places = list(Place.objects.defer("boundary"))
    chosen = next((place for place in places if place.slug == slug), None)
    found = Proposal.objects.public().matching(words)
    if chosen:
        found = found.within(chosen)
    page = Paginator(found.listed(), PER_PAGE).get_page(request.GET.get("page"))
    query = QueryDict(mutable=True)
    query.update({name: value for name, value in [("q", words), ("ward", slug if chosen else "")] if value})
    context = {
        "page": page,
        "q": words,
        "ward": chosen.slug if chosen else "",
        "chosen": chosen,
        "wards": _choices(places),
        "query": query.urlencode(),
    }
    return render(request, "participation/proposals/list.html", context)


def _choices(places: list[Place]) -> list[tuple[str, str]]:
    """Wards by name; the councils too, and the wards' councils beside their names, where there are several."""
    councils = {place.pk: place for place in places if place.parent_id is None}
    if len(councils) == 1:
        return [(place.slug, place.name) for place in places if place.parent_id]
    named = [(place, councils.get(place.parent_id or 0)) for place in places]
    labels = [(place.slug, f"{place.name} ({council.name})" if council else place.name) for place, council in named]
    return sorted(labels, key=lambda choice: choice[1])


@require_safe
def proposal(request: HttpRequest, reference: str) -> HttpResponse:
    """The proposal; 404 for drafts of others; for hidden ones that it was hidden and why (410), without the text."""
    rows = Proposal.objects.select_related("place", "area", "author").prefetch_related("pictures")
    shown = get_object_or_404(rows, reference=reference)
    if not may_see_proposal(request.user, shown):
        if shown.state == Proposal.State.DRAFT:
            raise Http404
        return render(request, "participation/proposals/hidden.html", {"proposal": shown}, status=410)
    return render(
        request,
        "participation/proposals/proposal.html",
        {
            "proposal": shown,
            "may_withdraw": shown.state == Proposal.State.PUBLISHED and not may_withdraw_proposal(request.user, shown),
            "hidden_pictures": [picture for picture in shown.pictures.all() if picture.hidden_at],
            "map": map_of_point(shown),
        },
    )


@require_safe
def picture(request: HttpRequest, pk: int) -> HttpResponse:
    """The file itself; what not everyone may see is told not to be kept by anyone."""
    shown = get_object_or_404(Picture.objects.select_related("proposal__place"), pk=pk)
    if not may_see_picture(request.user, shown):
        raise Http404
    try:
        with shown.image.open("rb") as file:
            response = HttpResponse(file.read(), content_type=CONTENT_TYPES[Path(str(file.name)).suffix])
    except FileNotFoundError as missing:
        raise Http404 from missing
    public = shown.hidden_at is None and shown.proposal.hidden_at is None
    public = public and shown.proposal.state != Proposal.State.DRAFT
    response["Cache-Control"] = "public, max-age=3600" if public else "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@require_safe
def my_proposals(request: HttpRequest) -> HttpResponse:
    """One's ideas stand on the account page."""
    return redirect("/account/#ideas")


@require_POST
@login_required
def withdraw(request: SignedInRequest, reference: str) -> HttpResponse:
    pk = get_object_or_404(Proposal, reference=reference, author=request.user).pk
    withdrawn = withdraw_proposal(by=request.user, proposal_id=pk, now=timezone.now())
    messages.success(request, _("Your idea is withdrawn. It stays readable, marked as withdrawn."))
    return redirect(withdrawn)
