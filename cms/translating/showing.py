"""What an editing page shows of languages: how the thing stands in each, and what its original says."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from wagtail.models import Locale
from wagtail_localize.models import StringTranslation

from cms.editing.addresses import edit_address
from cms.freshness import Standing
from cms.models.translated import source_of
from cms.translating.changes import Changed, changes_since, is_late, label_of
from cms.translating.naming import name_of
from cms.translating.rights import is_open_to, may_change_kind
from cms.translating.texts import texts_of, wording_of
from cms.upkeep.standings import standings_of
from cms.upkeep.words import STANDINGS, Sign
from locales.languages import Language, get_language


@dataclass(frozen=True, slots=True)
class Line:
    """One language of a thing, and the ways on: an empty address is no way."""

    language: Language
    sign: Sign
    is_here: bool
    is_original: bool
    is_live: bool
    day: datetime | None = None
    edit: str = ""
    begin: str = ""
    po: str = ""


@dataclass(frozen=True, slots=True)
class Beside:
    """What the original says in one field, and what it said before where that has changed."""

    field: str
    label: str
    words: str
    changed: tuple[Changed, ...] = ()


@dataclass(frozen=True, slots=True)
class OriginalShown:
    """The original beside a translation; `is_kept` tells whether its older words are still known."""

    language: Language
    edit: str
    fields: tuple[Beside, ...]
    is_outdated: bool = False
    is_kept: bool = True


def list_languages(row: Any, *, user: Any) -> list[Line]:
    """Return every language of the site with how this thing stands in it, the original's first."""
    original = source_of(row)
    standings = _standings(original)
    rows = {
        other.locale.language_code: other
        for other in type(original)
        .objects.filter(translation_key=original.translation_key)
        .select_related("locale")
    }
    may_change = may_change_kind(user, type(original))
    first = original.locale.language_code
    codes = Locale.objects.order_by("language_code").values_list("language_code", flat=True)
    return [
        _line(
            code,
            (row, original, rows.get(code)),
            sign=STANDINGS[standings.get(code, Standing.MISSING)],
            is_open=may_change and is_open_to(user, code),
        )
        for code in sorted(codes, key=lambda code: (code != first, code))
    ]


def show_original(row: Any) -> OriginalShown | None:
    """Return what a translation's original says, field by field; None beside an original."""
    original = source_of(row)
    if original.pk == row.pk:
        return None
    is_outdated = is_late(original, row)
    changes = changes_since(original, row.current_as_of) if is_outdated else []
    by_field: dict[str, list[Changed]] = {}
    for change in changes or []:
        by_field.setdefault(change.place.partition(".")[0], []).append(change)
    words: dict[str, list[str]] = {}
    for place, text in texts_of(wording_of(original)).items():
        words.setdefault(place.partition(".")[0], []).append(text)
    return OriginalShown(
        language=get_language(original.locale.language_code),
        edit=edit_address(original),
        fields=tuple(
            Beside(
                field,
                label_of(original, field),
                "\n\n".join(words.get(field, [])),
                tuple(by_field.get(field, [])),
            )
            for field in dict.fromkeys((*words, *by_field))
        ),
        is_outdated=is_outdated,
        is_kept=changes is not None,
    )


def _standings(original: Any) -> dict[str, Standing]:
    model = type(original)
    found = standings_of([(model, original.translation_key)])
    cells = found.get((model._meta.model_name, original.translation_key), {})
    begun = StringTranslation.objects.filter(context__object_id=original.translation_key)
    codes = begun.order_by().values_list("locale__language_code", flat=True).distinct()
    return dict.fromkeys(codes, Standing.IN_TRANSLATION) | {
        code: cell.standing for code, cell in cells.items()
    }


def _line(code: str, rows: tuple[Any, Any, Any | None], *, sign: Sign, is_open: bool) -> Line:
    here, original, row = rows
    name = name_of(original)
    is_original = code == original.locale.language_code
    can_begin = is_open and row is None
    return Line(
        language=get_language(code),
        sign=sign,
        is_here=row is not None and row.pk == here.pk,
        is_original=is_original,
        is_live=row is not None and row.live,
        day=row.current_as_of if row is not None else None,
        edit=edit_address(row) if row is not None else "",
        begin=reverse("translate", args=[name.kind, name.key]) + f"?into={code}"
        if can_begin
        else "",
        po=reverse("po_file", args=[name.kind, name.key, code])
        if is_open and not is_original
        else "",
    )
