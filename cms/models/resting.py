"""What a thing rests on asks to be read as carefully as the thing itself."""

from collections.abc import Iterator
from typing import Any

from cms.models.reviews import READINGS, Act

# The choices of a thing, as its fields are called in every kind that has them.
RESTS_ON = ("facts", "pathways", "claims", "contact_points", "stories")


def wanted_by(*rows: Any) -> list[Act]:
    """Return the readings that any of these rows wants, for itself or for what it rests on."""
    wanted = {act for row in rows for act in row.wanted_acts}
    for row in rows:
        if not wanted.issuperset(READINGS):
            wanted |= acts_below(row)
    return [act for act in READINGS if act in wanted]


def acts_below(wording: Any) -> set[Act]:
    """Return the readings wanted by what a wording uses, and by what that uses in turn."""
    found: set[Act] = set()
    for use in _uses_of(wording):
        found |= set(use.wanted_acts)
        if found.issuperset(READINGS):
            break  # nothing can be added
        found |= acts_below(use)
    return found


def _uses_of(wording: Any) -> Iterator[Any]:
    # Some of these are also what the other way round is called: the claims that use a fact.
    chosen = {field.name for field in wording._meta.many_to_many}
    for name in RESTS_ON:
        if name in chosen:
            yield from getattr(wording, name).all()
