"""What an original has come to say since one of its translations was made or confirmed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wagtail.log_actions import registry

from cms.translating.texts import is_field, texts_of, wording_of


@dataclass(frozen=True, slots=True)
class Changed:
    """One text of an original, before and now."""

    place: str
    label: str
    old: str
    new: str


def is_late(original: Any, row: Any) -> bool:
    """Tell whether an original has had a major change since one of its translations was right."""
    return original.changed_at is not None and bool(original.changed_at > row.current_as_of)


def late_texts(original: Any, row: Any) -> dict[str, str]:
    """Return the places where a late translation has other words to follow, with the older words.

    Where those are not kept, every place counts, with nothing.
    """
    if not is_late(original, row):
        return {}
    now, former = texts_of(wording_of(original)), former_texts(original, row.current_as_of)
    if former is None:
        return dict.fromkeys(now, "")
    return {place: former.get(place, "") for place in now if former.get(place) != now[place]}


def changes_since(original: Any, moment: datetime) -> list[Changed] | None:
    """Return what an original said at a moment and says otherwise now; None where that is not kept."""
    former = former_texts(original, moment)
    if former is None:
        return None
    now = texts_of(wording_of(original))
    return [
        Changed(place, label_of(original, place), former.get(place, ""), now.get(place, ""))
        for place in dict.fromkeys((*now, *former))
        if former.get(place, "") != now.get(place, "")
    ]


def former_texts(original: Any, moment: datetime) -> dict[str, str] | None:
    """Return the texts of an original that were live at a moment; None where they are not kept."""
    published = registry.get_logs_for_instance(original).filter(
        action="wagtail.publish", revision__isnull=False
    )
    entry = published.filter(timestamp__lte=moment).order_by("-timestamp", "-pk").first()
    # What was loaded is kept as the first revision, and only from the first edit on.
    first = original.revisions.order_by("created_at", "pk").first()
    revision = entry.revision if entry is not None else first
    return None if revision is None else texts_of(revision.as_object())


def label_of(row: Any, place: str) -> str:
    """Return what a person calls a place: the name of its field."""
    name = str(row._meta.get_field(place.partition(".")[0]).verbose_name)
    return name if is_field(place) else f"{name} …"
