"""Panels of the editing pages that only tell: a draft notice, and how many parts an SMS takes."""

from typing import Any

from django.conf import settings
from wagtail.admin.panels import Panel

from cms.links import PLACEHOLDER, fill_link, make_link
from locales.alphabets import count_parts


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


class PartsPanel(Panel):
    """Show alphabet, parts and costly characters of one text as it was last loaded or saved."""

    def __init__(self, field_name: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.field_name = field_name

    def clone_kwargs(self) -> dict[str, Any]:
        """Carry the field's name over when Wagtail copies the panel."""
        return {**super().clone_kwargs(), "field_name": self.field_name}

    class BoundPanel(Panel.BoundPanel):
        template_name = "cms/panels/parts.html"

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            """Add the count to what the template sees."""
            message = self.instance
            text = getattr(message, self.panel.field_name) or ""
            language = message.locale.language_code if message.locale_id else settings.LANGUAGE_CODE
            link = make_link(settings.PUBLIC_URL, language=language, code=message.code or "-----")
            return {
                **super().get_context_data(parent_context),
                "count": count_parts(fill_link(text, link)),
                "has_link": PLACEHOLDER in text,
            }
