"""Consent wordings: what people say yes to, word for word, in each language; published once, never changed.

They are data (`messaging/data/wordings.yaml`); the table keeps each version for ever, so that a yes of
years ago can be shown with the words it was said to. It holds no text of any other kind.
"""

import logging
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections

from locales.languages import choose_language
from messaging.models import Wording
from messaging.models.subscribers import Purpose

logger = logging.getLogger("waymark.messaging")

MOST_WORDS = 60
_FILE = Path(__file__).resolve().parent.parent / "data" / "wordings.yaml"


class NoWordingError(LookupError):
    """Say that nothing is written yet that somebody could say yes to."""


@dataclass(frozen=True, slots=True)
class Draft:
    """Hold one wording as the data has it."""

    purpose: str
    version: int
    language: str
    text: str
    reviewed: bool

    @property
    def reference(self) -> str:
        """Return its name in the ledger, such as `messages-1.ar`."""
        return f"{self.purpose}-{self.version}.{self.language}"

    @property
    def words(self) -> str:
        """Return what people read, with the name that the service gives itself."""
        return self.text.replace("{service}", settings.SERVICE_NAME)


@lru_cache(maxsize=1)
def read_drafts() -> tuple[Draft, ...]:
    """Return every wording of the data."""
    held: dict[str, Any] = yaml.safe_load(_FILE.read_text("utf-8"))
    return tuple(
        Draft(
            purpose=Purpose(group["purpose"]).value,
            version=int(group["version"]),
            language=language,
            text=" ".join(written["text"].split()),
            reviewed=bool(written["reviewed"]),
        )
        for group in held["wordings"]
        for language, written in group["texts"].items()
    )


def ensure_wordings() -> None:
    """Publish what is new; what was published keeps its words, whatever the data says now."""
    drafts = {draft.reference: draft for draft in read_drafts()}
    known = {row.reference: row for row in Wording.objects.filter(reference__in=drafts)}
    Wording.objects.bulk_create(
        [_publish(draft) for name, draft in drafts.items() if name not in known],
        ignore_conflicts=True,
    )
    for name, row in known.items():
        if row.text != drafts[name].words:
            logger.warning("The wording %s was published with other words. Add a version.", name)
        elif drafts[name].reviewed and not row.reviewed:
            Wording.objects.filter(pk=row.pk).update(reviewed=True)


def publish_after_migrating(using: str = DEFAULT_DB_ALIAS, **_: Any) -> None:
    """Publish the wordings where their table is there: a migration may lead back to before it."""
    if Wording._meta.db_table in connections[using].introspection.table_names():
        ensure_wordings()


def current(purpose: str, language: str) -> Wording:
    """Return the newest wording in a language or the nearest; raise `NoWordingError` if there is none."""
    by_language: dict[str, Wording] = {}
    for row in Wording.objects.filter(purpose=purpose).order_by("version"):
        by_language[row.language] = row
    nearest = choose_language(language, by_language)
    if nearest is None:
        raise NoWordingError(f"There is no wording for {purpose} yet.")
    return by_language[nearest]


def is_published(reference: str, purpose: str) -> bool:
    """Say whether a reference names words that were published for a purpose."""
    return Wording.objects.filter(reference=reference, purpose=purpose).exists()


def _publish(draft: Draft) -> Wording:
    return Wording(
        reference=draft.reference,
        purpose=draft.purpose,
        version=draft.version,
        language=draft.language,
        text=draft.words,
        reviewed=draft.reviewed,
    )
