"""The bodies that commission in a place, and who answers for them."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from commissioning.actions.bodies import add_member, create_body, remove_member
from commissioning.actions.cases import sweep_cases
from commissioning.forms.bodies import BodyForm, MemberForm
from commissioning.models import Body, Member
from commissioning.permissions import may_manage_bodies
from participation.accounts.models import User
from participation.forms.refusals import show_refusal
from participation.models import Place
from participation.refusals import Refused

form_page = require_http_methods(["GET", "HEAD", "POST"])


def _manager(request: HttpRequest, place: Place) -> User:
    if refused := may_manage_bodies(request.user, place):
        raise refused
    assert isinstance(request.user, User)
    return request.user


def _place(slug: str) -> Place:
    place = Place.objects.select_related("parent__parent").filter(slug=slug).first()
    if place is None:
        raise Http404
    return place


@form_page
def bodies(request: HttpRequest, slug: str) -> HttpResponse:
    """The bodies of a place with their members, and a form for another one."""
    place = _place(slug)
    person, status = _manager(request, place), 200
    form = BodyForm(request.POST if request.method == "POST" else None)
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                create_body(by=person, place_id=place.pk, now=timezone.now(), **form.cleaned_data)
            except Refused as refused:
                status = show_refusal(form, refused)
            else:
                sweep_cases(now=timezone.now())  # what was certified before there was anyone to send it to
                messages.success(request, _("The body is there. Next: say who answers for it."))
                return redirect("commissioning:bodies", place.slug)
    found = Body.objects.filter(place=place).select_related("organisation").prefetch_related("members__user")
    return render(
        request, "commissioning/bodies/list.html", {"place": place, "bodies": found, "form": form}, status=status
    )


@form_page
def members(request: HttpRequest, pk: int) -> HttpResponse:
    """Who answers for a body, and a form for another one."""
    body = Body.objects.select_related("organisation", "place__parent__parent").filter(pk=pk).first()
    if body is None:
        raise Http404
    person, status = _manager(request, body.place), 200
    form = MemberForm(request.POST if request.method == "POST" else None)
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                add_member(by=person, body_id=body.pk, now=timezone.now(), **form.cleaned_data)
            except Refused as refused:
                status = show_refusal(form, refused)
            else:
                return redirect("commissioning:members", body.pk)
    found = body.members.select_related("user").order_by("desk", "pk")
    return render(
        request, "commissioning/bodies/members.html", {"body": body, "members": found, "form": form}, status=status
    )


@require_POST
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a member off the body."""
    member = Member.objects.select_related("body__place__parent__parent").filter(pk=pk).first()
    if member is None:
        raise Http404
    remove_member(by=_manager(request, member.body.place), member_id=member.pk, now=timezone.now())
    return redirect("commissioning:members", member.body_id)
