"""The Django app of the house itself."""

from django.apps import AppConfig


class HouseConfig(AppConfig):
    """Name the app, and let its signals be heard in every process."""

    name = "config"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen to sign-ins and to what becomes of second factors."""
        from config import second_factor, sittings  # noqa: F401  # their receivers
