"""The Django app of this layer."""

from django.apps import AppConfig


class MessagingConfig(AppConfig):
    """Name the app."""

    name = "messaging"
    default_auto_field = "django.db.models.BigAutoField"
