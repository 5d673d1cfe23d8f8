"""What a reader is shown: frozen values made from the live entries, in her language where it exists.

Where a text is not in her language the original stands in, and says which language it is in.
Nobody knows where a reader is, so wording that can endanger a partner anywhere is softened for all.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from cms.budgets import STORIES_IN_A_LIST
from cms.freshness import Age
from cms.holding import age_of_entry
from cms.models import (
    Alert,
    Claim,
    ConsentScope,
    ContactPoint,
    Entry,
    Fact,
    FactKind,
    MessagePage,
    Pathway,
    Route,
    RoutePage,
    Source,
    Status,
    Story,
    TestResult,
    TranslationState,
)
from cms.reader import tracing
from cms.reader.tracing import Kind
from cms.standing import outdated
from locales.countries import country_name


@dataclass(frozen=True, slots=True)
class Phrase:
    """One text and the language it is in."""

    text: str
    language: str

    def __bool__(self) -> bool:
        return bool(self.text)


@dataclass(frozen=True, slots=True)
class Shown:
    """One entry as a reader sees it; `entry` is the original, `row` the one whose wording she reads."""

    entry: Any
    row: Any
    texts: dict[str, Phrase]
    sources: tuple[Source, ...]
    age: Age

    @property
    def is_draft(self) -> bool:
        """Tell whether this is a translation that nobody has read."""
        return bool(self.row.is_unreviewed)

    @property
    def is_late(self) -> bool:
        """Tell whether its review date has passed."""
        return self.age in {Age.STALE, Age.EXPIRED}

    @property
    def was_reached(self) -> bool:
        """Tell whether the last test of a contact point found somebody."""
        return bool(self.entry.result == TestResult.REACHED)

    @property
    def dialled(self) -> str:
        """Return the number as a telephone takes it."""
        return "".join(sign for sign in self.entry.number if sign.isdigit() or sign == "+")


@dataclass(frozen=True, slots=True)
class Place:
    """The contact points that can be reached from one country, or from anywhere."""

    name: str
    contacts: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Content:
    """Everything on one page, by kind."""

    alerts: tuple[Shown, ...] = ()
    risks: tuple[Shown, ...] = ()
    rules: tuple[Shown, ...] = ()
    pathways: tuple[Shown, ...] = ()
    claims: tuple[Shown, ...] = ()
    stories: tuple[Shown, ...] = ()
    places: tuple[Place, ...] = ()
    is_draft: bool = False
    is_demo: bool = False
    is_over: bool = False

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing to show yet."""
        kinds = (self.alerts, self.risks, self.rules, self.pathways, self.claims, self.stories)
        return not (any(kinds) or self.places)


TEXTS: dict[type[Entry], tuple[str, ...]] = {
    Fact: ("statement",),
    Pathway: (
        "name",
        "statement",
        "who_can",
        "who_cannot",
        "who_applies",
        "who_decides",
        "places",
        "cost",
        "deadline",
        "scams_seen",
    ),
    Claim: ("statement", "answer"),
    ContactPoint: ("name", "statement", "hours", "cost", "suits", "does_not"),
    Alert: ("title", "statement"),
    Story: ("title", "told_as", "statement"),
}
ON_PAGES: tuple[Any, ...] = (Fact, Pathway, Claim, Story, ContactPoint)
ALONG: dict[Any, tuple[str, ...]] = {Story: ("recording", "consent")}
PARTS_OF: dict[Any, Kind] = {
    Pathway: Kind.WAYS,
    Claim: Kind.CLAIMS,
    Story: Kind.STORIES,
    ContactPoint: Kind.HELP,
}
# A rule says what is lawful, so it stands with the legal ways; other facts stand in what they back.
PARTS_OF_FACTS = {FactKind.RISK.value: Kind.RISKS, FactKind.RULE.value: Kind.WAYS}
SOFTER = {Fact: "statement", Claim: "answer"}


def part_of(entry: Entry) -> Kind | None:
    """Return the part of a route's page on which an entry stands; None where it stands on none."""
    if isinstance(entry, Fact):
        return PARTS_OF_FACTS.get(entry.kind)
    return PARTS_OF.get(type(entry))


def show_route(page: RoutePage, *, today: date) -> Content:
    """Gather what is said of a route, or of a leg of it: all that its page and its parts show."""
    alerts = _show_alerts(page, today)
    found = {model: _on_route(model, page.migration_route) for model in ON_PAGES}
    found[ContactPoint] = _add_named(found[ContactPoint], alerts)
    return _gather(page, found, today, alerts=alerts)


def show_part(page: RoutePage, part: Kind, *, today: date) -> Content:
    """Gather what one part of a route's page shows."""
    route = page.migration_route
    found = {
        model: _on_route(model, route)
        for model in ON_PAGES
        if PARTS_OF.get(model) == part or (model is Fact and part in PARTS_OF_FACTS.values())
    }
    if Fact in found:
        kinds = [kind for kind, stands_on in PARTS_OF_FACTS.items() if stands_on == part]
        found[Fact] = found[Fact].filter(kind__in=kinds)
    if part == Kind.HELP:
        found[ContactPoint] = _add_named(found[ContactPoint], _show_alerts(page, today))
    return _gather(page, found, today)


def show_message(page: MessagePage, *, today: date) -> Content:
    """Gather what the message's page shows of what it uses; nothing once it has expired."""
    source = page.source
    tracing.use(f"text:{page.translation_key}")
    if is_over(page, today=today):
        return Content(is_over=True)
    tracing.change_on(page.expires, source.expires)
    found = {model: model.objects.filter(messages=source) for model in ON_PAGES}
    found[Story] = found[Story].filter(pk__in=_tellable(source.stories.all()))
    return _gather(page, found, today)


def is_over(page: MessagePage, *, today: date) -> bool:
    """Tell whether a message has outlived its date."""
    return min(page.expires, page.source.expires) <= today


def message_texts(page: MessagePage) -> dict[str, Phrase]:
    """Return the message's title and summary for the web."""
    source = page.source
    texts = {name: _phrase(page, source, name) for name in ("web_title", "web_summary")}
    # A nudge has no text of its own for the web; its title says enough.
    texts["web_title"] = texts["web_title"] or Phrase(page.title, page.locale.language_code)
    return texts


def choose_whole(stories: Iterable[Shown]) -> list[tuple[Shown, bool]]:
    """Return stories in their order, each with whether there is room for all its words in a list."""
    room, chosen = STORIES_IN_A_LIST, []
    for story in stories:
        size = len(story.texts["statement"].text.encode())
        chosen.append((story, size <= room))
        room -= size if size <= room else 0
    return chosen


# ---- Gathering ---------------------------------------------------------------------------------


def _show_alerts(page: RoutePage, today: date) -> tuple[Shown, ...]:
    rows = _alerts_for(page.migration_route)
    return tuple(show_entries(rows, language=page.locale.language_code, today=today))


def _add_named(contacts: QuerySet[Any], alerts: Iterable[Shown]) -> QuerySet[Any]:
    """Add whom an alert names: they are reached from here, whichever route they belong to."""
    named = ContactPoint.objects.filter(alerts__in=[item.entry.pk for item in alerts])
    return contacts | ContactPoint.objects.filter(pk__in=named.values("pk"))


def _on_route(model: Any, route: Route) -> QuerySet[Any]:
    tracing.use(f"routes:{route.pk}", f"route:{route.pk}:{model._meta.model_name}")
    every = model.objects
    found: QuerySet[Any] = every.filter(
        Q(pk__in=every.filter(routes=route).values("pk"))
        | Q(pk__in=every.filter(legs__route=route).values("pk"))
    )
    return found


def _alerts_for(route: Route) -> QuerySet[Alert]:
    """Find the alerts of a route and of each country on it."""
    # Live alerts are few, and no database looks into a list of codes as another does.
    live = list(Alert.objects.filter(live=True).values_list("pk", "countries", "translation_key"))
    passed = {leg.country for leg in route.legs.all()} if live else set()
    near = [pk for pk, countries, _key in live if passed & set(countries)]
    tracing.use("kind:alert", *(f"text:{key}" for _pk, _countries, key in live))
    return _on_route(Alert, route) | Alert.objects.filter(pk__in=near)


def _tellable(stories: QuerySet[Story]) -> list[int]:
    """Return which stories may be told in a message too, and not only on a page."""
    used = list(stories.select_related("consent"))
    tracing.use(*(f"text:{story.translation_key}" for story in used))
    return [story.pk for story in used if story.consent.covers(ConsentScope.MESSAGES)]


def _gather(
    page: RoutePage | MessagePage,
    found: dict[Any, QuerySet[Any]],
    today: date,
    *,
    alerts: tuple[Shown, ...] = (),
) -> Content:
    language = page.locale.language_code
    tracing.use(f"text:{page.translation_key}")
    shown: dict[Any, list[Shown]] = {model: [] for model in ON_PAGES} | {
        model: show_entries(rows, language=language, today=today) for model, rows in found.items()
    }
    everything = [*alerts, *(item for items in shown.values() for item in items)]
    return Content(
        alerts=alerts,
        risks=_of_kind(shown[Fact], FactKind.RISK),
        rules=_of_kind(shown[Fact], FactKind.RULE),
        pathways=tuple(shown[Pathway]),
        claims=tuple(shown[Claim]),
        stories=tuple(shown[Story]),
        places=_by_country(shown[ContactPoint], language),
        is_draft=page.is_unreviewed or any(item.is_draft for item in everything),
        is_demo=getattr(page, "status", "") == Status.DEMO
        or any(item.entry.status == Status.DEMO for item in everything),
    )


# Somebody has tried: nobody is sent there again.
DEAD = frozenset({TestResult.WRONG.value, TestResult.CLOSED.value})


def show_entries(rows: QuerySet[Any], *, language: str, today: date) -> list[Shown]:
    """Return the live originals among the rows as a reader of one language sees them, by key."""
    considered = (
        rows.filter(translation_state=TranslationState.ORIGINAL)
        .select_related("locale", *ALONG.get(rows.model, ()))
        .prefetch_related("sources")
        .order_by("key")
    )
    # What is hidden today is noted as well: the answer is another once it is shown.
    tracing.use(*(f"text:{original.translation_key}" for original in considered))
    originals = [original for original in considered if original.live]
    tracing.change_on(*(day for original in originals for day in _days_of(original, today)))
    translated = {
        row.translation_key: row
        for row in rows.model.objects.filter(
            translation_key__in=[original.translation_key for original in originals],
            locale__language_code=language,
            live=True,
        )
        # An older wording would contradict the corrected original, which stands in for it.
        .exclude(pk__in=outdated(rows.model))
        .select_related("locale", *ALONG.get(rows.model, ()))
    }
    shown = [
        _show(original, translated.get(original.translation_key, original), today)
        for original in originals
    ]
    for item in shown:
        _note(item)
    return [item for item in shown if _may_be_shown(item, today)]


def _days_of(entry: Any, today: date) -> list[date]:
    """Return the days to come on which a reader sees something else of an entry than before."""
    # Before its review date nothing tells her that the day is near, so no other day counts.
    days = (entry.review_by, entry.expires, getattr(entry, "begins", None))
    return [day for day in days if day is not None and day > today]


def _note(item: Shown) -> None:
    recordings = {getattr(row, "recording_id", None) for row in (item.row, item.entry)} - {None}
    tracing.use(
        *(f"source:{source.pk}" for source in item.sources),
        *(f"recording:{pk}" for pk in recordings),
    )


def _may_be_shown(item: Shown, today: date) -> bool:
    """Tell whether a reader may see an entry; its being live alone does not say so."""
    # Nobody is sent to a door that is known to be shut.
    if item.age == Age.EXPIRED:
        return False
    if isinstance(item.entry, Alert):
        return bool(item.entry.begins <= today)
    if isinstance(item.entry, Story):
        return bool(item.entry.consent.covers(ConsentScope.WEB))
    if isinstance(item.entry, ContactPoint):
        return item.entry.result not in DEAD
    soft = SOFTER.get(type(item.entry))
    # What can endanger a partner is told in its softer words or not at all.
    return not (soft and item.entry.partner_safety and not item.texts[soft])


def _show(original: Entry, row: Entry, today: date) -> Shown:
    texts = {name: _phrase(row, original, name) for name in TEXTS[type(original)]}
    soft = SOFTER.get(type(original))
    if soft and original.partner_safety:
        texts[soft] = _phrase(row, original, f"softer_{soft}")
    return Shown(
        entry=original,
        row=row,
        texts=texts,
        sources=tuple(original.sources.all()),
        age=age_of_entry(original, today=today),
    )


def _phrase(row: Any, original: Any, name: str) -> Phrase:
    text = getattr(row, name)
    chosen = row if text else original
    return Phrase(getattr(chosen, name), chosen.locale.language_code)


def _of_kind(items: Iterable[Shown], kind: str) -> tuple[Shown, ...]:
    return tuple(item for item in items if item.entry.kind == kind)


def _by_country(items: Iterable[Shown], language: str) -> tuple[Place, ...]:
    groups: dict[tuple[str, ...], list[Shown]] = {}
    for item in items:
        groups.setdefault(tuple(item.entry.reach_from), []).append(item)
    places = [
        Place(", ".join(country_name(code, language) for code in codes), tuple(contacts))
        for codes, contacts in groups.items()
    ]
    return tuple(sorted(places, key=lambda place: (not place.name, place.name)))
