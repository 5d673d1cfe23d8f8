"""Sheets: lists that partners bring, as checked row by row; what is not new is kept as a verdict only."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from messaging.models.subscribers import Channel


class Sheet(models.Model):
    """Hold one checked list under an opaque reference; its owner lives above this layer."""

    class State(models.TextChoices):
        """Name how far it has come."""

        CHECKED = "checked", _("checked, nothing done")
        TAKEN = "taken", _("confirmations are on their way")
        DROPPED = "dropped", _("dropped")

    reference = models.CharField(max_length=60, unique=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.CHECKED)
    digest = models.CharField(max_length=64, help_text=_("of the file's bytes"))
    checked_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    taken_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.reference


class SheetRow(models.Model):
    """Hold the verdict on one line; its address, sealed, only where it is new and until it is used."""

    class Verdict(models.TextChoices):
        """Name what one line is."""

        NEW = "new", _("new: she will be asked to confirm")
        HERE = "here", _("already here")
        STOPPED = "stopped", _("stopped before: stays stopped")
        INVALID = "invalid", _("not a number one can send to")
        NO_CODE = "no_code", _("no country code")
        NOT_MOBILE = "not_mobile", _("not a mobile number")
        PREMIUM = "premium", _("a number that costs extra")
        COUNTRY = "country", _("a country that is not open")
        NO_EVIDENCE = "no_evidence", _("no proof of consent")
        NO_CHOICE = "no_choice", _("language or route is missing or unknown")
        FORMULA = "formula", _("a formula where a value should be")
        TWICE = "twice", _("twice on this sheet")

    sheet = models.ForeignKey(Sheet, on_delete=models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField()
    verdict = models.CharField(max_length=12, choices=Verdict.choices)
    # The uid exists before the first save: the ciphertext is bound to it.
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    channel = models.CharField(max_length=10, choices=Channel.choices, blank=True, default="")
    number_sealed = models.BinaryField(max_length=320, default=b"")
    key_id = models.PositiveIntegerField(default=1, db_index=True)
    language = models.CharField(max_length=8, blank=True, default="")
    country = models.CharField(max_length=2, blank=True, default="")
    topics = models.JSONField(default=list)
    evidence = models.CharField(max_length=80, blank=True, default="")
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["sheet", "line"], name="one_line"),)

    def __str__(self) -> str:
        return f"Line {self.line} of {self.sheet_id}: {self.verdict}"
