"""Notices: single service messages that belong to no batch, such as a confirmation code."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from messaging.models.senders import Sender
from messaging.models.subscribers import Channel


class Notice(models.Model):
    """Hold one message to one address, both sealed until it is settled and then wiped."""

    class Kind(models.TextChoices):
        """Name what it is for."""

        CONFIRM = "confirm", _("asks to confirm")
        WELCOME = "welcome", _("says that she joined")
        STOPPED = "stopped", _("says that she left")
        GO_ON = "go_on", _("asks whether to go on")
        ANSWER = "answer", _("answers what somebody wrote")
        TEST = "test", _("tries a text on somebody who works here")

    class State(models.TextChoices):
        """Name how far it has come; whatever is not known is never sent again."""

        PLANNED = "planned", _("planned")
        SUBMITTING = "submitting", _("on the wire")
        ACCEPTED = "accepted", _("accepted")
        FAILED = "failed", _("failed")
        UNKNOWN = "unknown", _("unknown")
        EXPIRED = "expired", _("too late")

    # The uid exists before the first save: the ciphertexts are bound to it.
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    country = models.CharField(max_length=2)
    number_hash = models.BinaryField(max_length=16, db_index=True)
    number_sealed = models.BinaryField(max_length=320)
    # With a template: what fills its only gap.
    body_sealed = models.BinaryField()
    template_ref = models.CharField(max_length=64, blank=True, default="")
    key_id = models.PositiveIntegerField(default=1, db_index=True)
    parts = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PLANNED)
    reason = models.CharField(max_length=40, blank=True, default="")
    attempts = models.PositiveSmallIntegerField(default=0)
    sender = models.ForeignKey(Sender, null=True, on_delete=models.PROTECT)
    due_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    submitting_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    provider_ref = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        indexes = (
            models.Index(
                fields=["due_at", "id"],
                name="notice_due",
                condition=models.Q(state="planned"),
            ),
        )

    def __str__(self) -> str:
        return f"Notice {self.uid.hex[:8]}"
