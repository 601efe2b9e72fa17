"""Deleting an account: one's own, and as an administrator somebody's who asked for it."""

import time

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from participation.accounts.models import User
from participation.actions.erasure import Ground, erase_account, erase_on_request
from participation.forms.erasure import EraseAccountForm, EraseOnRequestForm, FindPersonForm
from participation.forms.refusals import show_refusal
from participation.models import Proposal
from participation.permissions import may_erase_person, organises_alone
from participation.personal_data import Ideas
from participation.refusals import Refused
from participation.views.pages import form_page, posted
from participation.views.requests import SignedInRequest

FRESH = 15 * 60  # seconds in which a sign-in is good for deleting an account


def signed_in_lately(request: SignedInRequest) -> bool:
    """By whatever this person signs in with: a code, a password, a passkey, a second step."""
    records = get_authentication_records(request, request.user)
    return bool(records) and time.time() - records[-1]["at"] < FRESH


def require_fresh_sign_in(request: SignedInRequest) -> None:
    if not signed_in_lately(request):
        raise Refused("sign_in_again")


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def erase(request: SignedInRequest) -> HttpResponse:
    """Says what goes and what stays; deletes after a fresh sign-in and the address typed once more."""
    published = Proposal.objects.filter(author=request.user).exclude(state=Proposal.State.DRAFT).exists()
    form = EraseAccountForm(posted(request), address=request.user.email, with_ideas=published)
    refused = None
    if request.method == "POST" and form.is_valid():
        try:
            require_fresh_sign_in(request)
            erase_account(by=request.user, ideas=form.cleaned_data.get("ideas") or Ideas.KEEP, now=timezone.now())
        except Refused as problem:
            refused = show_refusal(form, problem)
        else:
            logout(request)
            return redirect("participation:erased")
    context = {
        "fresh": signed_in_lately(request),
        "alone": organises_alone(request.user),
        "reauthenticates": bool(get_reauthentication_flows(request.user)),
        # Signing in anew leads back here; allauth checks that `next` stays on this site.
        "sign_in": f"{reverse('account_login')}?next={reverse('participation:erase')}",
    }
    return form_page(request, "participation/erasure/erase.html", form, refused=refused, **context)


@never_cache
@require_safe
def erased(request: HttpRequest) -> HttpResponse:
    return render(request, "participation/erasure/erased.html")


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def erase_person(request: SignedInRequest) -> HttpResponse:
    """Finds the account by its address, shows what it is, and deletes it. The address never stands in the page's address."""
    if not request.user.is_superuser:
        raise Refused("not_allowed")
    if request.method == "POST" and request.POST.get("action") == "erase":
        return _erase_person(request)
    form, refused = FindPersonForm(posted(request)), None
    if request.method == "POST" and form.is_valid():
        try:
            person = _find(request.user, form.cleaned_data["email"])
        except Refused as problem:
            refused = show_refusal(form, problem)
        else:
            return _confirm_page(request, person, EraseOnRequestForm(initial={"email": person.email}))
    return form_page(request, "participation/erasure/find.html", form, refused=refused)


def _erase_person(request: SignedInRequest) -> HttpResponse:
    form, refused = EraseOnRequestForm(request.POST), None
    person = _find(request.user, request.POST.get("email", ""))
    if form.is_valid():
        said = form.cleaned_data
        try:
            require_fresh_sign_in(request)
            erase_on_request(
                by=request.user,
                person_id=person.pk,
                ground=Ground(said["ground"]),
                case=said["case"],
                ideas=said["ideas"],
                now=timezone.now(),
            )
        except Refused as problem:
            refused = show_refusal(form, problem)
        else:
            messages.success(request, _("The account is deleted. The log says so, without the name."))
            return redirect("participation:erase_person")
    return _confirm_page(request, person, form, refused)


def _confirm_page(
    request: SignedInRequest, person: User, form: EraseOnRequestForm, refused: int | None = None
) -> HttpResponse:
    context = {
        "person": person,
        "ideas": Proposal.objects.filter(author=person).exclude(state=Proposal.State.DRAFT).count(),
        "alone": organises_alone(person),
        "fresh": signed_in_lately(request),
    }
    return form_page(request, "participation/erasure/confirm.html", form, refused=refused, **context)


def _find(by: User, email: str) -> User:
    person = User.objects.filter(email__iexact=email).first()
    if person is None:
        raise Refused("no_account", field="email")
    if refused := may_erase_person(by, person):
        raise refused
    return person
