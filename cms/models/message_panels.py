"""How the admin lays out a message: what goes out first, how far it is checked last."""

from django.forms import CheckboxSelectMultiple
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, TitleFieldPanel

from cms.panels import NoticePanel, PartsPanel

CONTENT_PANELS = [
    NoticePanel(),
    TitleFieldPanel("title"),
    MultiFieldPanel(
        [FieldPanel("sms_text"), PartsPanel("sms_text"), FieldPanel("whatsapp_text")],
        heading=_("Texts on the phone"),
    ),
    MultiFieldPanel(
        [FieldPanel("web_title"), FieldPanel("web_summary")], heading=_("Texts on the web")
    ),
    MultiFieldPanel(
        [FieldPanel(name) for name in ("facts", "pathways", "claims", "contact_points")],
        heading=_("What it uses"),
        classname="collapsed",
        help_text=_("Readers see them in their own language."),
    ),
    MultiFieldPanel(
        [
            FieldPanel("routes", widget=CheckboxSelectMultiple),
            FieldPanel("audience_countries"),
            FieldPanel("pattern"),
            FieldPanel("sensitivity"),
            FieldPanel("voice"),
            FieldPanel("expires"),
        ],
        heading=_("For whom, and until when"),
    ),
    MultiFieldPanel(
        [
            FieldPanel("whatsapp_template_needed"),
            FieldPanel("whatsapp_template_name"),
            FieldPanel("whatsapp_template_category"),
            FieldPanel("whatsapp_template_state", read_only=True),
        ],
        heading=_("WhatsApp template"),
        classname="collapsed",
    ),
    MultiFieldPanel(
        [
            FieldPanel("caution"),
            FieldPanel("confidence"),
            FieldPanel("partner_safety"),
            FieldPanel("status", read_only=True),
            FieldPanel("sendable", read_only=True),
            FieldPanel("translation_state", read_only=True),
        ],
        heading=_("How far it is checked"),
    ),
]
