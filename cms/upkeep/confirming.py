"""“Reviewed, still correct”: when it is offered, to whom, and what it does. It is no edit.

Confirming is a reading by a person, so who wrote what is live does not confirm it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from cms.freshness import Age, age_of
from cms.holding import is_behind, read_subject, read_text
from cms.models import ContactPoint, MessagePage, TranslationState
from cms.models.changes import update_content
from cms.overdue import review_field
from cms.reviewing import confirm
from cms.rights import Role, may_write
from cms.upkeep.history import authors_of_live

USUAL = timedelta(days=180)
USUAL_FOR_CONTACTS = timedelta(days=30)
# A date set shortly before an edit says nothing of how often a thing is to be reviewed.
SHORTEST = timedelta(days=14)
LONGEST = timedelta(days=366)
NEAR = frozenset({Age.DUE, Age.STALE})
CONFIRMING = (
    Role.EDITORS,
    Role.REVIEWERS,
    Role.PROTECTION_REVIEWERS,
    Role.PUBLISHERS,
    Role.ADMINISTRATORS,
    Role.TRANSLATORS,
)
MOST_NAMES = 4


class NotConfirmable(PermissionDenied):
    """Raised when this person may not confirm this, or nothing asks for it; its words say why."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What confirming a text would do: it catches up, and may get a new review date."""

    new_day: date | None = None


@dataclass(frozen=True, slots=True)
class Dates:
    """The dates of one original: `written` is when it was last written or confirmed."""

    review_by: date
    written: date
    expires: date | None = None
    has_expired: bool = False
    usual: timedelta = USUAL

    def next_day(self, *, today: date) -> date | None:
        """Return its next review date if it is confirmed today; None where there is none to give."""
        age = age_of(
            self.review_by, today=today, expires=self.expires, has_expired=self.has_expired
        )
        if age not in NEAR:
            return None
        length = self.review_by - self.written
        if not SHORTEST <= length <= LONGEST:
            length = self.usual
        day = today + length
        if self.expires is not None:
            day = min(day, self.expires)
        return day if day > max(today, self.review_by) else None


def usual_for(model: Any) -> timedelta:
    """Return for how long a kind is confirmed where its dates do not say."""
    return USUAL_FOR_CONTACTS if model is ContactPoint else USUAL


def next_day_of_entry(row: Any, *, today: date) -> date | None:
    """Return the next review date of an original entry that is confirmed today."""
    dates = Dates(
        review_by=row.review_by,
        written=timezone.localdate(row.current_as_of),
        expires=row.expires,
        has_expired=row.has_expired,
        usual=usual_for(type(row)),
    )
    return dates.next_day(today=today)


def next_day_of_message(expires: date, ends: Iterable[date], *, today: date) -> date | None:
    """Return until when a message may run on: as long as everything it uses does."""
    if age_of(expires, today=today, expires=expires) != Age.DUE:
        return None
    day = min(ends, default=today + USUAL)
    return day if day > expires else None


def offer_for(row: Any, *, today: date) -> Offer | None:
    """Return what confirming this text would do today; None where nothing asks for it."""
    if not row.live or _age(row, today) == Age.EXPIRED:
        return None
    is_original = row.translation_state == TranslationState.ORIGINAL
    day = _next_day(row, today) if is_original else None
    return Offer(day) if day is not None or is_behind(row) else None


def confirm_text(row: Any, *, by: User, now: datetime, seen_at: datetime | None) -> Offer:
    """Record that a text is still correct, and give it its next review date where that was near.

    `seen_at` is when she was shown it: what has changed since she has not held against anything.
    Raise NotConfirmable for that, when nothing asks for it, or when somebody else must do it.
    """
    offer = offer_for(row, today=timezone.localdate(now))
    if offer is None:
        raise NotConfirmable(_("There is nothing to confirm here today."))
    if words := why_not(row, by):
        raise NotConfirmable(words)
    if seen_at is None or seen_at < _last_change(row):
        raise NotConfirmable(_("This has changed since you opened it. Look at it again first."))
    with transaction.atomic():
        confirm(row, by=by, now=now)
        if offer.new_day is not None:
            _prolong(row, offer.new_day)
    return offer


def why_not(row: Any, user: Any) -> str:
    """Return why this person may not confirm this text, and who may; empty where she may."""
    if not _may_read(user):
        return _("You may not confirm this. Editors and reviewers may.")
    if not may_write(user, row):
        return _("You may not confirm this: it is in none of your languages.")
    authors = authors_of_live(row)
    if user.pk in authors:
        words = _("You wrote what is live here, so somebody else must confirm it: %(people)s.")
        return words % {"people": _name_others(authors)}
    return ""


def _last_change(row: Any) -> datetime:
    text = read_text(row)
    changes = (row.last_published_at, text.source_changed_at, text.use_changed_at)
    return max((moment for moment in changes if moment), default=row.current_as_of)


def _may_read(user: Any) -> bool:
    # A translator knows best whether her own language is still right.
    return bool(user.is_superuser or user.groups.filter(name__in=CONFIRMING).exists())


def _name_others(authors: set[int]) -> str:
    others = User.objects.filter(is_active=True, groups__name__in=CONFIRMING).distinct()
    found = others.exclude(pk__in=authors).order_by("pk")[:MOST_NAMES]
    names = [person.get_full_name() or person.get_username() for person in found]
    return ", ".join(names) or _("any other editor or reviewer; there is none yet")


def _age(row: Any, today: date) -> Age:
    return age_of(
        getattr(row, review_field(type(row)), today + USUAL),
        today=today,
        expires=getattr(row, "expires", None),
        has_expired=row.has_expired,
    )


def _next_day(row: Any, today: date) -> date | None:
    if isinstance(row, MessagePage):
        ends = [day for use in read_subject(row).uses for day in (use.review_by, use.expires)]
        return next_day_of_message(row.expires, filter(None, ends), today=today)
    return next_day_of_entry(row, today=today) if hasattr(row, "review_by") else None


def _prolong(row: Any, day: date) -> None:
    """Set a new date in every language; the day that the drafts name gives way to it."""
    field = review_field(type(row))
    rows = type(row).objects.filter(translation_key=row.translation_key)
    worded = Coalesce("worded_until", F(field))
    update_content(rows, **{field: day, "worded_until": worded})
    setattr(row, field, day)
