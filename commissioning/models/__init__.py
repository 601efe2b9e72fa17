"""From a result to delivery. One file per noun."""

from commissioning.models.awards import Award, Contract
from commissioning.models.bodies import Body, Member
from commissioning.models.cases import Case, Step
from commissioning.models.checklists import CheckAnswer, Checklist, Estimate, Row, checklist_of
from commissioning.models.metrics import Criterion, Metric, Observation, Weighting
from commissioning.models.milestones import Dispute, Milestone, MilestoneCheck, MilestoneReport, Photo
from commissioning.models.news import Follow, NewsStop
from commissioning.models.organisations import Organisation
from commissioning.models.payments import Payment

__all__ = [
    "Award",
    "Body",
    "Case",
    "CheckAnswer",
    "Checklist",
    "Contract",
    "Criterion",
    "Dispute",
    "Estimate",
    "Follow",
    "Member",
    "Metric",
    "Milestone",
    "MilestoneCheck",
    "MilestoneReport",
    "NewsStop",
    "Observation",
    "Organisation",
    "Payment",
    "Photo",
    "Row",
    "Step",
    "Weighting",
    "checklist_of",
]
