"""The one table of the house itself: what all of its processes have to remember together for a while."""

from django.db import models


class Shelved(models.Model):
    """Hold one value of the shelf until it expires."""

    key = models.CharField(max_length=255, unique=True)
    value = models.JSONField(null=True)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"Value {self.pk}"
