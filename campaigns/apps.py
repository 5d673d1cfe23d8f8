"""The Django app of this layer."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class CampaignsConfig(AppConfig):
    """Name the app, and have its groups and its triggers made."""

    name = "campaigns"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make the groups of staff and the triggers after every migration."""
        from campaigns.staff import ensure_after_migrating
        from campaigns.triggers import create_after_migrating, drop_before_migrating

        pre_migrate.connect(drop_before_migrating, sender=self)
        post_migrate.connect(create_after_migrating, sender=self)
        post_migrate.connect(ensure_after_migrating, sender=self)
