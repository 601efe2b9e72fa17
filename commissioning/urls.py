"""Addresses of what happens after the vote."""

from django.urls import path

from commissioning.views import awards, bodies, cases, checklists, desk, metrics, milestones, payments

app_name = "commissioning"
urlpatterns = [
    path("commitments/", cases.commitments, name="commitments"),
    path("cases/<int:pk>/", cases.case, name="case"),
    path("cases/<int:pk>/follow/", cases.follow_case, name="follow"),
    path("news/stop/<str:token>/", cases.stop, name="stop_news"),
    path("commission/cases/", desk.desk, name="desk"),
    path("commission/cases/<int:pk>/", desk.desk_case, name="desk_case"),
    path("commission/cases/<int:pk>/take/", desk.take, name="take"),
    path("commission/cases/<int:pk>/checklist/", checklists.checklist, name="checklist"),
    path("commission/cases/<int:pk>/estimate/", checklists.estimate, name="estimate"),
    path("commission/cases/<int:pk>/<slug:state>/", desk.move, name="move"),
    path("commission/cases/<int:pk>/awards/new/", awards.new_award, name="new_award"),
    path("commission/awards/<int:pk>/", awards.change_award, name="change_award"),
    path("commission/awards/<int:pk>/contracts/new/", awards.new_contract, name="new_contract"),
    path("commission/contracts/<int:pk>/", awards.change_contract, name="change_contract"),
    path("commission/awards/<int:pk>/payments/new/", payments.new_payment, name="new_payment"),
    path("commission/payments/<int:pk>/reverse/", payments.take_back, name="reverse_payment"),
    path("commission/cases/<int:pk>/outcomes/weights/", metrics.weights, name="weights"),
    path("commission/cases/<int:pk>/outcomes/new/", metrics.new_metric, name="new_metric"),
    path("commission/outcomes/<int:pk>/", metrics.change_metric, name="change_metric"),
    path("commission/outcomes/<int:pk>/observe/", metrics.new_observation, name="observe"),
    path("commission/cases/<int:pk>/milestones/new/", milestones.new_milestone, name="new_milestone"),
    path("commission/milestones/<int:pk>/", milestones.change_milestone, name="change_milestone"),
    path("commission/milestones/<int:pk>/report/", milestones.report, name="report_milestone"),
    path("commission/disputes/<int:pk>/", milestones.answer, name="answer_dispute"),
    path("milestones/<int:pk>/check/", milestones.check, name="check_milestone"),
    path("milestones/<int:pk>/dispute/", milestones.dispute, name="dispute"),
    path("milestones/photos/<int:pk>/", milestones.photo, name="photo"),
    path("milestones/hide/<slug:kind>/<int:pk>/", milestones.hide_page, name="hide"),
    path("commission/bodies/<slug:slug>/", bodies.bodies, name="bodies"),
    path("commission/body/<int:pk>/", bodies.members, name="members"),
    path("commission/members/<int:pk>/leave/", bodies.leave, name="leave"),
]
