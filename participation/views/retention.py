"""What is kept and for how long, made from the table that the purge goes by."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from participation.retention import Group, entries


@require_safe
def retention(request: HttpRequest) -> HttpResponse:
    listed = entries()
    groups = [(group, [entry for entry in listed if entry.group == group]) for group in Group.ALL]
    return render(request, "participation/retention/retention.html", {"groups": groups})
