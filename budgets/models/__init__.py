"""Money and decisions. One file per noun."""

from budgets.models.ballots import Ballot, BallotCount
from budgets.models.projects import Project, Submission
from budgets.models.results import Result
from budgets.models.roll import Elector
from budgets.models.rounds import Funder, Pot, Round
from budgets.models.tallies import Tally

__all__ = ["Ballot", "BallotCount", "Elector", "Funder", "Pot", "Project", "Result", "Round", "Submission", "Tally"]
