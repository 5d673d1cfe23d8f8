"""Making up: what did not go out at its time asks a person, who has it approved anew or leaves it."""

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from campaigns import audit
from campaigns.drafting.preparing import freeze_texts
from campaigns.models import Broadcast
from campaigns.models.broadcasts import UNDECIDED


class DecidedError(Exception):
    """Say that somebody has decided already, or that there is nothing to decide."""


def send_after_all(broadcast: Broadcast, *, author: User, now: datetime) -> Broadcast:
    """Return a draft that makes up for a broadcast; it needs an approval of its own.

    Raise `DecidedError` when it is decided already, and `TextsError`, which holds the draft, when a
    text cannot be frozen now.
    """
    with transaction.atomic():
        missed = _decide(broadcast)
        draft = Broadcast.objects.create(
            partner_id=missed.partner_id,
            campaign_id=missed.campaign_id,
            author=author,
            message_id=missed.message_id,
            segment_id=missed.segment_id,
            instead_of=missed,
            at_once=True,
            send_at=now,
            in_quiet_hours=missed.in_quiet_hours,
            in_evening=missed.in_evening,
            send_before=_still_ahead(missed.send_before, now=now),
            corrects_id=missed.corrects_id,
            channels=missed.channels,
            senders=missed.senders,
            form_token=f"after.{missed.code}",
            created_at=now,
        )
        audit.note_broadcast("left_unsent", missed, actor=author.pk, now=now)
        details = {"instead_of": missed.code}
        audit.note_broadcast("prepared", draft, actor=author.pk, details=details, now=now)
    freeze_texts(draft, now=now)
    return draft


def leave(broadcast: Broadcast, *, by: int | None, now: datetime) -> None:
    """Leave a broadcast unsent; raise `DecidedError` when it is decided already."""
    with transaction.atomic():
        left = _decide(broadcast)
        audit.note_broadcast("left_unsent", left, actor=by, now=now)


def _decide(broadcast: Broadcast) -> Broadcast:
    locked = Broadcast.objects.select_for_update(of=("self",)).get(pk=broadcast.pk)
    if locked.state not in UNDECIDED:
        raise DecidedError(_("Somebody has decided about this already."))
    locked.state = Broadcast.State.LEFT
    locked.save(update_fields=["state"])
    return locked


def _still_ahead(last: datetime | None, *, now: datetime) -> datetime | None:
    # One that has passed would let nobody get it; whoever sends it after all knows.
    return last if last and last > now else None
