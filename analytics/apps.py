"""The Django app of this layer."""

from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    """Name the app."""

    name = "analytics"
    default_auto_field = "django.db.models.BigAutoField"
