"""The root of the readers' site, one page for each language."""

from typing import Any

from django.http import Http404, HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import CommentPanel, FieldPanel, TitleFieldPanel
from wagtail.models import Page, PageManager
from wagtail.url_routing import RouteResult
from wagtail_localize.fields import TranslatableField

from cms.models.translated import Titled, TranslationState
from cms.panels import LanguagesPanel, NoticePanel


class HomePage(Titled, Page):
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

    def route(self, request: HttpRequest, path_components: list[str]) -> RouteResult:
        """Find the page that an address names; one of another language where this has none.

        Which language is served in its place is decided where it is served.
        """
        try:
            found: RouteResult = super().route(request, path_components)
        except Http404:
            other = self._named_elsewhere(path_components)
            if other is None:
                raise
            return RouteResult(other)
        return found

    def _named_elsewhere(self, path_components: list[str]) -> Page | None:
        """Return the page of a name: this language's own, not live; or the original's; or another."""
        if len(path_components) != 1 or "\0" in path_components[0]:
            return None
        root = self.get_parent()
        named = Page.objects.descendant_of(root).filter(
            slug=path_components[0], depth=self.depth + 1
        )
        pages = [page for page in named.specific() if hasattr(page, "translation_state")]
        return min(
            pages,
            key=lambda page: (
                page.locale_id != self.locale_id,
                page.translation_state != TranslationState.ORIGINAL,
                page.pk,
            ),
            default=None,
        )
