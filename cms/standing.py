"""Which texts are behind: the rules of `cms.freshness.Text`, asked of the database in one query."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from cms.models import TranslationState
from cms.uses import USES


def outdated(model: Any) -> QuerySet[Any]:
    """Return the translations whose original has had a major change since they were right."""
    originals = model.objects.filter(
        translation_key=OuterRef("translation_key"),
        translation_state=TranslationState.ORIGINAL,
        changed_at__gt=OuterRef("current_as_of"),
    )
    # Few things have ever changed: asked first, it spares the rest of the rows the comparison.
    changed = model.objects.filter(
        translation_state=TranslationState.ORIGINAL, changed_at__isnull=False
    )
    translations = model.objects.exclude(translation_state=TranslationState.ORIGINAL)
    found: QuerySet[Any] = translations.filter(
        Exists(originals), translation_key__in=changed.values("translation_key")
    )
    return found


def left_alone(model: Any) -> QuerySet[Any]:
    """Return the translations whose original is down: what is wrong in it is wrong in them."""
    down = model.objects.filter(translation_state=TranslationState.ORIGINAL, live=False)
    found: QuerySet[Any] = model.objects.exclude(
        translation_state=TranslationState.ORIGINAL
    ).filter(translation_key__in=down.values("translation_key"))
    return found


def flagged(model: Any) -> QuerySet[Any]:
    """Return the rows, in every language, that rest on something changed since they were right."""
    changed = Q()
    for path in USES.get(model, ()):
        originals = model.objects.filter(
            translation_key=OuterRef("translation_key"),
            translation_state=TranslationState.ORIGINAL,
            **{f"{path}__changed_at__gt": OuterRef("current_as_of")},
        )
        using = model.objects.filter(
            translation_state=TranslationState.ORIGINAL, **{f"{path}__changed_at__isnull": False}
        )
        changed |= Q(translation_key__in=using.values("translation_key")) & Q(Exists(originals))
    found: QuerySet[Any] = model.objects.filter(changed) if changed else model.objects.none()
    return found
