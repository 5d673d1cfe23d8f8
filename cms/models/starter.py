"""What was loaded from a starter pack, so that it is loaded once and never put back."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class LoadedEntry(models.Model):
    """One entry of a starter pack that has been loaded; stays when an editor deletes it."""

    file = models.CharField(_("file"), max_length=20)
    key = models.CharField(_("key"), max_length=40)
    language = models.CharField(_("language"), max_length=12)

    class Meta:
        verbose_name = _("loaded entry")
        verbose_name_plural = _("loaded entries")
        constraints = [
            models.UniqueConstraint(fields=["file", "key", "language"], name="loaded_once")
        ]

    def __str__(self) -> str:
        return f"{self.file} {self.key} {self.language}"
