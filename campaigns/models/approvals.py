"""Approvals: what exactly a second person saw and said yes to."""

from django.conf import settings
from django.db import models

from campaigns.models.broadcasts import Broadcast


class Approval(models.Model):
    """Hold one snapshot, its digest and one person's yes to it; who wrote it may not be that person."""

    broadcast = models.ForeignKey(Broadcast, on_delete=models.CASCADE, related_name="approvals")
    approver = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="approvals"
    )
    # A copy of the broadcast's, kept true by a trigger, so that the database itself can compare.
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    snapshot = models.JSONField()
    digest = models.CharField(max_length=64)
    people = models.PositiveIntegerField()
    at = models.DateTimeField()
    # Since when it counts no more: something changed, or it was given back.
    void_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-at",)
        constraints = (
            models.UniqueConstraint(
                fields=["broadcast", "approver"],
                condition=models.Q(void_at__isnull=True),
                name="one_yes_a_person",
            ),
            models.CheckConstraint(
                condition=~models.Q(approver=models.F("author")), name="approval_needs_two_people"
            ),
        )

    def __str__(self) -> str:
        return f"Approval {self.digest[:8]}"
