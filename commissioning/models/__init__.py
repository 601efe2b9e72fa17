"""From a result to delivery. One file per noun."""

from commissioning.models.awards import Award, Contract
from commissioning.models.bodies import Body, Member
from commissioning.models.cases import Case, Step
from commissioning.models.news import Follow, NewsStop
from commissioning.models.organisations import Organisation

__all__ = ["Award", "Body", "Case", "Contract", "Follow", "Member", "NewsStop", "Organisation", "Step"]
