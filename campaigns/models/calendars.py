"""Calendars: the private address under which a person's own programme reads what is planned."""

from django.conf import settings
from django.db import models


class CalendarKey(models.Model):
    """Hold the key of one person's feed as its SHA-256; a new one makes the old address worthless."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="calendar_key"
    )
    key_hash = models.CharField(max_length=64, unique=True)
    language = models.CharField(max_length=8, default="en")
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Calendar of user {self.user_id}"
