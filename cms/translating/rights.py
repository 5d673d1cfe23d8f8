"""Who may translate what: the right to change it, and for a translator her own languages only."""

from typing import Any

from wagtail.models import Locale, Page
from wagtail.permission_policies.pages import PagePermissionPolicy
from wagtail.permissions import policy_registry

from cms.rights import languages_of


def may_translate(user: Any, original: Any, language: str, *, row: Any | None) -> bool:
    """Tell whether this person may write a thing in a language; `row` is what there is in it."""
    if not is_open_to(user, language):
        return False
    if row is None:
        return may_change_kind(user, type(original))
    if isinstance(row, Page):
        return bool(row.permissions_for_user(user).can_edit())
    policy = policy_registry.get_by_type(type(row))
    return bool(policy.user_has_permission_for_instance(user, "change", row))


def may_change_kind(user: Any, model: Any) -> bool:
    """Tell whether this person may change things of a kind, in whatever language."""
    is_page = issubclass(model, Page)
    policy = PagePermissionPolicy(model) if is_page else policy_registry.get_by_type(model)
    return bool(policy.user_has_any_permission(user, ("add", "change")))


def is_open_to(user: Any, language: str) -> bool:
    """Tell whether a language is not closed to this person."""
    own = languages_of(user)
    return own is None or language in own


def is_locked_for(user: Any, row: Any | None) -> bool:
    """Tell whether a row is closed to this person now: locked by somebody, or being read."""
    lock = row.get_lock() if row is not None and hasattr(row, "get_lock") else None
    return lock is not None and bool(lock.for_user(user))


def languages_open_to(user: Any) -> list[Locale]:
    """Return the languages of the site that this person may write in."""
    return [
        locale
        for locale in Locale.objects.order_by("language_code")
        if is_open_to(user, locale.language_code)
    ]
