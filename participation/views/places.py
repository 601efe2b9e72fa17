"""The page of a place, and its boundaries as data."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_http_methods, require_safe

from participation.actions.places import create_place, load_boundaries
from participation.forms.places import CouncilForm, WardsForm
from participation.forms.refusals import show_refusal
from participation.models import Place, Proposal
from participation.permissions import may_manage_place
from participation.refusals import Refused
from participation.views.maps import map_of_ideas
from participation.views.pages import form_page, posted
from participation.views.requests import SignedInRequest

NEWEST = 6  # ideas shown on the page of a place


@require_safe
def place(request: HttpRequest, slug: str) -> HttpResponse:
    here = get_object_or_404(Place.objects.select_related("parent__parent"), slug=slug)
    wards = list(Place.objects.filter(parent=here).with_proposal_counts())
    proposals = Proposal.objects.public().within(here)
    return render(
        request,
        "participation/places/place.html",
        {
            "place": here,
            "crumbs": [(above.get_absolute_url(), above.name) for above in reversed(here.lineage()[1:])],
            "wards": wards,
            "map": map_of_ideas(here, wards),
            "proposals": proposals.listed()[:NEWEST],
            "proposal_count": proposals.count(),
            "may_manage": may_manage_place(request.user, here) is None,
        },
    )


@require_safe
@cache_control(public=True, max_age=3600)
def boundaries(request: HttpRequest, slug: str) -> HttpResponse:
    """GeoJSON of the wards of a place (or of itself, where it has none), for the map to put a point on."""
    here = get_object_or_404(Place, slug=slug)
    areas = Place.objects.filter(Q(parent=here) | Q(pk=here.pk)).exclude(boundary=None)
    shown = [area for area in areas if area != here] or list(areas)
    features = [
        {"type": "Feature", "properties": {"name": area.name, "code": area.gss_code}, "geometry": area.boundary}
        for area in shown
    ]
    return JsonResponse({"type": "FeatureCollection", "features": features})


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def new_place(request: SignedInRequest) -> HttpResponse:
    if refused := may_manage_place(request.user, None):
        raise refused
    form, status = CouncilForm(posted(request)), None
    if request.method == "POST" and form.is_valid():
        try:
            place = create_place(
                by=request.user,
                now=timezone.now(),
                kind=Place.Kind.COUNCIL,
                name=form.cleaned_data["name"],
                gss_code=form.cleaned_data["gss_code"],
            )
        except Refused as problem:
            status = show_refusal(form, problem)
        else:
            messages.success(request, _("%(place)s is here. Now add its wards.") % {"place": place.name})
            return redirect("participation:wards", place.slug)
    return form_page(request, "participation/places/new.html", form, refused=status)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def wards(request: SignedInRequest, slug: str) -> HttpResponse:
    """Adds wards by name or from a GeoJSON file; the same file again brings them up to date."""
    place = get_object_or_404(Place.objects.councils(), slug=slug)
    if refused := may_manage_place(request.user, place):
        raise refused
    form, status = WardsForm(posted(request), request.FILES or None, council_code=place.gss_code), None
    if request.method == "POST" and form.is_valid():
        try:
            added, changed = load_boundaries(by=request.user, place_id=place.pk, wards=form.wards, now=timezone.now())
        except Refused as problem:
            status = show_refusal(form, problem)
        else:
            counts = {"added": added, "changed": changed}
            messages.success(request, _("Wards added: %(added)d, brought up to date: %(changed)d.") % counts)
            return redirect(place)
    existing = Place.objects.filter(parent=place).defer("boundary")
    return form_page(request, "participation/places/wards.html", form, refused=status, place=place, wards=existing)
