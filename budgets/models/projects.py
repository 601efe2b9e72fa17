"""From a submitted proposal to a project on the ballot."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from budgets.models.rounds import Pot, Round
from participation.models import Place, Proposal


class SubmissionQuerySet(models.QuerySet["Submission"]):
    def listed(self) -> "SubmissionQuerySet":
        """All that a card needs."""
        return self.select_related(
            "proposal__area", "proposal__author", "proposal__place", "project__pot"
        ).prefetch_related("proposal__pictures")

    def public(self) -> "SubmissionQuerySet":
        return self.exclude(state=Submission.State.DRAFT).filter(
            proposal__state=Proposal.State.PUBLISHED, proposal__hidden_at=None
        )


class Submission(models.Model):
    """A proposal handed in to a round, and what the review said."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Being written")
        SUBMITTED = "submitted", _("Waiting for review")
        ACCEPTED = "accepted", _("On the ballot")
        DECLINED = "declined", _("Not possible")

    MOVES = {
        State.DRAFT: {State.SUBMITTED},
        State.SUBMITTED: {State.ACCEPTED, State.DECLINED},
        State.ACCEPTED: {State.SUBMITTED},
        State.DECLINED: {State.SUBMITTED},
    }

    round = models.ForeignKey(Round, models.CASCADE, related_name="submissions")
    proposal = models.OneToOneField(Proposal, models.CASCADE, related_name="submission")
    state = models.CharField(max_length=20, choices=State.choices, default=State.DRAFT)
    submitted_at = models.DateTimeField(null=True)
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    reason = models.TextField(_("reason shown to everyone"), blank=True)

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        ordering = ["submitted_at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="a_reviewed_submission_has_a_reason",
                condition=Q(state__in=["draft", "submitted"]) | ~Q(reason=""),
            ),
        ]

    def __str__(self) -> str:
        return str(self.proposal)


class ProjectQuerySet(models.QuerySet["Project"]):
    def listed(self) -> "ProjectQuerySet":
        return self.select_related("round", "pot", "area", "proposal__author").prefetch_related("proposal__pictures")


class Project(models.Model):
    """A proposal put into a round with a cost, reviewed and on the ballot. `code` is its id in files and ballots."""

    round = models.ForeignKey(Round, models.CASCADE, related_name="projects")
    pot = models.ForeignKey(Pot, models.PROTECT, related_name="projects", verbose_name=_("pot"))
    submission = models.OneToOneField(Submission, models.PROTECT, null=True, related_name="project")
    proposal = models.ForeignKey(Proposal, models.PROTECT, null=True, related_name="projects")
    code = models.CharField(_("number on the ballot"), max_length=60)
    name = models.CharField(_("name"), max_length=500)
    summary = models.TextField(_("in a few sentences"), blank=True)
    cost = models.PositiveBigIntegerField(_("cost"))  # minor units
    feasibility = models.TextField(_("why it can be done, and for how much"), blank=True)
    area = models.ForeignKey(Place, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("ward"))
    area_name = models.CharField(max_length=100, blank=True)  # of imported files, whose areas are not places here
    latitude = models.DecimalField(max_digits=8, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint("round", "code", name="one_code_per_project")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("budgets:project", args=[self.round.slug, self.code])

    @property
    def idea(self) -> Proposal | None:
        """The proposal it came from, unless a moderator has hidden it."""
        return self.proposal if self.proposal and self.proposal.hidden_at is None else None
