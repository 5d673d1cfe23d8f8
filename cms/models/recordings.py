"""Recordings: a text read aloud, in one language, with its words for those who cannot listen."""

import secrets
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from cms.audio import read_audio, refuse_heavy
from cms.models.relations import is_used_live
from cms.models.stories import Story


def name_file(_recording: "Recording", filename: str) -> str:
    """Return where an upload is kept: a name drawn by chance, so that it tells and betrays nothing."""
    suffix = filename.rpartition(".")[2].lower()
    return f"recordings/{secrets.token_urlsafe(12)}.{suffix}"


class Recording(models.Model):
    """One audio file; its length is read from the file, never typed."""

    title = models.CharField(_("title"), max_length=120)
    language = models.CharField(_("language"), max_length=12)
    file = models.FileField(_("file"), upload_to=name_file)
    seconds = models.PositiveIntegerField(_("seconds"), default=0, editable=False)
    size = models.PositiveIntegerField(_("bytes"), default=0, editable=False)
    transcript = models.TextField(
        _("transcript"), help_text=_("Every word that is said, for those who cannot listen.")
    )
    voice_agreed = models.BooleanField(
        _("the speaker has agreed that this is used"),
        default=False,
        help_text=_("A recording without a yes cannot be used."),
    )
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["title"]
        verbose_name = _("recording")
        verbose_name_plural = _("recordings")

    def __str__(self) -> str:
        return f"{self.title} ({self.language})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, and delete the file that a new one replaces."""
        before = type(self).objects.filter(pk=self.pk).values_list("file", flat=True).first()
        super().save(*args, **kwargs)
        if before and before != self.file.name:
            transaction.on_commit(lambda: self.file.storage.delete(before))

    def clean(self) -> None:
        """Take a new file for what it holds: check it, measure it, and keep it without its tags."""
        super().clean()
        if stands := type(self).objects.filter(pk=self.pk).first():
            self._keep_what_was_read(stands)
            self._keep_what_was_withdrawn()
        if not self.file or getattr(self.file, "_committed", True):
            return
        try:
            audio = read_audio(self.file)
            refuse_heavy(audio)
        except ValidationError as error:
            raise ValidationError({"file": error}) from error
        self.file = ContentFile(audio.content, name=f"recording.{audio.suffix}")
        self.seconds, self.size = audio.seconds, len(audio.content)

    def _keep_what_was_read(self, stands: "Recording") -> None:
        is_new = not getattr(self.file, "_committed", True)
        # A text box sends every new line as two signs.
        is_reworded = stands.transcript.split() != self.transcript.split()
        if (is_new or is_reworded) and is_used_live(self):
            raise ValidationError(
                _("This can be heard in something live. Upload a new recording and choose that.")
            )

    def _keep_what_was_withdrawn(self) -> None:
        told = Story.objects.filter(recording=self.pk, consent__withdrawn_at__isnull=False)
        if self.voice_agreed and told.exists():
            words = _("The person has withdrawn the consent, so this voice is not heard any more.")
            raise ValidationError({"voice_agreed": words})

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete the file with its row: a voice must not stay behind."""
        storage, name = self.file.storage, str(self.file.name)
        done = super().delete(*args, **kwargs)
        transaction.on_commit(lambda: storage.delete(name))
        return done
