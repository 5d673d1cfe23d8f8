"""Feeding a person's own calendar programme: a private address, and what stands behind it as ICS.

Whoever has the address reads the feed, so it names no message, no route and no country, and nothing of
other partners. The format is RFC 5545.
"""

import hashlib
import secrets
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from campaigns import audit
from campaigns.calendar.agenda import list_own
from campaigns.models import Broadcast, CalendarKey
from campaigns.permissions import visible_to

_KEY_BYTES = 32
_BEFORE, _AHEAD = timedelta(days=31), timedelta(days=183)
_LENGTH = timedelta(minutes=30)
_MOST = 1_000
# A line of the format, without its end.
_LINE = 75
_SURE = (Broadcast.State.APPROVED, Broadcast.State.LAUNCHED, Broadcast.State.OVER)


def renew_key(user: User, *, language: str, now: datetime) -> str:
    """Return a new key of a person's feed, which is kept nowhere; the one before is worth nothing."""
    key = secrets.token_urlsafe(_KEY_BYTES)
    fields = {"key_hash": _hash(key), "language": language, "made_at": now}
    with transaction.atomic():
        CalendarKey.objects.update_or_create(user_id=user.pk, defaults=fields)
        _note("made_feed", user, now=now)
    return key


def end_key(user: User, *, now: datetime) -> bool:
    """End a person's feed and say whether there was one."""
    with transaction.atomic():
        ended, _rows = CalendarKey.objects.filter(user_id=user.pk).delete()
        if ended:
            _note("ended_feed", user, now=now)
    return bool(ended)


def find_key(key: str) -> CalendarKey | None:
    """Return the feed of a key, of somebody who may still sign in."""
    known = CalendarKey.objects.filter(key_hash=_hash(key), user__is_active=True)
    return known.select_related("user").first()


def write_feed(feed: CalendarKey, *, now: datetime) -> str:
    """Return what a person's partners plan, as ICS in her language."""
    slots = list_own(feed.user, now - _BEFORE, now + _AHEAD, now=now)[:_MOST]
    rows = visible_to(feed.user).in_bulk({slot.broadcast for slot in slots})
    with override(feed.language):
        lines = [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//Waymark//Calendar//EN",
            "CALSCALE:GREGORIAN",
            "METHOD:PUBLISH",
            f"X-WR-CALNAME:{_escape(_('Plan'))}",
        ]
        for slot in slots:
            if row := rows.get(slot.broadcast):
                lines += _write_event(row, slot.moment, now=now)
    return _fold([*lines, "END:VCALENDAR"])


def _note(verb: str, user: User, *, now: datetime) -> None:
    # Neither the key nor its fingerprint: the address opens what stands behind it.
    audit.note(verb, kind="person", code=str(user.pk), actor=user.pk, now=now)


def _write_event(broadcast: Broadcast, moment: datetime, *, now: datetime) -> Iterator[str]:
    is_sure = broadcast.state in _SURE
    # Of a rule every time is an event of its own; anything else keeps its name when it is moved.
    name = f"{broadcast.code}-{moment:%Y%m%d}" if broadcast.schedule_id else broadcast.code
    yield "BEGIN:VEVENT"
    yield f"UID:{name}@waymark"
    yield f"DTSTAMP:{_stamp(now)}"
    yield f"DTSTART:{_stamp(moment)}"
    yield f"DTEND:{_stamp(moment + _LENGTH)}"
    yield f"SUMMARY:{_escape(_('Planned') if is_sure else _('Planned, not certain'))}"
    yield f"STATUS:{'CONFIRMED' if is_sure else 'TENTATIVE'}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _stamp(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _escape(text: str) -> str:
    for mark in ("\\", ";", ","):
        text = text.replace(mark, f"\\{mark}")
    return text.replace("\n", "\\n")


def _fold(lines: Iterable[str]) -> str:
    """Join lines, the long ones broken between characters, none over 75 octets."""
    written = []
    for line in lines:
        part = ""
        for letter in line:
            if len(f"{part}{letter}".encode()) > _LINE:
                written.append(part)
                part = " "
            part += letter
        written.append(part)
    return "".join(f"{line}\r\n" for line in written)


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
