"""Word lists that the linter reads: what betrays a reader on a seized phone, and what alarms."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class WordKind(models.TextChoices):
    """Why a word is on a list."""

    ROUTE = "route", _("names a route")
    DESTINATION = "destination", _("names a destination")
    SMUGGLING = "smuggling", _("speaks of smuggling")
    AGENCY = "agency", _("names an agency")
    ASYLUM = "asylum", _("speaks of asylum")
    VIOLENCE = "violence", _("speaks of violence")
    ALARMING = "alarming", _("alarms, or blames the person")


class ListedWord(models.Model):
    """One word or phrase of one language; found with any ending."""

    language = models.CharField(_("language"), max_length=12)
    kind = models.CharField(_("kind"), max_length=12, choices=WordKind)
    word = models.CharField(_("word"), max_length=60)

    class Meta:
        ordering = ["language", "kind", "word"]
        verbose_name = _("listed word")
        verbose_name_plural = _("listed words")
        constraints = [
            models.UniqueConstraint(fields=["language", "kind", "word"], name="word_listed_once")
        ]

    def __str__(self) -> str:
        return f"{self.word} ({self.language})"
