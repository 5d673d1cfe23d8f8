"""A text that knows what it was made from: its state as a translation, and what it took account of."""

from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail_localize.fields import TranslatableField

from cms.marking import is_marked
from cms.models.reviews import NotPublishable


class TranslationState(models.TextChoices):
    """Who stands behind a text."""

    ORIGINAL = "original", _("original")
    MACHINE = "machine", _("machine-made, checked by nobody")
    UNREVIEWED = "unreviewed", _("draft translation, checked by nobody")
    REVIEWED = "reviewed", _("translation read by a second person")


# What uses an entry points at its original; readers see it in their own language.
ORIGINALS = {"translation_state": TranslationState.ORIGINAL.value}
# An address and a note between colleagues are no text for readers.
NOT_READ = frozenset({"slug", "caution"})
FEW_WORDS = 3
DRAFTS = frozenset({TranslationState.MACHINE.value, TranslationState.UNREVIEWED.value})


class ChangeKind(models.TextChoices):
    """What an edit does to the translations and to what uses the thing."""

    MAJOR = "major", _("major: the meaning has changed, translations and uses must follow")
    MINOR = "minor", _("minor: only the wording, everything that follows stays right")


class Translated(models.Model):
    """A text that knows whether it is the original, and what it was last held against.

    A text is behind when its original, or something it uses, has had a major change (`changed_at`)
    after it was last written or confirmed (`current_as_of`).
    """

    translation_state = models.CharField(
        _("translation state"),
        max_length=12,
        choices=TranslationState,
        default=TranslationState.ORIGINAL,
    )
    change_kind = models.CharField(
        _("this change is"), max_length=5, choices=ChangeKind, default=ChangeKind.MAJOR
    )
    changed_at = models.DateTimeField(_("last major change"), null=True, blank=True, editable=False)
    current_as_of = models.DateTimeField(
        _("took account of everything until"), default=timezone.now, editable=False
    )

    standing_fields: tuple[str, ...] = ("translation_state", "changed_at", "current_as_of")

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Mark a copy made for translation as unreviewed, by whatever tool it was made."""
        if self.translation_state == TranslationState.ORIGINAL and self._copies_an_original():
            self.translation_state = TranslationState.UNREVIEWED
        super().save(*args, **kwargs)

    def with_content_json(self, content: dict[str, Any]) -> Any:
        """Read a revision's wording and keep what is true of the thing as it stands today."""
        read = super().with_content_json(content)  # type: ignore[misc]
        for name in self.standing_fields:
            setattr(read, name, getattr(self, name))
        return read

    def check_publishable(self) -> None:
        """Raise NotPublishable where this has no words of its own; kinds add their own rules."""
        if is_untranslated(self):
            words = _("This has no words of its own yet. Translate it before it goes live.")
            raise NotPublishable(words)

    @property
    def is_unreviewed(self) -> bool:
        """Tell whether this is a translation that nobody has read."""
        return self.translation_state in DRAFTS

    def _copies_an_original(self) -> bool:
        model: Any = type(self)
        siblings = model.objects.filter(
            translation_key=self.translation_key,  # type: ignore[attr-defined]
            translation_state=TranslationState.ORIGINAL,
        )
        return bool(siblings.exclude(pk=self.pk).exists())


class Titled(Translated):
    """A page that says nothing but its title, which who may publish takes live without a review."""

    class Meta:
        abstract = True

    def publish(self, revision: Any, user: Any = None, **kwargs: Any) -> Any:
        """Publish a revision; no person takes live what has no title of its own."""
        if user is not None:
            revision.as_object().check_publishable()
        return super().publish(revision, user=user, **kwargs)  # type: ignore[misc]


def source_of(row: Any) -> Any:
    """Return the original of a row: itself, or what it was translated from."""
    if row.translation_state == TranslationState.ORIGINAL:
        return row
    originals = type(row).objects.filter(
        translation_key=row.translation_key, translation_state=TranslationState.ORIGINAL
    )
    return originals.first() or row


def is_untranslated(row: Any) -> bool:
    """Tell whether a translation has no words of its own, or its original's still.

    A name or two may well be the same in both languages.
    """
    source = source_of(row)
    if source.pk == row.pk:
        return False
    texts = texts_of(row)
    words = " ".join(texts.values()).split()
    if not words or is_marked(texts.get("title", "")):
        return True
    return texts == texts_of(source) and len(words) > FEW_WORDS


def texts_of(row: Any) -> dict[str, str]:
    """Return what readers read of a row by the names of its fields, without spaces that nobody sees."""
    translated = (f.field_name for f in row.translatable_fields if isinstance(f, TranslatableField))
    names = [name for name in translated if name not in NOT_READ]
    return {name: " ".join(str(getattr(row, name) or "").split()) for name in names}


def is_major_change(row: Any, revision: Any) -> bool:
    """Tell whether any draft since the last live one was a major change; the last may be minor."""
    drafts = row.revisions.filter(created_at__lte=revision.created_at)
    if row.live_revision is not None:
        drafts = drafts.filter(created_at__gt=row.live_revision.created_at)
    kinds = {draft.content.get("change_kind", ChangeKind.MAJOR) for draft in drafts}
    return ChangeKind.MAJOR in kinds
