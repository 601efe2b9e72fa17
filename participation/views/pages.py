"""A page with a form: shown again with what was typed and the status that says why."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: also an empty POST is one, with nothing filled in."""
    return request.POST if request.method == "POST" else None


def form_page(
    request: HttpRequest, template: str, form: forms.BaseForm, *, refused: int | None = None, **context: Any
) -> HttpResponse:
    """Answer with the status of the refusal, else 422 where the form has errors, else 200."""
    status = refused or (422 if form.errors else 200)
    return render(request, template, {"form": form, **context}, status=status)
