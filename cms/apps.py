"""The Django app of this layer."""

from django.apps import AppConfig


class CmsConfig(AppConfig):
    """Name the app."""

    name = "cms"
    default_auto_field = "django.db.models.BigAutoField"
