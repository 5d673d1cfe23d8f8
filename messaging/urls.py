"""Addresses that providers call."""

from django.urls import path

from messaging.aws_hooks import SnsWebhook
from messaging.webhooks import InboundWebhook, StatusWebhook

urlpatterns = [
    path("aws/sns/", SnsWebhook.as_view(), name="aws_sns"),
    path("twilio/status/<str:token>/", StatusWebhook.as_view(), name="twilio_status"),
    path("twilio/inbound/", InboundWebhook.as_view(), name="twilio_inbound"),
]
