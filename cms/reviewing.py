"""What people do to keep content true: confirm it, test it; each act is recorded.

A finished review is what clears a thing for real people (`cms.models.editorial`); nothing else does.
"""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from cms.models import Act, ContactPoint, Review, TestResult, record
from cms.models.changes import update_content

__all__ = ["confirm", "note_test", "record"]


def confirm(row: Any, *, by: User, now: datetime) -> Review:
    """Record that a text is still correct, although something it rests on has changed."""
    with transaction.atomic():
        update_content(type(row).objects.filter(pk=row.pk), current_as_of=now)
        row.current_as_of = now
        return record(row, Act.CONFIRMED, by=by, now=now, revision=row.live_revision)


def note_test(point: ContactPoint, result: TestResult, *, by: User, now: datetime) -> Review:
    """Record what came of calling or visiting a contact point, for every language of it at once."""
    with transaction.atomic():
        rows = ContactPoint.objects.filter(translation_key=point.translation_key)
        update_content(
            rows,
            last_tested_on=now.date(),
            result=result,
            tested_by=by.get_full_name() or by.get_username(),
        )
        point.refresh_from_db()
        return record(point, Act.TESTED, by=by, now=now, note=result.value)
