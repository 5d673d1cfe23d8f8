"""Codes: what a provider's error codes mean in our words; a table that people may add to.

Shipped as data (`messaging/data/codes.yaml`), renewed with each version; a row that a person changed
stays hers. A code that nobody has explained fails the message, opens an alarm and is listed for a
person. Providers know no database: they keep tables of their own and are handed `settle`, which puts a
person's word before theirs. It looks into the memory only, so that it may be asked from anywhere;
`keep_up` renews that, and is called where the database is at hand.
"""

import logging
import re
import time
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from django.db import DEFAULT_DB_ALIAS, connections
from django.utils.translation import gettext_lazy as _

from messaging import wire
from messaging.guarding import watching
from messaging.models import Alarm, ProviderCode
from messaging.wire import UNRECOGNISED

__all__ = ["PROVIDERS", "REASONS", "UNRECOGNISED", "keep_up", "save", "settle"]

# Whose codes: several of our providers may share one table.
PROVIDERS = {"twilio": "Twilio", "aws": "AWS", "meta": "WhatsApp (Meta)"}
REASONS = {
    wire.OPTED_OUT: _("The person has stopped messages there. She is put on the stop list."),
    wire.UNUSABLE: _("The number cannot receive. The next broadcast tries again."),
    wire.SENDER: _("Our sender or account was refused. Sending by it stops until somebody looks."),
    wire.CONTENT: _("The text or its template was refused."),
    wire.FILTERED: _("A network or provider took it for spam, or blocks it."),
    wire.BUSY: _("Refused for now, and tried again later."),
    wire.TEMPORARY: _("It failed, but the cause may pass. It is not repeated in this broadcast."),
    wire.EXPIRED: _("It could not be delivered in time."),
    wire.LIMITED: _("A limit of the provider or of WhatsApp was reached."),
    UNRECOGNISED: _("Nobody has explained this code yet."),
}

_FILE = Path(__file__).resolve().parent.parent / "data" / "codes.yaml"
_FRESH_SECONDS = 60.0
_MOST_UNEXPLAINED = 200
_MOST_HEARD = 50
_CODE = re.compile(r"[A-Za-z0-9_.: -]{1,80}")
_ODD = re.compile(r"[^A-Za-z0-9 _.:-]")

log = logging.getLogger("waymark.codes")


class UnknownReason(ValueError):
    """Say that a reason is none of ours."""


@dataclass(frozen=True, slots=True)
class Code:
    """Hold one line of the data."""

    provider: str
    code: str
    reason: str
    note: str


class _Memory:
    """Hold what people made of codes, as it was last read, and what was heard that is in no table."""

    def __init__(self) -> None:
        self.own: dict[tuple[str, str], str] = {}
        self.read_at: float | None = None
        self.heard: set[tuple[str, str]] = set()
        self.told: set[tuple[str, str]] = set()


_memory = _Memory()


@lru_cache(maxsize=1)
def read_shipped() -> tuple[Code, ...]:
    """Return every code of the data."""
    held: dict[str, Any] = yaml.safe_load(_FILE.read_text("utf-8"))
    return tuple(
        Code(provider, str(code), reason, str(note or "")[:200])
        for provider, reasons in held.items()
        for reason, codes in reasons.items()
        for code, note in codes.items()
    )


def ensure_codes() -> None:
    """Write the shipped codes; a person's own rows stay, unless nobody had explained them."""
    known = {(row.provider, row.code): row for row in ProviderCode.objects.all()}
    fresh = []
    for one in read_shipped():
        row = known.get((one.provider, one.code))
        given = {"reason": one.reason, "note": one.note, "shipped": True}
        if row is None:
            fresh.append(ProviderCode(provider=one.provider, code=one.code, **given))
        elif (row.shipped or row.reason == UNRECOGNISED) and _is_other(row, one):
            ProviderCode.objects.filter(pk=row.pk).update(**given)
    ProviderCode.objects.bulk_create(fresh, ignore_conflicts=True)


def load_after_migrating(using: str = DEFAULT_DB_ALIAS, **_signal: Any) -> None:
    """Write the codes where their table is there: a migration may lead back to before it."""
    if ProviderCode._meta.db_table in connections[using].introspection.table_names():
        ensure_codes()


def settle(provider: str, code: str, reason: str) -> str:
    """Return what a person made of a code, or else `reason`, which our own tables make of it."""
    settled = _memory.own.get((provider, code), reason)
    if settled == UNRECOGNISED:
        _hear(provider, code)
    return settled


def hear_word(word: str) -> None:
    """Note a word for a state that no table has; it changes no state, and a person is told."""
    _hear("", _ODD.sub("", word)[:30])


def keep_up(*, now: datetime) -> None:
    """Read again what is older than a minute, and tell of what was heard that nobody has explained."""
    if _memory.heard:
        _tell(now=now)
    aged = _memory.read_at is None or time.monotonic() - _memory.read_at > _FRESH_SECONDS
    if aged:
        read_again()


def read_again() -> None:
    """Read the table anew, as after somebody has changed it."""
    rows = ProviderCode.objects.filter(shipped=False).exclude(reason=UNRECOGNISED)
    said = rows.values_list("provider", "code", "reason")
    _memory.own = {(provider, code): reason for provider, code, reason in said}
    _memory.told.clear()
    _memory.read_at = time.monotonic()


def save(provider: str, code: str, *, reason: str, note: str) -> ProviderCode:
    """Write what a person says that a code means and return it; it stays as it is in later versions."""
    if reason not in REASONS or provider not in PROVIDERS:
        raise UnknownReason(reason)
    row, _made = ProviderCode.objects.update_or_create(
        provider=provider,
        code=code,
        defaults={"reason": reason, "note": note[:200], "shipped": False},
    )
    read_again()
    return row


def _hear(provider: str, code: str) -> None:
    if len(_memory.heard) < _MOST_HEARD and (provider, code) not in _memory.told:
        _memory.heard.add((provider, code))


def _tell(*, now: datetime) -> None:
    heard, _memory.heard = _memory.heard, set()
    _memory.told |= heard
    for provider, said in sorted(heard):
        log.warning("a provider used what is in no table: %s %s", provider, said)
    codes = [
        ProviderCode(provider=provider, code=code, reason=UNRECOGNISED)
        for provider, code in sorted(heard)
        if provider and _CODE.fullmatch(code)
    ]
    unexplained = ProviderCode.objects.filter(reason=UNRECOGNISED).count()
    ProviderCode.objects.bulk_create(
        codes[: max(0, _MOST_UNEXPLAINED - unexplained)], ignore_conflicts=True
    )
    watching.raise_alarm(Alarm.Kind.CODES, now=now)


def _is_other(row: ProviderCode, one: Code) -> bool:
    return (row.reason, row.note, row.shipped) != (one.reason, one.note, True)
