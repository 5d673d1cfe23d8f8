"""Sign-ups: a yes that is not confirmed yet. It is no subscriber, and is gone after two days."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from messaging.models.consent import ConsentEntry
from messaging.models.subscribers import Channel


class SignUp(models.Model):
    """Hold what somebody asked for, her address sealed, and how far the conversation has come."""

    class Step(models.TextChoices):
        """Name what is waited for."""

        LANGUAGE = "language", _("a language")
        AGREEMENT = "agreement", _("a yes to the words shown")
        CODE = "code", _("the code, or a yes, from the phone")

    # The uid exists before the first save: the ciphertext is bound to it.
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    number_hash = models.BinaryField(max_length=16)
    number_sealed = models.BinaryField(max_length=320)
    key_id = models.PositiveIntegerField(default=1, db_index=True)
    language = models.CharField(max_length=8, blank=True, default="")
    languages = models.JSONField(default=list, help_text=_("those offered, in their order"))
    country = models.CharField(max_length=2)
    topics = models.JSONField(default=list)
    purposes = models.JSONField(default=list)
    method = models.CharField(max_length=10, choices=ConsentEntry.Method.choices)
    wording = models.CharField(max_length=40, blank=True, default="")
    evidence = models.CharField(max_length=80, blank=True, default="")
    until = models.DateTimeField(null=True, blank=True)
    step = models.CharField(max_length=10, choices=Step.choices)
    code_hash = models.BinaryField(max_length=16, default=b"")
    tries = models.PositiveSmallIntegerField(default=0)
    begun_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["channel", "number_hash"], name="one_sign_up"),
        )

    def __str__(self) -> str:
        return f"Sign-up {self.uid.hex[:8]}"
