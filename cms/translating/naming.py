"""What a thing is called outside of the database: its kind and its key, the same in every language."""

from dataclasses import dataclass
from typing import Any

from cms.models import (
    Alert,
    Claim,
    ContactPoint,
    Fact,
    HomePage,
    MessagePage,
    Pathway,
    PlainPage,
    RoutePage,
    Story,
    TranslationState,
)
from cms.models.translated import source_of

# Each kind with the look-up that leads to its key.
KINDS: dict[str, tuple[Any, str]] = {
    "home_page": (HomePage, "slug"),
    "route_page": (RoutePage, "migration_route__code"),
    "plain_page": (PlainPage, "slug"),
    "message": (MessagePage, "key"),
    "fact": (Fact, "key"),
    "pathway": (Pathway, "key"),
    "claim": (Claim, "key"),
    "contact_point": (ContactPoint, "key"),
    "alert": (Alert, "key"),
    "story": (Story, "key"),
}
_KIND_OF = {model: kind for kind, (model, _key) in KINDS.items()}


class NoSuchThing(LookupError):
    """Raised for a kind and key that nothing has."""


@dataclass(frozen=True, slots=True)
class Name:
    """The kind and the key of a thing."""

    kind: str
    key: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.key}"


def name_of(row: Any) -> Name:
    """Return the name of a thing, from any language of it."""
    kind = _KIND_OF[type(row)]
    key = KINDS[kind][1]
    # An address may differ by language; every other key is the same in all of them.
    value = source_of(row) if key == "slug" else row
    for step in key.split("__"):
        value = getattr(value, step)
    return Name(kind, str(value))


def is_translated(model: Any) -> bool:
    """Tell whether things of this model are written in several languages."""
    return model in _KIND_OF


def find_original(name: Name) -> Any:
    """Return the original of a thing; raise NoSuchThing where there is none."""
    model, key = KINDS.get(name.kind, (None, ""))
    found = None
    if model is not None:
        originals = model.objects.filter(translation_state=TranslationState.ORIGINAL)
        found = originals.filter(**{key: name.key}).select_related("locale").first()
    if found is None:
        raise NoSuchThing(str(name))
    return found


def find_translation(original: Any, language: str) -> Any | None:
    """Return the row of a thing in one language, or None."""
    rows = type(original).objects.filter(translation_key=original.translation_key)
    return rows.filter(locale__language_code=language).select_related("locale").first()
