"""The clock's sweep: what has reached its end is marked, and taken down where it says so.

Set-based: as many statements for a hundred thousand rows as for one. Running twice changes nothing.
Nothing depends on it for safety: a date that has passed counts at once, with or without the sweep.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Model
from wagtail.models import Page

from cms.models import Alert, Claim, ContactPoint, Fact, MessagePage, Pathway, Story
from cms.models.changes import tell_changes, update_content

SWEPT: tuple[type[Model], ...] = (
    Fact,
    Pathway,
    Claim,
    ContactPoint,
    Story,
    Alert,
    MessagePage,
)


@dataclass(frozen=True, slots=True)
class Swept:
    """How many rows, counted in every language, a sweep has changed."""

    expired: int
    taken_down: int


def sweep(*, today: date) -> Swept:
    """Mark as expired what has reached its date, and unpublish what must not outlive it."""
    expired = taken_down = 0
    for model in SWEPT:
        with transaction.atomic():
            expired += mark_expired(model, today=today)
            taken_down += take_down(model)
    return Swept(expired, taken_down)


def mark_expired(model: Any, *, today: date) -> int:
    """Mark the rows of one model whose day has come; return how many are new."""
    due = model.objects.filter(has_expired=False, expires__lte=today)
    return update_content(due, has_expired=True, told_at=None)


def take_down(model: Any) -> int:
    """Unpublish the expired rows of one model that say so; return how many were live."""
    over = model.objects.filter(has_expired=True, take_down=True, live=True)
    ended = {"live": False, "expired": True, "has_unpublished_changes": True}
    tell_changes(over, **ended)
    if issubclass(model, Page):
        # The columns are those of the page below it: one statement, without reading the ids.
        over = Page.objects.filter(pk__in=over.values("pk"))
    count: int = over.update(**ended)
    return count
