"""Partnering: which partners there are, within which limits, on what budget, and who works for them.

Programme leads and administrators decide; nobody decides about herself. Who joins is invited
(`campaigns.partners.inviting`), and who leaves loses the role at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NotRequired, TypedDict, Unpack

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from campaigns import audit
from campaigns.models import Budget, Invitation, Membership, Partner
from campaigns.partners.inviting import Place, invite
from campaigns.staff import STAFF, WORDS


class PartnerError(Exception):
    """Say why somebody's role cannot be changed, and who can do it."""


@dataclass(frozen=True, slots=True)
class Grant:
    """Hold what a partner may spend in a country and a month, which its first day names."""

    country: str
    month: date
    amount: Decimal
    currency: str


class _Deed(TypedDict):
    actor: int
    partner: NotRequired[int]
    details: NotRequired[Mapping[str, int | str]]
    now: datetime


def save_partner(partner: Partner, *, by: User, now: datetime) -> None:
    """Save a new or changed partner, and write down that it was."""
    is_new = partner.pk is None
    with transaction.atomic():
        partner.save()
        verb = "added" if is_new else "changed"
        _note(verb, "partner", partner.pk, actor=by.pk, partner=partner.pk, now=now)


def invite_person(
    partner: Partner, email: str, *, role: str, by: User, now: datetime
) -> Invitation:
    """Invite an address to a partner in a role; raise `PartnerError` or `InviteError`."""
    _refuse_self(email, by)
    return invite(email, place=Place(partner=partner, role=role), by=by, now=now)


def end_membership(membership: Membership, *, by: User, now: datetime) -> None:
    """Take a role from somebody; raise `PartnerError` where it is her own."""
    if membership.user_id == by.pk:
        raise PartnerError(_own_roles())
    code = membership.pk
    with transaction.atomic():
        deleted, _rows = Membership.objects.filter(pk=code).delete()
        if deleted:
            partner = membership.partner_id
            details: dict[str, int | str] = {"role": membership.role, "user": membership.user_id}
            _note(
                "ended", "membership", code, actor=by.pk, partner=partner, details=details, now=now
            )


def set_budget(partner: Partner, grant: Grant, *, by: User, now: datetime) -> None:
    """Set what a partner may spend in a country and month, in the place of what was set before."""
    with transaction.atomic():
        budget, _made = Budget.objects.update_or_create(
            partner=partner,
            country=grant.country,
            month=grant.month,
            defaults={"amount": grant.amount, "currency": grant.currency},
        )
        details = {
            "country": grant.country,
            "month": f"{grant.month:%Y-%m}",
            # In one word: a large amount by itself looks like a phone number.
            "granted": f"{grant.currency}{grant.amount:.2f}",
        }
        code, mine = budget.pk, partner.pk
        _note("saved", "budget", code, actor=by.pk, partner=mine, details=details, now=now)


def invite_staff(email: str, *, group: str, by: User, now: datetime) -> Invitation:
    """Invite an address to a group of staff; raise `PartnerError` or `InviteError`."""
    _refuse_self(email, by)
    return invite(email, place=Place(group=group), by=by, now=now)


def end_staff(person: User, *, group: str, by: User, now: datetime) -> bool:
    """Take somebody out of a group of staff and say whether she was in it; her own she cannot leave."""
    if person.pk == by.pk:
        raise PartnerError(_own_roles())
    with transaction.atomic():
        found = person.groups.filter(name=group, name__in=STAFF).first()
        if found is None:
            return False
        person.groups.remove(found)
        role = WORDS[group]
        _note("ended", "staff", person.pk, actor=by.pk, details={"role": role}, now=now)
    return True


def _refuse_self(email: str, by: User) -> None:
    if email.strip().casefold() == by.email.casefold():
        raise PartnerError(_own_roles())


def _own_roles() -> str:
    return _("You cannot change your own roles. Another person has to.")


def _note(verb: str, kind: str, code: int, **deed: Unpack[_Deed]) -> None:
    audit.note(verb, kind=kind, code=str(code), **deed)
