"""The public page of a round's ballot box: where it stands, whether a receipt is in it, its balance and its board."""

from collections.abc import AsyncIterator, Iterator
from itertools import groupby, islice
from typing import Any

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from budgets.actions.board import LEAST_BATCH
from budgets.actions.bundles import ballot_lines, board_lines, bundle_of
from budgets.models import Ballot, BoardEntry, Round, UrnBallot
from budgets.models.board import BoardQuerySet
from budgets.proofs import path, root_by_path
from budgets.views.box import Box, balance_sheet, progress, read_box, says, stage
from budgets.views.common import find_round, page

Kind = BoardEntry.Kind
PER_PAGE = 30
AT_ONCE = 200  # lines of a file
LISTED = 100  # strikes and corrections that are listed; the board has them all
HEX = set("0123456789abcdef")


def find_box(request: HttpRequest, slug: str) -> Round:
    """A round with a board, or 404."""
    round = find_round(request, slug)
    if not round.rules or not round.rules.get("board_key"):
        raise Http404
    return round


@sensitive_post_parameters("receipt")
@sensitive_variables("code")
@require_http_methods(["GET", "HEAD", "POST"])
def board(request: HttpRequest, slug: str) -> HttpResponse:
    """The page. `?signed=1` shows only the checkpoints, `?line=n` the page of the board with that line.

    A receipt comes by POST and the answer is kept nowhere: in an address it would land in the logs of every server on the
    way and in the browser's history, beside whoever asked, and would lead to that person's ballot once ballots are public.
    """
    round = find_box(request, slug)
    now = timezone.now()
    box = read_box(round)
    code = "".join(request.POST.get("receipt", "").split()).lower()[:100]
    listed = BoardEntry.objects.filter(round=round, kind__in=[Kind.STRIKE, Kind.ERRATUM]).without_leaves()
    notes = list(listed.order_by("seq")[:LISTED])
    struck = BoardEntry.objects.filter(round=round, kind=Kind.STRIKE).count()
    here = stage(round, box, now)
    context: dict[str, Any] = page(
        round, now, stage=here, says=says(here, round, box), steps=progress(round, here), box=box,
        code=code, found=_look_up(round, code),
        sheet=balance_sheet(round, box, struck), struck=struck,
        strikes=_by_reason([entry for entry in notes if entry.kind == Kind.STRIKE]),
        errata=[entry for entry in notes if entry.kind == Kind.ERRATUM], more_notes=len(notes) == LISTED,
        challenges=round.challenges.aggregate(all=Count("pk"), answered=Count("answered_at")),
        files=_files(round, box), bundle=bundle_of(round) if box.certified else None, least=LEAST_BATCH,
        **_lines_shown(request, round),
    )  # fmt: skip
    response = render(request, "budgets/board/board.html", context)
    if request.method == "POST":
        add_never_cache_headers(response)
    return response


def _by_reason(strikes: list[Any]) -> list[dict[str, Any]]:
    """Strikes for one reason that stand together on the board, as one: {"reason", "lines": [numbers]}."""
    return [
        {"reason": reason, "lines": [entry.seq for entry in same]}
        for reason, same in groupby(strikes, key=lambda entry: entry.reason)
    ]


def _lines_shown(request: HttpRequest, round: Round) -> dict[str, Any]:
    """One page of the board, newest first: constant queries, and no leaves are read, however long the board is."""
    entries = BoardEntry.objects.filter(round=round).without_leaves().order_by("-seq")
    signed = request.GET.get("signed") == "1"
    if signed:
        entries = entries.signed()
    pages = Paginator(entries, PER_PAGE)
    shown = pages.get_page(_page_number(request, entries))
    newest = BoardEntry.objects.filter(round=round).without_leaves().order_by("-seq").first()
    return {
        "page": shown,
        "rows": [_row(entry) for entry in shown],
        "signed_only": signed,
        "query": "signed=1" if signed else "",
        "newest": newest,
    }


def _page_number(request: HttpRequest, entries: BoardQuerySet) -> str | int | None:
    line = request.GET.get("line", "")
    if line.isdecimal() and len(line) < 10:
        return entries.filter(seq__gt=int(line)).count() // PER_PAGE + 1
    return request.GET.get("page")


def _row(entry: Any) -> dict[str, Any]:
    """A line of the board for people: what it says in a sentence, and the hashes behind it."""
    sealed, ballots = entry.sealed or 0, entry.ballots or 0
    sentences = {
        Kind.OPEN: _("The rules were fixed, and the box was made ready."),
        Kind.BATCH: ngettext("%(number)s ballot was sealed.", "%(number)s ballots were sealed.", sealed)
        % {"number": f"{sealed:,}"},
        Kind.CLOSE: ngettext(
            "Voting closed with %(number)s ballot in the box.",
            "Voting closed with %(number)s ballots in the box.",
            ballots,
        )
        % {"number": f"{ballots:,}"},
        Kind.STRIKE: _("A ballot was struck out: %(reason)s") % {"reason": entry.reason or ""},
        Kind.ERRATUM: _("A correction: %(text)s") % {"text": entry.text or ""},
        Kind.RESULT: _("The result was certified.")
        if entry.state == "certified"
        else _("The count was published as a provisional result."),
        Kind.KEY_DESTROYED: _("The key that led from people to ballots was destroyed."),
    }
    return {"entry": entry, "says": sentences[Kind(entry.kind)], "signed": bool(entry.signature)}


def _look_up(round: Round, code: str) -> dict[str, Any] | None:
    """What the box knows of a receipt: {"state": "malformed" | "unknown" | "waiting" | "standing" | "superseded" | "struck",
    "public", and where it is on the board: "batch", "position", "size", "path", "root"}. None without a receipt."""
    if not code:
        return None
    if len(code) != 64 or set(code) - HEX:
        return {"state": "malformed"}
    ballot = Ballot.objects.filter(round=round, leaf=code).first()
    if ballot:
        return {"state": "standing", "public": True, **_proof(round, ballot.batch, code)}
    waiting = UrnBallot.objects.filter(round=round, leaf=code).first()
    if waiting is None:
        return _without_ballot(round, code)
    if waiting.batch is None:
        return {"state": "waiting"}
    if waiting.state == UrnBallot.State.STRUCK:
        return _without_ballot(round, code)
    return {"state": str(waiting.state), "public": False, **_proof(round, waiting.batch, code)}


def _without_ballot(round: Round, code: str) -> dict[str, Any]:
    """A certified box keeps no row of a ballot that does not count, but the board says what became of it."""
    strike = BoardEntry.objects.filter(round=round, kind=Kind.STRIKE, body__leaf=code).first()
    if strike:
        return {"state": "struck", "reason": strike.body["reason"]}
    close = BoardEntry.objects.filter(round=round, kind=Kind.CLOSE).first()
    return {"state": "superseded" if close and code in close.body["superseded"] else "unknown"}


def _proof(round: Round, batch: int | None, leaf: str) -> dict[str, Any]:
    """Where the leaf stands in its batch, and the hashes that lead from it to the batch's root."""
    body = BoardEntry.objects.filter(round=round).get(seq=batch or 0).body
    leaves, position = body["leaves"], body["leaves"].index(leaf)
    steps = path(leaves, position)
    assert root_by_path(leaf, position, len(leaves), steps) == body["root"]
    return {"batch": batch, "position": position + 1, "size": len(leaves), "path": steps, "root": body["root"]}


def _files(round: Round, box: Box) -> list[dict[str, str]]:
    """For components/downloads.html: what there is to take away, and what each file is."""
    files = [
        {
            "url": reverse("budgets:board_file", args=[round.slug]), "label": _("The whole board"), "format": "JSON",
            "note": _("Every line with its codes and fingerprints, as it stands here. Save it now, and compare later."),
        }
    ]  # fmt: skip
    if box.certified:
        files.append({
            "url": reverse("budgets:ballots_file", args=[round.slug]), "label": _("Every ballot, without names"),
            "format": "JSON",
            "note": _("One ballot a line: its code, what was chosen, and the random number that belongs to the code."),
        })  # fmt: skip
    return files


@require_safe
def board_file(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    round = find_box(request, slug)
    return _lines(request, board_lines(round), f"{round.slug}-board.jsonl")


@require_safe
def ballots_file(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    """The ballots with their salts, once the result is certified; an empty file where nobody voted."""
    round = find_box(request, slug)
    if not read_box(round).certified:
        raise Http404
    return _lines(request, ballot_lines(round), f"{round.slug}-ballots.jsonl")


def _lines(request: HttpRequest, lines: Iterator[str], name: str) -> StreamingHttpResponse:
    content = _pulled(lines) if isinstance(request, ASGIRequest) else lines
    response = StreamingHttpResponse(content, content_type="application/jsonl; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


async def _pulled(lines: Iterator[str]) -> AsyncIterator[str]:
    """Some lines at a time, as the client takes them: of a plain iterator the server would read everything first."""
    pull = sync_to_async(lambda: "".join(islice(lines, AT_ONCE)))
    while text := await pull():
        yield text
