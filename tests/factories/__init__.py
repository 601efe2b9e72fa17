"""Rows for tests, one module per noun of the source. Everything hangs on NOW; no factory asks the clock."""

from tests.factories.ballots import BallotFactory, ElectorFactory
from tests.factories.people import ResidenceFactory, RoleFactory, UserFactory, give_second_factor, resident_of, staff_of
from tests.factories.places import PlaceFactory, PostcodeFactory, WardFactory
from tests.factories.projects import ProjectFactory, SubmissionFactory
from tests.factories.proposals import ProposalFactory, ReportFactory
from tests.factories.results import certify
from tests.factories.rounds import FunderFactory, PotFactory, RoundFactory, freeze
from tests.factories.time import NOW

__all__ = [
    "NOW",
    "BallotFactory",
    "ElectorFactory",
    "FunderFactory",
    "PlaceFactory",
    "PostcodeFactory",
    "PotFactory",
    "ProjectFactory",
    "ProposalFactory",
    "ReportFactory",
    "ResidenceFactory",
    "RoleFactory",
    "RoundFactory",
    "SubmissionFactory",
    "UserFactory",
    "WardFactory",
    "certify",
    "freeze",
    "give_second_factor",
    "resident_of",
    "staff_of",
]
