"""The texts of one wording by their places in it: read out by wagtail-localize, kept exactly as they are.

wagtail-localize holds plain text as HTML and tidies blank lines away; `as_markup` and `as_words` do not.
A text is a field, or a block of plain text; nothing of ours is rich text.
"""

import html
from collections.abc import Iterator
from typing import Any

from django.db import models
from wagtail.blocks import StreamValue, StructValue
from wagtail.blocks.list_block import ListValue
from wagtail.fields import StreamField
from wagtail_localize.fields import TranslatableField, get_translatable_fields
from wagtail_localize.segments import StringSegmentValue
from wagtail_localize.segments.extract import extract_segments
from wagtail_localize.strings import StringValue

from cms.marking import is_marked

_BREAK = "<br/>"
# The last part of an address is not a text: it follows from the original's.
NO_TEXTS = frozenset({"slug"})


class Words(StringValue):
    """A plain text as wagtail-localize holds it, that comes out as it went in."""

    def render_text(self) -> str:
        """Return the text, with every space and line end it had."""
        return as_words(self.data)


def as_markup(words: str) -> str:
    """Return a plain text as wagtail-localize holds it."""
    return _BREAK.join(html.escape(line, quote=False) for line in words.split("\n"))


def as_words(markup: str) -> str:
    """Return the plain text that wagtail-localize holds as markup."""
    return "\n".join(html.unescape(line) for line in markup.split(_BREAK))


def wording_of(original: Any) -> Any:
    """Return what is to be translated: the live wording, or the draft of what was never live."""
    return original if original.live else original.get_latest_revision_as_object()


def texts_of(wording: Any) -> dict[str, str]:
    """Return the texts of one wording by their places: a field's name, or the way to a block."""
    found = {
        segment.path: _read(wording, segment)
        for segment in extract_segments(wording)
        if isinstance(segment, StringSegmentValue) and segment.path not in NO_TEXTS
    }
    return {place: words for place, words in found.items() if _says_something(place, words)}


def texts_beside(row: Any, original: Any) -> dict[str, str]:
    """Return the texts of a translation by their places in its original; others are left out."""
    texts = texts_of(row)
    found = {place: words for place, words in texts.items() if is_field(place)}
    for field in block_fields(type(row)):
        for here, there in (align(row, original, field) or {}).items():
            if here in texts:
                found[there] = texts[here]
    return found


def align(row: Any, original: Any, field: str) -> dict[str, str] | None:
    """Return where each block of a translation stands in its original; None where they part.

    Blocks keep their names when a translation is begun here; otherwise the same order counts. Where
    a translation has words in blocks of its own, saving from outside would lose them.
    """
    here, there = _places_in(row, field), _places_in(original, field)
    if all(place in there for place in texts_of(row) if place in here):
        return {place: place for place in here if place in there}
    if list(here.values()) == list(there.values()):
        return dict(zip(here, there, strict=True))
    return None


def parted_fields(row: Any, original: Any) -> set[str]:
    """Return the fields of a translation whose blocks are not those of its original."""
    return {name for name in block_fields(type(row)) if align(row, original, name) is None}


def block_fields(model: Any) -> tuple[str, ...]:
    """Return the names of a model's fields that hold blocks of text."""
    return tuple(
        name for name in text_fields(model) if isinstance(model._meta.get_field(name), StreamField)
    )


def text_fields(model: Any) -> tuple[str, ...]:
    """Return the names of a model's fields that hold something to be translated."""
    return tuple(
        field.field_name
        for field in get_translatable_fields(model)
        if isinstance(field, TranslatableField)
        and field.field_name not in NO_TEXTS
        and isinstance(
            model._meta.get_field(field.field_name),
            models.CharField | models.TextField | StreamField,
        )
    )


def is_field(place: str) -> bool:
    """Tell whether a place is a field of its own, and not within blocks."""
    return "." not in place


def _places_in(wording: Any, field: str) -> dict[str, str]:
    """Return the place of every text block of a field, empty or not, with its kind, in order."""
    return dict(_walk(getattr(wording, field), field, field))


def _walk(value: Any, place: str, kind: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, StreamValue):
        parts = [(child.id, child.block_type, child.value) for child in value]
    elif isinstance(value, ListValue):
        parts = [(item.id, "item", item.value) for item in value.bound_blocks]
    elif isinstance(value, StructValue):
        parts = [(name, name, part) for name, part in value.items()]
    else:
        yield place, kind
        return
    for name, sort, part in parts:
        yield from _walk(part, f"{place}.{name}", f"{kind}.{sort}")


def _read(wording: Any, segment: Any) -> str:
    if is_field(segment.path):
        return str(getattr(wording, segment.path))
    return as_words(segment.string.data)


def _says_something(place: str, words: str) -> bool:
    return bool(words.strip()) and not (place == "title" and is_marked(words))
