"""Places people belong to, the postcodes in them, and where a resident lives."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Count, F, Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

DEEPEST = 3  # council, ward, neighbourhood


class PlaceQuerySet(models.QuerySet["Place"]):
    def within(self, place: "Place") -> "PlaceQuerySet":
        """The place itself and everything below it."""
        return self.filter(Q(pk=place.pk) | Q(parent=place) | Q(parent__parent=place))

    def reached_by(self, user_id: int, *kinds: str) -> "PlaceQuerySet":
        """Where this person holds one of these roles, and everything below."""
        held = self.model._default_manager.filter(roles__user=user_id, roles__kind__in=kinds).values("pk")
        return self.filter(Q(pk__in=held) | Q(parent__in=held) | Q(parent__parent__in=held))

    def with_proposal_counts(self) -> "PlaceQuerySet":
        """Each with `proposal_count`: the public proposals for this very area."""
        public = Q(area_proposals__state="published", area_proposals__hidden_at=None)
        return self.annotate(proposal_count=Count("area_proposals", filter=public))

    def with_role_counts(self) -> "PlaceQuerySet":
        """Each with `role_count`: the roles granted in this very place."""
        return self.annotate(role_count=Count("roles"))

    def as_tree(self) -> "PlaceQuerySet":
        """Each council before its wards, by name; PostgreSQL and SQLite would put the ones without a parent apart."""
        return self.order_by(Coalesce("parent__name", "name"), F("parent").asc(nulls_first=True), "name")

    def councils(self) -> "PlaceQuerySet":
        return self.filter(parent=None)


class Place(models.Model):
    """A council area, a ward in it, or a neighbourhood in a ward: a tree of at most three levels."""

    class Kind(models.TextChoices):
        COUNCIL = "council", _("Council area")
        WARD = "ward", _("Ward")
        NEIGHBOURHOOD = "neighbourhood", _("Neighbourhood")

    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    name = models.CharField(_("name"), max_length=100)
    slug = models.SlugField(_("address on this site"), max_length=100, unique=True)
    gss_code = models.CharField(
        _("GSS code"),
        max_length=9,
        null=True,
        blank=True,
        unique=True,
        validators=[
            RegexValidator(r"^[EWSNK]\d{8}$", _("A GSS code is a letter and eight digits, such as E07000123."))
        ],
        help_text=_("The official code of the area, such as E07000123. Leave empty where there is none."),
    )
    # GeoJSON geometry (Polygon or MultiPolygon, WGS 84, longitude first), or null.
    boundary = models.JSONField(_("boundary"), null=True, blank=True)

    objects = PlaceQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("place")
        verbose_name_plural = _("places")
        constraints = [
            models.UniqueConstraint("parent", "name", name="one_name_per_parent"),
            models.UniqueConstraint("name", condition=Q(parent=None), name="one_council_per_name"),
            models.CheckConstraint(
                name="only_councils_stand_alone",
                condition=Q(kind="council", parent=None) | (~Q(kind="council") & Q(parent__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("participation:place", args=[self.slug])

    def lineage(self) -> list["Place"]:
        """This place and those it lies in, nearest first."""
        line: list[Place] = [self]
        while line[-1].parent_id:
            if len(line) == DEEPEST:
                raise ValidationError("The place tree is deeper than council, ward, neighbourhood.")
            line.append(line[-1].parent)  # type: ignore[arg-type]  # parent_id is set
        return line

    @property
    def council(self) -> "Place":
        return self.lineage()[-1]


class Postcode(models.Model):
    """One row of the ONS postcode directory. `code` is upper case without the space."""

    code = models.CharField(primary_key=True, max_length=7)
    district_code = models.CharField(max_length=9)
    ward_code = models.CharField(max_length=9)
    lsoa_code = models.CharField(max_length=9, blank=True)
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)

    class Meta:
        indexes = [models.Index(fields=["ward_code"]), models.Index(fields=["district_code"])]

    def __str__(self) -> str:
        return f"{self.code[:-3]} {self.code[-3:]}"

    @staticmethod
    def normalise(text: str) -> str:
        """`pr1 2he` → `PR12HE`."""
        return "".join(text.split()).upper()


class PostcodeImport(models.Model):
    """How far a postcode file has been read, so that an interrupted import goes on where it stopped."""

    digest = models.CharField(primary_key=True, max_length=64)  # SHA-256 of the file
    file_name = models.CharField(max_length=200)
    rows_done = models.PositiveIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.file_name


class ResidenceQuerySet(models.QuerySet["Residence"]):
    def by_postcode(self) -> "ResidenceQuerySet":
        """Found by a postcode, not chosen from a list."""
        return self.exclude(postcode_token="")


class Residence(models.Model):
    """Where a person lives, as an area. The postcode itself is not kept."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="residence")
    area = models.ForeignKey(Place, models.PROTECT, related_name="residences", verbose_name=_("area"))
    # HMAC of the postcode under IDENTITY_KEY: tells a changed postcode from the same one, and nothing else.
    postcode_token = models.CharField(max_length=64)
    confirmed_at = models.DateTimeField()

    objects = ResidenceQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.user_id} lives in {self.area_id}"
