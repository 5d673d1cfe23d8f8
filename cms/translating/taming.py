"""What wagtail-localize would do to live texts, shut: called once, when Django is ready."""

from typing import Any

from django.db.models.signals import pre_save
from wagtail_localize.locales.components import LOCALE_COMPONENTS
from wagtail_localize.models import LocaleSynchronization, Translation, TranslationSource

from cms.translating.saving import save_as_draft


def tame() -> None:
    """Let every way of wagtail-localize end in a draft, and every translation keep our own form."""
    # Theirs writes the live row, and fills gaps with English.
    TranslationSource.create_or_update_translation = save_as_draft
    pre_save.connect(keep_our_form, sender=Translation, dispatch_uid="cms.keep_our_form")
    # "Synchronise content from another locale" makes live pages in that other language.
    LOCALE_COMPONENTS[:] = [
        component
        for component in LOCALE_COMPONENTS
        if component["model"] is not LocaleSynchronization
    ]


def keep_our_form(instance: Translation, **_signal: Any) -> None:
    """Keep wagtail-localize's own editor away: it publishes only, and knows no draft or review."""
    instance.enabled = False
