"""The stored answers as a table: finding one, keeping one, and marking stale what has changed.

The race: a view reads old content, a publisher commits and marks stale, and the view then stores what
it has read. So whoever stores has looked at the content's version before making, holds its row while
storing, and stores only if it is still the same; the publisher counts it up after the commit and then
marks stale once more. Whatever goes wrong in between, nothing is served for longer than a day.
"""

import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.models import F, Q, QuerySet

from cms.models import ContentVersion, StoredAnswer, StoredUse
from cms.publishing.compressing import BEST, BR, GZIP, IDENTITY, compress, expand
from cms.publishing.fingerprints import fingerprint
from cms.reader import tracing

LONGEST = timedelta(hours=24)
# Made anew a little earlier, so that no reader waits for it.
RENEWED_AFTER = timedelta(hours=23)
_COLUMN = 255
_ONLY = 1  # the one row of the content's version
# Written by hand: to put these words together for each request takes longer than to answer it.
_FIND = """
    SELECT NOT is_stale AND build = %s AND (until IS NULL OR until > %s) AND made_at > %s,
           kind, language, title, etag, content_type, headers, {body}
      FROM cms_storedanswer WHERE path = %s
"""
_FIND_BR, _FIND_GZIP = _FIND.format(body="body_br"), _FIND.format(body="body_gzip")
_MILLISECONDS = 250


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer to readers; `body` is in the encoding that it is sent in."""

    kind: str
    language: str
    title: str
    etag: str
    content_type: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Found:
    """What the table says of a path: the answer while it is fresh, else None; whether there is one."""

    answer: Answer | None
    exists: bool


@dataclass(frozen=True, slots=True)
class Noted:
    """What was noted while an answer was made (`cms.reader.tracing`), and its text for the search.

    `begun` is the content's version before it was made.
    """

    begun: int
    tokens: Collection[str]
    until: date | None
    folded: str


def find(path: str, *, encoding: str, now: datetime, today: date) -> Found:
    """Look a path up: one query, without an object for the row."""
    adapt = connection.ops
    wanted = (
        fingerprint(),
        adapt.adapt_datefield_value(today),
        adapt.adapt_datetimefield_value(now - LONGEST),
        path,
    )
    with connection.cursor() as cursor:
        cursor.execute(_FIND_BR if encoding == BR else _FIND_GZIP, wanted)
        row = cursor.fetchone()
    if row is None or not row[0]:
        return Found(None, exists=row is not None)
    _is_fresh, kind, language, title, etag, content_type, headers, kept = row
    packed = bytes(kept)
    sent = packed if encoding in {BR, GZIP} else expand(packed)
    answer = Answer(kind, language, title, etag, content_type, _read_headers(headers), sent)
    return Found(answer, exists=True)


def retrace(path: str) -> None:
    """Note for the answer that is being made what the stored one, which it is made from, was made from."""
    for until, token in StoredAnswer.objects.filter(path=path).values_list("until", "uses__token"):
        tracing.change_on(until)
        if token:
            tracing.use(token)


@lru_cache(maxsize=256)
def _read_headers(text: str) -> dict[str, str]:
    # Few answers differ in them. Whoever gets the dictionary only reads it.
    read: dict[str, str] = json.loads(text)
    return read


def content_version() -> int:
    """Return how often the content has changed; asked before an answer is made."""
    return ContentVersion.objects.filter(pk=_ONLY).values_list("number", flat=True).first() or 0


def pack(body: bytes) -> dict[str, bytes]:
    """Return a body in every encoding, as small as it gets."""
    return {
        BR: compress(body, BR, quality=BEST),
        GZIP: compress(body, GZIP, quality=BEST),
        IDENTITY: body,
    }


def keep(
    path: str, answer: Answer, noted: Noted, *, packed: dict[str, bytes], now: datetime
) -> bool:
    """Store an answer made from the content as it was at a version; tell whether it was stored.

    It is not where the content has changed since, nor where somebody is changing it: no reader waits.
    """
    if len(path) > _COLUMN:
        return False
    fields = {
        "kind": answer.kind,
        "language": answer.language,
        "title": answer.title,
        "folded": noted.folded,
        "content_type": answer.content_type,
        "headers": answer.headers,
        "body_br": packed[BR],
        "body_gzip": packed[GZIP],
        "size": len(packed[IDENTITY]),
        "size_br": len(packed[BR]),
        "etag": answer.etag,
        "until": noted.until,
        "build": fingerprint(),
        "is_stale": False,
        "made_at": now,
    }
    try:
        with _waiting_little(), transaction.atomic():
            held = ContentVersion.objects.select_for_update(nowait=True)
            version, _is_new = held.get_or_create(pk=_ONLY)
            if version.number != noted.begun:
                return False
            _write(path, fields, noted.tokens)
    except OperationalError:
        return False
    return True


def _write(path: str, fields: dict[str, Any], tokens: Collection[str]) -> None:
    # A publisher that holds this row is about to make it stale.
    row = StoredAnswer.objects.select_for_update(nowait=True).filter(path=path).only("pk").first()
    if row is None:
        row = StoredAnswer.objects.create(path=path, **fields)
    else:
        StoredAnswer.objects.filter(pk=row.pk).update(**fields)
    known = set(StoredUse.objects.filter(answer=row).values_list("token", flat=True))
    if gone := known.difference(tokens):
        StoredUse.objects.filter(answer=row, token__in=gone).delete()
    new = sorted(set(tokens) - known)
    StoredUse.objects.bulk_create([StoredUse(answer=row, token=token) for token in new])


@contextmanager
def _waiting_little() -> Iterator[None]:
    """Let SQLite give up soon where somebody else is writing."""
    if connection.vendor != "sqlite":
        yield
        return
    usual = int(connection.settings_dict["OPTIONS"].get("timeout", 5) * 1000)
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA busy_timeout = {_MILLISECONDS}")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {usual}")


def forget(path: str) -> None:
    """Delete what is not fresh of a path at which nothing stands any more, with its text."""
    try:
        with _waiting_little(), transaction.atomic():
            rows = StoredAnswer.objects.filter(path=path)
            for row in rows.select_for_update(nowait=True).only("pk"):
                row.delete()
    except OperationalError:
        return


# ---- What has changed --------------------------------------------------------------------------


def mark_stale(tokens: Collection[str]) -> int:
    """Mark the answers that use any of these; return how many are new."""
    using = StoredUse.objects.filter(token__in=sorted(tokens)).values("answer")
    return _mark(StoredAnswer.objects.filter(pk__in=using))


def mark_all_stale() -> int:
    """Mark every answer; return how many are new."""
    return _mark(StoredAnswer.objects.all())


def _mark(answers: "QuerySet[StoredAnswer]") -> int:
    with transaction.atomic():
        # In one order, so that no two publishers wait for each other.
        held = answers.filter(is_stale=False).order_by("pk").select_for_update()
        found = list(held.values_list("pk", flat=True))
        return StoredAnswer.objects.filter(pk__in=found).update(is_stale=True) if found else 0


def count_up() -> None:
    """Let everything that is being made from older content not be stored any more."""
    if not ContentVersion.objects.filter(pk=_ONLY).update(number=F("number") + 1):
        version, is_new = ContentVersion.objects.get_or_create(pk=_ONLY, defaults={"number": 1})
        if not is_new:
            ContentVersion.objects.filter(pk=version.pk).update(number=F("number") + 1)


def unfresh(*, now: datetime, today: date) -> "QuerySet[StoredAnswer]":
    """Return the answers that must be made anew, or soon."""
    return StoredAnswer.objects.filter(
        Q(is_stale=True)
        | Q(until__lte=today)
        | Q(made_at__lte=now - RENEWED_AFTER)
        | ~Q(build=fingerprint())
    )
