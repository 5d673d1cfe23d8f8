"""Who may see and do what at the desk: the one place where partners are kept apart."""

from typing import TypeAlias

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.db.models import QuerySet

from campaigns.models import Broadcast, Membership, Partner

Person: TypeAlias = User | AbstractBaseUser | AnonymousUser


def partners_of(user: Person, *roles: str) -> QuerySet[Partner]:
    """Return the partners a person works for, in one of `roles` where any are named."""
    if user.pk is None:
        return Partner.objects.none()
    memberships = Membership.objects.filter(user_id=user.pk)
    if roles:
        memberships = memberships.filter(role__in=roles)
    return Partner.objects.filter(pk__in=memberships.values("partner_id"))


def visible_to(user: Person) -> QuerySet[Broadcast]:
    """Return the broadcasts of the partners a person works for."""
    return Broadcast.objects.filter(partner__in=partners_of(user)).select_related(
        "partner", "message", "segment", "author"
    )


def may_schedule(user: Person, partner: Partner) -> bool:
    """Say whether a person plans broadcasts for a partner."""
    return partners_of(user, Membership.Role.SCHEDULER).filter(pk=partner.pk).exists()


def may_approve(user: Person, broadcast: Broadcast) -> bool:
    """Say whether a person may approve a broadcast: an approver of its partner, never its author."""
    approves = partners_of(user, Membership.Role.APPROVER).filter(pk=broadcast.partner_id)
    return broadcast.author_id != user.pk and approves.exists()


def may_steer(user: Person, broadcast: Broadcast) -> bool:
    """Say whether a person may pause, resume or cancel: whoever plans or approves for its partner."""
    steers = partners_of(user, Membership.Role.SCHEDULER, Membership.Role.APPROVER)
    return steers.filter(pk=broadcast.partner_id).exists()
