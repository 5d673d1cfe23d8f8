"""What a message says in one language: a text for each channel, what WhatsApp approved, what is heard."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.models import Orderable


class TemplateCategory(models.TextChoices):
    """How WhatsApp bills a template."""

    UTILITY = "utility", _("utility")
    MARKETING = "marketing", _("marketing")


class TemplateState(models.TextChoices):
    """What WhatsApp says of a template."""

    NOT_SUBMITTED = "not_submitted", _("not submitted")
    PENDING = "pending", _("pending")
    APPROVED = "approved", _("approved")
    REJECTED = "rejected", _("rejected")


class Worded(models.Model):
    """The texts of one message in one language, with its recording and its picture."""

    nudge_text = models.TextField(
        _("nudge"),
        blank=True,
        help_text=_(
            "What reaches the phone unasked. Neutral: it must not harm on a phone that is taken away."
        ),
    )
    sms_text = models.TextField(
        _("SMS"),
        blank=True,
        help_text=_("Plain and calm. {link} stands for the page's short link."),
    )
    whatsapp_text = models.TextField(
        _("WhatsApp"), blank=True, help_text=_("{link} stands for the page's short link.")
    )
    web_title = models.CharField(_("title on the web"), max_length=160, blank=True)
    web_summary = models.TextField(_("summary on the web"), blank=True)
    whatsapp_template_needed = models.BooleanField(
        _("needs a template"),
        default=False,
        help_text=_("WhatsApp takes free text only within 24 hours of the person's last message."),
    )
    whatsapp_template_name = models.CharField(_("template name"), max_length=80, blank=True)
    whatsapp_template_category = models.CharField(
        _("template category"),
        max_length=10,
        choices=TemplateCategory,
        default=TemplateCategory.UTILITY,
    )
    whatsapp_template_state = models.CharField(
        _("template state"), max_length=13, choices=TemplateState, blank=True, default=""
    )
    recording = models.ForeignKey(
        "cms.Recording",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("recording"),
    )
    picture = models.ForeignKey(
        "wagtailimages.Image",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("picture"),
    )
    picture_alt = models.CharField(
        _("what the picture shows"),
        max_length=200,
        blank=True,
        help_text=_("Read aloud instead of it."),
    )
    plain_language = models.BooleanField(
        _("I have read it aloud: plain words, short sentences"), default=False
    )

    class Meta:
        abstract = True


class TemplateVariable(Orderable):
    """One variable of a message's WhatsApp template, in order, with the example Meta asks for."""

    message = ParentalKey(
        "cms.MessagePage", on_delete=models.CASCADE, related_name="whatsapp_template_variables"
    )
    name = models.CharField(_("name"), max_length=40, help_text=_("As in the text: {link}."))
    example = models.CharField(_("example"), max_length=200)

    class Meta(Orderable.Meta):
        verbose_name = _("template variable")
        verbose_name_plural = _("template variables")

    def __str__(self) -> str:
        return self.name
