"""Stories: what a person lived through, told with a consent that can be taken back at any time."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalManyToManyField
from wagtail.admin.panels import FieldPanel
from wagtail.models import Revision
from wagtail_localize.fields import SynchronizedField, TranslatableField

from cms.models.codes import CodesField
from cms.models.editorial import Entry
from cms.models.reviews import NotPublishable
from cms.models.translated import ORIGINALS


class ConsentForm(models.TextChoices):
    """How the person said yes."""

    SPOKEN = "spoken", _("spoken, and witnessed")
    WRITTEN = "written", _("written")
    RECORDED = "recorded", _("recorded")


class ConsentScope(models.TextChoices):
    """What the person said yes to."""

    WEB = "web", _("text on the web")
    MESSAGES = "messages", _("text in messages")
    AUDIO = "audio", _("the voice")
    PICTURE = "picture", _("a picture that does not show the face")


class StoryConsent(models.Model):
    """One person's yes to one story: no name, only a reference that the partner can find again."""

    reference = models.CharField(
        _("reference"),
        max_length=40,
        unique=True,
        help_text=_("A code of the partner that holds the papers, never a name or a number."),
    )
    given_on = models.DateField(_("given on"))
    how = models.CharField(_("how"), max_length=8, choices=ConsentForm)
    scope = CodesField(_("for"), vocabulary=ConsentScope.choices, blank=False)
    wording = models.TextField(
        _("wording"), help_text=_("The words that were read to the person, in the language used.")
    )
    of_age = models.BooleanField(_("the person is an adult"), default=False)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True, editable=False)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )

    panels = [
        FieldPanel(name) for name in ("reference", "given_on", "how", "scope", "wording", "of_age")
    ]

    class Meta:
        ordering = ["reference"]
        verbose_name = _("consent to a story")
        verbose_name_plural = _("consents to stories")

    def __str__(self) -> str:
        return self.reference

    def clean(self) -> None:
        """Refuse to change what the person said yes to, and with which words: that is another yes."""
        super().clean()
        stands = StoryConsent.objects.filter(pk=self.pk).first()
        if stands is None or stands.said == self.said:
            return
        raise ValidationError(
            gettext(
                "What the person said yes to stays as it was recorded. Record a new one for a new"
                " yes; withdraw this one where less holds."
            )
        )

    @property
    def said(self) -> tuple[frozenset[str], str, bool]:
        """Return what the person said yes to, in which words, and whether as an adult."""
        # A text box sends every new line as two signs.
        return frozenset(self.scope), " ".join(self.wording.split()), self.of_age

    def holds(self, *, now: datetime) -> bool:
        """Tell whether the yes stands."""
        return self.of_age and (self.withdrawn_at is None or self.withdrawn_at > now)

    def covers(self, *scopes: ConsentScope) -> bool:
        """Tell whether the person agrees to all of these."""
        stands = self.of_age and self.withdrawn_at is None
        return stands and all(scope.value in self.scope for scope in scopes)

    def why_not(self) -> str:
        """Return why no story may be told with this consent, and what to do; empty where one may."""
        if self.withdrawn_at is not None:
            return gettext(
                "The person has withdrawn this consent, so the story stays down. It can only be told"
                " again with a new consent."
            )
        if not self.of_age:
            return gettext(
                "The consent does not say that the person is an adult. Stories of children are not"
                " told here. If the person is an adult, record a new consent that says so."
            )
        if not {ConsentScope.WEB.value, ConsentScope.MESSAGES.value} & set(self.scope):
            return gettext(
                "The person agreed neither to text on the web nor to text in messages. Ask, and"
                " record the answer as a new consent."
            )
        return ""


class Story(Entry):
    """What one person lived through, in her words, without anything that says who she is."""

    title = models.CharField(_("title"), max_length=120)
    told_as = models.CharField(
        _("told as"), max_length=80, help_text=_("A name that is not hers, and no more: Mariam.")
    )
    consent = models.ForeignKey(
        StoryConsent, on_delete=models.PROTECT, related_name="stories", verbose_name=_("consent")
    )
    recording = models.ForeignKey(
        "cms.Recording",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("recording"),
    )
    facts = ParentalManyToManyField(
        "cms.Fact",
        blank=True,
        limit_choices_to=ORIGINALS,
        related_name="stories",
        verbose_name=_("facts"),
    )

    translatable_fields = [
        *(TranslatableField(name) for name in ("title", "statement", "told_as", "caution")),
        SynchronizedField("key", overridable=False),
        SynchronizedField("consent", overridable=False),
        SynchronizedField("review_by"),
    ]

    class Meta(Entry.Meta):
        verbose_name = _("story")
        verbose_name_plural = _("stories")

    def __str__(self) -> str:
        return f"{self.key}: {self.title}"

    def clean(self) -> None:
        """Refuse a story that its person has not agreed to."""
        super().clean()
        if self.consent_id and (words := self.why_untold()):
            raise ValidationError({"consent": words})

    def check_publishable(self) -> None:
        """Raise NotPublishable when the person does not agree, or no longer."""
        super().check_publishable()
        self.refuse_untold()

    def publish(self, revision: Revision, user: Any = None, **kwargs: Any) -> Any:
        """Publish a revision if the person agrees: neither the clock nor a loader is excepted."""
        revision.as_object().refuse_untold()
        return super().publish(revision, user=user, **kwargs)

    def refuse_untold(self) -> None:
        """Raise NotPublishable where the person does not agree."""
        if words := self.why_untold():
            raise NotPublishable(words)

    def why_untold(self) -> str:
        """Return why this story may not be told, and what to do; empty where it may."""
        if words := self.consent.why_not():
            return words
        if self.recording_id and not self.consent.covers(ConsentScope.AUDIO):
            return gettext(
                "The person did not agree that the voice is heard. Take the recording out, or ask"
                " and record the answer as a new consent."
            )
        return ""


def refuse_untold(stories: Iterable[Story]) -> None:
    """Raise NotPublishable when one of these stories may not be told in a message."""
    for story in stories:
        words = story.why_untold()
        if not words and not story.consent.covers(ConsentScope.MESSAGES):
            words = gettext("The person did not agree to text in messages.")
        if words:
            remedy = gettext("Take the story %(key)s and its words out of this message.")
            raise NotPublishable(f"{remedy % {'key': story.key}} {words}")
