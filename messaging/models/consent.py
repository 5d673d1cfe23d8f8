"""Consent: an append-only ledger of dated yes and no, and the list of identities never to be sent to."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from messaging.models.subscribers import Channel, Purpose


class LedgerError(TypeError):
    """Say that the ledger only grows."""


class LedgerQuerySet(models.QuerySet["ConsentEntry"]):
    """Refuse what would change or delete entries by the row."""

    def update(self, **kwargs: Any) -> int:  # noqa: ARG002
        """Refuse: an entry is never changed."""
        raise LedgerError("A consent entry is never changed; add a new one.")

    def delete(self) -> tuple[int, dict[str, int]]:
        """Refuse: the ledger only grows."""
        raise LedgerError("A consent entry is never deleted.")


class ConsentEntry(models.Model):
    """Record one yes or no of one identity: when, how and in which wording."""

    class Verdict(models.TextChoices):
        """Name what was said."""

        GRANTED = "granted", _("yes, to be confirmed")
        REFUSED = "refused", _("no")
        CONFIRMED = "confirmed", _("confirmed")
        EXPIRED = "expired", _("lapsed")
        WITHDRAWN = "withdrawn", _("withdrawn")

    class Method(models.TextChoices):
        """Name how it was said."""

        WEB = "web", _("on the web page")
        KEYWORD = "keyword", _("by a word in an SMS")
        WHATSAPP = "whatsapp", _("by a word on WhatsApp")
        ASSISTED = "assisted", _("with a helper")
        IMPORT = "import", _("on a partner's sheet")
        STOP_PAGE = "stop_page", _("on the stop page")
        PROVIDER = "provider", _("through the provider")
        LAPSE = "lapse", _("by silence")
        REHEARSAL = "rehearsal", _("made up for a rehearsal")

    number_hash = models.BinaryField(max_length=16, db_index=True)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    purpose = models.CharField(max_length=10, choices=Purpose.choices, default=Purpose.MESSAGES)
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    method = models.CharField(max_length=10, choices=Method.choices)
    wording = models.CharField(
        max_length=40, help_text=_("the reference of the words shown, or what was written")
    )
    evidence = models.CharField(max_length=80, blank=True, default="")
    at = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    objects = LedgerQuerySet.as_manager()

    class Meta:
        indexes = (
            models.Index(
                fields=["evidence"],
                name="consent_of_lists",
                condition=models.Q(verdict="granted", method="import"),
            ),
        )

    def __str__(self) -> str:
        return f"{self.verdict} on {self.channel} at {self.at:%Y-%m-%d}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add the entry; refuse to change one."""
        if self.pk is not None:
            raise LedgerError("A consent entry is never changed; add a new one.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:  # noqa: ARG002
        """Refuse: the ledger only grows."""
        raise LedgerError("A consent entry is never deleted.")


class Wording(models.Model):
    """Hold the exact words that somebody said yes to, under a reference such as `messages-1.ar`."""

    reference = models.CharField(max_length=40, unique=True)
    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    version = models.PositiveSmallIntegerField()
    language = models.CharField(max_length=8)
    text = models.TextField()
    reviewed = models.BooleanField(default=False, help_text=_("a native speaker has read it"))

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["purpose", "version", "language"], name="one_consent_wording"
            ),
        )

    def __str__(self) -> str:
        return self.reference


class Suppression(models.Model):
    """Hold an identity never to be sent to, as a keyed hash; it outlives the subscriber."""

    number_hash = models.BinaryField(max_length=16, unique=True)
    source = models.CharField(max_length=10, choices=ConsentEntry.Method.choices)
    at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True, db_index=True)

    def __str__(self) -> str:
        return f"Suppression of {self.at:%Y-%m-%d}"
