"""Saving a translation: always as a draft of its row, never over what is live, never published.

This stands in for wagtail-localize's own way, which writes the live row and fills gaps with English.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db import transaction
from wagtail.coreutils import find_available_slug
from wagtail.models import Locale, Page
from wagtail_localize.fields import copy_synchronised_fields
from wagtail_localize.models import StringTranslation, TranslationLog, TranslationSource
from wagtail_localize.segments import StringSegmentValue
from wagtail_localize.segments.ingest import ingest_segments

from cms.marking import mark
from cms.models import HomePage, TranslationState
from cms.models.changes import update_content
from cms.translating.adopting import MACHINE, adopt
from cms.translating.naming import find_translation
from cms.translating.texts import (
    NO_TEXTS,
    Words,
    as_markup,
    is_field,
    parted_fields,
    text_fields,
    texts_beside,
    wording_of,
)

# What is true of the original as a thing, and of no translation that begins today.
FRESH = (
    "live_revision",
    "first_published_at",
    "last_published_at",
    "go_live_at",
    "expire_at",
    "expired",
    "locked",
    "locked_at",
    "locked_by",
    "status",
    "sendable",
    "told_at",
    "worded_until",
    "changed_at",
    "current_as_of",
    "translation_state",
    # Read aloud, spoken and approved in the original's language only.
    "plain_language",
    "recording",
    "whatsapp_template_state",
)


def save_as_draft(
    source: TranslationSource, locale: Locale, user: Any = None, **_wishes: Any
) -> tuple[Any, bool]:
    """Save what is translated as a draft of its row, making the row where there is none.

    Takes the place of `TranslationSource.create_or_update_translation`; its wishes to publish and to
    fill gaps with the original's words are not heard. Other edits of an open draft stay.
    """
    with transaction.atomic():
        original = source.get_source_instance()
        source, _made = TranslationSource.update_or_create_from_instance(wording_of(original))
        row = find_translation(original, locale.language_code)
        is_new = row is None
        if row is None:
            row = make_target(original, locale, user=user)
            _say_who_made_it(row, source)
        draft = row.get_latest_revision_as_object()
        _fill(draft, source, locale)
        # A draft may lack what a live text must have.
        revision = draft.save_revision(user=user, log_action=True, clean=False)
        TranslationLog.objects.create(source=source, locale=locale, revision=revision)
    return draft, is_new


def make_target(original: Any, locale: Locale, *, user: Any) -> Any:
    """Return a new row for a language: not live, and without a word of the original's language."""
    names = {field.name for field in original._meta.get_fields()}
    without = [name for name in (*text_fields(type(original)), *FRESH) if name in names]
    if isinstance(original, Page):
        without.remove("title")
        return _make_page(original, locale, user=user, without=without)
    row = original.copy_for_translation(locale, exclude_fields=without)
    row.live = False
    row.has_unpublished_changes = True
    row.translation_state = TranslationState.UNREVIEWED
    row.save()
    return row


def _make_page(original: Page, locale: Locale, *, user: Any, without: list[str]) -> Any:
    _ensure_parent(original, locale, user)
    page = original.copy_for_translation(locale, exclude_fields=without)
    longest = page._meta.get_field("title").max_length
    page.title = mark(original.title, language=locale.language_code, longest=longest)
    page.owner = user
    if isinstance(page, HomePage):
        wanted, root = locale.language_code, page.get_parent()
        page.slug = find_available_slug(root, wanted, ignore_page_id=page.pk)
    page.save()
    # The copy's own draft has the original's title still.
    page.save_revision(user=user, clean=False)
    return page


def _ensure_parent(page: Page, locale: Locale, user: Any) -> None:
    """Make the page above in the language first: Wagtail would make it live, in English."""
    parent = page.get_parent().specific
    if not parent.is_root() and find_translation(parent, locale.language_code) is None:
        adopt(parent, locale, row=None).save_target(user=user)


def _say_who_made_it(row: Any, source: TranslationSource) -> None:
    by_machine = StringTranslation.objects.filter(
        context__object_id=source.object_id, locale=row.locale, translation_type=MACHINE
    )
    if by_machine.exists():
        row.translation_state = TranslationState.MACHINE
        rows = type(row).objects.filter(pk=row.pk)
        update_content(rows, translation_state=TranslationState.MACHINE)


def _fill(draft: Any, source: TranslationSource, locale: Locale) -> None:
    wording = source.as_instance()
    present = texts_beside(draft, wording)
    # Blocks of its own would be lost: they stay, and are changed on their own page.
    apart = {name: getattr(draft, name) for name in parted_fields(draft, wording)}
    copy_synchronised_fields(wording, draft)
    segments = [
        segment
        for segment in _segments(source, locale, present)
        if segment.path.partition(".")[0] not in apart
    ]
    ingest_segments(wording, draft, source.locale, locale, segments)
    for name, value in apart.items():
        setattr(draft, name, value)
    if texts_beside(draft, wording) != present and hasattr(draft, "plain_language"):
        draft.plain_language = False  # nobody has read these words aloud yet


def _segments(
    source: TranslationSource, locale: Locale, present: Mapping[str, str]
) -> Iterator[StringSegmentValue]:
    """Give what is translated; within blocks, whose shape is the original's, also what stays as it is."""
    segments = source.stringsegment_set.annotate_translation(locale).select_related("context")
    for segment in segments.order_by("order"):
        place, markup = segment.context.path, segment.translation
        if place in NO_TEXTS or (markup is None and is_field(place)):
            continue
        if markup is None:
            markup = as_markup(present.get(place, ""))
        yield StringSegmentValue(place, Words(markup)).with_order(segment.order)
