"""The Django app of this layer."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate


class MessagingConfig(AppConfig):
    """Name the app, and once its tables are there make its triggers and write what is shipped as data."""

    name = "messaging"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the checks; let people's words on codes count; write shipped data after migrating."""
        from messaging import checks  # noqa: F401
        from messaging.consenting.wordings import publish_after_migrating
        from messaging.providers.settling import heed
        from messaging.receiving.codes import load_after_migrating, settle
        from messaging.sending.holdout import teach_sqlite
        from messaging.triggers import create_after_migrating

        heed(settle)
        connection_created.connect(teach_sqlite)
        post_migrate.connect(create_after_migrating, sender=self)
        post_migrate.connect(publish_after_migrating, sender=self)
        post_migrate.connect(load_after_migrating, sender=self)
