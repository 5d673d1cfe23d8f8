"""Codes: what a provider's error numbers mean to us. People may add rows; an unknown one fails safely."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ProviderCode(models.Model):
    """Say what one code of one provider means, in our words."""

    provider = models.CharField(max_length=20)
    code = models.CharField(max_length=80)
    reason = models.CharField(max_length=40, help_text=_("one of our reasons"))
    note = models.CharField(max_length=200, blank=True, default="")
    # A row of ours is renewed with each version; a person's own stays as it is.
    shipped = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["provider", "code"], name="one_provider_code"),
        )

    def __str__(self) -> str:
        return f"{self.provider} {self.code}: {self.reason}"
