"""Test phones: the own phone of somebody who works here, to which a text is sent before others get it."""

import uuid

from django.db import models

from messaging.models.subscribers import Channel


class TestPhone(models.Model):
    """Hold one phone of one owner, an opaque name; it gets tests only, and only once it is confirmed."""

    __test__ = False  # pytest would take the name for a test

    # The uid exists before the first save: the ciphertext is bound to it.
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.CharField(max_length=40)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    country = models.CharField(max_length=2)
    number_sealed = models.BinaryField(max_length=320)
    key_id = models.PositiveIntegerField(default=1, db_index=True)
    # Of the code that was sent there; empty once it came back.
    code_hash = models.BinaryField(max_length=16, default=b"")
    code_until = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    confirmed_at = models.DateTimeField(null=True)
    tested_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["owner", "channel"], name="one_test_phone"),)

    def __str__(self) -> str:
        return f"Test phone {self.uid.hex[:8]}"
