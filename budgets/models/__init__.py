"""Money and decisions. One file per noun."""

from budgets.models.ballots import Ballot, BallotCount
from budgets.models.board import BoardEntry
from budgets.models.projects import Project, Submission
from budgets.models.results import Result
from budgets.models.roll import Elector
from budgets.models.rounds import Funder, Pot, Round
from budgets.models.tallies import Tally
from budgets.models.urn import UrnBallot

__all__ = [
    "Ballot",
    "BallotCount",
    "BoardEntry",
    "Elector",
    "Funder",
    "Pot",
    "Project",
    "Result",
    "Round",
    "Submission",
    "Tally",
    "UrnBallot",
]
