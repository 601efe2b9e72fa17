"""Addresses of the sockets."""

from django.urls import path

from realtime.consumers import RoundConsumer

websocket_urlpatterns = [path("ws/rounds/<slug:slug>/", RoundConsumer.as_asgi(), name="round_socket")]
