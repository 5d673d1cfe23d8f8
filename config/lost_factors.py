"""A lost factor: two people who may give access look at who asks, and then she sets up another one."""

from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import User
from django.db import transaction

from campaigns import audit
from campaigns.staff import Duties


class NotTwo(Exception):
    """Say why these two cannot answer for somebody, in words for whoever runs the command."""


def drop_factors(user: User, *, by: tuple[User, User], now: datetime) -> None:
    """Take all factors and sessions of somebody away, on the word of two people who may.

    Her password stays: she signs in with it and is led to set up another factor. Raises `NotTwo`.
    """
    first, second = by
    if len({user.pk, first.pk, second.pk}) != 3:
        raise NotTwo("It takes two people, and neither may be the one who has lost it.")
    for one in by:
        if not Duties(one).staff:
            raise NotTwo(f"{one.get_username()} is no administrator.")
    with transaction.atomic():
        for factor in Authenticator.objects.filter(user=user):
            factor.delete()
        for session in UserSession.objects.filter(user=user):
            session.end()
        for one in by:
            audit.note("dropped_factors", kind="person", code=str(user.pk), actor=one.pk, now=now)
