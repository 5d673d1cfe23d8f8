"""What the editors write: one concept a file."""

from cms.models.claims import Claim, ClaimType
from cms.models.contact_points import ContactKind, ContactPoint, TestResult
from cms.models.editorial import (
    Confidence,
    Entry,
    Precision,
    Sensitivity,
    Status,
    TranslationState,
    ValueIs,
)
from cms.models.facts import Fact, FactKind, RiskTopic
from cms.models.messages import MessagePage, Pattern, TemplateState, Voice
from cms.models.pathways import Figure, Pathway, PathwayKind
from cms.models.routes import Leg, LegRole, Route, RouteLanguage, RoutePage
from cms.models.site import HomePage
from cms.models.sources import Source, SourceKind, SourceMark
from cms.models.starter import LoadedEntry

__all__ = [
    "Claim",
    "ClaimType",
    "Confidence",
    "ContactKind",
    "ContactPoint",
    "Entry",
    "Fact",
    "FactKind",
    "Figure",
    "HomePage",
    "Leg",
    "LegRole",
    "LoadedEntry",
    "MessagePage",
    "Pathway",
    "PathwayKind",
    "Pattern",
    "Precision",
    "RiskTopic",
    "Route",
    "RouteLanguage",
    "RoutePage",
    "Sensitivity",
    "Source",
    "SourceKind",
    "SourceMark",
    "Status",
    "TemplateState",
    "TestResult",
    "TranslationState",
    "ValueIs",
    "Voice",
]
