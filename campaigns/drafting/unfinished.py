"""Unfinished forms: kept for the person who filled them, a few at a time and for two weeks.

They hold choices only, and are checked when they are finished, like any other form.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.models import Unfinished
from cms.models import MessagePage

MOST, LASTS = 5, timedelta(days=14)
_LARGEST = 20_000
Fields = Mapping[str, list[str]]


class KeepError(Exception):
    """Say why a form cannot be kept, and what to do."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Hold one line of the list: which form, since when, and of which message, if one was chosen."""

    token: uuid.UUID
    kept_at: datetime
    title: str


def keep(user: User, token: str, fields: Fields, *, now: datetime) -> None:
    """Keep what somebody has chosen so far, in the place of what she had kept of the same form."""
    try:
        name = uuid.UUID(token)
    except ValueError as error:
        raise KeepError(_("This form cannot be kept. Open a new one.")) from error
    if sum(len(value) for values in fields.values() for value in values) > _LARGEST:
        raise KeepError(_("This form cannot be kept. Open a new one."))
    drop_old(now=now)
    with transaction.atomic():
        # Two tabs of hers at once come one after the other.
        User.objects.select_for_update().get(pk=user.pk)
        others = Unfinished.objects.filter(user=user).exclude(token=name)
        if others.count() >= MOST:
            words = _("%(most)s are kept already. Finish one of them, or throw one away.")
            raise KeepError(words % {"most": MOST})
        Unfinished.objects.update_or_create(
            user=user, token=name, defaults={"fields": dict(fields), "kept_at": now}
        )


def list_kept(user: User, *, now: datetime) -> list[Kept]:
    """Return what somebody has kept, the latest first."""
    rows = list(Unfinished.objects.filter(user=user, kept_at__gt=now - LASTS))
    chosen = {row.pk: _read_message(row) for row in rows}
    pages = MessagePage.objects.in_bulk([pk for pk in chosen.values() if pk]) if rows else {}
    titles = {pk: page.title for pk, page in pages.items()}
    return [Kept(row.token, row.kept_at, titles.get(chosen[row.pk], "")) for row in rows]


def find_fields(user: User, token: str, *, now: datetime) -> Fields | None:
    """Return what somebody has kept of a form, or None where she has kept nothing."""
    try:
        rows = Unfinished.objects.filter(user=user, token=uuid.UUID(token))
    except ValueError:
        return None
    return rows.filter(kept_at__gt=now - LASTS).values_list("fields", flat=True).first()


def discard(user: User, token: str) -> None:
    """Throw away what somebody has kept of a form."""
    try:
        Unfinished.objects.filter(user=user, token=uuid.UUID(token)).delete()
    except ValueError:
        return


def drop_old(*, now: datetime) -> int:
    """Throw away whatever was kept for too long and return how much."""
    dropped, _rows = Unfinished.objects.filter(kept_at__lte=now - LASTS).delete()
    return dropped


def _read_message(row: Unfinished) -> int:
    value = next(iter(row.fields.get("message", [])), "")
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 10 else 0
