"""Launching: an approved broadcast becomes planned deliveries, once, if what was approved still holds."""

import logging
from dataclasses import asdict
from datetime import UTC, datetime, time, timedelta

from django.db import transaction
from django.db.models import Q

from campaigns import alarming, audit, editions
from campaigns.approval.approving import (
    find_holds,
    hold_truth,
    list_counting,
    list_standing,
    read_quorum,
    void_approvals,
)
from campaigns.approval.limits import find_breaches
from campaigns.approval.snapshots import Change, Snapshot, digest_of, find_new_texts, take_snapshot
from campaigns.corrected import is_corrected
from campaigns.going_out.canary_rules import count_first
from campaigns.models import Broadcast, Canary, Occurrence, Schedule
from campaigns.partners import efforts
from campaigns.reckoning import budgets
from campaigns.reckoning.timing import window_in
from campaigns.reckoning.windows import NoWindowError
from cms.freshness import Hold
from cms.holding import valid_until
from locales.countries import UnknownCountry, get_country
from locales.languages import choose_language
from messaging.guarding import restoring
from messaging.models import Batch, Delivery
from messaging.senders.roster import NoSenderError
from messaging.sending import batches
from messaging.sending.planning import FrozenText, Plan, PlanningError, plan
from messaging.states import State as DeliveryState

# Nothing is sent at night to make up for an outage: later than this, a person decides.
GRACE = timedelta(minutes=30)
_LONGEST_TEXT_DAYS = 7
# A series in one of these states stands by what was approved of it.
_GOING_ON = (Broadcast.State.APPROVED, Broadcast.State.OVER)

log = logging.getLogger("waymark.launching")


def launch(occurrence: Occurrence, *, now: datetime) -> Broadcast.State:
    """Launch one occurrence, or say why not in the broadcast's state; repeats change nothing."""
    # Before anything is locked: a provider may take seconds to answer.
    editions.refresh_wordings(occurrence.broadcast, now=now)
    with transaction.atomic():
        rows = Occurrence.objects.select_for_update(of=("self",), skip_locked=True)
        locked = rows.filter(pk=occurrence.pk).first()
        if locked is None:
            # Another clock has it in hand.
            return Broadcast.State(occurrence.broadcast.state)
        # The broadcast is locked too: somebody may be cancelling it at this moment.
        broadcasts = Broadcast.objects.select_for_update(of=("self",))
        broadcast = broadcasts.get(pk=locked.broadcast_id)
        if locked.launched_at is not None or broadcast.state != Broadcast.State.APPROVED:
            return Broadcast.State(broadcast.state)
        # It was moved since: this is not its time any more.
        if locked.occurs_at != broadcast.send_at or _is_paused_with_its_series(broadcast):
            return Broadcast.State(broadcast.state)
        state, note = _judge(broadcast, locked, now=now)
        if state == Broadcast.State.LAUNCHED:
            state, note = _plan(broadcast, now=now)
        locked.launched_at = now
        locked.save(update_fields=["launched_at"])
        _end_in(broadcast, state, note, now=now)
        return Broadcast.State(broadcast.state)


def hold_stale(*, now: datetime) -> int:
    """Hold back what a broadcast has not sent yet when its message is no longer true.

    So it is with what is over, while some of it may still be sent after all. Return how many are held
    back now; what is, stays so.
    """
    unknown = Delivery.objects.filter(
        state=DeliveryState.UNKNOWN, settled_at__isnull=True, send_before__gt=now
    )
    going = Batch.objects.filter(
        Q(state__in=[Batch.State.RUNNING, Batch.State.PAUSED])
        | Q(state=Batch.State.FINISHED, pk__in=unknown.order_by().values("batch")),
        text_valid_until__gt=now,
    )
    return sum(_hold_alone(batch, now=now) for batch in going.only("reference", "created_at"))


def _hold_alone(batch: Batch, *, now: datetime) -> bool:
    code = batch.reference.partition(":")[2]
    try:
        broadcast = Broadcast.objects.filter(code=code).select_related("message").first()
        if broadcast is None:
            return False
        held = hold_truth(broadcast, now=now)
        if not held and not is_corrected(broadcast, since=batch.created_at):
            return False
        batches.limit_text(batch.reference, until=now)
    except Exception:  # (whatever is wrong with one must not keep the others from being held back)
        log.exception("batch %s cannot be judged", batch.pk)
        return False
    return True


def _is_paused_with_its_series(broadcast: Broadcast) -> bool:
    if broadcast.pattern_id is None:
        return False
    # Whoever pauses it holds the same lock; only a statement after it sees what was waited for.
    pattern = Broadcast.objects.select_for_update(of=("self",)).get(pk=broadcast.pattern_id)
    paused = Schedule.objects.filter(broadcast=pattern, paused_at__isnull=False)
    return paused.exists()


def _judge(
    broadcast: Broadcast, occurrence: Occurrence, *, now: datetime
) -> tuple[Broadcast.State, str]:
    if now - occurrence.occurs_at > GRACE:
        return Broadcast.State.MISSED, ""
    # What goes out at once gets its time by an approval: it may have had another one before.
    begins = broadcast.created_at if broadcast.at_once else occurrence.occurs_at
    if restoring.may_have_begun(begins):
        broadcast.held_by = [asdict(Hold("may_be_out", broadcast.message.title, ""))]
        return Broadcast.State.MISSED, ""
    if broadcast.pattern and broadcast.pattern.state not in _GOING_ON:
        return Broadcast.State.VOID, ""
    snapshot = take_snapshot(broadcast, now=now)
    holds = find_holds(broadcast, now=now)
    # Of what is approved as well, some may have been approved beside it or for other times.
    holds += find_breaches(broadcast, snapshot.estimate.people, now=now)
    if holds:
        broadcast.held_by = [asdict(hold) for hold in holds]
        return Broadcast.State.HELD, "; ".join(f"{h.what}: {h.code}" for h in holds)[:300]
    if changes := find_changes(broadcast, snapshot):
        broadcast.held_by = [asdict(change) for change in changes]
        return Broadcast.State.VOID, ""
    return _take_money(broadcast, snapshot, now=now)


def _take_money(
    broadcast: Broadcast, snapshot: Snapshot, *, now: datetime
) -> tuple[Broadcast.State, str]:
    try:
        # Since it was approved a budget may have been set or lowered, or a month begun.
        budgets.reserve(broadcast, snapshot.estimate, now=now)
    except budgets.OverBudgetError as error:
        return Broadcast.State.HELD, str(error)[:300]
    return Broadcast.State.LAUNCHED, ""


def find_changes(broadcast: Broadcast, snapshot: Snapshot) -> list[Change]:
    """Return what is not as enough people have approved it; empty where all is."""
    standing = list_standing(broadcast)
    needed = read_quorum(broadcast).needed
    if len(standing) < needed:
        return [Change("approvals")]
    if len(list_counting(broadcast)) < needed:
        return [Change("approvers")]
    changes = [change for one in standing for change in snapshot.find_changes(one.snapshot)]
    if any(one.digest != digest_of(one.snapshot) for one in standing):
        changes.append(Change("approvals"))
    return list(dict.fromkeys([*changes, *find_new_texts(broadcast)]))


def _end_in(broadcast: Broadcast, state: Broadcast.State, note: str, *, now: datetime) -> None:
    changes: list[Change] = []
    if state == Broadcast.State.VOID:
        changes = [Change(**change) for change in broadcast.held_by]
        if broadcast.pattern is None:
            void_approvals(broadcast, changes, actor=None, now=now)
            return
        # What was approved holds no more: neither for this time nor for those that follow.
        state = Broadcast.State.HELD
        broadcast.held_by = [asdict(Hold("approval_void", broadcast.message.title, ""))]
    broadcast.state, broadcast.note = state, note
    broadcast.save(update_fields=["state", "note", "held_by"])
    if state == Broadcast.State.LAUNCHED:
        return
    alarming.tell_of(state, now=now)
    if changes and broadcast.pattern and broadcast.pattern.state == Broadcast.State.APPROVED:
        void_approvals(broadcast.pattern, changes, actor=None, now=now)
    audit.note_broadcast(str(state), broadcast, actor=None, now=now)


def _plan(broadcast: Broadcast, *, now: datetime) -> tuple[Broadcast.State, str]:
    approved = max(approval.people for approval in list_standing(broadcast))
    wanted = make_plan(broadcast, first=count_first(approved), now=now)
    try:
        batch = plan(wanted, now=now)
    except (PlanningError, NoSenderError, UnknownCountry, NoWindowError) as error:
        # A person has to mend this; trying again every tick would not.
        return Broadcast.State.HELD, str(error)[:300]
    if batch.first:
        Canary.objects.create(broadcast=broadcast, people=batch.size, began_at=now)
    details = {"people": batch.size, "first": batch.first}
    audit.note_broadcast("launched", broadcast, actor=None, details=details, now=now)
    return Broadcast.State.LAUNCHED, ""


def make_plan(broadcast: Broadcast, *, first: int = 0, now: datetime) -> Plan:
    """Return the plan of a broadcast as messaging takes it, for everybody or for the first few."""
    start = max(now, broadcast.send_at)
    return Plan(
        reference=broadcast.reference,
        audience=broadcast.audience,
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
        window_of=lambda country: window_in(get_country(country), broadcast, start),
        text_valid_until=_end_of_truth(broadcast, now=now),
        first=first,
        senders=broadcast.senders,
        holdout=efforts.find_holdout(broadcast),
        holdout_key=efforts.holdout_key(broadcast),
    )


def _end_of_truth(broadcast: Broadcast, *, now: datetime) -> datetime:
    first_day_over = valid_until(broadcast.message)
    if first_day_over is None:
        return now + timedelta(days=_LONGEST_TEXT_DAYS)
    return datetime.combine(first_day_over, time.min, tzinfo=UTC)
