"""Where a thing is used: what rests on a fact, a pathway, a claim, a contact point or a story.

Uses point at originals, and those of an original are those of all its translations.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Model, ProtectedError, Q, QuerySet
from django.utils.translation import gettext as _

from cms.models import (
    Alert,
    Claim,
    Entry,
    MessagePage,
    Pathway,
    Story,
    TranslationState,
)

# What each kind rests on, as look-ups: its own choices, and what they rest on in turn.
USES: dict[type[Model], tuple[str, ...]] = {
    MessagePage: (
        "facts",
        "pathways",
        "claims",
        "contact_points",
        "stories",
        "claims__facts",
        "claims__pathways",
        "claims__contact_points",
        "pathways__facts",
        "pathways__contact_points",
        "stories__facts",
    ),
    Claim: ("facts", "pathways", "contact_points", "pathways__facts", "pathways__contact_points"),
    Pathway: ("facts", "contact_points"),
    Story: ("facts",),
    Alert: ("facts", "contact_points"),
}


@dataclass(frozen=True, slots=True)
class UsedIn:
    """One thing that uses another; `languages` are those it is there in, its own first."""

    kind: str
    key: str
    title: str
    row: Any
    languages: tuple[str, ...]
    live: bool


class InUse(ProtectedError):
    """Raised when something that is used is to be deleted; its words say where it is used."""

    def __init__(self, entry: Model, uses: Iterable[UsedIn]) -> None:
        self.uses = tuple(uses)
        where = ", ".join(f"{use.kind} {use.key}" for use in self.uses)
        words = _("%(key)s is in use and stays: %(where)s. Take it out there first.")
        key = getattr(entry, "key", str(entry))
        super().__init__(words % {"key": key, "where": where}, {use.row for use in self.uses})


def uses_of(entry: Entry) -> list[UsedIn]:
    """Return what uses an entry, directly or through a claim, a pathway or a story, by kind and key."""
    return [
        use
        for model in USES
        for use in _describe_all(rows_using(entry, model, deep=True).order_by("key"))
    ]


def rows_using(entry: Entry, model: Any, *, deep: bool) -> QuerySet[Any]:
    """Return the originals of a model that use an entry; `deep` also through what they use."""
    originals = model.objects.filter(translation_state=TranslationState.ORIGINAL)
    found = originals.none()
    for path in USES.get(model, ()):
        target = _target_of(model, path)
        if target is type(entry) and (deep or "__" not in path):
            found = found | originals.filter(**{f"{path}__translation_key": entry.translation_key})
    distinct: QuerySet[Any] = found.distinct()
    return distinct


def refuse_if_used(entry: Entry) -> None:
    """Raise InUse when something rests on this original."""
    if entry.translation_state != TranslationState.ORIGINAL:
        return
    uses = [use for model in USES for use in _describe_all(_rows_holding(entry, model))]
    if uses:
        raise InUse(entry, uses)


def _rows_holding(entry: Entry, model: Any) -> QuerySet[Any]:
    """Return the originals of a model that use an entry, live or in a draft that may go live yet."""
    live = rows_using(entry, model, deep=False).values("pk")
    drafted = [pk for path in _paths_to(entry, model) for pk in _drafts_using(entry, model, path)]
    rows: QuerySet[Any] = model.objects.filter(Q(pk__in=live) | Q(pk__in=drafted))
    return rows.order_by("key")


def _drafts_using(entry: Entry, model: Any, path: str) -> list[int]:
    newest = model.objects.filter(translation_state=TranslationState.ORIGINAL)
    newest = newest.exclude(latest_revision=None).exclude(latest_revision=F("live_revision"))
    chosen = newest.values_list("pk", f"latest_revision__content__{path}")
    return [pk for pk, keys in chosen if entry.pk in (keys or ())]


def _paths_to(entry: Entry, model: Any) -> list[str]:
    paths = USES.get(model, ())
    return [path for path in paths if "__" not in path and _target_of(model, path) is type(entry)]


def _target_of(model: Any, path: str) -> Any:
    for step in path.split("__"):
        model = model._meta.get_field(step).related_model
    return model


def _describe_all(rows: QuerySet[Any]) -> list[UsedIn]:
    originals = list(rows)
    if not originals:
        return []
    model = type(originals[0])
    languages: dict[Any, list[str]] = {}
    siblings = model.objects.filter(translation_key__in=[row.translation_key for row in originals])
    for key, code in siblings.order_by("pk").values_list(
        "translation_key", "locale__language_code"
    ):
        languages.setdefault(key, []).append(code)
    return [_describe(row, languages[row.translation_key]) for row in originals]


def _describe(row: Any, languages: list[str]) -> UsedIn:
    title = getattr(row, "title", "") or getattr(row, "name", "") or row.statement
    return UsedIn(
        kind=str(row._meta.verbose_name),
        key=row.key,
        title=title,
        row=row,
        languages=tuple(languages),
        live=row.live,
    )
