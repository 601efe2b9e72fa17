"""An empty site: its first administrator, then a list of steps that one comes back to. No step is stored: the data tell."""

from dataclasses import dataclass

from allauth.account.utils import perform_login
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from participation.accounts.models import User
from participation.actions.roles import grant_role
from participation.actions.setup import set_up_site
from participation.forms.refusals import show_refusal
from participation.forms.setup import AdministratorForm
from participation.models import AuditEvent, Place, Postcode, Role
from participation.models.roles import RoleKind
from participation.refusals import Refused
from participation.views.middleware import has_second_factor
from participation.views.navigation import limit
from participation.views.pages import form_page, posted
from participation.views.requests import SignedInRequest


@never_cache
@require_http_methods(["GET", "POST"])
def setup(request: HttpRequest) -> HttpResponse:
    """Makes the first administrator and signs them in; once there is one, it only leads to the steps."""
    if User.objects.filter(is_superuser=True).exists():
        return redirect("participation:setup_steps")
    form, refused = AdministratorForm(posted(request)), None
    if request.method == "POST" and form.is_valid():
        try:
            limit(request, "set_up")
            user = set_up_site(**form.cleaned_data, now=timezone.now())
        except Refused as problem:
            refused = show_refusal(form, problem)
        else:
            return perform_login(request, user, redirect_url=reverse("participation:setup_steps"))  # type: ignore[no-any-return]
    return form_page(request, "participation/setup/administrator.html", form, refused=refused)


@dataclass(frozen=True, slots=True)
class Step:
    """A row of `components/task_list.html`; without `url` it cannot be started yet."""

    title: str | Promise
    url: str | None
    hint: str | Promise
    kind: str  # done, todo or wait
    status: str | Promise


@never_cache
@login_required
@require_safe
def steps(request: SignedInRequest) -> HttpResponse:
    if not request.user.is_superuser:
        raise Refused("not_allowed")
    council = Place.objects.councils().order_by("pk").first()
    mine = Role.objects.filter(user=request.user, kind=RoleKind.ORGANISER).exists()
    context = {"tasks": _steps(request.user, council, mine), "council": council, "offer_role": council and not mine}
    return render(request, "participation/setup/steps.html", context)


def _steps(user: User, council: Place | None, organises: bool) -> list[Step]:
    secure = settings.STAFF_WITHOUT_SECOND_FACTOR or has_second_factor(user)
    place_page = council and reverse("participation:place_roles", args=[council.slug])
    ward_page = council and reverse("participation:wards", args=[council.slug])
    return [
        _step(
            _("Add a second step to your sign-in"),
            reverse("mfa_index"),
            _("An authenticator app or a passkey. Everyone with a role needs one."),
            done=secure,
        ),
        _step(
            _("Name the place"),
            reverse("participation:new_place") if secure else None,
            _("The council area this site is for."),
            done=council is not None,
        ),
        _step(
            _("Add its wards"),
            ward_page or None,
            _("Type their names, or load a file with their boundaries."),
            done=Place.objects.filter(kind=Place.Kind.WARD).exists(),
        ),
        _step(
            _("Load postcodes"),
            None,
            _("At the command line: manage.py import_postcodes FILE. Until then people choose their ward from a list."),
            done=Postcode.objects.exists(),
            optional=True,
        ),
        _step(
            _("Invite the people who run it"),
            place_page or None,
            _("Organisers run rounds, moderators answer reports, commissioners take the outcome."),
            done=Role.objects.filter(kind=RoleKind.ORGANISER).exists(),
        ),
        _step(
            _("Prepare the first round"),
            reverse("budgets:new_round") if organises else None,
            _("Its timetable, its pots and who may vote. An organiser does this."),
            done=AuditEvent.objects.filter(action="round.created").exists(),
        ),
    ]


def _step(title: str, url: str | None, hint: str, *, done: bool, optional: bool = False) -> Step:
    if done:
        return Step(title, url, hint, "done", _("Done"))
    if optional:
        return Step(title, url, hint, "wait", _("Optional"))
    return Step(title, url, hint, "todo", _("To do")) if url else Step(title, None, hint, "wait", _("Cannot start yet"))


@login_required
@require_POST
def become_organiser(request: SignedInRequest, slug: str) -> HttpResponse:
    """The administrator takes the organiser's role too."""
    place = get_object_or_404(Place, slug=slug)
    grant_role(by=request.user, user_id=request.user.pk, place_id=place.pk, kind=RoleKind.ORGANISER, now=timezone.now())
    messages.success(request, _("You are organiser of %(place)s now.") % {"place": place.name})
    return redirect("participation:setup_steps")
