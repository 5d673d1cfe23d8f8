"""Messages: one unit of content for web, SMS and WhatsApp. Knows of no sending."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalManyToManyField
from wagtail.admin.panels import CommentPanel
from wagtail.models import Page, PageManager
from wagtail_localize.fields import SynchronizedField, TranslatableField

from cms.models.codes import CodesField
from cms.models.editorial import Editorial, Sensitivity
from cms.models.message_panels import CONTENT_PANELS
from cms.models.reviews import NotPublishable
from cms.models.short_codes import ShortLinked
from cms.models.slugs import BelowHome
from cms.models.stories import refuse_untold
from cms.models.translated import ORIGINALS, TranslationState
from cms.models.wordings import Worded


class Pattern(models.TextChoices):
    """What a message does."""

    NUDGE = "nudge", _("nudge: says that there is something to read")
    RISK_AND_OPTION = "risk_and_option", _("a risk, and another way")
    CHECK_AN_OFFER = "check_an_offer", _("check an offer")
    IS_THIS_TRUE = "is_this_true", _("is this true?")
    GO_HOME = "go_home", _("going home")
    HELP_NEAR_YOU = "help_near_you", _("help near you")


class Voice(models.TextChoices):
    """Who speaks."""

    PEER = "peer", _("a person who returned")
    COMMUNITY = "community", _("a community leader")
    PROFESSIONAL = "professional", _("a professional")
    INSTITUTION = "institution", _("an institution")


class MessageManager(PageManager):
    """Messages by what may be done with them."""

    def sendable_sources(self) -> models.QuerySet["MessagePage"]:
        """Return the live messages in their source language; hold_reasons says which may go out."""
        live: models.QuerySet[MessagePage] = self.live().filter(
            translation_state=TranslationState.ORIGINAL
        )
        return live.order_by("title")


class Resting(models.Model):
    """What a message rests on; the uses of its original are those of every translation."""

    facts = ParentalManyToManyField(
        "cms.Fact",
        blank=True,
        limit_choices_to=ORIGINALS,
        related_name="messages",
        verbose_name=_("facts"),
    )
    pathways = ParentalManyToManyField(
        "cms.Pathway",
        blank=True,
        limit_choices_to=ORIGINALS,
        related_name="messages",
        verbose_name=_("pathways"),
    )
    claims = ParentalManyToManyField(
        "cms.Claim",
        blank=True,
        limit_choices_to=ORIGINALS,
        related_name="messages",
        verbose_name=_("claims"),
    )
    contact_points = ParentalManyToManyField(
        "cms.ContactPoint",
        blank=True,
        limit_choices_to=ORIGINALS,
        related_name="messages",
        verbose_name=_("contact points"),
    )
    stories = ParentalManyToManyField(
        "cms.Story",
        blank=True,
        limit_choices_to=ORIGINALS,
        related_name="messages",
        verbose_name=_("stories"),
    )

    class Meta:
        abstract = True


class MessagePage(Worded, Resting, Editorial, ShortLinked, BelowHome, Page):  # type: ignore[django-manager-missing]  # noqa: DJ008
    """One message in one language; its uses are those of its source."""

    key = models.CharField(_("key"), max_length=20, blank=True, editable=False, db_index=True)
    pattern = models.CharField(_("pattern"), max_length=16, choices=Pattern)
    sensitivity = models.CharField(
        _("sensitivity"), max_length=10, choices=Sensitivity, default=Sensitivity.ON_REQUEST
    )
    voice = models.CharField(_("voice"), max_length=12, choices=Voice, default=Voice.INSTITUTION)
    routes = ParentalManyToManyField("cms.Route", blank=True, verbose_name=_("routes"))
    audience_countries = CodesField(_("meant for people in"))
    expires = models.DateField(
        _("expires"), help_text=_("The earliest review date of everything it uses.")
    )
    about_page = models.ForeignKey(
        Page,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("page behind it"),
        help_text=_("Where a reader finds more. Empty: the message's own page."),
    )

    objects = MessageManager()

    template = "cms/message_page.html"
    parent_page_types = ["cms.HomePage"]
    subpage_types: list[str] = []
    translatable_fields: list[Any] = [
        *(
            TranslatableField(name)
            for name in (
                "title",
                "slug",
                "nudge_text",
                "sms_text",
                "whatsapp_text",
                "picture_alt",
                "web_title",
                "web_summary",
                "caution",
            )
        ),
        *(
            SynchronizedField(name, overridable=False)
            for name in (
                "pattern",
                "sensitivity",
                "voice",
                "audience_countries",
                "expires",
                "harm_class",
                "take_down",
            )
        ),
    ]
    # Without a schedule: what goes live on a day of its own would pass by its readers.
    settings_panels = [CommentPanel()]
    content_panels = CONTENT_PANELS
    lasting_field = "expires"
    # An older draft never brings back an older link.
    standing_fields = (*Editorial.standing_fields, "code")

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Give a new message its key; a copy that is no translation gets its own."""
        self.ensure_code()
        if not self.key or self._has_key_of_another():
            self.key = f"MSG-{self.code.upper()}"
        super().save(*args, **kwargs)

    def check_publishable(self) -> None:
        """Raise NotPublishable also where the person of a story in it does not agree."""
        super().check_publishable()
        refuse_untold(self.source.stories.all())
        recording = self.recording
        if recording is not None and not recording.voice_agreed:
            raise NotPublishable(_("The speaker of the recording does not agree. Take it out."))

    @property
    def source(self) -> "MessagePage":
        """Return the page this one was translated from, or itself."""
        if self.translation_state == TranslationState.ORIGINAL:
            return self
        found = MessagePage.objects.filter(
            translation_key=self.translation_key, translation_state=TranslationState.ORIGINAL
        ).first()
        return found or self

    def _has_key_of_another(self) -> bool:
        others = MessagePage.objects.filter(key=self.key)
        return bool(others.exclude(translation_key=self.translation_key).exists())
