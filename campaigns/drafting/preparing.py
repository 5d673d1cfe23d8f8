"""Preparing: somebody's wish becomes a draft broadcast with its texts frozen, once for each form."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from campaigns import audit, editions
from campaigns.approval.approving import hold_content
from campaigns.models import Broadcast, Campaign, Segment
from campaigns.recurring import Rhythm
from campaigns.series import make_schedule
from cms.models import MessagePage
from messaging.notifying.templates import TemplateError
from messaging.senders.roster import NoSenderError

# What a form says of a broadcast, beside its time.
_CHOSEN = (
    "message_id",
    "segment_id",
    "at_once",
    "in_quiet_hours",
    "in_evening",
    "send_before",
    "channels",
    "senders",
    "campaign_id",
)


def make_token() -> str:
    """Return a token that makes one form one broadcast."""
    return uuid.uuid4().hex


@dataclass(frozen=True, slots=True)
class Wish:
    """Hold when to send (None: as soon as it is approved), by which way, and which form asked."""

    send_at: datetime | None = None
    in_quiet_hours: bool = False
    in_evening: bool = False
    # The last moment at which anybody may still get it.
    send_before: datetime | None = None
    # In this order, where it is not that of the segment.
    channels: tuple[str, ...] = ()
    # By channel the id of the sender; the house chooses where none is named.
    senders: Mapping[str, int] = field(default_factory=dict)
    campaign: Campaign | None = None
    # Again and again by this rule, instead of once.
    rhythm: Rhythm | None = None
    form_token: str = field(default_factory=make_token)


class TokenError(Exception):
    """Say that a form's token made a broadcast of somebody else."""


class ChangedError(TokenError):
    """Say that a form made a draft and was changed since; that draft is in `broadcast`."""

    def __init__(self, broadcast: Broadcast) -> None:
        super().__init__(
            _(
                "A draft was made of this form already. Open it, or press once more to make another "
                "one of what you see now."
            )
        )
        self.broadcast = broadcast


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

    Raise `TextsError`, which holds the draft, when a text cannot be frozen now, and `ChangedError`, which
    holds the draft that was made, when the form says something else by now.
    """
    wish = wish or Wish()
    draft = Broadcast(
        partner=segment.partner,
        author=author,
        message=message,
        segment=segment,
        at_once=wish.send_at is None and wish.rhythm is None,
        send_at=wish.send_at or now,
        in_quiet_hours=wish.in_quiet_hours,
        in_evening=wish.in_evening,
        send_before=wish.send_before,
        channels=list(wish.channels),
        senders=dict(wish.senders),
        campaign=wish.campaign,
        form_token=wish.form_token,
        created_at=now,
    )
    try:
        with transaction.atomic():
            if wish.rhythm:
                draft.schedule = make_schedule(wish.rhythm)
                draft.send_at = next(iter(wish.rhythm.moments(after=now, most=1)), now)
            draft.save()
            audit.note_broadcast("prepared", draft, actor=author.pk, now=now)
    except IntegrityError:
        return _find_made(draft, wish.rhythm)
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


def _find_made(wanted: Broadcast, rhythm: Rhythm | None) -> Broadcast:
    """Return the draft that this form made before, if it is what the form still says."""
    mine = Broadcast.objects.filter(form_token=wanted.form_token, author=wanted.author)
    made = mine.select_related("schedule").first()
    if made is None:
        raise TokenError(_("This form was used by somebody else. Open a new one."))
    # Somebody went back in her browser and chose something else: the old draft goes to the wrong people.
    known = made.schedule.rhythm if made.schedule else None
    if _describe(made, known) != _describe(wanted, rhythm):
        raise ChangedError(made)
    return made


def _describe(broadcast: Broadcast, rhythm: Rhythm | None) -> tuple[object, ...]:
    """Return what somebody chose; a time that is made of the moment of asking is not chosen."""
    is_timed = rhythm is None and not broadcast.at_once
    chosen = [getattr(broadcast, name) for name in _CHOSEN]
    return rhythm, broadcast.send_at if is_timed else None, *chosen
