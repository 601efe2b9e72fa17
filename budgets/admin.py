"""The technical admin: ballots, tallies, results and the roll, to look at and nothing more."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from budgets.models import Ballot, BoardEntry, Elector, Result, Tally
from participation.admin import ReadOnly


@admin.register(Ballot)
class BallotAdmin(ReadOnly):
    """Public ballots, in the order of the receipts. The urn is not here: who watched both it and the roll while a vote is
    open would see which receipt came with which voter."""

    list_display = ("leaf", "round")
    list_filter = ("round",)
    ordering = ("leaf",)
    fields = ("leaf", "round", "batch")

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """By round and no other way: `?selections__contains=` in the address would count the votes."""
        return lookup == "round__id__exact"


@admin.register(BoardEntry)
class BoardEntryAdmin(ReadOnly):
    list_display = ("round", "seq", "kind", "hash")
    list_filter = ("round", "kind")
    ordering = ("round", "seq")
    fields = ("round", "seq", "kind", "body", "previous", "hash", "signature")


@admin.register(Elector)
class ElectorAdmin(ReadOnly):
    list_display = ("person", "round", "status", "assurance", "area", "channel")
    list_filter = ("round", "status")
    list_select_related = ("person", "round", "area")
    search_fields = ("person__email",)
    ordering = ("round", "token")
    fields = ("round", "person", "status", "assurance", "area", "channel")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Elector]:
        """Of votes that are over: while one is open, the roll tells who has just voted."""
        return super().get_queryset(request).filter(round__voting_closes_at__lte=timezone.now())


@admin.register(Tally)
class TallyAdmin(ReadOnly):
    list_display = ("pot", "rule", "version", "state", "started_at", "finished_at")
    list_filter = ("state", "rule")
    list_select_related = ("pot",)
    exclude = ("outcome",)


@admin.register(Result)
class ResultAdmin(ReadOnly):
    list_display = ("pot", "state", "published_at", "published_by", "certified_at", "certified_by")
    list_filter = ("state",)
    list_select_related = ("pot", "published_by", "certified_by")
    exclude = ("snapshot",)
