"""Who holds what in a place, invitations, and what staff did."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from participation.accounts.models import User
from participation.actions.roles import (
    accept_invitation,
    grant_role,
    hash_token,
    invite,
    revoke_role,
    withdraw_invitation,
)
from participation.forms.refusals import show_refusal
from participation.forms.roles import RoleForm
from participation.models import AuditEvent, Invitation, Place, Role
from participation.models.roles import RoleKind
from participation.permissions import may_accept_invitation, may_manage_roles
from participation.refusals import Refused
from participation.views.log import lines
from participation.views.pages import form_page, posted
from participation.views.requests import SignedInRequest

LOG_PER_PAGE = 50


@never_cache
@login_required
@require_safe
def roles(request: SignedInRequest) -> HttpResponse:
    """The places whose roles this person may change."""
    mine = Place.objects.reached_by(request.user.pk, RoleKind.ORGANISER)
    places = Place.objects.all() if request.user.is_superuser else mine
    if not request.user.is_superuser and not mine.exists():
        raise Refused("not_allowed")
    listed = places.with_role_counts().select_related("parent").defer("boundary", "parent__boundary")
    return render(request, "participation/roles/places.html", {"places": listed.as_tree()})


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def place_roles(request: SignedInRequest, slug: str) -> HttpResponse:
    """Who holds what; the form gives a role at once to people with an account and invites everyone else."""
    place = _managed(request, slug)
    form, refused = RoleForm(posted(request)), None
    if request.method == "POST" and form.is_valid():
        try:
            done = _give(request, place, form.cleaned_data["email"], form.cleaned_data["kind"])
        except Refused as problem:
            refused = show_refusal(form, problem)
        else:
            messages.success(request, done)
            return redirect("participation:place_roles", slug)
    now = timezone.now()
    above = [p.pk for p in place.lineage()[1:]]
    context = {
        "place": place,
        "roles": Role.objects.filter(place=place).select_related("user", "granted_by").order_by("kind", "granted_at"),
        "from_above": Role.objects.filter(place__in=above).select_related("user", "place").order_by("kind"),
        "invitations": Invitation.objects.open(now).filter(place=place).order_by("-invited_at"),
    }
    return form_page(request, "participation/roles/place.html", form, refused=refused, **context)


def _give(request: SignedInRequest, place: Place, email: str, kind: str) -> str:
    now = timezone.now()
    user = User.objects.with_address(email)
    if user:
        grant_role(by=request.user, user_id=user.pk, place_id=place.pk, kind=kind, now=now)
        return _("%(name)s has the role now.") % {"name": user.public_name}
    invite(by=request.user, place_id=place.pk, email=email, kind=kind, now=now)
    return _("An invitation is on its way to %(email)s. It can be used for 14 days.") % {"email": email}


@login_required
@require_http_methods(["GET", "POST"])
def revoke(request: SignedInRequest, pk: int) -> HttpResponse:
    """Asks once, then takes the role away."""
    role = Role.objects.select_related("place", "user").filter(pk=pk).first()
    if role is None:
        raise Refused("not_there")
    _managed(request, role.place.slug)
    if request.method == "GET":
        return render(request, "participation/roles/revoke.html", {"role": role, "place": role.place})
    revoke_role(by=request.user, role_id=pk, now=timezone.now())
    messages.success(request, _("%(name)s no longer has the role.") % {"name": role.user.public_name})
    return redirect("participation:place_roles", role.place.slug)


@login_required
@require_POST
def withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    invitation = get_object_or_404(Invitation.objects.select_related("place"), pk=pk)
    withdraw_invitation(by=request.user, invitation_id=pk, now=timezone.now())
    messages.success(request, _("The invitation no longer works."))
    return redirect("participation:place_roles", invitation.place.slug)


@never_cache
@login_required
@require_safe
def audit(request: SignedInRequest, slug: str) -> HttpResponse:
    """What staff did in this place and below it, newest first."""
    place = _managed(request, slug)
    events = AuditEvent.objects.about(place)
    page = Paginator(events, LOG_PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "participation/roles/audit.html", {"place": place, "page": page, "lines": lines(page)})


@never_cache
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Shows what is offered, also to people who still have to sign in; takes it on POST."""
    offered = Invitation.objects.filter(token_hash=hash_token(token)).select_related("place", "invited_by").first()
    if offered is None:
        raise Refused("invitation_used")
    if request.method == "POST":
        if not isinstance(request.user, User):
            raise Refused("sign_in")
        role = accept_invitation(by=request.user, token=token, now=timezone.now())
        welcome = _("Welcome. You are %(role)s of %(place)s now.")
        messages.success(request, welcome % {"role": role.get_kind_display().lower(), "place": offered.place.name})
        return redirect("participation:account")
    refused = may_accept_invitation(request.user, offered, timezone.now())
    if refused and refused.code not in {"sign_in", "invitation_other_address"}:
        raise refused
    context = {"invitation": offered, "refused": refused}
    return render(request, "participation/roles/invitation.html", context)


def _managed(request: SignedInRequest, slug: str) -> Place:
    place = get_object_or_404(Place.objects.select_related("parent__parent"), slug=slug)
    if refused := may_manage_roles(request.user, place):
        raise refused
    return place
