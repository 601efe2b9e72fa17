"""Who wants to hear what became of the projects."""

from django.conf import settings
from django.db import models

from commissioning.models.cases import Case


class Follow(models.Model):
    """Someone follows a case."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="followers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint("case", "user", name="a_case_is_followed_once")]

    def __str__(self) -> str:
        return f"{self.user_id} follows {self.case_id}"


class NewsStop(models.Model):
    """Someone wants no mail about what became of projects, whatever they proposed, voted in or follow."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.user_id)
