"""A page at the desk on which one thing is recorded about a case: a form, kept with all that was typed if it is refused."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from commissioning.models import Case
from participation.forms.refusals import show_refusal
from participation.refusals import Refused
from participation.views.pages import form_page

form_view = require_http_methods(["GET", "HEAD", "POST"])


def record_page(
    request: HttpRequest, case: Case, form: forms.Form, act: Callable[[dict[str, Any]], object], *, heading: Any,
    button: Any, part: str, public: bool = False, **context: Any,
) -> HttpResponse:  # fmt: skip
    """`act` gets the cleaned data and may refuse; `part` is the heading of the page one comes back to:
    the case at the desk, or with `public` the one that everyone sees."""
    back = case.get_absolute_url() if public else reverse("commissioning:desk_case", args=[case.pk])
    status = None
    if form.is_bound and form.is_valid():
        try:
            act(form.cleaned_data)
        except Refused as refused:
            status = show_refusal(form, refused)
        else:
            messages.success(request, _("Done. Everyone can see it now."))
            return redirect(f"{back}#{part}")
    return form_page(
        request, "commissioning/desk/record.html", form, refused=status, case=case, heading=heading, button=button,
        multipart=form.is_multipart(), back=back, **context,
    )  # fmt: skip
