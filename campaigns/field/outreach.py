"""Sessions face to face: how many people were met, as whoever held them counted heads.

Nobody is asked and nobody is named: a session has a day and a country, no place, and its counts are kept
apart from those of messages.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from campaigns import audit
from campaigns.models import Campaign, Heads, OutreachSession, Partner

Counts = Mapping[tuple[str, str], int]
# Every sex and age band, in the order in which they are asked.
CELLS = tuple((str(sex), str(age)) for sex in Heads.Sex for age in Heads.Age)


@dataclass(frozen=True, slots=True)
class Told:
    """Hold what somebody tells of a session: whose, where, when, and the heads of each cell."""

    partner: Partner
    campaign: Campaign | None
    country: str
    routes: tuple[str, ...]
    held_on: date
    heads: Counts


def add_session(told: Told, *, author: User, token: str, now: datetime) -> OutreachSession:
    """Write down a session; the same form again gets the same one."""
    session = OutreachSession(author=author, form_token=token, made_at=now)
    try:
        with transaction.atomic():
            return _write(session, told, verb="added", by=author, now=now)
    except IntegrityError:
        return OutreachSession.objects.get(form_token=token, author=author)


def change_session(
    session: OutreachSession, told: Told, *, by: User, now: datetime
) -> OutreachSession:
    """Put right what was told of a session; it stays with its partner."""
    with transaction.atomic():
        return _write(session, told, verb="changed", by=by, now=now)


def read_heads(session: OutreachSession) -> dict[tuple[str, str], int]:
    """Return the heads of each cell in which there were any."""
    return {(one.sex, one.age): one.people for one in session.heads.all()}


def _write(
    session: OutreachSession, told: Told, *, verb: str, by: User, now: datetime
) -> OutreachSession:
    if session.pk is None:
        session.partner = told.partner
    session.campaign, session.country = told.campaign, told.country
    session.routes, session.held_on = list(told.routes), told.held_on
    session.save()
    session.heads.all().delete()
    Heads.objects.bulk_create(
        Heads(session=session, sex=sex, age=age, people=people)
        for (sex, age), people in told.heads.items()
        if people
    )
    audit.note(
        verb,
        kind="session",
        code=session.code,
        actor=by.pk,
        partner=session.partner_id,
        details={"heads": sum(told.heads.values())},
        now=now,
    )
    return session
