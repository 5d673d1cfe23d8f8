"""Recalls: which broadcasts said what has been corrected since, and a correction to whom got them.

A broadcast said what was live when it was launched. Where its message, or something the message rests
on, has had a major change since, it is named with what changed and with how many people it reached; so
it is where one of its translations alone was put right, and then for the readers of that one.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, Max, QuerySet
from django.utils.translation import gettext as _

from campaigns import audit
from campaigns.approval.approving import hold_content
from campaigns.corrected import Fault, find_translated
from campaigns.drafting import preparing
from campaigns.models import Broadcast, Segment
from campaigns.words import explain_hold
from cms.comparing import ChangedUse, list_corrections
from cms.holding import find_last_changes
from locales.languages import choose_language
from messaging.models import Delivery
from messaging.states import HANDED_OVER

State = Broadcast.State
# One of these is no correction any more.
_GIVEN_UP = (State.CANCELLED, State.LEFT)


class RecallError(Exception):
    """Say why a correction cannot be prepared, and what to do."""


@dataclass(frozen=True, slots=True)
class Recall:
    """Hold one broadcast, how many it reached, and the correction if there is one."""

    broadcast: Broadcast
    launched_at: datetime
    people: int
    correction: Broadcast | None
    # In which translations alone it was put right; none where the message itself was.
    languages: tuple[str, ...] = ()

    @property
    def changes(self) -> list[ChangedUse]:
        """Return what changed since; asked for when it is shown, as each asks for revisions."""
        return list_corrections(self.broadcast.message, since=self.launched_at)


_NO_FAULT = Fault(None)


def find_recalls(mine: QuerySet[Broadcast], *, now: datetime) -> list[Recall]:
    """Return the broadcasts of `mine` that are not true any more, the latest first."""
    launched = _list_launched(mine, now=now)
    faults = _find_faults(launched)
    wrong = [(one, at) for one, at in launched if one.pk in faults]
    reached = count_reached(one for one, _at in wrong)
    corrections = _find_corrections([one for one, _at in wrong], faults)
    return [
        Recall(
            broadcast=one,
            launched_at=at,
            people=reached.get(one.reference, 0),
            correction=corrections.get(one.pk),
            languages=faults[one.pk].languages,
        )
        for one, at in wrong
    ]


def count_reached(broadcasts: Iterable[Broadcast]) -> dict[str, int]:
    """Return to how many people some broadcasts were handed over, by their references."""
    references = [broadcast.reference for broadcast in broadcasts]
    rows = Delivery.objects.filter(batch__reference__in=references, state__in=HANDED_OVER)
    counted = rows.values_list("batch__reference").annotate(people=Count("person", distinct=True))
    return dict(counted.order_by())


def prepare_correction(broadcast: Broadcast, author: User, *, now: datetime) -> Broadcast:
    """Return the draft of a correction to whom a broadcast reached: its message as it stands now.

    The same again returns the same draft. Raise `RecallError` where the message may not go out, and
    `campaigns.drafting.preparing.TextsError`, which holds the draft, where its texts cannot be frozen now.
    """
    if broadcast.state != State.LAUNCHED:
        raise RecallError(_("It has not been sent, so nothing has to be put right."))
    if holds := hold_content(broadcast, now=now):
        said = [explain_hold(hold) for hold in holds]
        reasons = " ".join(f"{one.what}: {one.why} {one.remedy}" for one in said)
        raise RecallError(_("The message is not right yet. %(reasons)s") % {"reasons": reasons})
    mine = Broadcast.objects.filter(pk=broadcast.pk)
    faults = _find_faults(_list_launched(mine, now=now))
    known = _find_corrections([broadcast], faults).get(broadcast.pk)
    fault = faults.get(broadcast.pk, _NO_FAULT)
    return known or _prepare(broadcast, author, fault, now=now)


def _prepare(broadcast: Broadcast, author: User, fault: Fault, *, now: datetime) -> Broadcast:
    token = _make_token(broadcast, fault.at)
    wish = preparing.Wish(form_token=token)
    try:
        draft = preparing.prepare(
            author=author,
            message=broadcast.message,
            segment=_find_segment(broadcast, fault.languages),
            wish=wish,
            now=now,
        )
    except preparing.TextsError as error:
        _mark(error.broadcast, broadcast, by=author, now=now)
        raise
    except preparing.TokenError:
        # Somebody else has done so at the same moment.
        draft = Broadcast.objects.get(form_token=token)
    _mark(draft, broadcast, by=author, now=now)
    return draft


def _mark(draft: Broadcast, broadcast: Broadcast, *, by: User, now: datetime) -> None:
    """Say what a new draft puts right; of one that says so already nothing changes."""
    fresh = Broadcast.objects.filter(pk=draft.pk, corrects__isnull=True)
    told = {
        "corrects": broadcast,
        "campaign": broadcast.campaign,
        "channels": broadcast.channels,
    }
    with transaction.atomic():
        if fresh.update(**told):
            details = {"by": draft.code}
            audit.note_broadcast("recalled", broadcast, actor=by.pk, details=details, now=now)
    draft.refresh_from_db()


def _make_token(broadcast: Broadcast, changed_at: datetime | None) -> str:
    """Return one token for all who press at once; what changes later, or is given up, makes another."""
    given_up = broadcast.corrections.filter(state__in=_GIVEN_UP).count()
    said = f"{broadcast.code}:{changed_at}:{given_up}"
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def _find_segment(broadcast: Broadcast, corrected: Collection[str]) -> Segment:
    rule = broadcast.segment
    languages = _find_readers(broadcast, corrected) if corrected else rule.languages
    segment, _made = Segment.objects.get_or_create(
        partner=broadcast.partner,
        name=".".join([broadcast.reference, *languages])[:100]
        if corrected
        else broadcast.reference,
        defaults={
            "routes": rule.routes,
            "countries": rule.countries,
            "languages": languages,
            "channels": rule.channels,
            "received": broadcast.reference,
        },
    )
    return segment


def _find_readers(broadcast: Broadcast, corrected: Collection[str]) -> list[str]:
    """Return the languages of the people who got it in one of some others."""
    mine = Delivery.objects.filter(batch__reference=broadcast.reference)
    spoken = set(mine.order_by().values_list("language", flat=True).distinct())
    there = set(broadcast.editions.values_list("language", flat=True))
    return sorted(one for one in spoken if choose_language(one, there) in corrected)


def _find_faults(launched: Collection[tuple[Broadcast, datetime]]) -> dict[int, Fault]:
    """Return what is not true any more, with when that was changed last, by the ids of broadcasts."""
    changed = find_last_changes({one.message_id for one, _at in launched})
    faults = {}
    for one, at in launched:
        moment = changed.get(one.message_id)
        if moment is not None and moment > at:
            faults[one.pk] = Fault(moment)
    return find_translated([pair for pair in launched if pair[0].pk not in faults]) | faults


def _list_launched(mine: QuerySet[Broadcast], *, now: datetime) -> list[tuple[Broadcast, datetime]]:
    """Return what was launched as long ago as it is known who got it, with when that was."""
    since = now - timedelta(days=settings.RETENTION["deliveries"])
    rows = mine.filter(state=State.LAUNCHED, occurrences__launched_at__gt=since)
    dated = rows.annotate(launched_at=Max("occurrences__launched_at")).order_by("-launched_at")
    return [(one, one.launched_at) for one in dated]


def _find_corrections(
    broadcasts: Iterable[Broadcast], faults: Mapping[int, Fault]
) -> dict[int, Broadcast]:
    """Return the correction that was made since the last change, by what it corrects."""
    wrong = {one.pk: one for one in broadcasts}
    made = Broadcast.objects.filter(corrects__in=wrong).exclude(state__in=_GIVEN_UP)
    return {
        one.corrects_id: one
        for one in made.select_related("message").order_by("created_at")
        if one.corrects_id and not _is_after(faults.get(one.corrects_id), one.created_at)
    }


def _is_after(fault: Fault | None, moment: datetime) -> bool:
    return fault is not None and fault.at is not None and fault.at > moment
