"""Texts on their way to a translator: what the originals say, and how far the language has come."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from cms.models import TranslationState
from cms.translating.adopting import remembered
from cms.translating.changes import label_of, late_texts
from cms.translating.po import Entry, Heading, Sheet
from cms.translating.scopes import Pair, Scope, pair_up, title_of
from cms.translating.texts import is_field, texts_beside, texts_of, wording_of


def make_sheet(scope: Scope, *, language: str) -> Sheet:
    """Return all texts of a scope with what there is of them in a language. Writes nothing."""
    entries = [
        entry
        for pair in pair_up(scope.originals, language=language)
        if pair.original.locale.language_code != language
        for entry in _entries(pair)
    ]
    return Sheet(Heading(str(scope.name), language, scope.title), tuple(entries))


def longest_of(original: Any, place: str) -> int | None:
    """Return how many characters fit into a place, or None for any number."""
    field = original._meta.get_field(place) if is_field(place) else None
    return getattr(field, "max_length", None)


def _entries(pair: Pair) -> Iterator[Entry]:
    wording = wording_of(pair.original)
    texts = texts_of(wording)
    present = (
        texts_beside(pair.row.get_latest_revision_as_object(), wording)
        if pair.row is not None
        else {}
    )
    late = late_texts(pair.original, pair.row) if pair.row is not None else {}
    followed = remembered(pair.original, pair.language) if late else {}
    for place, original in texts.items():
        words = present.get(place, "")
        # Made from other words: a translator looks at it again before it comes back.
        is_fuzzy = bool(words) and place in late and followed.get(place) != words
        yield Entry(
            place=f"{pair.name}:{place}",
            original=original,
            words=words,
            is_fuzzy=is_fuzzy,
            former=late[place] if is_fuzzy else "",
            note=_note(pair, place),
        )


def _note(pair: Pair, place: str) -> str:
    lines = [f"{title_of(wording_of(pair.original))[:80]} – {label_of(pair.original, place)}"]
    if longest := longest_of(pair.original, place):
        lines.append(_("At most %(longest)d characters.") % {"longest": longest})
    if pair.row is not None and pair.row.translation_state == TranslationState.MACHINE:
        lines.append(_("Machine-made, checked by nobody."))
    return "\n".join(" ".join(line.split()) for line in lines)
