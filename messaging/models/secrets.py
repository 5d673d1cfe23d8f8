"""Secrets of the house that are no person's number or text: what signs its own people in."""

import uuid

from django.db import models


class KeptSecret(models.Model):
    """Hold one secret, sealed; whoever needs it knows its uid."""

    # The uid exists before the first save: the ciphertext is bound to it.
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    text_sealed = models.BinaryField()
    key_id = models.PositiveIntegerField(default=1, db_index=True)

    def __str__(self) -> str:
        return f"Secret {self.pk}"
