"""Reports about a proposal or a picture, and what a moderator decided."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from participation.models.places import Place
from participation.models.proposals import Picture, Proposal
from participation.models.roles import RoleKind


class ReportQuerySet(models.QuerySet["Report"]):
    def open(self) -> "ReportQuerySet":
        return self.filter(state=Report.State.OPEN)

    def for_moderator(self, user_id: int) -> "ReportQuerySet":
        """Those that this person may decide about, but for their own texts and reports."""
        return self.filter(place__in=Place.objects.reached_by(user_id, RoleKind.MODERATOR))

    def listed(self) -> "ReportQuerySet":
        """All that a row of the queue needs."""
        return self.select_related("place", "proposal__author", "picture__proposal__author", "decided_by").defer(
            "place__boundary"
        )

    def within(self, place: Place) -> "ReportQuerySet":
        return self.filter(place__in=Place.objects.within(place))


class Report(models.Model):
    class State(models.TextChoices):
        OPEN = "open", _("Waiting for a moderator")
        UPHELD = "upheld", _("Hidden")
        DISMISSED = "dismissed", _("Left as it is")

    class Reason(models.TextChoices):
        ABUSE = "abuse", _("Abusive or hateful")
        PRIVATE = "private", _("Shows private information")
        UNLAWFUL = "unlawful", _("May be against the law")
        SPAM = "spam", _("Advertising or spam")
        OTHER = "other", _("Something else")

    MOVES = {State.OPEN: {State.UPHELD, State.DISMISSED}, State.UPHELD: set(), State.DISMISSED: set()}

    place = models.ForeignKey(Place, models.PROTECT, related_name="+")
    proposal = models.ForeignKey(Proposal, models.CASCADE, null=True, related_name="reports")
    picture = models.ForeignKey(Picture, models.CASCADE, null=True, related_name="reports")
    reason = models.CharField(_("what is wrong"), max_length=20, choices=Reason.choices)
    details = models.TextField(_("details"), blank=True, max_length=1000)
    reporter = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    reported_at = models.DateTimeField()
    state = models.CharField(max_length=20, choices=State.choices, default=State.OPEN)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    public_reason = models.TextField(_("reason shown to everyone"), blank=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        ordering = ["reported_at"]
        constraints = [
            models.CheckConstraint(
                name="a_report_is_about_one_thing",
                condition=Q(proposal__isnull=False, picture=None) | Q(proposal=None, picture__isnull=False),
            ),
            models.CheckConstraint(
                name="a_decided_report_has_a_time", condition=Q(state="open") ^ Q(decided_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_reason_display()} – {self.target}"

    @property
    def target(self) -> Proposal | Picture:
        return self.proposal or self.picture  # type: ignore[return-value]  # the constraint says that one is set

    @property
    def about(self) -> Proposal:
        """The proposal that is reported, or whose picture is."""
        target = self.target
        return target.proposal if isinstance(target, Picture) else target
