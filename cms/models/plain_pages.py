"""Plain pages: who we are, how to check that it is us, privacy, complaints."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import CommentPanel, FieldPanel, MultiFieldPanel, TitleFieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page, PageManager
from wagtail_localize.fields import SynchronizedField, TranslatableField

from cms.blocks import PLAIN_BLOCKS
from cms.entry_forms import ChangedPageForm
from cms.models.editorial import Editorial, Status
from cms.models.slugs import BelowHome
from cms.panels import LanguagesPanel, NoticePanel
from cms.standing_panels import ChangePanel, HeadPanel, WeightPanel


class PlainKind(models.TextChoices):
    """The pages that every deployment must have."""

    ABOUT = "about", _("who we are")
    VERIFY = "verify", _("how to check that it is us")
    PRIVACY = "privacy", _("privacy")
    COMPLAINTS = "complaints", _("complaints")
    OTHER = "other", _("another page")


class PlainPage(Editorial, BelowHome, Page):
    """One page of plain text in one language."""

    kind = models.CharField(_("kind"), max_length=10, choices=PlainKind, default=PlainKind.OTHER)
    body = StreamField(PLAIN_BLOCKS, blank=True, verbose_name=_("text"))

    objects: Any = PageManager()

    template = "cms/plain_page.html"
    parent_page_types = ["cms.HomePage"]
    subpage_types: list[str] = []
    translatable_fields: list[Any] = [
        *(TranslatableField(name) for name in ("title", "slug", "body", "caution")),
        SynchronizedField("kind", overridable=False),
    ]
    base_form_class = ChangedPageForm
    # Without a schedule: what goes live on a day of its own would pass by its readers.
    settings_panels = [CommentPanel()]
    content_panels = [
        NoticePanel(),
        HeadPanel(),
        WeightPanel(),
        ChangePanel(),
        TitleFieldPanel("title"),
        FieldPanel("kind"),
        FieldPanel("body"),
        MultiFieldPanel(
            [
                FieldPanel("caution"),
                FieldPanel("harm_class"),
                FieldPanel("translation_state", read_only=True),
            ],
            heading=_("How far it is checked"),
        ),
        LanguagesPanel(heading=_("Languages")),
    ]

    class Meta:
        verbose_name = _("plain page")
        verbose_name_plural = _("plain pages")

    @property
    def is_demo(self) -> bool:
        """Tell whether nobody has checked this text."""
        return bool(self.status == Status.DEMO)
