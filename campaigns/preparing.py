"""Preparing: somebody's wish becomes a draft broadcast with its texts frozen, once for each form."""

import hashlib
import json
import uuid
from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from campaigns import editions
from campaigns.approving import hold_content
from campaigns.models import Broadcast, Partner, Segment
from cms.models import MessagePage
from messaging.senders import NoSenderError
from messaging.templates import TemplateError


def make_token() -> str:
    """Return a token that makes one form one broadcast."""
    return uuid.uuid4().hex


@dataclass(frozen=True, slots=True)
class Wish:
    """Hold when to send (None: as soon as it is approved) and which form asked."""

    send_at: datetime | None = None
    in_quiet_hours: bool = False
    form_token: str = field(default_factory=make_token)


class TokenError(Exception):
    """Say that a form's token made a broadcast of somebody else."""


class TextsError(Exception):
    """Say why the texts of a draft could not be frozen; the draft is kept in `broadcast`."""

    def __init__(self, broadcast: Broadcast, reason: str) -> None:
        super().__init__(reason)
        self.broadcast = broadcast


def prepare(
    *,
    author: User,
    message: MessagePage,
    segment: Segment,
    now: datetime,
    wish: Wish | None = None,
) -> Broadcast:
    """Return the draft of a wish with its texts frozen; the same form again gets the same draft.

    Raise `TextsError`, which holds the draft, when a text cannot be frozen now.
    """
    wish = wish or Wish()
    draft = Broadcast(
        partner=segment.partner,
        author=author,
        message=message,
        segment=segment,
        at_once=wish.send_at is None,
        send_at=wish.send_at or now,
        in_quiet_hours=wish.in_quiet_hours,
        form_token=wish.form_token,
        created_at=now,
    )
    try:
        with transaction.atomic():
            draft.save()
    except IntegrityError:
        return _find_made(wish.form_token, author)
    freeze_texts(draft, now=now)
    return draft


def freeze_texts(broadcast: Broadcast, *, now: datetime) -> None:
    """Freeze a draft's texts; raise `TextsError` when they may not go out or nobody can be asked."""
    if hold_content(broadcast, now=now):
        # What may not go out is not shown to WhatsApp either.
        raise TextsError(broadcast, _("This message is held back."))
    try:
        editions.freeze(broadcast, now=now)
    except (TemplateError, NoSenderError) as error:
        raise TextsError(broadcast, str(error)) from error


def find_segment(
    partner: Partner, *, routes: list[str], countries: list[str], channels: list[str]
) -> Segment:
    """Return the partner's segment of exactly this rule, made when it is new."""
    wanted: dict[str, list[str]] = {
        "routes": sorted(routes),
        "countries": sorted(countries),
        "languages": [],
        "channels": sorted(channels),
    }
    known = Segment.objects.filter(partner=partner)
    for segment in known:
        if all(sorted(getattr(segment, name)) == values for name, values in wanted.items()):
            return segment
    digest = hashlib.sha256(json.dumps(wanted, sort_keys=True).encode()).hexdigest()
    # The digest makes the name unique, so two forms at once make one segment.
    name = f"{', '.join(wanted['routes'])[:100]} ({digest[:8]})"
    segment, _made = known.get_or_create(name=name, defaults={"partner": partner, **wanted})
    return segment


def _find_made(token: str, author: User) -> Broadcast:
    made = Broadcast.objects.filter(form_token=token, author=author).first()
    if made is None:
        raise TokenError(_("This form was used by somebody else. Open a new one."))
    return made
