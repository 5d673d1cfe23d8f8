"""Unfinished: what somebody has chosen so far in the form of a broadcast, to go on with later."""

from django.conf import settings
from django.db import models


class Unfinished(models.Model):
    """Hold the choices of one form of one person, as they stood in it; nothing in it was checked."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="unfinished"
    )
    # The form's own: kept again, or finished, it is the same one.
    token = models.UUIDField()
    fields = models.JSONField(default=dict)
    kept_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ("-kept_at",)
        constraints = (
            models.UniqueConstraint(fields=["user", "token"], name="one_unfinished_form"),
        )

    def __str__(self) -> str:
        return f"Unfinished form of user {self.user_id}"
