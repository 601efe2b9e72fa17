"""A proposal: a text people wrote; it knows nothing of money but what its proposer guesses."""

from decimal import Decimal
from functools import reduce
from operator import or_

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from participation.models.places import Place


class ProposalQuerySet(models.QuerySet["Proposal"]):
    def public(self) -> "ProposalQuerySet":
        """What anyone may read: published and not hidden."""
        return self.filter(state=Proposal.State.PUBLISHED, hidden_at=None)

    def within(self, place: Place) -> "ProposalQuerySet":
        """For the place or anything below it: by its ward where it names one, else by the place it was written for."""
        below = Place.objects.within(place)
        return self.filter(Q(area__in=below) | Q(area=None, place__in=below))

    def matching(self, words: str) -> "ProposalQuerySet":
        """Every word stands somewhere in the text, the place or the reference."""
        found = self
        for word in words.split()[:10]:
            fields = ("title", "what", "why", "beneficiaries", "where", "area__name", "reference")
            found = found.filter(reduce(or_, (Q(**{f"{field}__icontains": word}) for field in fields)))
        return found

    def listed(self) -> "ProposalQuerySet":
        """Ready to be shown in a list: everything a card needs (and no boundaries, which are long), newest first."""
        return (
            self.select_related("place", "area", "author")
            .prefetch_related("pictures")
            .defer("place__boundary", "area__boundary")
            .order_by("-published_at", "-pk")
        )


class Proposal(models.Model):
    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Published")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    # Which move is allowed from which state; actions go through `participation.actions.proposals.move`.
    MOVES = {
        State.DRAFT: {State.PUBLISHED},
        State.PUBLISHED: {State.WITHDRAWN},
        State.WITHDRAWN: set(),
    }

    NEEDED = ("title", "what", "why", "beneficiaries")  # to be published

    reference = models.CharField(_("reference"), max_length=12, unique=True, editable=False)  # such as P-7K3QX
    place = models.ForeignKey(Place, models.PROTECT, related_name="proposals", verbose_name=_("place"))
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="proposals", verbose_name=_("proposer")
    )
    state = models.CharField(max_length=20, choices=State.choices, default=State.DRAFT)
    title = models.CharField(_("title"), max_length=120, blank=True)
    what = models.TextField(_("what should happen"), blank=True)
    why = models.TextField(_("why it is needed"), blank=True)
    beneficiaries = models.TextField(_("who benefits"), blank=True)
    area = models.ForeignKey(
        Place,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="area_proposals",
        verbose_name=_("ward"),
        help_text=_("Empty means the whole place."),
    )
    where = models.CharField(_("where exactly"), max_length=200, blank=True)
    latitude = models.DecimalField(
        max_digits=8,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(-90)), MaxValueValidator(Decimal(90))],
    )
    longitude = models.DecimalField(
        max_digits=9,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(-180)), MaxValueValidator(Decimal(180))],
    )
    estimated_cost = models.CharField(_("what it may cost"), max_length=100, blank=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, editable=False)
    hidden_at = models.DateTimeField(null=True, editable=False)
    hidden_reason = models.TextField(_("why it is hidden"), blank=True, editable=False)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_draft_is_not_published_yet", condition=Q(state="draft") ^ Q(published_at__isnull=False)
            ),
            models.CheckConstraint(
                name="a_hidden_proposal_has_a_reason", condition=Q(hidden_at=None) | ~Q(hidden_reason="")
            ),
            models.CheckConstraint(
                name="a_point_has_both_coordinates",
                condition=Q(latitude=None, longitude=None) | Q(latitude__isnull=False, longitude__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["place", "state", "-published_at"])]

    def __str__(self) -> str:
        return self.title or str(_("Untitled idea"))

    def get_absolute_url(self) -> str:
        return reverse("participation:proposal", args=[self.reference])

    @property
    def picture(self) -> "Picture | None":
        """The first picture that is not hidden (uses the prefetched ones)."""
        return next((p for p in self.pictures.all() if p.hidden_at is None), None)

    def missing(self) -> list[str]:
        """Names of the answers that publishing still needs, in the order of the form; empty when it is complete."""
        missing = [name for name in self.NEEDED if not getattr(self, name).strip()]
        if self.picture and not self.picture.alt_text.strip():
            missing.append("picture_alt")
        return missing


class Picture(models.Model):
    """A picture as re-encoded by us: no location, no camera, a random name."""

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="pictures")
    image = models.ImageField(upload_to="pictures/", width_field="width", height_field="height")
    width = models.PositiveIntegerField(editable=False)
    height = models.PositiveIntegerField(editable=False)
    alt_text = models.CharField(_("what the picture shows"), max_length=250)
    created_at = models.DateTimeField()
    hidden_at = models.DateTimeField(null=True, editable=False)
    hidden_reason = models.TextField(blank=True, editable=False)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="a_hidden_picture_has_a_reason", condition=Q(hidden_at=None) | ~Q(hidden_reason="")
            ),
        ]

    def __str__(self) -> str:
        return self.alt_text

    def get_absolute_url(self) -> str:
        return reverse("participation:picture", args=[self.pk])
