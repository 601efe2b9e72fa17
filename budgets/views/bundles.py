"""The published files of a certified round, and the page on which a browser checks them without any server."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from asgiref.sync import sync_to_async
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from budgets.actions.bundles import Bundle, bundle_of
from budgets.models import Round
from budgets.views.board import find_box
from budgets.views.check_words import steps, words
from budgets.views.common import page

CONTENT_TYPES = {
    ".csv": "text/csv; charset=utf-8", ".json": "application/json", ".jsonl": "application/jsonl; charset=utf-8",
    ".pb": "text/plain; charset=utf-8", ".py": "text/x-python; charset=utf-8", ".zip": "application/zip",
}  # fmt: skip


class DiskFile(FileResponse):
    """A file that is never whole in memory: the asynchronous server too asks for one piece after the other."""

    block_size = 1 << 18

    async def __aiter__(self) -> AsyncIterator[bytes]:
        pieces = iter(self)
        read = sync_to_async(lambda: next(pieces, b""))
        while piece := await read():
            yield piece


@require_safe
def check_bundle(request: HttpRequest, slug: str) -> HttpResponse:
    """What is published, how to check it with a program, and, where scripts run, the check itself."""
    round = find_box(request, slug)
    bundle = bundle_of(round)
    context: dict[str, Any] = page(
        round, timezone.now(), certified=is_certified(round), files=bundle_files(round, bundle), steps=steps(),
        words=words(), addresses=_addresses(round, bundle), head=bundle.head if bundle else "",
    )  # fmt: skip
    return render(request, "budgets/board/check.html", context)


def is_certified(round: Round) -> bool:
    """Uses the prefetched pots."""
    return round.has_result() and all(pot.result.state == "certified" for pot in round.pots.all())


def _addresses(round: Round, bundle: Bundle | None) -> dict[str, str]:
    names = bundle.names() if bundle else []
    return {name: reverse("budgets:bundle_file", args=[round.slug, name]) for name in names}


def bundle_files(round: Round, bundle: Bundle | None) -> list[dict[str, str]]:
    """For components/downloads.html: the ZIP, then each file with what it is; nothing while there is no bundle."""
    if bundle is None:
        return []
    notes = {
        "rules.json": _("The rules as they were fixed before voting, with the projects and costs."),
        "board.jsonl": _("The board: every line, with the codes of all sealed ballots."),
        "ballots.jsonl": _("Every ballot that counts, without names."),
        "result.csv": _("The result, for a spreadsheet."),
        "manifest.json": _("The list of all files with their fingerprints, signed."),
        "verify.py": _("The program that checks all of this."),
        "verify_count.py": _("The part of it that follows the count step by step."),
    }
    whole = {
        "url": reverse("budgets:bundle_zip", args=[round.slug]),
        "label": _("Everything in one file"), "format": f"ZIP, {size(bundle.zip)}", "note": "",
    }  # fmt: skip
    return [whole] + [
        {"url": url, "label": name, "format": size(bundle.files / name), "note": notes.get(name) or _note(name)}
        for name, url in _addresses(round, bundle).items()
    ]


def size(path: Path) -> str:
    return filesizeformat(path.stat().st_size)


def _note(name: str) -> str:
    if name.endswith(".pb"):
        return _("The ballots in the format researchers use.")
    return _("Every step of the count, so that it can be followed.")


@require_safe
def bundle_zip(request: HttpRequest, slug: str) -> HttpResponseBase:
    round, bundle = _found(request, slug)
    return _file(request, bundle, bundle.zip, f"{round.slug}.zip")


@require_safe
def bundle_file(request: HttpRequest, slug: str, name: str) -> HttpResponseBase:
    _round, bundle = _found(request, slug)
    if name not in bundle.names():
        raise Http404
    return _file(request, bundle, bundle.files / name, name)


def _found(request: HttpRequest, slug: str) -> tuple[Round, Bundle]:
    round = find_box(request, slug)
    bundle = bundle_of(round)
    if bundle is None:
        raise Http404
    return round, bundle


def _file(request: HttpRequest, bundle: Bundle, path: Path, name: str) -> HttpResponseBase:
    """Kept by browsers, but asked for again: a correction makes another bundle."""
    etag = f'"{bundle.head}"'
    response: HttpResponseBase | None = get_conditional_response(request, etag=etag)
    if response is None:
        kind = CONTENT_TYPES[path.suffix]
        response = DiskFile(path.open("rb"), as_attachment=True, filename=name, content_type=kind)
    response["ETag"], response["Cache-Control"] = etag, "no-cache"
    return response
