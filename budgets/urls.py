"""Addresses of money and decisions."""

from django.urls import URLPattern

app_name = "budgets"
urlpatterns: list[URLPattern] = []
