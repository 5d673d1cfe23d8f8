"""Who has read what and what came of it: one line for each act, never changed afterwards."""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.models import COMMENTS_RELATION_NAME, Revision


class Act(models.TextChoices):
    """What a person did."""

    CONFIRMED = "confirmed", _("reviewed, still correct")
    FACTS_READ = "facts_read", _("facts approved")
    PROTECTION_READ = "protection_read", _("approved for protection")
    RETURNED = "returned", _("returned with a reason")
    TESTED = "tested", _("contact tested")
    REASONED = "reasoned", _("kept in spite of a warning")
    WITHDRAWN = "withdrawn", _("consent withdrawn")
    HELD_BACK = "held_back", _("left out of publishing")


READINGS = (Act.FACTS_READ, Act.PROTECTION_READ)


class NotPublishable(PermissionDenied):
    """Raised when something may not go live yet; its words say what is missing."""


class Review(models.Model):
    """One act on one thing in one language."""

    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+")
    object_id = models.PositiveBigIntegerField()
    subject = GenericForeignKey("content_type", "object_id")
    key = models.CharField(_("key"), max_length=40)
    language = models.CharField(_("language"), max_length=12, blank=True)
    act = models.CharField(_("act"), max_length=16, choices=Act)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("by"),
    )
    at = models.DateTimeField(_("at"))
    revision = models.ForeignKey(Revision, null=True, on_delete=models.SET_NULL, related_name="+")
    # What was read, and not only its number: Wagtail may rewrite a revision in place.
    digest = models.CharField(max_length=64, blank=True, editable=False)
    rule = models.CharField(_("rule"), max_length=40, blank=True)
    note = models.TextField(_("note"), blank=True)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["content_type", "object_id", "act"], name="cms_review_of")]
        verbose_name = _("review")
        verbose_name_plural = _("reviews")

    def __str__(self) -> str:
        return f"{self.key} {self.language} {self.act} {self.at:%Y-%m-%d}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Refuse to change what was recorded."""
        if self.pk is not None:
            raise ValueError("A review is a record: make a new one.")
        super().save(*args, **kwargs)


# What a revision holds beside its wording: where the thing stands, and what readers noted on it.
BESIDE_THE_WORDING = frozenset(
    {
        "changed_at",
        "current_as_of",
        "draft_title",
        "expired",
        "first_published_at",
        "has_expired",
        "has_unpublished_changes",
        "last_published_at",
        "latest_revision",
        "latest_revision_created_at",
        "live",
        "live_revision",
        "locked",
        "locked_at",
        "locked_by",
        "sendable",
        "status",
        "told_at",
        "translation_state",
        "worded_until",
        COMMENTS_RELATION_NAME,
    }
)


def digest_of(revision: Revision) -> str:
    """Return a digest of what a revision says, as hexadecimal SHA-256."""
    wording = {
        name: value for name, value in revision.content.items() if name not in BESIDE_THE_WORDING
    }
    words = json.dumps(wording, sort_keys=True, cls=DjangoJSONEncoder)
    return hashlib.sha256(words.encode()).hexdigest()


def authors_of(row: Any, revision: Revision) -> set[int]:
    """Return the ids of all who wrote what would go live with this revision.

    Who saved the same words again, with a comment beside them, wrote nothing.
    """
    drafts = row.revisions.filter(created_at__lte=revision.created_at).order_by("created_at", "pk")
    before = ""
    if row.live_revision is not None:
        drafts = drafts.filter(created_at__gt=row.live_revision.created_at)
        before = digest_of(row.live_revision)
    found = set()
    for draft in [*drafts.exclude(pk=revision.pk), revision]:
        digest = digest_of(draft)
        if digest != before:
            found.add(draft.user_id)
        before = digest
    return found - {None}


def readings_of(row: Any, revision: Revision) -> models.QuerySet[Review]:
    """Return what was done with these very words since the row last went live.

    Words that come back after others were live are read anew: what they say may not hold any more.
    """
    found = Review.objects.filter(
        content_type=ContentType.objects.get_for_model(row),
        object_id=row.pk,
        digest=digest_of(revision),
    )
    since = getattr(row, "last_published_at", None)
    is_live = row.live and row.live_revision_id == revision.pk
    return found if since is None or is_live else found.filter(at__gt=since)


def missing_acts(row: Any, revision: Revision, wanted: Iterable[Act]) -> list[Act]:
    """Return which of the wanted readings of these very words, by somebody else, are missing.

    Each is another person's: nobody reads both the facts and for protection.
    """
    wanted = list(wanted)
    read = (
        readings_of(row, revision)
        .filter(act__in=wanted)
        .exclude(by=None)
        .exclude(by__in=authors_of(row, revision))
    )
    readers: dict[str, set[int]] = {act.value: set() for act in wanted}
    for act, reader in read.values_list("act", "by"):
        readers[act].add(reader)
    missing = [act for act in wanted if not readers[act.value]]
    if not missing and len(set().union(*readers.values())) < len(wanted):
        return wanted[-1:]
    return missing


def read_at(row: Any, revision: Revision) -> datetime | None:
    """Return when somebody last held these very words against their sources; None if nobody has."""
    readings = readings_of(row, revision).filter(act=Act.FACTS_READ)
    return readings.order_by("at").values_list("at", flat=True).last()


def record(row: Any, act: Act, *, by: Any, now: datetime, **details: Any) -> Review:
    """Record one act on one thing; `details` are note, rule and revision."""
    revision = details.get("revision")
    return Review.objects.create(
        subject=row,
        key=row.key if hasattr(row, "key") else str(row.pk),
        language=row.locale.language_code if hasattr(row, "locale") else "",
        act=act,
        by=by,
        at=now,
        digest=digest_of(revision) if revision is not None else "",
        **details,
    )
