"""From a result to delivery. One file per noun."""

from commissioning.models.bodies import Body, Member
from commissioning.models.cases import Case, Step
from commissioning.models.news import Follow, NewsStop
from commissioning.models.organisations import Organisation

__all__ = ["Body", "Case", "Follow", "Member", "NewsStop", "Organisation", "Step"]
