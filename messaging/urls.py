"""Addresses that providers call."""

from django.urls import path

from messaging.webhooks import InboundWebhook, StatusWebhook

urlpatterns = [
    path("twilio/status/<str:token>/", StatusWebhook.as_view(), name="twilio_status"),
    path("twilio/inbound/", InboundWebhook.as_view(), name="twilio_inbound"),
]
