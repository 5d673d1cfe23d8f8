"""Staff across partners: three groups beside the partners' own people, and what each may do.

They see counts, countries and words, of all partners; no page gives them a number or a name.
"""

from functools import cached_property
from typing import Any, TypeAlias

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, Group, User
from django.db import connections
from django.utils.translation import gettext_lazy

Person: TypeAlias = User | AbstractBaseUser | AnonymousUser

LEADS = "Programme leads"
OFFICERS = "Data-protection officers"
# Not those of the CMS, who bear the shorter name: they look after content.
ADMINISTRATORS = "Desk administrators"
STAFF = (LEADS, OFFICERS, ADMINISTRATORS)
# Who looks after everybody's safety.
_GUARDIANS = frozenset({LEADS, OFFICERS})
# Who says which partners there are, who works for them, and within which limits.
_HOSTS = frozenset({LEADS, ADMINISTRATORS})
# In the audit, which holds no text.
WORDS = {LEADS: "lead", OFFICERS: "officer", ADMINISTRATORS: "administrator"}
GROUP_NAMES = {
    LEADS: gettext_lazy("Programme leads"),
    OFFICERS: gettext_lazy("Data-protection officers"),
    ADMINISTRATORS: gettext_lazy("Desk administrators"),
}


class Duties:
    """Say what one person looks after; asked of the database once."""

    def __init__(self, user: Person) -> None:
        self._user = user

    @cached_property
    def groups(self) -> frozenset[str]:
        """Return which of the groups of staff she is in; who has all rights is in all."""
        if self._user.pk is None or not self._user.is_active:
            return frozenset()
        if getattr(self._user, "is_superuser", False):
            return frozenset(STAFF)
        mine = Group.objects.filter(user=self._user.pk, name__in=STAFF)
        return frozenset(mine.values_list("name", flat=True))

    @property
    def any(self) -> bool:
        """Say whether she sees the pages of safety at all."""
        return bool(self.groups & _GUARDIANS)

    @property
    def across(self) -> bool:
        """Say whether she looks after all partners, in whatever way."""
        return bool(self.groups)

    @property
    def partners(self) -> bool:
        """Say whether she adds partners and people and sets limits: a lead or an administrator does."""
        return bool(self.groups & _HOSTS)

    @property
    def staff(self) -> bool:
        """Say whether she says who is staff: an administrator does."""
        return ADMINISTRATORS in self.groups

    @property
    def words(self) -> bool:
        """Say whether she keeps join words and campaigns: a programme lead does."""
        return LEADS in self.groups

    @property
    def papers(self) -> bool:
        """Say whether she opens countries and runs retention: an officer of data protection does."""
        return OFFICERS in self.groups


def ensure_staff_groups() -> dict[str, Group]:
    """Make the groups where they are missing, and return them by name."""
    return {name: Group.objects.get_or_create(name=name)[0] for name in STAFF}


def ensure_after_migrating(using: str = "default", **_signal: Any) -> None:
    """Make the groups once their table is there."""
    if Group._meta.db_table in connections[using].introspection.table_names():
        ensure_staff_groups()
