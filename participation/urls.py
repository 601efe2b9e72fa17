"""Addresses of people and talk."""

from django.urls import path

from participation.views import (
    accounts,
    health,
    mailbox,
    moderation,
    places,
    proposals,
    reports,
    roles,
    setup,
)

app_name = "participation"
urlpatterns = [
    path("account/", accounts.account, name="account"),
    path("account/name/", accounts.name, name="name"),
    path("account/postcode/", accounts.postcode, name="postcode"),
    path("account/ward/", accounts.ward, name="ward"),
    path("places/<slug:slug>/", places.place, name="place"),
    path("places/<slug:slug>/boundaries.json", places.boundaries, name="boundaries"),
    path("proposals/", proposals.proposals, name="proposals"),
    path("proposals/mine/", proposals.my_proposals, name="my_proposals"),
    path("proposals/<str:reference>/", proposals.proposal, name="proposal"),
    path("proposals/<str:reference>/report/", reports.report_proposal, name="report_proposal"),
    path("proposals/<str:reference>/withdraw/", proposals.withdraw, name="withdraw_proposal"),
    path("pictures/<int:pk>/", proposals.picture, name="picture"),
    path("pictures/<int:pk>/report/", reports.report_picture, name="report_picture"),
    path("moderate/", moderation.moderate, name="moderate"),
    path("moderate/<int:pk>/", moderation.moderate_report, name="moderate_report"),
    path("roles/", roles.roles, name="roles"),
    path("roles/new/", places.new_place, name="new_place"),
    path("roles/<slug:slug>/", roles.place_roles, name="place_roles"),
    path("roles/<slug:slug>/log/", roles.audit, name="audit"),
    path("roles/<slug:slug>/wards/", places.wards, name="wards"),
    path("roles/<slug:slug>/organise/", setup.become_organiser, name="become_organiser"),
    path("roles/revoke/<int:pk>/", roles.revoke, name="revoke_role"),
    path("roles/invitations/<int:pk>/withdraw/", roles.withdraw, name="withdraw_invitation"),
    path("invitations/<str:token>/", roles.invitation, name="invitation"),
    path("setup/", setup.setup, name="setup"),
    path("setup/steps/", setup.steps, name="setup_steps"),
    path("mailbox/", mailbox.mailbox, name="mailbox"),
    path("mailbox/<str:key>/", mailbox.mailbox_message, name="mailbox_message"),
    path("healthz", health.healthz, name="healthz"),
]
