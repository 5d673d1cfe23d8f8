"""Who says so: one publication, with its address and when it was last compared."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SourceKind(models.TextChoices):
    """What kind of publisher it is."""

    LAW = "law", _("law")
    LAW_OFFICE = "law_office", _("law office")
    NGO = "ngo", _("non-governmental organisation")
    OFFICIAL = "official", _("authority")
    PRESS = "press", _("press")
    UN = "un", _("United Nations")


class SourceMark(models.TextChoices):
    """Whether the publisher speaks about its own matter."""

    A = "A", _("A: the publisher's own matter")
    B = "B", _("B: reports others")


class Source(models.Model):
    """One publication that facts rest on."""

    key = models.CharField(_("key"), max_length=40, unique=True)
    publisher = models.CharField(_("publisher"), max_length=120)
    title = models.CharField(_("title"), max_length=200)
    url = models.URLField(_("address"), max_length=500, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=SourceKind)
    mark = models.CharField(_("mark"), max_length=1, choices=SourceMark)
    reports = models.CharField(
        _("reports"), max_length=80, blank=True, help_text=_("Whom a B source reports.")
    )
    published = models.DateField(_("published"), null=True, blank=True)
    language = models.CharField(_("language"), max_length=12)
    checked_on = models.DateField(
        _("checked on"),
        null=True,
        blank=True,
        help_text=_("When a person last opened the page and compared it."),
    )

    class Meta:
        ordering = ["key"]
        verbose_name = _("source")
        verbose_name_plural = _("sources")

    def __str__(self) -> str:
        return f"{self.publisher}: {self.title}"
