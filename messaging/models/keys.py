"""Wrapped keys: data keys as a key service wrapped them; the database alone opens nothing."""

from django.db import models


class WrappedKey(models.Model):
    """Hold one data key as the key service wrapped it; the newest that is not retired is active."""

    purpose = models.CharField(max_length=10)
    key_id = models.PositiveIntegerField()
    wrapped = models.BinaryField()
    made_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["purpose", "key_id"], name="one_wrapped_key"),
        )

    def __str__(self) -> str:
        return f"Key {self.key_id} for {self.purpose}"
