"""Panels of the editing pages that only tell: a draft notice, and help while a message is typed."""

from typing import Any

from django.forms import Media
from wagtail.admin.panels import Panel


class NoticePanel(Panel):
    """Say that this is a draft translation or demonstration content, before anything else."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "cms/panels/notice.html"

        def is_shown(self) -> bool:
            """Stay away where there is nothing to say."""
            return bool(super().is_shown()) and (self.instance.is_unreviewed or self.is_demo)

        @property
        def is_demo(self) -> bool:
            """Tell whether this is demonstration content."""
            return bool(self.instance.pk) and getattr(self.instance, "status", "") == "demo"


class LanguagesPanel(Panel):
    """Show how the thing stands in every language, and beside a translation what its original says."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "cms/admin/languages_panel.html"

        def is_shown(self) -> bool:
            """Stay away from what is not saved yet."""
            return bool(super().is_shown()) and self.instance.pk is not None

        @property
        def media(self) -> Media:
            """Return what puts the original beside each field."""
            return Media(js=["cms/translating.js"], css={"all": ["cms/translating.css"]})


class HelpPanel(Panel):
    """Show one piece of the live help: a text's meter, the phones, or what the linter says.

    It shows the state at the last save; a script keeps it up with what is typed. What there is to
    say is the form's to know: a form without help shows nothing.
    """

    def __init__(self, piece: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.piece = piece

    def clone_kwargs(self) -> dict[str, Any]:
        """Carry the piece over when Wagtail copies the panel."""
        return {**super().clone_kwargs(), "piece": self.piece}

    class BoundPanel(Panel.BoundPanel):
        template_name = "cms/admin/message_help.html"

        def is_shown(self) -> bool:
            """Stay away from a form that knows of no help."""
            return bool(super().is_shown()) and hasattr(type(self.form), "message_help")

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            """Add what there is to say to what the template sees."""
            told = self.form.message_help
            kind, _dash, name = self.panel.piece.partition("-")
            return {
                **super().get_context_data(parent_context),
                "piece": self.panel.piece,
                "partial": f"cms/admin/_{kind}.html",
                "help": told,
                "text": told.text(name) if name else None,
                "parent": getattr(self.form, "parent_page", None),
            }
