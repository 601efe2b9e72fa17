"""A round: one participatory-budgeting exercise with its timetable and pots. Its phase is computed, never stored."""

from datetime import UTC, datetime
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Case, Count, Exists, F, OuterRef, Q, Value, When
from django.db.models.expressions import Combinable
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from budgets.tally.count import VERSION
from budgets.tally.election import POINTS, RANKED
from budgets.tally.rules import PRESETS
from participation.models import Place, Postcode, Residence

if TYPE_CHECKING:
    from participation.accounts.models import User


def counting(preset: str, ballot_format: str, lot_seed: str) -> dict[str, Any]:
    """A counting rule as it is frozen: its name, the engine's version, and every field of it.

    Where ballots carry points or ranks, points are what the rule adds up (of ranks: Borda points).
    """
    rule = {**PRESETS[preset].to_json(), "lot_seed": lot_seed}
    if ballot_format in POINTS | RANKED:
        rule |= {"score": "points", "utility": "points"}
    return {"name": preset, "version": VERSION, "rule": rule}


class Phase(models.TextChoices):
    """Where a round stands, in this order. Computed by `Round.phase`."""

    ANNOUNCED = "announced", _("Announced")
    PROPOSING = "proposing", _("Ideas")
    SHAPING = "shaping", _("Shaping")
    REVIEW = "review", _("Review")
    VOTING = "voting", _("Voting")
    COUNTING = "counting", _("Counting")
    RESULT = "result", _("Result")
    DELIVERY = "delivery", _("Delivery")


# What may wait for an organiser, besides ideas to review: see `RoundQuerySet.with_work`.
FLAGS = ("to_confirm", "count_failed", "to_publish", "to_answer", "to_strike", "to_certify")


def _is(condition: Q | Combinable) -> Case:
    """A condition as a value, true or false."""
    return Case(When(condition, then=Value(True)), default=Value(False))


class RoundQuerySet(models.QuerySet["Round"]):
    def public(self) -> "RoundQuerySet":
        return self.exclude(published_at=None)

    def within(self, place: Place) -> "RoundQuerySet":
        return self.filter(place__in=Place.objects.within(place))

    def organised_by(self, user: "User") -> "RoundQuerySet":
        """Rounds of the places where this person is organiser, and of those below."""
        return self._held(user, "organiser")

    def commissioned_by(self, user: "User") -> "RoundQuerySet":
        """The same for commissioners."""
        return self._held(user, "commissioner")

    def _held(self, user: "User", kind: str) -> "RoundQuerySet":
        held = Place.objects.filter(roles__user=user, roles__kind=kind)
        return self.filter(Q(place__in=held) | Q(place__parent__in=held) | Q(place__parent__parent__in=held))

    def voting(self, now: datetime) -> "RoundQuerySet":
        """Open for ballots at `now`: the same definition as `Round.is_open`."""
        return self.public().filter(
            rules_frozen_at__isnull=False, counted_at=None, voting_opens_at__lte=now, voting_closes_at__gt=now
        )

    def to_count(self, now: datetime) -> "RoundQuerySet":
        """Closed, with at least one pot whose ballots as they stand have no tally by the round's rule."""
        closed = self.filter(origin=Round.Origin.OWN, rules_frozen_at__isnull=False, voting_closes_at__lte=now)
        return closed.filter(Q(counted_at=None) | Q(recount_due=True))

    def with_work(self, now: datetime) -> "RoundQuerySet":
        """Annotates what waits for an organiser: `waiting` (ideas to review, a number) and, true or false, `to_confirm`,
        `count_failed`, `to_publish`, `to_answer` (a challenge), `to_strike` (as someone proposed), `to_certify`;
        `wants_someone` is any of them, and those rounds come first."""
        own, uncounted = Q(origin=Round.Origin.OWN), Q(counted_at=None) | Q(recount_due=True)
        this = Round.objects.filter(pk=OuterRef("pk"))
        pots = Pot.objects.filter(round=OuterRef("pk"))
        return (
            self.annotate(
                waiting=Count("submissions", filter=Q(submissions__state="submitted"), distinct=True),
                to_confirm=_is(own & Q(rules_frozen_at=None, review_opens_at__lte=now)),
                count_failed=_is(own & uncounted & Exists(pots.filter(tallies__state="failed"))),
                to_publish=_is(own & Q(counted_at__isnull=False) & Exists(pots.filter(result=None))),
                to_answer=_is(Exists(this.filter(challenges__answer=""))),
                to_strike=_is(Exists(this.filter(electors__strikes__state="proposed"))),
                to_certify=_is(own & Exists(pots.filter(result__state="provisional"))),
            )
            .annotate(wants_someone=_is(reduce(or_, (Q((flag, True)) for flag in FLAGS), Q(waiting__gt=0))))
            .order_by("-wants_someone", "-voting_opens_at", "-pk")
        )

    def with_pots(self) -> "RoundQuerySet":
        """All that a card or timeline needs: place, pots and their funders, results."""
        return self.select_related("place").prefetch_related("pots__funders", "pots__result")


class Round(models.Model):
    class Format(models.TextChoices):
        APPROVAL = "approval", _("Choose up to a number of projects")
        KNAPSACK = "knapsack", _("Spend the pot: choose projects as long as the money lasts")
        CUMULATIVE = "cumulative", _("Share out a number of points among the projects")
        SCORING = "scoring", _("Score projects: as many points for each as you like it")
        ORDINAL = "ordinal", _("Rank projects: the best first")
        # Only in imported elections.
        CHOOSE_ONE = "choose-1", _("Choose one project")

    class Rule(models.TextChoices):
        EQUAL_SHARES = "equal-shares", _("Equal Shares: every voter has the same part of the money")
        GREEDY = "greedy", _("Most votes first: the projects with the most votes that fit")

    class Eligibility(models.TextChoices):
        EMAIL = "email", _("Anyone with a confirmed e-mail address")
        POSTCODE = "postcode", _("People with a confirmed e-mail address and a postcode in the place")

    class Origin(models.TextChoices):
        OWN = "own", _("Run on this site")
        IMPORTED = "imported", _("Imported from an election file")

    place = models.ForeignKey(Place, models.PROTECT, related_name="rounds", verbose_name=_("place"))
    slug = models.SlugField(_("address on this site"), max_length=80, unique=True)
    title = models.CharField(_("title"), max_length=120)
    question = models.CharField(_("the question in one sentence"), max_length=200, blank=True)
    description = models.TextField(_("what it is about"), blank=True)
    currency = models.CharField(max_length=3, default="GBP", editable=False)
    origin = models.CharField(max_length=20, choices=Origin.choices, default=Origin.OWN, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, editable=False)

    # Timetable: each moment ends the phase before it and starts the one it is named after.
    proposing_opens_at = models.DateTimeField(_("ideas open"))
    shaping_opens_at = models.DateTimeField(_("ideas close, shaping starts"))
    review_opens_at = models.DateTimeField(_("review starts"))
    voting_opens_at = models.DateTimeField(_("voting opens"))
    voting_closes_at = models.DateTimeField(_("voting closes"))
    delivery_opens_at = models.DateTimeField(_("delivery starts"))

    ballot_format = models.CharField(_("ballot"), max_length=20, choices=Format.choices, default=Format.APPROVAL)
    max_choices = models.PositiveSmallIntegerField(
        _("most projects a person may choose"),
        default=5,
        validators=[MinValueValidator(1)],
        help_text=_("For “choose up to a number of projects” and “rank projects”, in each pot."),
    )
    points = models.PositiveSmallIntegerField(
        _("points"),
        default=10,
        validators=[MinValueValidator(1)],
        help_text=_("To share out in each pot, or the highest score for one project."),
    )
    counting_rule = models.CharField(_("counting rule"), max_length=40, choices=Rule.choices, default=Rule.EQUAL_SHARES)
    eligibility = models.CharField(
        _("who may vote"), max_length=20, choices=Eligibility.choices, default=Eligibility.POSTCODE
    )
    minimum_age = models.PositiveSmallIntegerField(_("youngest age to vote"), default=11)
    may_revise = models.BooleanField(_("people may change their vote until voting closes"), default=True)
    challenge_days = models.PositiveSmallIntegerField(_("days in which the result can be challenged"), default=3)
    publish_at_close = models.BooleanField(_("show the provisional result as soon as it is counted"), default=True)

    # Frozen when the organiser confirms the ballot; ballots are checked and counted against these alone.
    rules: Any = models.JSONField(null=True, editable=False)
    rules_hash = models.CharField(max_length=64, blank=True, editable=False)
    rules_frozen_at = models.DateTimeField(null=True, editable=False)
    # Set when the result is first shown, and moved when it is shown anew (`publish_results`).
    challengeable_until = models.DateTimeField(null=True, editable=False)
    counted_at = models.DateTimeField(null=True, editable=False)
    recount_due = models.BooleanField(default=False, editable=False)  # ballots were struck out since

    objects = RoundQuerySet.as_manager()

    class Meta:
        ordering = ["-voting_opens_at", "-pk"]
        verbose_name = _("round")
        verbose_name_plural = _("rounds")
        constraints = [
            models.CheckConstraint(
                name="timetable_in_order",
                condition=Q(
                    proposing_opens_at__lte=F("shaping_opens_at"),
                    shaping_opens_at__lte=F("review_opens_at"),
                    review_opens_at__lte=F("voting_opens_at"),
                    voting_opens_at__lt=F("voting_closes_at"),
                    voting_closes_at__lte=F("delivery_opens_at"),
                ),
            ),
            models.CheckConstraint(
                name="frozen_rules_have_a_hash",
                condition=Q(rules_frozen_at=None, rules_hash="")
                | (Q(rules_frozen_at__isnull=False) & ~Q(rules_hash="")),
            ),
            models.CheckConstraint(name="at_least_one_choice", condition=Q(max_choices__gte=1)),
            models.CheckConstraint(name="at_least_one_point", condition=Q(points__gte=1)),
        ]
        indexes = [models.Index(fields=["voting_closes_at"])]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("budgets:round", args=[self.slug])

    @property
    def is_imported(self) -> bool:
        return self.origin == self.Origin.IMPORTED

    def is_open(self, now: datetime) -> bool:
        """The one definition of "open for ballots"."""
        return (
            self.published_at is not None
            and self.rules_frozen_at is not None
            and self.counted_at is None  # also by a clock that was set back
            and self.voting_opens_at <= now < self.voting_closes_at
        )

    def has_result(self) -> bool:
        """Every pot has a published result (uses the prefetched pots)."""
        pots = list(self.pots.all())
        return bool(pots) and all(hasattr(pot, "result") for pot in pots)

    def phase(self, now: datetime) -> Phase:
        """Where the round stands at `now`. Without a confirmed ballot it stays in review; without a result in counting."""
        if self.is_imported or now >= self.voting_closes_at:
            if self.rules_frozen_at is None and not self.is_imported:
                return Phase.REVIEW
            if not self.has_result():
                return Phase.COUNTING
            return Phase.DELIVERY if now >= self.delivery_opens_at and not self.is_imported else Phase.RESULT
        if self.is_open(now):
            return Phase.VOTING
        starts = (
            (self.review_opens_at, Phase.REVIEW),
            (self.shaping_opens_at, Phase.SHAPING),
            (self.proposing_opens_at, Phase.PROPOSING),
        )
        return next((phase for start, phase in starts if now >= start), Phase.ANNOUNCED)

    def configuration(self, lot_seed: str = "", board_key: str = "") -> dict[str, Any]:
        """Everything that decides about a ballot and the count, in the shape that `budgets.rules` describes.

        `lot_seed` breaks the last ties; it is drawn and published when the ballot is confirmed, like the public key of
        the board. Four queries.
        """
        pots = self.pots.select_related("area").prefetch_related("projects")
        return {
            "v": 1,
            "round": self.slug,
            "place": self.place.slug,
            "currency": self.currency,
            "voting_opens_at": self.voting_opens_at.astimezone(UTC).isoformat(),
            "voting_closes_at": self.voting_closes_at.astimezone(UTC).isoformat(),
            "ballot": {
                "format": self.ballot_format,
                "max_choices": self.max_choices,
                "points": self.points,
                "may_revise": self.may_revise,
            },
            "eligibility": {"assurance": self.eligibility, "minimum_age": self.minimum_age},
            "counting": counting(self.counting_rule, self.ballot_format, lot_seed),
            "challenge_days": self.challenge_days,
            "publish_at_close": self.publish_at_close,
            "board_key": board_key,
            "pots": [
                {
                    "key": pot.key,
                    "name": pot.name,
                    "area": pot.area.slug if pot.area else None,
                    "amount": pot.amount,
                    "projects": [
                        {"code": project.code, "name": project.name, "cost": project.cost}
                        for project in sorted(pot.projects.all(), key=lambda project: project.code)
                    ],
                }
                for pot in pots
            ],
        }

    def facts(self, now: datetime) -> dict[str, Any]:
        """What `check_configuration` needs besides: whether anyone can vote, and what is still undecided."""
        moments = [moment for _phase, moment in self.timetable() if moment is not None]
        everyone = self.eligibility == self.Eligibility.EMAIL
        reachable = self._reachable()
        return {
            "undecided": self.submissions.filter(state="submitted").count(),
            "reachable": {
                key: (area or self.place_id) in reachable or (everyone and not area)
                for key, area in self.pots.values_list("key", "area_id")
            },
            "over": now >= self.voting_closes_at,
            "taking_ideas": self.published_at is not None and self.proposing_opens_at <= now < self.shaping_opens_at,
            "dates_in_order": moments == sorted(moments) and self.voting_opens_at < self.voting_closes_at,
        }

    def _reachable(self) -> set[int | None]:
        """Ids of the areas where people can show that they live: someone has already, or the postcodes are loaded.

        Four queries, however many areas the place has; what lies around such an area counts too.
        """
        tree = Place.objects.within(self.place).values_list("pk", "parent_id", "parent__parent_id", "gss_code")
        areas = list(tree)
        codes = [code for *_ids, code in areas if code]
        lived_in = set(
            Residence.objects.by_postcode()
            .filter(area__in=[area[0] for area in areas])
            .values_list("area_id", flat=True)
        )
        loaded = set(Postcode.objects.filter(ward_code__in=codes).values_list("ward_code", flat=True).distinct())
        loaded |= set(
            Postcode.objects.filter(district_code__in=codes).values_list("district_code", flat=True).distinct()
        )
        return {
            known
            for pk, parent, above, code in areas
            if pk in lived_in or code in loaded
            for known in (pk, parent, above)
        }

    def timetable(self) -> list[tuple[Phase, datetime | None]]:
        """Each phase with the moment it starts; the result comes when the count is published."""
        return [
            (Phase.PROPOSING, self.proposing_opens_at),
            (Phase.SHAPING, self.shaping_opens_at),
            (Phase.REVIEW, self.review_opens_at),
            (Phase.VOTING, self.voting_opens_at),
            (Phase.COUNTING, self.voting_closes_at),
            (Phase.RESULT, None),
            (Phase.DELIVERY, self.delivery_opens_at),
        ]


class Pot(models.Model):
    """A sum to share out: for the whole place, or for the people of one area in it."""

    round = models.ForeignKey(Round, models.CASCADE, related_name="pots")
    key = models.SlugField(_("short name in files"), max_length=60)
    name = models.CharField(_("name"), max_length=100)
    area = models.ForeignKey(
        Place,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("for the people of"),
        help_text=_("Empty means everyone in the place."),
    )
    # Minor units (pence): the sum of what its funders pay in, written together with them.
    amount = models.PositiveBigIntegerField(_("amount"), default=0)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint("round", "key", name="one_key_per_pot"),
            models.UniqueConstraint("round", "name", name="one_name_per_pot"),
        ]

    def __str__(self) -> str:
        return self.name


class Funder(models.Model):
    """An agency that pays into a pot."""

    pot = models.ForeignKey(Pot, models.CASCADE, related_name="funders")
    name = models.CharField(_("who pays in"), max_length=120)
    amount = models.PositiveBigIntegerField(_("how much"))  # minor units

    class Meta:
        ordering = ["-amount", "pk"]
        constraints = [
            models.UniqueConstraint("pot", "name", name="a_funder_pays_into_a_pot_once"),
            models.CheckConstraint(name="a_funder_pays_something", condition=Q(amount__gt=0)),
        ]

    def __str__(self) -> str:
        return self.name
