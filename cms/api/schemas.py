"""The shapes of the public answers. What an editor keeps for herself has no field here."""

from datetime import date, datetime
from typing import Generic, TypeVar

from django.db.models import TextChoices
from ninja import Field, Schema

from cms.freshness import Age
from cms.models import (
    ClaimType,
    Confidence,
    ContactKind,
    FactKind,
    LegRole,
    PathwayKind,
    Precision,
    RiskTopic,
    Sensitivity,
    Status,
    TestResult,
    TranslationState,
    ValueIs,
)

LICENCE = "CC-BY-4.0"


Given = TypeVar("Given", bound=Schema)


def _one_of(vocabulary: type[TextChoices]) -> str:
    return f"Of these: {', '.join(vocabulary.values)}."


class Text(Schema):
    """One text and the language that it is really in."""

    text: str
    language: str
    is_fallback: bool = Field(description="True where it is not in the language asked for.")


class Publication(Schema):
    """Who says so; its content is under its publisher's own licence."""

    publisher: str
    title: str
    url: str
    language: str
    published: date | None
    accessed: date | None = Field(description="When a person last compared it.")


class Worded(Schema):
    """What everything with wording tells of it."""

    translation: TranslationState = Field(
        description="Who stands behind the wording given: `machine` and `unreviewed` were checked "
        "by nobody, and must be shown as such."
    )
    is_machine_made: bool
    revision: int | None = Field(description="The published revision of the wording given.")
    original_revision: int | None
    updated_at: datetime = Field(description="When it was last published or confirmed.")
    sources: list[Publication]


class Entry(Worded):
    """What every dated, sourced statement carries."""

    key: str
    status: Status = Field(description="`demo` was not checked at its source.")
    confidence: Confidence | None
    routes: list[str]
    countries: list[str]
    true_as_of: date | None
    true_as_of_precision: Precision | None = Field(
        description="A month or a year is given as its last day."
    )
    review_by: date = Field(description="The first day on which it is stale.")
    expires: date | None = Field(description="The first day on which it serves nobody.")
    freshness: Age = Field(description="On `day`. What is expired is never given.")


class FactTexts(Schema):
    """The texts of a fact."""

    statement: Text | None


class Fact(Entry):
    """One statement about the world."""

    kind: FactKind
    topics: list[str] = Field(description=_one_of(RiskTopic))
    value: float | None = Field(description="The figure, where the fact has one.")
    value_is: str = Field(description=_one_of(ValueIs))
    unit: str
    period: str = Field(description="First and last day of the figure, as 2025-01-01/2025-12-13.")
    texts: FactTexts


class PathwayTexts(Schema):
    """The texts of a pathway; null is not known, and must not be guessed."""

    name: Text | None
    statement: Text | None
    who_can: Text | None
    who_cannot: Text | None
    who_applies: Text | None
    who_decides: Text | None
    places: Text | None
    cost: Text | None
    deadline: Text | None
    scams_seen: Text | None


class Pathway(Entry):
    """One legal way, with whom it is not for and how few the places are."""

    kind: PathwayKind
    also: list[str] = Field(description=_one_of(PathwayKind))
    destination: list[str]
    official_url: str
    texts: PathwayTexts
    facts: list[str]
    contacts: list[str]


class ClaimTexts(Schema):
    """The texts of a claim: what is said, and the answer. Never show the first alone."""

    statement: Text | None
    answer: Text | None


class Claim(Entry):
    """What people hear from smugglers, with the honest answer."""

    types: list[str] = Field(description=_one_of(ClaimType))
    texts: ClaimTexts
    facts: list[str]
    pathways: list[str]
    contacts: list[str]


class ContactTexts(Schema):
    """The texts of a contact point."""

    name: Text | None
    statement: Text | None
    hours: Text | None
    cost: Text | None
    suits: Text | None
    does_not: Text | None


class Contact(Entry):
    """Where to get help; `number` as it is dialled from there."""

    kind: ContactKind
    number: str
    dial: str = Field(description="The number as a telephone takes it.")
    other: str
    url: str
    reach_from: list[str] = Field(description="Empty: it can be reached from anywhere.")
    languages: list[str]
    sensitivity: Sensitivity = Field(description="`on_request`: do not send it unasked.")
    last_tested_on: date | None
    last_test: TestResult
    texts: ContactTexts


class AlertTexts(Schema):
    """The texts of an alert."""

    title: Text | None
    statement: Text | None


class Alert(Entry):
    """Something that holds for a few days only."""

    begins: date
    texts: AlertTexts
    facts: list[str]
    contacts: list[str]


class StoryTexts(Schema):
    """The texts of a story; `told_as` is a name that is not the person's."""

    title: Text | None
    told_as: Text | None
    statement: Text | None


class Story(Entry):
    """What one person lived through and agreed to have told on the web. A yes can be taken back."""

    texts: StoryTexts
    facts: list[str]


class Leg(Schema):
    """One country in one role, in the order of the route."""

    country: str
    role: LegRole
    place: str


class OfficialName(Schema):
    """What one authority calls a route."""

    authority: str
    name: str


class SpokenLanguage(Schema):
    """One language of a route, most useful first."""

    code: str
    varieties: list[str]
    audio_first: bool


class RouteTexts(Schema):
    """The texts of a route."""

    name: Text


class Route(Worded):
    """One migration route: an ordered set of legs."""

    code: str
    texts: RouteTexts
    official_names: list[OfficialName]
    legs: list[Leg]
    languages: list[SpokenLanguage]
    neighbours: list[str]
    confidence: Confidence | None
    has_demonstration_content: bool


class Tongue(Schema):
    """One language of the table; `fallbacks` is what its speakers are most likely to read instead."""

    code: str
    name: str
    endonym: str
    direction: str = Field(description="`ltr` or `rtl`.")
    script: str = Field(description="ISO 15924.")
    fallbacks: list[str]
    is_content_language: bool = Field(description="Content may be written in it.")
    is_published: bool = Field(description="The site has pages in it.")


class Answer(Schema):
    """What every answer says of itself."""

    language: str = Field(description="The language asked for.")
    day: date = Field(description="The day for which freshness was judged.")
    licence: str = Field(LICENCE, description="Of our own texts; sources keep their own.")


class Page(Answer, Generic[Given]):
    """A part of a list."""

    total: int
    limit: int
    offset: int
    entries: list[Given]


class Single(Answer, Generic[Given]):
    """One entry."""

    entry: Given


class Mistake(Schema):
    """What is wrong with a request, and with which of its parameters."""

    parameter: str | None
    message: str


class Problem(Schema):
    """Why a request has no answer."""

    errors: list[Mistake]
