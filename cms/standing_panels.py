"""Panels at the head of an editing page: how the thing stands, who uses it, what this change is.

Models lay out their forms with these, so nothing here knows a model; the templates ask for the rest.
"""

from collections.abc import Sequence
from typing import Any

from django.forms import RadioSelect
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, Panel


class _SavedPanel(Panel):
    class BoundPanel(Panel.BoundPanel):
        def is_shown(self) -> bool:
            """Stay away from what is not saved yet."""
            return bool(super().is_shown()) and self.instance.pk is not None


class HeadPanel(_SavedPanel):
    """Say how old and how harmful a text is, what changed below it, and offer the acts of one tap."""

    class BoundPanel(_SavedPanel.BoundPanel):
        template_name = "cms/admin/head.html"


class WeightPanel(_SavedPanel):
    """Say what the pages that show a text weigh on a phone."""

    class BoundPanel(_SavedPanel.BoundPanel):
        template_name = "cms/admin/weight.html"


class WordingStatePanel(_SavedPanel):
    """Say what WhatsApp says of a message's wording."""

    class BoundPanel(_SavedPanel.BoundPanel):
        template_name = "cms/admin/wording_state.html"


class UsesPanel(_SavedPanel):
    """Say where an entry is used before it is changed."""

    class BoundPanel(_SavedPanel.BoundPanel):
        template_name = "cms/admin/uses.html"


class ChangePanel(MultiFieldPanel):
    """Ask what this change does to others, where there is something live for them to follow."""

    def __init__(self, children: Sequence[Panel] = (), **kwargs: Any) -> None:
        kwargs.setdefault("heading", _("This change"))
        asked = [FieldPanel("change_kind", widget=RadioSelect)]
        super().__init__(children=children or asked, **kwargs)

    class BoundPanel(MultiFieldPanel.BoundPanel):
        def is_shown(self) -> bool:
            """Stay away from translations and from what nobody has read yet: nothing follows them."""
            row = self.instance
            is_followed = row.pk is not None and row.live and row.translation_state == "original"
            return bool(super().is_shown()) and is_followed
