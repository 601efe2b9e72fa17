"""One's own page: name, ward, ideas, roles, and the way to allauth's pages about signing in."""

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from participation.actions.accounts import change_name
from participation.actions.places import set_residence, set_residence_area
from participation.forms.accounts import AreaForm, NameForm, PostcodeForm
from participation.forms.refusals import show_refusal
from participation.models import Place, Postcode, Proposal, Residence, Role
from participation.models.roles import RoleKind
from participation.refusals import Refused
from participation.views.navigation import next_url
from participation.views.pages import form_page, posted
from participation.views.requests import SignedInRequest


@never_cache
@login_required
@require_safe
def account(request: SignedInRequest) -> HttpResponse:
    roles = Role.objects.filter(user=request.user).select_related("place").defer("place__boundary")
    kinds = {role.kind for role in roles}
    return render(
        request,
        "participation/accounts/account.html",
        {
            "residence": Residence.objects.filter(user=request.user).select_related("area__parent__parent").first(),
            "proposals": Proposal.objects.filter(author=request.user).select_related("place").order_by("-changed_at"),
            "roles": roles.order_by("place__name", "kind"),
            "organises": RoleKind.ORGANISER in kinds,
            "moderates": RoleKind.MODERATOR in kinds,
            "commissions": RoleKind.COMMISSIONER in kinds,
            "second_factor": Authenticator.objects.filter(user=request.user)
            .exclude(type=Authenticator.Type.RECOVERY_CODES)
            .exists(),
        },
    )


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def name(request: SignedInRequest) -> HttpResponse:
    form = NameForm(posted(request), initial={"name": request.user.name})
    if request.method == "POST" and form.is_valid():
        change_name(by=request.user, name=form.cleaned_data["name"])
        messages.success(request, _("Your name is changed."))
        return redirect("participation:account")
    return form_page(request, "participation/accounts/name.html", form)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def postcode(request: SignedInRequest) -> HttpResponse:
    """Asks for the postcode; on a site without any, for the ward."""
    if not Postcode.objects.exists():
        return _choose(request, Place.objects.exclude(children__isnull=False))
    form, refused = PostcodeForm(posted(request)), None
    if request.method == "POST" and form.is_valid():
        try:
            residence = set_residence(by=request.user, postcode=form.cleaned_data["postcode"], now=timezone.now())
        except Refused as problem:
            refused = show_refusal(form, problem)
        else:
            return _after(request, residence)
    return form_page(request, "participation/accounts/postcode.html", form, refused=refused, next=next_url(request, ""))


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def ward(request: SignedInRequest) -> HttpResponse:
    """Asks which ward, where the postcode told only the council area."""
    residence = Residence.objects.filter(user=request.user).first()
    if residence is None or not Postcode.objects.exists():
        return redirect("participation:postcode")
    return _choose(request, Place.objects.filter(parent=residence.area_id))


def _choose(request: SignedInRequest, areas: QuerySet[Place]) -> HttpResponse:
    form, refused = AreaForm(posted(request), areas=areas.defer("boundary")), None
    if request.method == "POST" and form.is_valid():
        try:
            residence = set_residence_area(by=request.user, area_id=form.cleaned_data["area"].pk, now=timezone.now())
        except Refused as problem:
            refused = show_refusal(form, problem)
        else:
            return _after(request, residence)
    return form_page(request, "participation/accounts/ward.html", form, refused=refused, next=next_url(request, ""))


def _after(request: SignedInRequest, residence: Residence) -> HttpResponse:
    """On to the ward where the area found has wards below it, else to where the person came from."""
    onwards = next_url(request, "")
    if Place.objects.filter(parent=residence.area_id).exists():
        query = f"?{urlencode({'next': onwards})}" if onwards else ""
        return HttpResponseRedirect(reverse("participation:ward") + query)
    messages.success(request, _("You are down as living in %(area)s.") % {"area": residence.area.name})
    return HttpResponseRedirect(onwards or reverse("participation:account"))
