"""Checks of `manage.py check --database default`: keys, rows that no key opens, what AWS lacks."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DEFAULT_DB_ALIAS, DatabaseError

from messaging.models import Sender
from messaging.sealing.keyring import ring_of
from messaging.sealing.keys.ring import NUMBER, PURPOSES, KeysAway, Ring
from messaging.upkeep.rotating import TABLES, find_left

_SMS, _WHATSAPP, _SNS = "aws-sms", "aws-whatsapp", "aws-sns"
_AWS_NEEDS = (
    ("WAYMARK_AWS_REGION", {_SMS, _WHATSAPP, _SNS}, "nothing is sent by it", "waymark.W004"),
    ("WAYMARK_AWS_CONFIGURATION_SET", {_SMS}, "no receipt comes", "waymark.W005"),
    ("WAYMARK_AWS_TOPICS", {_SMS, _WHATSAPP}, "no receipt and no STOP is heard", "waymark.W006"),
    ("WAYMARK_AWS_WHATSAPP_ACCOUNT", {_WHATSAPP}, "no wording is submitted", "waymark.W007"),
)


@register(Tags.database)
def check_keys(*, databases: Sequence[str] | None = None, **_rest: Any) -> list[CheckMessage]:
    """Say which keys cannot be had, and which rows were sealed under a key that is in no ring."""
    if DEFAULT_DB_ALIAS not in (databases or ()):
        return []
    rings = {}
    for purpose in PURPOSES:
        try:
            rings[purpose] = ring_of(purpose)
        except KeysAway as error:
            hint = "Nothing is sent, and nobody is found, until they can be had again."
            return [Error(f"The {purpose} keys cannot be had. {error}", hint, id="waymark.E001")]
        except DatabaseError:
            return []  # before the first migration
    return [*_check_rows(rings[NUMBER]), *_check_settings()]


@register(Tags.database)
def check_aws(*, databases: Sequence[str] | None = None, **_rest: Any) -> list[CheckMessage]:
    """Say what a sender of AWS needs and has not: without it nothing goes, or nothing is told of it."""
    if DEFAULT_DB_ALIAS not in (databases or ()):
        return []
    try:
        used = set(Sender.objects.filter(active=True).values_list("provider", flat=True))
    except DatabaseError:
        return []  # before its migration
    used = {name for name in used if name.startswith("aws-")}
    return [
        Warning(f"{', '.join(sorted(used & providers))} is used without {name}: {why}.", id=code)
        for name, providers, why, code in _AWS_NEEDS
        if used & providers and not getattr(settings, name.removeprefix("WAYMARK_"))
    ]


def _check_rows(ring: Ring) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    for table in TABLES:
        lost = find_left(table).exclude(key_id__in=list(ring.keys))
        try:
            ids = sorted(set(lost.order_by().values_list("key_id", flat=True).distinct()))
            rows = lost.count() if ids else 0
        except DatabaseError:
            continue  # before its migration
        if ids:
            names = ", ".join(map(str, ids))
            found.append(
                Error(
                    f"{table.name}: {rows:,} rows are sealed under keys that are in no ring: {names}.",
                    hint="Put these keys back, as older ones, and run `manage.py rotate_keys`.",
                    id="waymark.E002",
                )
            )
    return found


def _check_settings() -> list[CheckMessage]:
    if (
        settings.KMS_KEY
        and (settings.NUMBER_KEYS or settings.INDEX_KEYS)
        and not settings.REHEARSAL
    ):
        return [
            Warning(
                "The settings hold keys beside those of the key service.",
                hint="`manage.py wrap_keys --take-over` wraps them; then take them out.",
                id="waymark.W003",
            )
        ]
    return []
