"""Approvals: what exactly a second person saw and said yes to."""

from django.conf import settings
from django.db import models

from campaigns.models.broadcasts import Broadcast


class Approval(models.Model):
    """Hold one snapshot, its digest and who approved it; the last one counts."""

    broadcast = models.ForeignKey(Broadcast, on_delete=models.CASCADE, related_name="approvals")
    approver = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="approvals"
    )
    snapshot = models.JSONField()
    digest = models.CharField(max_length=64)
    people = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        ordering = ("-at",)

    def __str__(self) -> str:
        return f"Approval {self.digest[:8]}"
