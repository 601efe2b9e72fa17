"""From a result to delivery. One file per noun."""

from commissioning.models.awards import Award, Contract
from commissioning.models.bodies import Body, Member
from commissioning.models.cases import Case, Step
from commissioning.models.checklists import CheckAnswer, Checklist, Estimate, Row, checklist_of
from commissioning.models.news import Follow, NewsStop
from commissioning.models.organisations import Organisation

__all__ = [
    "Award",
    "Body",
    "Case",
    "CheckAnswer",
    "Checklist",
    "Contract",
    "Estimate",
    "Follow",
    "Member",
    "NewsStop",
    "Organisation",
    "Row",
    "Step",
    "checklist_of",
]
