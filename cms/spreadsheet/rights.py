"""What one person may change by a spreadsheet: the same as by hand, and no row that is locked."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any

from django.contrib.contenttypes.models import ContentType
from wagtail.models import Page, WorkflowState
from wagtail.permission_policies.pages import PagePermissionPolicy

from cms.models import HomePage, MessagePage
from cms.rights import languages_of
from cms.spreadsheet.columns import KINDS, MESSAGES, Kind
from cms.spreadsheet.values import Rights, Standing


def rights_of(person: Any) -> Rights:
    """Return what this person may write; the languages of a translator are hers alone."""
    return Rights(
        change=frozenset(name for name, kind in KINDS.items() if _may(person, "change", kind)),
        add=frozenset(name for name, kind in KINDS.items() if _may(person, "add", kind)),
        languages=languages_of(person),
        messages=None if person.is_superuser else _pages_of(person, MessagePage, "change"),
        homes=_homes_of(person),
    )


def may_use(person: Any) -> bool:
    """Tell, at the price of a permission, whether a person may change anything of a spreadsheet."""
    return any(_may(person, "change", kind) for kind in KINDS.values())


def mark_locked(rows: Iterable[Standing], person: Any) -> list[Standing]:
    """Mark the rows that are locked for this person: by a colleague, or because they are being read."""
    rows = list(rows)
    locked = {
        (name, pk)
        for name in {row.kind for row in rows}
        for pk in _locked_for(person, KINDS[name], {row.pk for row in rows if row.kind == name})
    }
    return [replace(row, locked=True) if (row.kind, row.pk) in locked else row for row in rows]


def _may(person: Any, act: str, kind: Kind) -> bool:
    if kind is MESSAGES:
        return bool(PagePermissionPolicy(MessagePage).user_has_permission(person, act))
    return bool(person.has_perm(f"cms.{act}_{kind.model._meta.model_name}"))


def _pages_of(person: Any, model: Any, act: str) -> frozenset[int]:
    pages = PagePermissionPolicy(model).instances_user_has_permission_for(person, act)
    return frozenset(pages.values_list("pk", flat=True))


def _homes_of(person: Any) -> frozenset[str]:
    """Return the languages with a home below which she may add a message."""
    homes = PagePermissionPolicy(HomePage).instances_user_has_permission_for(person, "add")
    return frozenset(homes.values_list("locale__language_code", flat=True))


def _locked_for(person: Any, kind: Kind, pks: Collection[int]) -> set[int]:
    base = Page if kind is MESSAGES else kind.model
    suspects = {
        int(pk)
        for pk in WorkflowState.objects.active()
        .filter(base_content_type=ContentType.objects.get_for_model(base))
        .values_list("object_id", flat=True)
    }
    suspects |= set(kind.model.objects.filter(locked=True).values_list("pk", flat=True))
    locked = set()
    for row in kind.model.objects.filter(pk__in=suspects & set(pks)):
        lock = row.get_lock()
        if lock is not None and lock.for_user(person):
            locked.add(row.pk)
    return locked
