"""Inviting: the one way to an account. A letter holds an address that is good once, for seven days.

Nobody registers. Who is invited for the first time chooses a name and a password behind that address;
who has an account already signs in there and gets the new role. A second factor is not asked for here:
whoever signs in without one is led to it (`config.second_factor`).
"""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from smtplib import SMTPException

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from campaigns import audit
from campaigns.models import Invitation, Membership, Partner

GOOD_FOR = timedelta(days=7)
# 256 bits by chance: nobody guesses one, however long she tries.
_TOKEN_BYTES = 32


class InviteError(Exception):
    """Say why somebody cannot be invited, or why nobody could be told, in words for who invites."""


class InvitationOver(Exception):
    """Say that an address holds no invitation, or none that is still good."""


class NameTaken(Exception):
    """Say that an account of another address bears the name that a new one would get."""


@dataclass(frozen=True, slots=True)
class Place:
    """Name where somebody is invited to: a partner in a role, or a group of staff."""

    partner: Partner | None = None
    role: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Hold what somebody says of herself who has no account yet."""

    name: str = field(repr=False)
    password: str = field(repr=False)


def invite(email: str, *, place: Place, by: User, now: datetime) -> Invitation:
    """Invite an address to a place and send the letter; an open invitation to the same place ends.

    Raises `InviteError` where she works there already, or where no letter could be sent.
    """
    email = email.strip().lower()
    account = find_account(email)
    if account is not None and _is_there(account, place):
        raise InviteError(_("This person has this role already."))
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    with transaction.atomic():
        find_open(now).filter(email=email, **_columns_of(place)).update(withdrawn_at=now)
        made = Invitation.objects.create(
            email=email,
            **_columns_of(place),
            token_hash=hash_token(token),
            invited_by=by,
            invited_at=now,
            expires_at=now + GOOD_FOR,
        )
        # Inside the transaction: an invitation of which nobody hears is none.
        _send_letter(email, token)
        _note("invited", made, actor=by, now=now)
    return made


def withdraw(invitation: Invitation, *, by: User, now: datetime) -> None:
    """End an invitation that nobody has taken; its address is good no longer."""
    with transaction.atomic():
        if find_open(now).filter(pk=invitation.pk).update(withdrawn_at=now):
            _note("withdrew", invitation, actor=by, now=now)


def find_open(now: datetime) -> QuerySet[Invitation]:
    """Return the invitations that are still good."""
    return Invitation.objects.filter(taken_at=None, withdrawn_at=None, expires_at__gt=now)


def find_invitation(token: str, *, now: datetime) -> Invitation:
    """Return what an address invites to; raise `InvitationOver` where it is not good (any more)."""
    found = find_open(now).filter(token_hash=hash_token(token)).select_related("partner").first()
    if found is None:
        raise InvitationOver
    return found


def find_account(email: str) -> User | None:
    """Return who has this address already; of several the oldest."""
    return User.objects.filter(email__iexact=email).order_by("pk").first()


def take(token: str, newcomer: Newcomer, *, now: datetime) -> User:
    """Make the account of somebody who is invited for the first time, with her role, and return it.

    Raises `InvitationOver`, and `NameTaken` where it stays good and no account can be made.
    """
    with transaction.atomic():
        invitation = _lock(token, now=now)
        email = invitation.email
        if find_account(email) is not None:
            raise InvitationOver
        # One of an older account, whose e-mail was changed since.
        if User.objects.filter(username=email).exists():
            raise NameTaken
        user = User.objects.create_user(
            email, email, newcomer.password, first_name=newcomer.name.strip()
        )
        # She read the letter, so the address is hers.
        EmailAddress.objects.create(user=user, email=email, primary=True, verified=True)
        _admit(invitation, user, now=now)
    return user


def take_as(token: str, user: User, *, now: datetime) -> None:
    """Give the role to somebody who has an account; raise `InvitationOver` where it is not for her."""
    with transaction.atomic():
        invitation = _lock(token, now=now)
        if not is_for(invitation, user):
            raise InvitationOver
        _admit(invitation, user, now=now)


def is_for(invitation: Invitation, user: User) -> bool:
    """Say whether an invitation went to this person's address."""
    return invitation.email.casefold() == user.email.casefold()


def hash_token(token: str) -> str:
    """Return what is kept of a token: 256 bits by chance need no salt."""
    return hashlib.sha256(token.encode()).hexdigest()


def _lock(token: str, *, now: datetime) -> Invitation:
    good = find_open(now).select_for_update(of=("self",))
    found = good.filter(token_hash=hash_token(token)).first()
    if found is None:
        raise InvitationOver
    return found


def _admit(invitation: Invitation, user: User, *, now: datetime) -> None:
    if invitation.partner_id:
        Membership.objects.get_or_create(
            user=user, partner_id=invitation.partner_id, role=invitation.role
        )
    else:
        user.groups.add(Group.objects.get(name=invitation.group))
    invitation.taken_by, invitation.taken_at = user, now
    invitation.save(update_fields=["taken_by", "taken_at"])
    _note("joined", invitation, actor=user, now=now)


def _is_there(user: User, place: Place) -> bool:
    if place.partner is None:
        return user.groups.filter(name=place.group).exists()
    return user.memberships.filter(partner=place.partner, role=place.role).exists()


def _columns_of(place: Place) -> dict[str, Partner | str | None]:
    return {"partner": place.partner, "role": place.role, "group": place.group}


def _send_letter(email: str, token: str) -> None:
    address = f"{settings.PUBLIC_URL}{reverse('account_invited', args=[token])}"
    lines = (
        _("You are invited to work at the desk of %(service)s.")
        % {"service": settings.SERVICE_NAME},
        _("Open this address within seven days. It is good once, and for you alone:"),
        address,
        _("You choose a password there, and you need your phone or a passkey to sign in."),
        _("If you do not know what this is about, leave it: nothing happens."),
    )
    subject = _("Your invitation to %(service)s") % {"service": settings.SERVICE_NAME}
    try:
        send_mail(subject, "\n\n".join(lines) + "\n", None, [email])
    except (SMTPException, OSError):
        # Without the reason: it may hold the address.
        raise InviteError(_("The letter could not be sent. Try again later.")) from None


def _note(verb: str, invitation: Invitation, *, actor: User, now: datetime) -> None:
    audit.note(
        verb,
        kind="invitation",
        code=str(invitation.pk),
        actor=actor.pk,
        partner=invitation.partner_id,
        now=now,
    )
