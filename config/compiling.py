"""Compiled catalogues: one for each content language, filled up from the languages it falls back to.

Django wants one before it serves a language at all, and falls back to nothing but English.
"""

from collections.abc import Mapping
from gettext import c2py
from pathlib import Path

from babel.messages.catalog import Catalog, Message

from config.catalogs import catalog_path, compile_catalog
from locales.languages import LAST_RESORT, list_wishes

# The largest number that says which plural form of another language is the usual one.
_TYPICAL = 100


def write_compiled(folder: Path, language: str, catalogs: Mapping[str, Catalog]) -> Path:
    """Write a language's .mo file where its catalogue lies or would lie; return its path."""
    compiled = compile_catalog(merge_catalogs(language, catalogs))
    target = catalog_path(folder, language).with_suffix(".mo")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(compiled)
    return target


def merge_catalogs(language: str, catalogs: Mapping[str, Catalog]) -> Catalog:
    """Return a language's own texts, then its fallbacks' as far as English, which has every text.

    Plural forms are counted by the first catalogue there is.
    """
    wishes = list_wishes(language)
    chain = [catalogs[code] for code in wishes[: wishes.index(LAST_RESORT)] if code in catalogs]
    # Babel writes no plural rule for a language that CLDR lacks, and nobody reads the name in it.
    merged = Catalog(locale=LAST_RESORT)
    if chain:
        merged.mime_headers = [("Plural-Forms", chain[0].plural_forms)]
    for catalog in chain:
        for message in catalog:
            if is_translated(message) and merged.get(message.id, message.context) is None:
                forms = _count_as(merged, catalog, message)
                merged.add(message.id, forms, context=message.context)
    return merged


def is_translated(message: Message) -> bool:
    """Tell whether every form of a message has a text that a person may be shown."""
    return bool(message.id) and all(_list_forms(message)) and not message.fuzzy


def _list_forms(message: Message) -> tuple[str, ...]:
    text = message.string or ""
    return (text,) if isinstance(text, str) else tuple(text)


def _count_as(merged: Catalog, catalog: Catalog, message: Message) -> str | tuple[str, ...]:
    """Return a message's text with its plural forms in the order of the merged catalogue."""
    forms = _list_forms(message)
    if not message.pluralizable:
        return forms[0]
    if catalog.plural_expr == merged.plural_expr:
        return forms
    ours, theirs = c2py(merged.plural_expr), c2py(catalog.plural_expr)
    largest = {ours(number): number for number in range(_TYPICAL + 1)}
    typical = (largest.get(form, _TYPICAL) for form in range(merged.num_plurals))
    return tuple(forms[theirs(number)] for number in typical)
