"""What the editors write: one concept a file."""

from cms.models.alerts import Alert
from cms.models.claims import Claim, ClaimType
from cms.models.contact_points import ContactKind, ContactPoint, TestResult
from cms.models.editorial import (
    Confidence,
    Editorial,
    Entry,
    HarmClass,
    Precision,
    Sensitivity,
    Status,
    ValueIs,
)
from cms.models.facts import Fact, FactKind, RiskTopic
from cms.models.messages import MessagePage, Pattern, Voice
from cms.models.pathways import Figure, Pathway, PathwayKind
from cms.models.plain_pages import PlainKind, PlainPage
from cms.models.recordings import Recording
from cms.models.reviews import (
    Act,
    NotPublishable,
    Review,
    authors_of,
    digest_of,
    missing_acts,
    read_at,
    record,
)
from cms.models.routes import Leg, LegRole, Route, RouteLanguage, RouteName, RoutePage
from cms.models.short_codes import ShortLinked
from cms.models.site import HomePage
from cms.models.sources import Source, SourceKind, SourceMark
from cms.models.starter import LoadedEntry
from cms.models.stored import ContentVersion, StoredAnswer, StoredUse
from cms.models.stories import ConsentForm, ConsentScope, Story, StoryConsent
from cms.models.tasks import (
    FactReview,
    NotApprovable,
    ProtectionReview,
    Reading,
    before_reading,
    title_of,
)
from cms.models.translated import (
    DRAFTS,
    ChangeKind,
    Translated,
    TranslationState,
    is_untranslated,
    source_of,
    texts_of,
)
from cms.models.translators import Translator
from cms.models.wordings import TemplateCategory, TemplateState, TemplateVariable
from cms.models.words import ListedWord, WordKind

__all__ = [
    "DRAFTS",
    "Act",
    "Alert",
    "ChangeKind",
    "Claim",
    "ClaimType",
    "Confidence",
    "ConsentForm",
    "ConsentScope",
    "ContactKind",
    "ContactPoint",
    "ContentVersion",
    "Editorial",
    "Entry",
    "Fact",
    "FactKind",
    "FactReview",
    "Figure",
    "HarmClass",
    "HomePage",
    "Leg",
    "LegRole",
    "ListedWord",
    "LoadedEntry",
    "MessagePage",
    "NotApprovable",
    "NotPublishable",
    "Pathway",
    "PathwayKind",
    "Pattern",
    "PlainKind",
    "PlainPage",
    "Precision",
    "ProtectionReview",
    "Reading",
    "Recording",
    "Review",
    "RiskTopic",
    "Route",
    "RouteLanguage",
    "RouteName",
    "RoutePage",
    "Sensitivity",
    "ShortLinked",
    "Source",
    "SourceKind",
    "SourceMark",
    "Status",
    "StoredAnswer",
    "StoredUse",
    "Story",
    "StoryConsent",
    "TemplateCategory",
    "TemplateState",
    "TemplateVariable",
    "TestResult",
    "Translated",
    "TranslationState",
    "Translator",
    "ValueIs",
    "Voice",
    "WordKind",
    "authors_of",
    "before_reading",
    "digest_of",
    "is_untranslated",
    "missing_acts",
    "read_at",
    "record",
    "source_of",
    "texts_of",
    "title_of",
]
