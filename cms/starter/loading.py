"""Put a starter pack into the database, once. What is there is never touched.

Each entry is noted when it is loaded; a second run passes over what is noted, so that an editor's
later edit, and an editor's deletion, both stay. Each file is loaded whole or not at all.
"""

import hashlib
import uuid
from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from wagtail.models import Locale

from cms.models import (
    Claim,
    ContactPoint,
    Entry,
    Fact,
    Figure,
    Leg,
    ListedWord,
    LoadedEntry,
    MessagePage,
    Pathway,
    PlainPage,
    Route,
    RouteLanguage,
    RouteName,
    RoutePage,
    Source,
    TranslationState,
)
from cms.models.changes import telling_at_once
from cms.starter.bodies import split_body
from cms.starter.harm import usual_harm
from cms.starter.pages import ensure_homes, publish_below
from cms.starter.reading import Pack, Record, Wording
from cms.starter.specs import SPECS

SOURCE_LANGUAGE = "en"
ENTRY_MODELS: dict[str, type[Entry]] = {
    "facts": Fact,
    "contact_points": ContactPoint,
    "pathways": Pathway,
    "claims": Claim,
}
# The file's fields of official names, and whose names they are.
AUTHORITIES = {"names.frontex": "Frontex", "names.iom": "IOM"}
LINKED_MODELS: dict[str, Any] = {"sources": Source, "routes": Route, **ENTRY_MODELS}
Say = Callable[[str], None]


def load_pack(pack: Pack, *, say: Say) -> int:
    """Load what was never loaded before; return how many rows and pages are new."""
    languages = sorted({word.language for words in pack.wordings.values() for word in words})
    steps: list[tuple[str, Callable[[], int]]] = [
        ("home pages", lambda: ensure_homes([SOURCE_LANGUAGE, *languages])),
        ("sources", lambda: _load_sources(pack)),
        ("routes", lambda: _load_routes(pack)),
        *((name, _entry_step(pack, name)) for name in ENTRY_MODELS),
        ("route pages", lambda: _load_route_pages(pack)),
        ("messages", lambda: _load_messages(pack)),
        ("plain pages", lambda: _load_plain_pages(pack)),
        ("words", lambda: _load_words(pack)),
    ]
    total = 0
    for number, (name, load) in enumerate(steps, start=1):
        with transaction.atomic(), telling_at_once():
            new = load()
        total += new
        if new:
            say(f"[{number}/{len(steps)}] {name}: {new} new")
    return total


def _entry_step(pack: Pack, name: str) -> Callable[[], int]:
    return lambda: _load_entries(pack, name)


def _load_sources(pack: Pack) -> int:
    new = [record for record, _words in _pending(pack, "sources", "sources")]
    Source.objects.bulk_create([Source(key=record.id, **record.fields) for record in new])
    return _note("sources", [(record.id, SOURCE_LANGUAGE) for record in new])


def _load_routes(pack: Pack) -> int:
    new = [record for record, words in _pending(pack, "routes", "routes") if words is None]
    sources = Source.objects.in_bulk(field_name="key")
    for record in new:
        names = {name: record.fields[name] for name in AUTHORITIES}
        fields = {name: value for name, value in record.fields.items() if name not in names}
        route = Route(code=record.id, **fields)
        route.names = [
            RouteName(authority=AUTHORITIES[field], name=name)
            for field, name in names.items()
            if name
        ]
        route.sources = [sources[key] for key in record.links["sources"] if key in sources]
        route.legs = [Leg(**row) for row in record.rows["legs"]]
        route.languages = [RouteLanguage(**row) for row in record.rows["languages"]]
        route.save()
    _join_neighbours(new)
    return _note("routes", [(record.id, SOURCE_LANGUAGE) for record in new])


def _join_neighbours(new: list[Record]) -> None:
    """Name each new route's neighbours, once all of them are there."""
    routes = Route.objects.in_bulk(field_name="code")
    for record in new:
        route = routes[record.id]
        route.neighbours = [routes[code] for code in record.links["neighbours"] if code in routes]
        route.save()


def _load_entries(pack: Pack, name: str) -> int:
    model = ENTRY_MODELS[name]
    linked = _read_linked(name)
    locales = _locales()
    keys = dict(_originals(model).values_list("key", "translation_key"))
    loaded = []
    for record, words in _pending(pack, name, name):
        if words is not None and record.id not in keys:
            continue  # its original was deleted by an editor
        keys.setdefault(record.id, uuid.uuid4())
        entry = model(
            key=record.id,
            locale=locales[words.language if words else SOURCE_LANGUAGE],
            translation_key=keys[record.id],
            translation_state=_state(words),
            harm_class=usual_harm(record.fields),
            **_fields(name, record, words),
        )
        # A way that does not say what one must know is shown in a rehearsal only, marked as such.
        entry.live = settings.REHEARSAL or not getattr(entry, "missing", ())
        if entry.live:
            entry.first_published_at = timezone.now()
        _attach(entry, record, linked)
        entry.save()
        loaded.append((record.id, words.language if words else SOURCE_LANGUAGE))
    return _note(name, loaded)


def _load_route_pages(pack: Pack) -> int:
    """Make the readers' page of each route; a translation without a name waits for one."""
    routes = Route.objects.in_bulk(field_name="code")
    loaded = []
    for record, words in _pending(pack, "routes", "route pages"):
        title = record.fields["name"] if words is None else words.entries[record.id].get("title")
        if record.id not in routes or not title:
            continue
        texts = {} if words is None else words.entries[record.id]
        page = RoutePage(
            title=title,
            slug=record.id,
            migration_route=routes[record.id],
            caution=texts.get("caution", ""),
            translation_state=_state(words),
        )
        original = RoutePage.objects.filter(
            migration_route=routes[record.id], translation_state=TranslationState.ORIGINAL
        ).first()
        if publish_below(page, language=_language(words), original=original):
            loaded.append((record.id, _language(words)))
    return _note("route pages", loaded)


def _load_messages(pack: Pack) -> int:
    linked = _read_linked("messages")
    loaded = []
    for record, words in _pending(pack, "messages", "messages"):
        page = MessagePage(
            key=record.id,
            slug=record.id.lower(),
            translation_state=_state(words),
            **_fields("messages", record, words),
        )
        original = MessagePage.objects.filter(
            key=record.id, translation_state=TranslationState.ORIGINAL
        ).first()
        _attach(page, record, linked)
        if publish_below(page, language=_language(words), original=original):
            loaded.append((record.id, _language(words)))
    return _note("messages", loaded)


def _load_plain_pages(pack: Pack) -> int:
    loaded = []
    for record, words in _pending(pack, "pages", "plain pages"):
        fields = _fields("pages", record, words)
        body = split_body(fields.pop("body"))
        page = PlainPage(
            slug=record.fields["kind"], body=body, translation_state=_state(words), **fields
        )
        original = PlainPage.objects.filter(
            kind=page.kind, translation_state=TranslationState.ORIGINAL
        ).first()
        if publish_below(page, language=_language(words), original=original if words else None):
            loaded.append((record.id, _language(words)))
    return _note("plain pages", loaded)


def _load_words(pack: Pack) -> int:
    noted = set(LoadedEntry.objects.filter(file="words").values_list("key", "language"))
    new = {
        (_word_key(listed.kind, word), listed.language): ListedWord(
            language=listed.language, kind=listed.kind, word=word
        )
        for listed in pack.word_lists
        for word in listed.words
        if (_word_key(listed.kind, word), listed.language) not in noted
    }
    # An editor may have listed the same word herself.
    ListedWord.objects.bulk_create(new.values(), ignore_conflicts=True)
    return _note("words", list(new))


def _word_key(kind: str, word: str) -> str:
    """Return a short name for a listed word: words can be longer than the note of what is loaded."""
    return hashlib.blake2s(f"{kind} {word}".encode(), digest_size=16).hexdigest()


# ---- What is new -------------------------------------------------------------------------------


def _pending(pack: Pack, file: str, kind: str) -> Iterator[tuple[Record, Wording | None]]:
    """Give each entry that was never loaded, originals before their translations."""
    noted = set(LoadedEntry.objects.filter(file=kind).values_list("key", "language"))
    wordings: list[Wording | None] = [None, *pack.wordings[file]]
    for words in wordings:
        for record in pack.records[file]:
            known = words is None or record.id in words.entries
            if known and (record.id, _language(words)) not in noted:
                yield record, words


def _note(kind: str, loaded: list[tuple[str, str]]) -> int:
    LoadedEntry.objects.bulk_create(
        [LoadedEntry(file=kind, key=key, language=language) for key, language in loaded]
    )
    return len(loaded)


def _language(words: Wording | None) -> str:
    return SOURCE_LANGUAGE if words is None else words.language


def _state(words: Wording | None) -> str:
    if words is None:
        return TranslationState.ORIGINAL
    return TranslationState.REVIEWED if words.reviewed else TranslationState.MACHINE


# ---- Building a row ----------------------------------------------------------------------------


def _fields(file: str, record: Record, words: Wording | None) -> dict[str, Any]:
    fields = dict(record.fields)
    if words is not None:
        # What a translation lacks stays empty: readers then see the original, marked as such.
        # Only a page cannot be without a title.
        missing = {name for name in SPECS[file].texts.values() if name != "title"}
        fields.update(dict.fromkeys(missing, ""))
        fields.update(words.entries[record.id])
    return fields


def _attach(entry: Any, record: Record, linked: dict[str, dict[str, Any]]) -> None:
    for name, keys in record.links.items():
        setattr(entry, name, [linked[name][key] for key in keys if key in linked[name]])
    if "figures" in record.rows:
        entry.figures = [Figure(**row) for row in record.rows["figures"]]


def _read_linked(file: str) -> dict[str, dict[str, Any]]:
    """Read what a file's entries point at: uses always point at the original's row."""
    found: dict[str, dict[str, Any]] = {}
    for name, target in SPECS[file].links.items():
        model = LINKED_MODELS[target]
        rows = _originals(model) if target in ENTRY_MODELS else model.objects.all()
        found[name] = {getattr(row, "key", None) or row.code: row for row in rows}
    return found


def _originals(model: Any) -> Any:
    return model.objects.filter(translation_state=TranslationState.ORIGINAL)


def _locales() -> dict[str, Locale]:
    return {locale.language_code: locale for locale in Locale.objects.all()}
