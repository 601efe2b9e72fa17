"""The public page of a round's ballot box: its board, its balance, and whether a receipt is in it."""

from collections.abc import Iterator
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from budgets.actions.board import LEAST_BATCH
from budgets.actions.bundles import ballot_lines, board_lines
from budgets.models import Ballot, BoardEntry, Round, UrnBallot
from budgets.proofs import path, root_by_path
from budgets.views.common import find_round, page

Kind = BoardEntry.Kind
PER_PAGE = 30
HEX = set("0123456789abcdef")


def find_box(request: HttpRequest, slug: str) -> Round:
    """A round with a board, or 404."""
    round = find_round(request, slug)
    if not round.rules or not round.rules.get("board_key"):
        raise Http404
    return round


@require_safe
def board(request: HttpRequest, slug: str) -> HttpResponse:
    """What is on the board, and what `?receipt=` leads to."""
    round = find_box(request, slug)
    now = timezone.now()
    entries = BoardEntry.objects.filter(round=round).order_by("-seq")
    shown = Paginator(entries, PER_PAGE).get_page(request.GET.get("page"))
    code = "".join(request.GET.get("receipt", "").split()).lower()[:100]
    last: dict[str, Any] = {
        entry.kind: entry.body
        for entry in entries.filter(kind__in=[Kind.CLOSE, Kind.RESULT, Kind.KEY_DESTROYED]).order_by("seq")
    }
    context: dict[str, Any] = page(
        round, now, page=shown, rows=[_row(entry) for entry in shown], code=code, found=_look_up(round, code),
        closed=last.get(Kind.CLOSE), struck=entries.filter(kind=Kind.STRIKE).count(),
        certified=last.get(Kind.RESULT, {}).get("state") == "certified",
        key_destroyed=Kind.KEY_DESTROYED in last, least=LEAST_BATCH,
    )  # fmt: skip
    return render(request, "budgets/board/board.html", context)


def _row(entry: BoardEntry) -> dict[str, Any]:
    says = {
        Kind.OPEN: _("The rules were fixed and the box was opened."),
        Kind.BATCH: _("%(number)s ballots were sealed.") % {"number": f"{len(entry.body.get('leaves', [])):,}"},
        Kind.CLOSE: _("Voting closed with %(number)s ballots in the box.")
        % {"number": f"{entry.body.get('ballots', 0):,}"},
        Kind.STRIKE: _("A ballot was struck out: %(reason)s") % {"reason": entry.body.get("reason", "")},
        Kind.ERRATUM: _("A correction: %(text)s") % {"text": entry.body.get("text", "")},
        Kind.RESULT: _("The result was certified.")
        if entry.body.get("state") == "certified"
        else _("The count was published as a provisional result."),
        Kind.KEY_DESTROYED: _("The key that led from people to ballots was destroyed."),
    }
    return {"entry": entry, "says": says[Kind(entry.kind)], "signed": bool(entry.signature)}


def _look_up(round: Round, code: str) -> dict[str, Any] | None:
    """What the box knows of a receipt: {"state": "malformed" | "unknown" | "waiting" | "standing" | "superseded" | "struck",
    and where it is on the board: "batch", "position", "size", "path", "root"}. None without a receipt."""
    if not code:
        return None
    if len(code) != 64 or set(code) - HEX:
        return {"state": "malformed"}
    ballot = Ballot.objects.filter(round=round, leaf=code).first()
    waiting = ballot or UrnBallot.objects.filter(round=round, leaf=code).first()
    if waiting is None:
        return {"state": "unknown"}
    if waiting.batch is None:
        return {"state": "waiting"}
    state = waiting.state if isinstance(waiting, UrnBallot) else "standing"
    return {"state": state, "public": ballot is not None, **_proof(round, waiting.batch, code)}


def _proof(round: Round, batch: int, leaf: str) -> dict[str, Any]:
    """Where the leaf stands in its batch, and the hashes that lead from it to the batch's root."""
    body = BoardEntry.objects.get(round=round, seq=batch).body
    leaves, position = body["leaves"], body["leaves"].index(leaf)
    steps = path(leaves, position)
    assert root_by_path(leaf, position, len(leaves), steps) == body["root"]
    return {"batch": batch, "position": position + 1, "size": len(leaves), "path": steps, "root": body["root"]}


@require_safe
def board_file(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    round = find_box(request, slug)
    return _lines(board_lines(round), f"{round.slug}-board.jsonl")


@require_safe
def ballots_file(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    """The ballots with their salts, once the result is certified."""
    round = find_box(request, slug)
    if not round.ballots.exists():
        raise Http404
    return _lines(ballot_lines(round), f"{round.slug}-ballots.jsonl")


def _lines(lines: Iterator[str], name: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(lines, content_type="application/jsonl; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
