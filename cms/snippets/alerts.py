"""Alerts in the CMS: their list and their form, which says how long each lasts."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import Panel
from wagtail.admin.ui.tables import Column

from cms.models import Alert
from cms.models.alerts import LONGEST
from cms.panels import NoticePanel
from cms.snippets.entries import EntryViewSet, group, group_checked, list_columns


@dataclass(frozen=True, slots=True)
class Length:
    """How many days an alert lasts, and how many of them are left."""

    days: int
    left: int

    @property
    def is_over(self) -> bool:
        """Tell whether its day has come."""
        return self.left <= 0


def measure(begins: date, expires: date, *, today: date) -> Length:
    """Count the days of an alert; before it begins all of them are left, and the wait."""
    return Length(days=(expires - begins).days, left=(expires - today).days)


class LengthPanel(Panel):
    """Say how long an alert lasts, as it was last saved."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "cms/admin/alert_length.html"

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            """Add the length to what the template sees."""
            alert = self.instance
            length = None
            if alert.pk and alert.begins and alert.expires:
                length = measure(alert.begins, alert.expires, today=timezone.localdate())
            context: dict[str, Any] = super().get_context_data(parent_context)
            return {**context, "length": length, "longest": LONGEST.days}


class AlertViewSet(EntryViewSet):
    """List and edit alerts; the latest to end comes first."""

    model = Alert
    icon = "warning"
    list_display = list_columns(
        "title",
        Column("begins", label=_("Begins"), sort_key="begins"),
        Column("expires", label=_("Ends"), sort_key="expires"),
    )
    list_filter = ["routes", "translation_state"]
    search_fields = ["key", "title", "statement"]
    ordering = ["-expires", "key"]
    panels = [
        NoticePanel(),
        group(_("Alert"), "key", "title", "statement"),
        LengthPanel(),
        group(_("From when, until when"), "begins", "expires"),
        group(_("About"), "routes", "legs", "countries"),
        group(_("What it uses"), "facts", "contact_points", "sources", "true_as_of"),
        *group_checked(),
    ]
