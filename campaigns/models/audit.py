"""The audit: who did what at the desk, append-only, each entry sealed by the digest of the one before."""

from django.db import models


class AuditEntry(models.Model):
    """Hold one deed. It has ids and counts only: no number, no name, no text, and nothing points at it."""

    number = models.PositiveBigIntegerField(unique=True)
    at = models.DateTimeField()
    # Ids without a constraint: who is erased leaves the chain whole.
    actor_id = models.BigIntegerField(null=True)
    partner_id = models.BigIntegerField(null=True)
    verb = models.CharField(max_length=30)
    kind = models.CharField(max_length=20)
    object_code = models.CharField(max_length=40)
    details = models.JSONField(default=dict)
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ("-number",)
        indexes = (
            models.Index(fields=["kind", "object_code", "-number"], name="audit_object"),
            models.Index(fields=["partner_id", "-number"], name="audit_partner"),
        )

    def __str__(self) -> str:
        return f"{self.number}: {self.verb} {self.kind}"


class AuditHead(models.Model):
    """Hold the end of the chain: the one row that whoever writes an entry locks first."""

    number = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True, default="")

    def __str__(self) -> str:
        return f"Entry {self.number}"
