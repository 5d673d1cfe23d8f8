"""Mirrors: how far a provider's own list of those who left was read."""

import uuid

from django.db import models


class Mirror(models.Model):
    """Say when a provider's list was last read to its end, and where a reading goes on."""

    provider = models.CharField(max_length=20, unique=True)
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # Where the next page begins, as the provider said it: sealed, for nobody knows what is in it. What
    # cannot be opened any more is read from the begin, so no rotation needs to know of it.
    place = models.TextField(blank=True, default="")
    read_at = models.DateTimeField(null=True, blank=True)
    busy_until = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"Mirror of {self.provider}"
