"""What tests of upkeep share: entries with dates, and what a major change does."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.utils import timezone
from wagtail.models import Locale

from cms.models import ContactPoint, Fact, HarmClass, TranslationState
from tests.conftest import PACK_DAY as TODAY

NOW = datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=UTC)
LATER = TODAY + timedelta(days=180)


def in_days(days: int) -> date:
    return TODAY + timedelta(days=days)


def make_fact(key: str = "T-1", language: str = "en", **fields: Any) -> Fact:
    """Return a new live fact with nothing wrong about it."""
    locale, _made = Locale.objects.get_or_create(language_code=language)
    kept = {"statement": f"{key} says so.", "kind": "figure", "review_by": LATER}
    return Fact.objects.create(key=key, locale=locale, **{**kept, **fields})


def make_contact(key: str = "T-K1", **fields: Any) -> ContactPoint:
    """Return a new live contact point that was reached today."""
    locale, _made = Locale.objects.get_or_create(language_code="en")
    kept = {
        "name": key,
        "statement": f"{key} helps.",
        "kind": "hotline_info",
        "review_by": LATER,
        "result": "reached",
        "last_tested_on": TODAY,
    }
    return ContactPoint.objects.create(key=key, locale=locale, **{**kept, **fields})


def translate(fact: Fact, language: str, **fields: Any) -> Fact:
    """Return a new translation of a fact, read by a second person."""
    kept = {
        "translation_key": fact.translation_key,
        "translation_state": TranslationState.REVIEWED,
        "harm_class": HarmClass.LOW,
    }
    return make_fact(fact.key, language, **{**kept, **fields})


def change(row: Any) -> None:
    """Do to an original what publishing a major change of it does."""
    type(row).objects.filter(pk=row.pk).update(changed_at=timezone.now() + timedelta(minutes=1))
