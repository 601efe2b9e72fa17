"""Addresses of the faces that are not Wagtail pages."""

from django.urls import URLPattern

app_name = "cms"
urlpatterns: list[URLPattern] = []
