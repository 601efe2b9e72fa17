"""Addresses of money and decisions."""

from django.urls import path, re_path

from budgets.views import ballots, projects, proposals, results, rounds

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
    path("rounds/<slug:slug>/projects/", projects.projects, name="projects"),
    path("rounds/<slug:slug>/projects/<path:code>/", projects.project, name="project"),
    path("rounds/<slug:slug>/vote/", ballots.vote, name="vote"),
    path("rounds/<slug:slug>/vote/check/", ballots.check_vote, name="check_vote"),
    path("rounds/<slug:slug>/vote/receipt/", ballots.receipt, name="receipt"),
    path("rounds/<slug:slug>/result/", results.result, name="result"),
    re_path(
        r"^rounds/(?P<slug>[-\w]+)/outcome/(?P<pot>[-\w]+)\.(?P<kind>csv|json|pb)$", results.outcome, name="outcome"
    ),
    path("commission/", results.commission, name="commission"),
]
