"""Addresses of the faces that are not Wagtail pages."""

from django.urls import path

from cms import views

app_name = "cms"
urlpatterns = [
    path("theme.css", views.theme_css, name="theme_css"),
    path("media/images/<path:path>", views.image, name="image"),
    path("styleguide/", views.styleguide, name="styleguide"),
]
