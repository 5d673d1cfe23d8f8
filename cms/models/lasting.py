"""Until when a thing may be relied on: its last day, and what a new one does to its translations."""

from datetime import date
from typing import Any

from django.db.models import F, Q
from django.db.models.functions import Coalesce

from cms.models.changes import update_content
from cms.models.translated import TranslationState, source_of


def last_day_of(row: Any) -> date | None:
    """Return the day on which a thing ends; a plain page has none."""
    day: date | None = getattr(row, "expires", None)
    return day


def is_renewed(stands: Any, day: date | None) -> bool:
    """Tell whether a new last day brings back what had ended, as it stands in the database."""
    ended = last_day_of(stands)
    if not stands.has_expired or day == ended:
        return False
    return day is None or ended is None or day > ended


def share_last_day(stands: Any, row: Any) -> None:
    """Give what an original's new last day is to its translations: it is as true of them.

    `stands` is the original as it was before. Drafts written with the old day take up the new one.
    """
    day = last_day_of(row)
    if row.translation_state != TranslationState.ORIGINAL or day == last_day_of(stands):
        return
    model = type(row)
    rows = model._base_manager.filter(translation_key=row.translation_key).exclude(pk=row.pk)
    later = Q() if day is None else Q(expires__lt=day)
    update_content(rows.filter(later, has_expired=True), has_expired=False, told_at=None)
    fields: dict[str, Any] = {"expires": day}
    if model.lasting_field == "expires":
        fields["worded_until"] = Coalesce("worded_until", F("expires"))
    update_content(rows, **fields)


def shared_last_day(row: Any) -> dict[str, Any]:
    """Return the last day of a translation that nobody chooses for it: its original's."""
    if not hasattr(row, "expires") or row.lasting_field == "expires":
        return {}
    return {"expires": source_of(row).expires}
