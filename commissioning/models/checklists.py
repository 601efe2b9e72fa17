"""What a body answered to the checklist of a case, and the facts the list is made from. Rows are only ever added."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from commissioning import rules
from commissioning.checklist.deciding import Applies
from commissioning.checklist.figures import Authority, Kind, Region
from commissioning.checklist.items import Item, items
from commissioning.models.cases import Case
from commissioning.models.organisations import Organisation
from participation.models import Place

_LETTERS = {"E": Region.ENGLAND, "W": Region.WALES, "S": Region.SCOTLAND, "N": Region.NORTHERN_IRELAND}
_COUNCILS: dict[str, Region] = {
    Organisation.Scheme.COUNCIL_ENGLAND: Region.ENGLAND,
    Organisation.Scheme.COUNCIL_WALES: Region.WALES,
    Organisation.Scheme.COUNCIL_SCOTLAND: Region.SCOTLAND,
    Organisation.Scheme.COUNCIL_NI: Region.NORTHERN_IRELAND,
}


class Estimate(models.Model):
    """What is to be bought, given or changed, and its value: the latest one of a case makes its checklist."""

    class Kind(models.TextChoices):
        GOODS = Kind.GOODS, _("Goods")
        SERVICES = Kind.SERVICES, _("Services")
        WORKS = Kind.WORKS, _("Building works")
        LIGHT = Kind.LIGHT, _("Social, health, education or similar services (light touch)")

    case = models.ForeignKey(Case, models.CASCADE, related_name="estimates")
    number = models.PositiveIntegerField()
    kind = models.CharField(_("what is mainly bought"), max_length=20, choices=Kind.choices, blank=True)
    gross = models.PositiveBigIntegerField(_("value with VAT"))  # pence
    begins_on = models.DateField(_("day it begins"))
    own_limit = models.PositiveBigIntegerField(_("limit in the body's own rules"), null=True)  # pence
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["case", "number"]
        constraints = [
            models.UniqueConstraint("case", "number", name="one_estimate_per_number"),
            models.CheckConstraint(name="an_estimate_is_of_some_money", condition=Q(gross__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}/{self.number}"


class CheckAnswer(models.Model):
    """The answer to one item of a case's checklist. The latest of a key counts."""

    class Answer(models.TextChoices):
        DONE = "done", _("Done")
        NOT_NEEDED = "not-needed", _("Not needed")
        OPEN = "open", _("Still open")

    case = models.ForeignKey(Case, models.CASCADE, related_name="check_answers")
    key = models.CharField(max_length=40)
    number = models.PositiveIntegerField()
    answer = models.CharField(_("answer"), max_length=20, choices=Answer.choices)
    note = models.TextField(_("note, for the body itself"), blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["case", "key", "number"]
        constraints = [models.UniqueConstraint("case", "key", "number", name="one_answer_per_number")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.key}: {self.answer}"


@dataclass(frozen=True)
class Row:
    """An item of the list and what the body says to it."""

    item: Item
    answer: CheckAnswer | None

    @property
    def answered(self) -> bool:
        return self.answer is not None and self.answer.answer != CheckAnswer.Answer.OPEN

    @property
    def needed(self) -> bool:
        return self.item.applies == Applies.NEEDED


@dataclass(frozen=True)
class Checklist:
    """The list of a case as it is now. `gross` in pence with VAT; None where the vote's amount has not been accepted."""

    route: rules.Route
    gross: int
    on: date
    region: Region
    estimate: Estimate | None
    rows: list[Row]

    @property
    def estimate_missing(self) -> bool:
        """What is bought has to be known first: on it depends which rules apply."""
        return self.route in rules.BUYING and self.estimate is None

    @cached_property
    def needed(self) -> list[Row]:
        return [row for row in self.rows if row.needed]

    @cached_property
    def answered(self) -> list[Row]:
        return [row for row in self.rows if row.answered]

    @property
    def needed_answered(self) -> int:
        return sum(row.answered for row in self.needed)

    @property
    def holding_up(self) -> int:
        """How many items have to be answered before the award and are not."""
        return sum(row.item.blocks and not row.answered for row in self.rows)

    def find(self, key: str) -> Row | None:
        return next((row for row in self.rows if row.item.key == key), None)


def checklist_of(case: Case) -> Checklist | None:
    """The checklist of a case whose way is chosen. At most three queries."""
    if not case.route:
        return None
    route, estimate = rules.Route(case.route), case.estimates.last()
    region = region_of(case)
    gross = estimate.gross if estimate else case.amount or case.voted
    on = estimate.begins_on if estimate else case.answered_on or timezone.localtime(case.opened_at).date()
    asked = items(
        route, Kind(estimate.kind) if estimate and estimate.kind else None, gross, on, region,
        authority=_authority(case.body.organisation), own_limit=estimate.own_limit if estimate else None,
    )  # fmt: skip
    latest = {answer.key: answer for answer in case.check_answers.select_related("by")}  # in the order of their numbers
    return Checklist(route, gross, on, region, estimate, [Row(item, latest.get(item.key)) for item in asked])


def region_of(case: Case) -> Region:
    """By the register of councils that the body is in, else by the official code of its place. At most one query."""
    if region := _COUNCILS.get(case.body.organisation.scheme):
        return region
    place = Place.objects.filter(pk=case.body.place_id)
    codes = place.values_list("gss_code", "parent__gss_code", "parent__parent__gss_code").first() or ()
    letter = next((code[0] for code in codes if code), "")
    return _LETTERS.get(letter, Region.UNKNOWN)


def _authority(organisation: Organisation) -> Authority:
    if organisation.scheme == Organisation.Scheme.NHS:
        return Authority.NHS
    return Authority.COUNCIL if organisation.scheme in _COUNCILS else Authority.OTHER
