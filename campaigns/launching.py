"""Launching: an approved broadcast becomes planned deliveries, once, if what was approved still holds."""

from datetime import UTC, datetime, time, timedelta

from django.db import transaction

from campaigns.approving import find_holds, is_outdated, take_snapshot
from campaigns.models import Broadcast, Occurrence
from campaigns.windows import find_window
from cms.holding import valid_until
from locales.countries import UnknownCountry, get_country
from locales.languages import choose_language
from messaging import batches
from messaging.models import Batch
from messaging.planning import FrozenText, Plan, PlanningError, plan
from messaging.senders import NoSenderError

# Nothing is sent at night to make up for an outage: later than this, a person decides.
GRACE = timedelta(minutes=30)
_LONGEST_TEXT_DAYS = 7


def launch(occurrence: Occurrence, *, now: datetime) -> Broadcast.State:
    """Launch one occurrence, or say why not in the broadcast's state; repeats change nothing."""
    with transaction.atomic():
        locked = Occurrence.objects.select_for_update(of=("self",)).get(pk=occurrence.pk)
        # The broadcast is locked too: somebody may be cancelling it at this moment.
        broadcasts = Broadcast.objects.select_for_update(of=("self",))
        broadcast = broadcasts.get(pk=locked.broadcast_id)
        if locked.launched_at is not None or broadcast.state != Broadcast.State.APPROVED:
            return Broadcast.State(broadcast.state)
        state, note = _judge(broadcast, locked, now=now)
        if state == Broadcast.State.LAUNCHED:
            state, note = _plan(broadcast, now=now)
        locked.launched_at = now
        locked.save(update_fields=["launched_at"])
        broadcast.state, broadcast.note = state, note
        broadcast.save(update_fields=["state", "note"])
        return state


def hold_stale(*, now: datetime) -> int:
    """Hold back what a running broadcast has not sent yet when its message is no longer true."""
    running = Batch.objects.filter(state__in=[Batch.State.RUNNING, Batch.State.PAUSED])
    held = 0
    for reference in running.values_list("reference", flat=True):
        code = reference.partition(":")[2]
        broadcast = Broadcast.objects.filter(code=code).select_related("message").first()
        if broadcast is not None and find_holds(broadcast, now=now):
            batches.limit_text(reference, until=now)
            held += 1
    return held


def _judge(
    broadcast: Broadcast, occurrence: Occurrence, *, now: datetime
) -> tuple[Broadcast.State, str]:
    if now - occurrence.occurs_at > GRACE:
        return Broadcast.State.MISSED, ""
    holds = find_holds(broadcast, now=now)
    if holds:
        return Broadcast.State.HELD, "; ".join(f"{h.what}: {h.code}" for h in holds)[:300]
    approval = broadcast.approvals.first()
    snapshot = take_snapshot(broadcast, now=now)
    if approval is None or approval.digest != snapshot.digest or is_outdated(broadcast):
        return Broadcast.State.VOID, ""
    if snapshot.has_outgrown(approval.snapshot["figures"]):
        return Broadcast.State.VOID, ""
    return Broadcast.State.LAUNCHED, ""


def _plan(broadcast: Broadcast, *, now: datetime) -> tuple[Broadcast.State, str]:
    try:
        plan(_make_plan(broadcast, now=now), now=now)
    except (PlanningError, NoSenderError, UnknownCountry) as error:
        # A person has to mend this; trying again every tick would not.
        return Broadcast.State.HELD, str(error)[:300]
    return Broadcast.State.LAUNCHED, ""


def _make_plan(broadcast: Broadcast, *, now: datetime) -> Plan:
    start = max(now, broadcast.send_at)
    return Plan(
        reference=broadcast.reference,
        audience=broadcast.segment.audience,
        texts=tuple(
            FrozenText(
                channel=edition.channel,
                language=edition.language,
                body=edition.text,
                parts=edition.parts,
                template_ref=edition.template_ref,
            )
            for edition in broadcast.editions.all()
        ),
        choose_language=choose_language,
        window_of=lambda country: find_window(
            get_country(country), start, in_quiet_hours=broadcast.in_quiet_hours
        ),
        text_valid_until=_end_of_truth(broadcast, now=now),
    )


def _end_of_truth(broadcast: Broadcast, *, now: datetime) -> datetime:
    first_day_over = valid_until(broadcast.message)
    if first_day_over is None:
        return now + timedelta(days=_LONGEST_TEXT_DAYS)
    return datetime.combine(first_day_over, time.min, tzinfo=UTC)
