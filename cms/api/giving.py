"""How a row becomes an answer: what readers are shown, in the public shapes."""

from collections.abc import Callable
from typing import Any

from cms.models import (
    Alert,
    Claim,
    ContactPoint,
    Fact,
    Pathway,
    Route,
    RoutePage,
    Source,
    Story,
    TranslationState,
)
from cms.reader.showing import Phrase, Shown


def give_entry(shown: Shown, *, language: str) -> dict[str, Any]:
    """Return what is public of an entry, for the schema of its kind."""
    entry = shown.entry
    texts = {name: _give_text(phrase, language) for name, phrase in shown.texts.items()}
    return {
        **_give_wording(entry, shown.row, shown.sources),
        "key": entry.key,
        "status": entry.status,
        "confidence": entry.confidence or None,
        "routes": sorted(route.code for route in entry.routes.all()),
        "countries": entry.countries,
        "true_as_of": entry.true_as_of,
        "true_as_of_precision": (entry.as_of_precision or None) if entry.true_as_of else None,
        "review_by": entry.review_by,
        "expires": entry.expires,
        "freshness": shown.age,
        "texts": texts,
        **OWN[type(entry)](shown),
    }


def give_route(
    route: Route, pages: tuple[RoutePage, RoutePage], *, language: str
) -> dict[str, Any]:
    """Return what is public of a route; `pages` are its original and the one whose title is given."""
    original, page = pages
    name = Phrase(page.title, page.locale.language_code)
    return {
        **_give_wording(original, page, tuple(route.sources.all())),
        "code": route.code,
        "texts": {"name": _give_text(name, language)},
        "official_names": [
            {"authority": name.authority, "name": name.name} for name in route.names.all()
        ],
        "legs": [
            {"country": leg.country, "role": leg.role, "place": leg.place}
            for leg in route.legs.all()
        ],
        "languages": [
            {"code": row.code, "varieties": row.varieties, "audio_first": row.audio_first}
            for row in route.languages.all()
        ],
        "neighbours": sorted(other.code for other in route.neighbours.all()),
        "confidence": route.confidence or None,
        "has_demonstration_content": route.demo,
    }


def _give_text(phrase: Phrase, language: str) -> dict[str, Any] | None:
    if not phrase:
        return None
    return {
        "text": phrase.text,
        "language": phrase.language,
        "is_fallback": phrase.language != language,
    }


def _give_wording(original: Any, row: Any, sources: tuple[Source, ...]) -> dict[str, Any]:
    moments = [
        moment
        for one in (original, row)
        for moment in (one.last_published_at, one.current_as_of)
        if moment is not None
    ]
    return {
        "translation": row.translation_state,
        "is_machine_made": row.translation_state == TranslationState.MACHINE,
        "revision": row.live_revision_id,
        "original_revision": original.live_revision_id,
        "updated_at": max(moments).replace(microsecond=0),
        "sources": [_give_source(source) for source in sources],
    }


def _give_source(source: Source) -> dict[str, Any]:
    return {
        "publisher": source.publisher,
        "title": source.title,
        "url": source.url,
        "language": source.language,
        "published": source.published,
        "accessed": source.checked_on,
    }


# ---- What each kind has of its own -------------------------------------------------------------


def _own_of_fact(shown: Shown) -> dict[str, Any]:
    fact = shown.entry
    # The figure is as hard as the wording that the softer one stands in for.
    is_told = not fact.partner_safety
    return {
        "kind": fact.kind,
        "topics": fact.topics,
        "value": float(fact.value) if is_told and fact.value is not None else None,
        "value_is": fact.value_is if is_told else "",
        "unit": fact.unit if is_told else "",
        "period": fact.period if is_told else "",
    }


def _own_of_pathway(shown: Shown) -> dict[str, Any]:
    return {
        "kind": shown.entry.kind,
        "also": shown.entry.also,
        "destination": shown.entry.destination,
        "official_url": shown.entry.official_url,
        "facts": _keys(shown.entry.facts),
        "contacts": _keys(shown.entry.contact_points),
    }


def _own_of_claim(shown: Shown) -> dict[str, Any]:
    return {
        "types": shown.entry.types,
        "facts": _keys(shown.entry.facts),
        "pathways": _keys(shown.entry.pathways),
        "contacts": _keys(shown.entry.contact_points),
    }


def _own_of_contact(shown: Shown) -> dict[str, Any]:
    contact = shown.entry
    return {
        "kind": contact.kind,
        "number": contact.number,
        "dial": shown.dialled,
        "other": contact.other,
        "url": contact.url,
        "reach_from": contact.reach_from,
        "languages": contact.languages,
        "sensitivity": contact.sensitivity,
        "last_tested_on": contact.last_tested_on,
        "last_test": contact.result,
    }


def _own_of_alert(shown: Shown) -> dict[str, Any]:
    return {
        "begins": shown.entry.begins,
        "facts": _keys(shown.entry.facts),
        "contacts": _keys(shown.entry.contact_points),
    }


def _own_of_story(shown: Shown) -> dict[str, Any]:
    return {"facts": _keys(shown.entry.facts)}


def _keys(related: Any) -> list[str]:
    return [entry.key for entry in related.all()]


OWN: dict[type[Any], Callable[[Shown], dict[str, Any]]] = {
    Fact: _own_of_fact,
    Pathway: _own_of_pathway,
    Claim: _own_of_claim,
    ContactPoint: _own_of_contact,
    Alert: _own_of_alert,
    Story: _own_of_story,
}
