"""What the tests of translating share: an original with its translations, and PO files to bring."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.utils import timezone
from wagtail.models import Locale, Page

from cms.models import Fact, MessagePage, PlainPage
from cms.translating.exporting import make_sheet
from cms.translating.naming import Name, find_translation
from cms.translating.po import Entry, Sheet, write_sheet
from cms.translating.scopes import find_scope

MADE = "2026-11-21 00:00+0000"


def again(row: Any) -> Any:
    return type(row).objects.get(pk=row.pk)


def fact(key: str = "CM-R1", language: str = "en") -> Fact:
    return Fact.objects.get(key=key, locale__language_code=language)


def plain_page(kind: str = "privacy", language: str = "en") -> PlainPage:
    found: PlainPage = PlainPage.objects.get(kind=kind, locale__language_code=language)
    return found


def new_language(code: str = "om") -> Locale:
    return Locale.objects.get_or_create(language_code=code)[0]


def in_language(original: Any, language: str) -> Any:
    """Return the row of a thing in one language, freshly read, or None."""
    return find_translation(original, language)


def draft_of(row: Any) -> Any:
    return again(row).get_latest_revision_as_object()


def live_words(model: Any = None) -> dict[tuple[str, int], tuple[Any, ...]]:
    """Return what readers can see of every fact, message and page, to compare before and after."""
    seen: dict[tuple[str, int], tuple[Any, ...]] = {}
    for row in Fact.objects.all():
        seen["fact", row.pk] = row.live, row.statement, row.translation_state, row.sendable
    for page in MessagePage.objects.all():
        seen["message", page.pk] = page.live, page.title, page.sms_text, page.translation_state
    for page in Page.objects.all():
        seen["page", page.pk] = page.live, page.title, page.url_path, page.alias_of_id
    return seen


def change_major(original: Fact, statement: str) -> None:
    """Let an original say something else, live, as a major change."""
    draft = original.get_latest_revision_as_object()
    draft.statement = statement
    draft.change_kind = "major"
    draft.save_revision().publish()
    assert again(original).changed_at is not None


def sheet_of(name: str, language: str) -> Sheet:
    """Return the texts of `kind:key` as they would be exported now."""
    kind, _colon, key = name.partition(":")
    return make_sheet(find_scope(Name(kind, key)), language=language)


def filled(sheet: Sheet, fill: Callable[[Entry], str | None]) -> Sheet:
    """Return a sheet as a translator brings it back; None leaves an entry as it is."""
    entries = [
        entry if (words := fill(entry)) is None else replace(entry, words=words)
        for entry in sheet.entries
    ]
    return replace(sheet, entries=tuple(entries))


def as_file(sheet: Sheet) -> bytes:
    return write_sheet(sheet, made=MADE)


def now() -> Any:
    return timezone.now()
