"""Money and decisions. One file per noun."""

from budgets.models.ballots import Ballot, BallotCount
from budgets.models.board import BoardEntry
from budgets.models.challenges import Challenge
from budgets.models.errata import Erratum
from budgets.models.projects import Project, Submission
from budgets.models.results import Result
from budgets.models.roll import Elector
from budgets.models.rounds import Funder, Pot, Round
from budgets.models.signals import Signal
from budgets.models.strikes import Strike
from budgets.models.tallies import Tally
from budgets.models.urn import UrnBallot

__all__ = [
    "Ballot",
    "BallotCount",
    "BoardEntry",
    "Challenge",
    "Elector",
    "Erratum",
    "Funder",
    "Pot",
    "Project",
    "Result",
    "Round",
    "Signal",
    "Strike",
    "Submission",
    "Tally",
    "UrnBallot",
]
