"""Imports: a partner's signed sheet, who brought it, and who else said yes to it."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.broadcasts import make_code
from campaigns.models.campaigns import Campaign
from campaigns.models.partners import Partner


class SheetImport(models.Model):
    """Hold one sheet from its dry run to the decision of a second person; its rows are messaging's."""

    class State(models.TextChoices):
        """Name how far it has come."""

        CHECKED = "checked", _("checked: nothing is taken yet")
        ASKED = "asked", _("waits for approval")
        TAKEN = "taken", _("approved: everyone is asked to confirm")
        REFUSED = "refused", _("refused")
        LAPSED = "lapsed", _("nobody decided in time")

    code = models.CharField(max_length=8, unique=True, default=make_code, editable=False)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="imports")
    campaign = models.ForeignKey(
        Campaign, null=True, blank=True, on_delete=models.SET_NULL, related_name="imports"
    )
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.CHECKED)
    counts = models.JSONField(default=dict, help_text=_("rows by verdict"))
    note = models.CharField(max_length=300, blank=True, default="")
    brought_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-brought_at",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(decided_by__isnull=True)
                | ~models.Q(decided_by=models.F("author")),
                name="import_needs_two_people",
            ),
        )

    def __str__(self) -> str:
        return f"Import {self.code}"

    @property
    def reference(self) -> str:
        """Return the opaque name that messaging knows the sheet by."""
        return f"sheet:{self.code}"
