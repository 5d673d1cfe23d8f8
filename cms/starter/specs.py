"""What each starter file holds: its fields, how each is read, and where it is kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cms.models import (
    ClaimType,
    Confidence,
    ContactKind,
    FactKind,
    LegRole,
    PathwayKind,
    Pattern,
    PlainKind,
    Precision,
    RiskTopic,
    Sensitivity,
    SourceKind,
    SourceMark,
    Status,
    TemplateState,
    TestResult,
    ValueIs,
    Voice,
)
from cms.starter.parsers import (
    Parser,
    one_of,
    read_address,
    read_count,
    read_countries,
    read_country,
    read_day,
    read_false,
    read_figure,
    read_flag,
    read_language,
    read_languages,
    read_note,
    read_nothing,
    read_optional_day,
    read_other_figures,
    read_period,
    read_text,
    read_words,
    some_of,
)


@dataclass(frozen=True, slots=True)
class Spec:
    """One kind of entry.

    `fields`: name in the file -> parser; `renamed`: name in the file -> field of the model, where
    they differ; `links`: name -> file that holds the other end; `rows`: name -> spec of each row;
    `notes`: fields about the pack and not about its content, read and not kept in the database;
    `texts`: what a translation may give, name -> field of the model.
    """

    fields: Mapping[str, Parser]
    renamed: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    rows: Mapping[str, "Spec"] = field(default_factory=dict)
    notes: frozenset[str] = frozenset()
    texts: Mapping[str, str] = field(default_factory=dict)


def _same(*names: str) -> dict[str, str]:
    return {name: name for name in names}


_STANDING: dict[str, Parser] = {
    "status": one_of(Status),
    "sendable": read_false,
    "caution": read_note,
    "partner_safety": read_flag,
}
_ENTRY: dict[str, Parser] = {
    **_STANDING,
    "statement": read_text,
    "countries": read_countries,
    "true_as_of": read_optional_day,
    "as_of_precision": one_of(Precision, optional=True),
    "review_by": read_day,
    "confidence": one_of(Confidence),
    "sensitive_in": read_countries,
    "fix_first": read_flag,
}
_FIGURE: dict[str, Parser] = {
    "value": read_figure,
    "unit": read_note,
    "value_is": one_of(ValueIs, optional=True),
}
_ENTRY_LINKS = {"routes": "routes", "sources": "sources"}

SOURCES = Spec(
    fields={
        "publisher": read_text,
        "title": read_text,
        "url": read_address,
        "kind": one_of(SourceKind),
        "mark": one_of(SourceMark),
        "reports": read_note,
        "published": read_optional_day,
        "language": read_text,
        "checked_on": read_optional_day,
    },
)
ROUTES = Spec(
    fields={
        "name": read_text,
        "names.frontex": read_note,
        "names.iom": read_note,
        "demo": read_flag,
        "confidence": one_of(Confidence),
        "caution": read_note,
    },
    links={"sources": "sources", "neighbours": "routes"},
    rows={
        "legs": Spec({"country": read_country, "role": one_of(LegRole), "place": read_note}),
        "languages": Spec(
            {"code": read_language, "varieties": read_words, "audio_first": read_flag}
        ),
    },
    texts={"name": "title", "caution": "caution"},
)
FACTS = Spec(
    fields={
        **_ENTRY,
        **_FIGURE,
        "kind": one_of(FactKind),
        "topics": some_of(RiskTopic),
        "period": read_period,
        "conflicting_values": read_other_figures,
        "softer_statement": read_note,
    },
    links=_ENTRY_LINKS,
    texts=_same("statement", "softer_statement", "caution"),
)
CONTACT_POINTS = Spec(
    fields={
        **_ENTRY,
        "kind": one_of(ContactKind),
        "name": read_text,
        "number": read_note,
        "other": read_note,
        "url": read_address,
        "reach_from": read_countries,
        "hours": read_note,
        "languages": read_languages,
        "cost": read_note,
        "suits": read_note,
        "does_not": read_note,
        "sensitivity": one_of(Sensitivity),
        "last_tested_on": read_optional_day,
        "tested_by": read_note,
        "result": one_of(TestResult),
        "lines": read_count,
        "expired": read_flag,
        "expires": read_optional_day,
    },
    renamed={"expired": "has_expired"},
    links=_ENTRY_LINKS,
    texts=_same("name", "statement", "hours", "cost", "suits", "does_not", "caution"),
)
PATHWAYS = Spec(
    fields={
        **_ENTRY,
        **_FIGURE,
        "kind": one_of(PathwayKind),
        "also": some_of(PathwayKind),
        "name": read_text,
        "destination": read_countries,
        "who_can": read_note,
        "who_cannot": read_note,
        "who_applies": read_note,
        "who_decides": read_note,
        "places": read_note,
        "cost": read_note,
        "deadline": read_note,
        "official_url": read_address,
        "scams_seen": read_note,
        "not_known": read_words,
    },
    links={**_ENTRY_LINKS, "facts": "facts", "contact_points": "contact_points"},
    rows={"figures": Spec({**_FIGURE, "period": read_period})},
    texts=_same(
        "name",
        "statement",
        "who_can",
        "who_cannot",
        "who_applies",
        "who_decides",
        "places",
        "cost",
        "deadline",
        "who_applies",
        "scams_seen",
        "caution",
    ),
)
CLAIMS = Spec(
    fields={
        **_ENTRY,
        **_FIGURE,
        "types": some_of(ClaimType),
        "answer": read_text,
        "softer_answer": read_note,
        "seen_on": read_note,
        "first_heard": read_optional_day,
        "last_heard": read_optional_day,
        "spread": read_note,
        "harm": read_note,
    },
    links={
        **_ENTRY_LINKS,
        "facts": "facts",
        "pathways": "pathways",
        "contact_points": "contact_points",
    },
    texts=_same("statement", "answer", "softer_answer", "caution"),
)
MESSAGES = Spec(
    fields={
        **_STANDING,
        "title": read_text,
        "pattern": one_of(Pattern),
        "sensitivity": one_of(Sensitivity),
        "voice": one_of(Voice),
        "language": read_language,
        "audience_countries": read_countries,
        "texts.sms": read_note,
        "texts.whatsapp": read_note,
        "texts.web": read_nothing,
        "texts.web.title": read_note,
        "texts.web.summary": read_note,
        "whatsapp_template.needed": read_flag,
        "whatsapp_template.name": read_note,
        "whatsapp_template.state": one_of(TemplateState, optional=True),
        "confidence": one_of(Confidence, optional=True),
        "expires": read_day,
        "expired": read_flag,
        "expect": read_text,
        "expect_reasons": read_words,
    },
    renamed={
        "texts.sms": "sms_text",
        "texts.whatsapp": "whatsapp_text",
        "texts.web.title": "web_title",
        "texts.web.summary": "web_summary",
        "whatsapp_template.needed": "whatsapp_template_needed",
        "whatsapp_template.name": "whatsapp_template_name",
        "whatsapp_template.state": "whatsapp_template_state",
    },
    links={
        "routes": "routes",
        "facts": "facts",
        "pathways": "pathways",
        "claims": "claims",
        "contact_points": "contact_points",
    },
    # `expired` follows from `expires`; `texts.web` is only ever null, for no text at all.
    notes=frozenset({"language", "texts.web", "expired", "expect", "expect_reasons"}),
    texts={
        "title": "title",
        "sms": "sms_text",
        "whatsapp": "whatsapp_text",
        "web_title": "web_title",
        "web_summary": "web_summary",
        "caution": "caution",
    },
)

PAGES = Spec(
    fields={**_STANDING, "kind": one_of(PlainKind), "title": read_text, "body": read_text},
    texts=_same("title", "body", "caution"),
)

# In the order in which they can be loaded: each file points only at those above it.
SPECS: dict[str, Spec] = {
    "sources": SOURCES,
    "routes": ROUTES,
    "facts": FACTS,
    "contact_points": CONTACT_POINTS,
    "pathways": PATHWAYS,
    "claims": CLAIMS,
    "messages": MESSAGES,
    "pages": PAGES,
}
ENTRY_FILES: tuple[str, ...] = ("facts", "contact_points", "pathways", "claims")


def kept_as(spec: Spec, name: str) -> str:
    """Return the model's field for a field of the file."""
    return spec.renamed.get(name, name)
