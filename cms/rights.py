"""Who may change what in the CMS: the roles, a translator's own languages, nothing live unread.

Wagtail asks a tester for pages and a policy for everything else; both refuse publishing to all,
for only a finished review takes a text live (`cms.models.editorial`).
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from django.db.models import Model
from wagtail.models import Page, PagePermissionTester
from wagtail.permission_policies import ModelPermissionPolicy

from cms.marking import is_marked
from cms.models import Editorial, HomePage, RoutePage, Translator


class Role(StrEnum):
    """The groups that `migrate` makes."""

    EDITORS = "Editors"
    TRANSLATORS = "Translators"
    REVIEWERS = "Reviewers"
    PROTECTION_REVIEWERS = "Protection reviewers"
    PUBLISHERS = "Publishers"
    ADMINISTRATORS = "Administrators"


# ---- A translator's own languages --------------------------------------------------------------


def languages_of(user: Any) -> frozenset[str] | None:
    """Return the languages that a translator is bound to; None for who is bound to none."""
    if not hasattr(user, "_own_languages"):
        user._own_languages = _read_languages(user)
    own: frozenset[str] | None = user._own_languages
    return own


def _read_languages(user: Any) -> frozenset[str] | None:
    if user.is_superuser:
        return None
    own = Translator.objects.filter(user_id=user.pk).values_list("languages", flat=True).first()
    if own is not None:
        return frozenset(own)
    roles = set(user.groups.values_list("name", flat=True))
    is_bound = Role.TRANSLATORS in roles and not roles & {Role.EDITORS, Role.ADMINISTRATORS}
    return frozenset() if is_bound else None


def may_write(user: Any, row: Any) -> bool:
    """Tell whether a row is in a language that this person may change."""
    own = languages_of(user)
    return own is None or row.locale.language_code in own


def is_reader(user: Any, row: Any) -> bool:
    """Tell whether a row waits for this very person to read it."""
    task = getattr(row, "current_workflow_task", None)
    return task is not None and bool(task.user_can_access_editor(row, user))


def may_take_live(user: Any, row: Any) -> bool:
    """Tell whether this person may take live what others have read, and take it down again."""
    if not may_write(user, row):
        return False
    if isinstance(row, Page):
        return bool(PagePermissionTester(user, row).can_publish())
    return bool(user.has_perm(f"cms.publish_{row._meta.model_name}"))


# ---- Pages -------------------------------------------------------------------------------------


class OwnLanguageTester(PagePermissionTester):
    """Let a translator change pages of her languages only, and nobody delete what was public."""

    def can_edit(self) -> bool:
        """Let a reader of this very step in too, in any language."""
        return bool(super().can_edit()) and (self._is_own() or is_reader(self.user, self.page))

    def can_add_subpage(self) -> bool:
        """Keep other languages' homes closed to a translator."""
        return bool(super().can_add_subpage()) and self._is_own()

    def can_delete(self, ignore_bulk: bool = False) -> bool:
        """Let only an administrator delete what readers have seen."""
        may = bool(super().can_delete(ignore_bulk)) and self._is_own()
        return may and (self.page.first_published_at is None or self._is_administrator())

    def can_unpublish(self) -> bool:
        """Keep other languages closed to a translator."""
        return bool(super().can_unpublish()) and self._is_own()

    def can_publish(self) -> bool:
        """Keep other languages closed to a translator, and what has no title of its own yet to all."""
        is_named = not is_marked(self.page.draft_title)
        return is_named and bool(super().can_publish()) and self._is_own()

    def can_lock(self) -> bool:
        """Keep other languages closed to a translator."""
        return bool(super().can_lock()) and self._is_own()

    def can_unlock(self) -> bool:
        """Keep other languages closed to a translator."""
        return bool(super().can_unlock()) and self._is_own()

    def can_move(self) -> bool:
        """Leave the order of the tree to who may publish: moving changes public addresses."""
        return bool(PagePermissionTester.can_delete(self, ignore_bulk=True)) and self._is_own()

    def can_move_to(self, destination: Page) -> bool:
        """Keep a page below its own language's home."""
        same = destination.locale_id == self.page.locale_id
        return same and bool(super().can_move_to(destination))

    def _is_own(self) -> bool:
        return may_write(self.user, self.page)

    def _is_administrator(self) -> bool:
        return self.user.is_superuser or "bulk_delete" in self.permissions


class HomeTester(OwnLanguageTester):
    """Let nobody publish a new page below a home in the same step."""

    def can_publish_subpage(self) -> bool:
        """Refuse: what is new is read first."""
        return False


class ReadFirstTester(OwnLanguageTester):
    """Let nobody publish: a finished review does."""

    def can_publish(self) -> bool:
        """Refuse, to whomever."""
        return False

    def can_set_view_restrictions(self) -> bool:
        """Refuse: what is live here is for everybody."""
        return False

    def can_unschedule(self) -> bool:
        """Let who may take a page down also take it off the schedule."""
        return OwnLanguageTester.can_publish(self)


def permissions_for_user(page: Page, user: Any) -> PagePermissionTester:
    """Return what a person may do with a page, also where Wagtail holds only the page's base."""
    kind = page.specific_class
    if kind is None:
        return PagePermissionTester(user, page)
    if issubclass(kind, Editorial):
        return ReadFirstTester(user, page)
    if issubclass(kind, HomePage):
        return HomeTester(user, page)
    tester = OwnLanguageTester if issubclass(kind, RoutePage) else PagePermissionTester
    return tester(user, page)


# ---- Everything else ---------------------------------------------------------------------------


class EntryPolicy(ModelPermissionPolicy):
    """Let nobody publish an entry; who has the right to publish may take one down."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        """Answer for the kind as a whole."""
        if action == "publish":
            return False
        asked = "publish" if action == "unpublish" else action
        return bool(super().user_has_permission(user, asked))

    def user_has_any_permission(self, user: Any, actions: Iterable[str]) -> bool:
        """Answer for the kind as a whole."""
        return any(self.user_has_permission(user, action) for action in actions)

    def user_has_permission_for_instance(self, user: Any, action: str, instance: Model) -> bool:
        """Answer for one row: a translator changes her own languages only."""
        is_open = action == "view" or may_write(user, instance)
        return is_open and self.user_has_permission(user, action)
