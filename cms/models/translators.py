"""Which languages a translator works in: she changes those and no others."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from cms.models.codes import CodesField


class Translator(models.Model):
    """One person's own languages."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="translator",
        verbose_name=_("person"),
    )
    languages = CodesField(_("languages"), blank=False)

    class Meta:
        verbose_name = _("translator")
        verbose_name_plural = _("translators")

    def __str__(self) -> str:
        return ", ".join(self.languages)
