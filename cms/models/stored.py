"""Answers to readers, kept as they are sent: what stands here is a copy and can be made again."""

from datetime import date

from django.db import models
from django.db.models import Q


class StoredAnswers(models.QuerySet["StoredAnswer"]):
    """Stored answers by what may be done with them."""

    def readable(self, *, today: date) -> "StoredAnswers":
        """Return what says today what it said when it was made: only this may be searched."""
        return self.filter(Q(until=None) | Q(until__gt=today), is_stale=False)


class StoredAnswer(models.Model):
    """One answer to readers, rendered and compressed; it is served while it is fresh.

    Only what is not stale may be searched: text that was withdrawn is stale from that moment.
    """

    path = models.CharField(max_length=255, unique=True)
    kind = models.CharField(max_length=12)
    language = models.CharField(max_length=12, blank=True)
    title = models.TextField(blank=True)
    folded = models.TextField(blank=True)
    content_type = models.CharField(max_length=80)
    headers = models.JSONField(default=dict)
    body_br = models.BinaryField()
    body_gzip = models.BinaryField()
    size = models.PositiveIntegerField()
    size_br = models.PositiveIntegerField()
    etag = models.CharField(max_length=40)
    # The first day on which it would be another, and what it was made with.
    until = models.DateField(null=True)
    build = models.CharField(max_length=40)
    is_stale = models.BooleanField(default=False)
    made_at = models.DateTimeField()

    objects = StoredAnswers.as_manager()

    class Meta:
        indexes = [models.Index(fields=["language", "kind"], name="cms_stored_search")]

    def __str__(self) -> str:
        return self.path


class StoredUse(models.Model):
    """One thing that a stored answer shows or draws from (`cms.reader.tracing` names the tokens)."""

    answer = models.ForeignKey(StoredAnswer, on_delete=models.CASCADE, related_name="uses")
    token = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["token", "answer"], name="cms_stored_use_once")
        ]

    def __str__(self) -> str:
        return self.token


class ContentVersion(models.Model):
    """How often the content has changed: one row, which whoever stores an answer holds meanwhile."""

    number = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.number)
