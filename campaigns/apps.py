"""The Django app of this layer."""

from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    """Name the app."""

    name = "campaigns"
    default_auto_field = "django.db.models.BigAutoField"
