"""What is kept of people who sign in, and when it goes: sessions that are over, tries, used codes."""

from datetime import datetime, timedelta

from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.sessions.models import Session

from config.entrance import LOCKED_FOR
from config.models import Shelved


def forget_sign_ins(*, now: datetime) -> int:
    """Remove addresses and browsers of sessions that are over, and of tries; return how many rows."""
    longest = timedelta(seconds=settings.SIGNED_IN_SECONDS)
    over = (
        Session.objects.filter(expire_date__lte=now),
        UserSession.objects.filter(created_at__lte=now - longest),
        AccessAttempt.objects.filter(attempt_time__lte=now - LOCKED_FOR),
        Shelved.objects.filter(expires_at__lte=now),
    )
    return sum(rows.delete()[0] for rows in over)
