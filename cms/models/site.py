"""The root of the readers' site, one page for each language."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import CommentPanel, FieldPanel, TitleFieldPanel
from wagtail.models import Page, PageManager
from wagtail_localize.fields import TranslatableField

from cms.models.translated import Translated
from cms.panels import LanguagesPanel, NoticePanel


class HomePage(Translated, Page):
    """The first page in one language: the routes, and every other language by its own name."""

    objects: Any = PageManager()

    template = "cms/home_page.html"
    parent_page_types = ["wagtailcore.Page"]
    subpage_types = ["cms.RoutePage", "cms.MessagePage", "cms.PlainPage"]
    translatable_fields: list[Any] = [TranslatableField("title"), TranslatableField("slug")]
    # Without a schedule: what goes live on a day of its own would pass by its readers.
    settings_panels = [CommentPanel()]
    content_panels = [
        NoticePanel(),
        TitleFieldPanel("title"),
        FieldPanel("translation_state", read_only=True),
        LanguagesPanel(heading=_("Languages")),
    ]

    class Meta:
        verbose_name = _("home page")
        verbose_name_plural = _("home pages")
