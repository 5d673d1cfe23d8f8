"""How the admin lays out a message: what goes out first, how far it is checked last."""

from django.forms import CheckboxSelectMultiple
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, InlinePanel, MultiFieldPanel, TitleFieldPanel

from cms.panels import HelpPanel, LanguagesPanel, NoticePanel
from cms.standing_panels import ChangePanel, HeadPanel, WeightPanel, WordingStatePanel
from cms.widgets import ChosenFirst

CONTENT_PANELS = [
    NoticePanel(),
    HeadPanel(),
    WeightPanel(),
    ChangePanel(),
    TitleFieldPanel("title"),
    MultiFieldPanel(
        [
            FieldPanel("nudge_text"),
            HelpPanel("meter-nudge_text"),
            FieldPanel("sms_text"),
            HelpPanel("meter-sms_text"),
            FieldPanel("whatsapp_text"),
            WordingStatePanel(),
        ],
        heading=_("Texts on the phone"),
    ),
    MultiFieldPanel([HelpPanel("phones")], heading=_("As it will arrive")),
    MultiFieldPanel([HelpPanel("findings")], heading=_("Before a review")),
    MultiFieldPanel(
        [FieldPanel("web_title"), FieldPanel("web_summary"), FieldPanel("about_page")],
        heading=_("Texts on the web"),
    ),
    MultiFieldPanel(
        [FieldPanel("recording"), FieldPanel("picture"), FieldPanel("picture_alt")],
        heading=_("To listen to and to look at"),
        classname="collapsed",
    ),
    MultiFieldPanel(
        [
            FieldPanel(name, widget=ChosenFirst, classname="wm-choices")
            for name in ("facts", "pathways", "claims", "contact_points", "stories")
        ],
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
            FieldPanel("take_down"),
        ],
        heading=_("For whom, and until when"),
    ),
    MultiFieldPanel(
        [
            FieldPanel("whatsapp_template_needed"),
            FieldPanel("whatsapp_template_name"),
            FieldPanel("whatsapp_template_category"),
            InlinePanel(
                "whatsapp_template_variables",
                heading=_("Variables, in order"),
                panels=[FieldPanel("name"), FieldPanel("example")],
            ),
        ],
        heading=_("WhatsApp template"),
        classname="collapsed",
    ),
    MultiFieldPanel(
        [
            FieldPanel("plain_language"),
            FieldPanel("harm_class"),
            FieldPanel("caution"),
            FieldPanel("confidence"),
            FieldPanel("partner_safety"),
            FieldPanel("status", read_only=True),
            FieldPanel("sendable", read_only=True),
            FieldPanel("translation_state", read_only=True),
        ],
        heading=_("How far it is checked"),
    ),
    LanguagesPanel(heading=_("Languages")),
]
