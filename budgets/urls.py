"""Addresses of money and decisions."""

from django.urls import path, re_path

from budgets.views import (
    ballots,
    board,
    organise,
    organise_pots,
    organise_steps,
    projects,
    proposals,
    results,
    reviews,
    rounds,
)

app_name = "budgets"
urlpatterns = [
    path("rounds/", rounds.rounds, name="rounds"),
    path("rounds/<slug:slug>/", rounds.round, name="round"),
    path("rounds/<slug:slug>/ballots-so-far/", rounds.ballots_so_far, name="ballots_so_far"),
    path("rounds/<slug:slug>/ideas/", rounds.ideas, name="ideas"),
    path("rounds/<slug:slug>/propose/", proposals.propose, name="propose"),
    path("rounds/<slug:slug>/propose/<str:reference>/", proposals.edit_proposal, name="edit_proposal"),
    path("rounds/<slug:slug>/propose/<str:reference>/check/", proposals.check_proposal, name="check_proposal"),
    path("rounds/<slug:slug>/propose/<str:reference>/done/", proposals.proposal_done, name="proposal_done"),
    path("proposals/<str:reference>/round/", proposals.follow, name="follow_proposal"),
    path("rounds/<slug:slug>/projects/", projects.projects, name="projects"),
    path("rounds/<slug:slug>/projects/<path:code>/", projects.project, name="project"),
    path("rounds/<slug:slug>/vote/", ballots.vote, name="vote"),
    path("rounds/<slug:slug>/vote/check/", ballots.check_vote, name="check_vote"),
    path("rounds/<slug:slug>/vote/receipt/", ballots.receipt, name="receipt"),
    path("rounds/<slug:slug>/box/", board.board, name="board"),
    path("rounds/<slug:slug>/box/board.jsonl", board.board_file, name="board_file"),
    path("rounds/<slug:slug>/box/ballots.jsonl", board.ballots_file, name="ballots_file"),
    path("rounds/<slug:slug>/result/", results.result, name="result"),
    re_path(
        r"^rounds/(?P<slug>[-\w]+)/outcome/(?P<pot>[-\w]+)\.(?P<kind>csv|json|pb)$", results.outcome, name="outcome"
    ),
    path("commission/", results.commission, name="commission"),
    path("organise/", organise.organise, name="organise"),
    path("organise/new/", organise.new_round, name="new_round"),
    path("organise/<slug:slug>/", organise.organise_round, name="organise_round"),
    path("organise/<slug:slug>/details/", organise.edit_round, name="edit_round"),
    path("organise/<slug:slug>/timetable/", organise.edit_timetable, name="edit_timetable"),
    path("organise/<slug:slug>/ballot/", organise.edit_ballot, name="edit_ballot"),
    path("organise/<slug:slug>/log/", organise.round_log, name="round_log"),
    path("organise/<slug:slug>/pots/", organise_pots.pots, name="pots"),
    path("organise/<slug:slug>/pots/new/", organise_pots.add_pot, name="add_pot"),
    path("organise/<slug:slug>/pots/<int:pk>/", organise_pots.edit_pot, name="edit_pot"),
    path("organise/<slug:slug>/pots/<int:pk>/remove/", organise_pots.remove_pot, name="remove_pot"),
    path("organise/<slug:slug>/review/", reviews.review, name="review"),
    path("organise/<slug:slug>/review/<str:reference>/", reviews.review_submission, name="review_submission"),
    path("organise/<slug:slug>/review/<str:reference>/accept/", reviews.accept_submission, name="accept"),
    path("organise/<slug:slug>/review/<str:reference>/decline/", reviews.decline_submission, name="decline"),
    path("organise/<slug:slug>/review/<str:reference>/reconsider/", reviews.reconsider_submission, name="reconsider"),
    path("organise/<slug:slug>/publish/", organise_steps.step, {"name": "publish"}, name="publish_round"),
    path("organise/<slug:slug>/confirm/", organise_steps.step, {"name": "confirm"}, name="confirm_ballot"),
    path("organise/<slug:slug>/reopen/", organise_steps.step, {"name": "reopen"}, name="reopen_ballot"),
    path("organise/<slug:slug>/count/", organise_steps.step, {"name": "count"}, name="count_round"),
    path("organise/<slug:slug>/result/", organise_steps.step, {"name": "result"}, name="publish_result"),
    path("organise/<slug:slug>/certify/", organise_steps.step, {"name": "certify"}, name="certify_result"),
]
