"""Letting wagtail-localize know what is there: the originals' texts, and the translations as they stand.

The row and its drafts are the truth; what wagtail-localize holds is brought up to them before it is used.
"""

from collections.abc import Mapping
from typing import Any

from wagtail.models import Locale
from wagtail_localize.models import StringSegment, StringTranslation, Translation, TranslationSource

from cms.models import TranslationState
from cms.translating.changes import late_texts
from cms.translating.texts import (
    NO_TEXTS,
    as_markup,
    as_words,
    texts_beside,
    texts_of,
    wording_of,
)

MANUAL = StringTranslation.TRANSLATION_TYPE_MANUAL
MACHINE = StringTranslation.TRANSLATION_TYPE_MACHINE
_RENEWED = (
    "data",
    "translation_type",
    "tool_name",
    "last_translated_by",
    "updated_at",
    "has_error",
    "field_error",
)


def adopt(original: Any, locale: Locale, *, row: Any | None) -> Translation:
    """Return wagtail-localize's record of one translation, with the texts that its row has now.

    What was made from older words of the original is not kept as a translation of its new ones.
    """
    wording = wording_of(original)
    source, _made = TranslationSource.update_or_create_from_instance(wording)
    translation, _made = Translation.objects.get_or_create(
        source=source, target_locale=locale, defaults={"enabled": False}
    )
    if row is not None:
        by_machine = row.translation_state == TranslationState.MACHINE
        texts = texts_beside(row.get_latest_revision_as_object(), wording)
        late = late_texts(original, row)
        current = {place: words for place, words in texts.items() if place not in late}
        remember(translation, current, kind=MACHINE if by_machine else MANUAL)
        _forget_all_but(translation, texts)
    return translation


def remember(
    translation: Translation, texts: Mapping[str, str], *, kind: str, user: Any = None
) -> None:
    """Keep texts, by their places, as the translation of what stands there in the original."""
    rows = [
        StringTranslation(
            translation_of_id=segment.string_id,
            context_id=segment.context_id,
            locale_id=translation.target_locale_id,
            data=as_markup(texts[place]),
            translation_type=kind,
            last_translated_by=user,
        )
        for place, segment in places_of(translation.source).items()
        if place in texts
    ]
    # Not one by one: each save would put the text, as markup, into the title of the live page.
    StringTranslation.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["locale", "translation_of", "context"],
        update_fields=_RENEWED,
    )


def remembered(original: Any, language: str) -> dict[str, str]:
    """Return the texts that were made from the original's words of today, by their places."""
    now = texts_of(wording_of(original))
    known = StringTranslation.objects.filter(
        context__object_id=original.translation_key, locale__language_code=language
    )
    return {
        row.context.path: as_words(row.data)
        for row in known.select_related("context", "translation_of")
        if as_words(row.translation_of.data) == now.get(row.context.path)
    }


def places_of(source: TranslationSource) -> dict[str, StringSegment]:
    """Return the texts of an original that wagtail-localize knows, by their places."""
    segments = source.stringsegment_set.select_related("context", "string").order_by("order")
    return {
        segment.context.path: segment
        for segment in segments
        if segment.context.path not in NO_TEXTS
    }


def _forget_all_but(translation: Translation, texts: Mapping[str, str]) -> None:
    """Drop what the row does not say any more, or a later save would bring it back."""
    known = StringTranslation.objects.filter(
        context__object_id=translation.source.object_id, locale=translation.target_locale
    )
    gone = [
        row.pk
        for row in known.select_related("context")
        if as_words(row.data) != texts.get(row.context.path)
    ]
    # Without its signals: they would put the live title in the place of the draft's.
    known = known.filter(pk__in=gone)
    known._raw_delete(known.db)
