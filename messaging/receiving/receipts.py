"""Receipts: keep them as they come, fold them in bulk by rank; any order, any number of times.

What is kept is who it is about, the provider's id and word, and when it came: no number, no text.
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import InterfaceError, OperationalError, connection, transaction

from messaging.consenting import consent, reaching
from messaging.guarding import watching
from messaging.models import Alarm, Delivery, StoredReceipt
from messaging.receiving import codes, told_trouble
from messaging.receiving.gathering import Gathering
from messaging.rowsets import lay_rows
from messaging.sealing.tokens import read_token
from messaging.states import EVIDENCE_RANK, RANK, State
from messaging.wire import OPTED_OUT, SENDER, Receipt

_BATCH = 1000
_TOGETHER = 100
# Evidence of what cannot be is worth a look, but nobody may fill a table with it.
_REFUSED_KEPT = 1000
_REACHED = (State.DELIVERED, State.READ)
_TABLE = StoredReceipt._meta.db_table

log = logging.getLogger("waymark.receipts")


class Told(NamedTuple):
    """Hold one stored receipt that is being folded."""

    pk: int
    delivery: int
    ref: str
    state: str
    reason: str
    at: datetime


def keep(token: str, receipt: Receipt, *, now: datetime) -> bool:
    """Store one receipt for its delivery; say False when the token is not one we made."""
    owner = read_token(token)
    if owner is None:
        return False
    if receipt.state is None:
        codes.hear_word(receipt.word)
    _gathering.put(
        (
            *owner,
            _clean(receipt.ref, 64),
            _clean(receipt.word, 30),
            receipt.state or "",
            _clean(receipt.reason, 40),
            connection.ops.adapt_datetimefield_value(now),
            False,
        )
    )
    codes.keep_up(now=now)
    return True


def fold_waiting(*, now: datetime) -> int:
    """Fold up to 1,000 stored receipts into their deliveries and return how many were folded."""
    heeded = _take_over_opt_outs(now=now)
    with transaction.atomic():
        told = _claim(heeded, now=now)
        seen = apply(told)
    # Last, so that a phone that answered is reached, whatever else was told of it at once.
    reaching.note_missed(seen.missed)
    reached = {one.delivery for one in told if one.state in _REACHED}
    reaching.note_reached(reached)
    told_trouble.note_refused(
        {one.delivery for one in told if (one.state, one.reason) == (State.FAILED, SENDER)},
        reached=reached,
        now=now,
    )
    _say(seen, now=now)
    return len(told)


def was_full(folded: int) -> bool:
    """Say whether so many were folded that more may wait; a few at a time would cost too much."""
    return folded >= _BATCH


class Seen(NamedTuple):
    """Hold what folding found: what a person has to look at, and which deliveries missed their phones."""

    forged: int = 0
    doubled: int = 0
    missed: tuple[int, ...] = ()


def apply(told: Sequence[Told]) -> Seen:
    """Move each delivery up to the highest rank its receipts prove; call it inside a transaction."""
    known = [one for one in told if one.state]
    if not known:
        return Seen()
    sent = _lock_sent({one.delivery for one in known})
    best: dict[int, Told] = {}
    events: dict[tuple[int, str], Told] = {}
    refused, doubled = [], 0
    for one in known:
        if one.delivery not in sent:
            refused.append(one.pk)
            continue
        events.setdefault((one.delivery, one.state), one)
        before = best.get(one.delivery)
        if before is None or RANK[State(before.state)] < RANK[State(one.state)]:
            best[one.delivery] = one
        doubled += _are_two(sent[one.delivery].ref, one.ref)
    if best:
        _write_events(events.values(), sent)
        _move_up(best.values())
    _refuse(refused)
    missed = tuple(one.delivery for one in best.values() if _has_missed(one, sent[one.delivery]))
    return Seen(len(refused), doubled, missed)


def _has_missed(told: Told, before: "_Sent") -> bool:
    """Say whether a delivery fails only now, and at its phone."""
    failed = told.state == State.FAILED and before.rank < RANK[State.FAILED]
    return failed and told.reason in reaching.HERS


def _are_two(known: str, told: str) -> bool:
    """Say whether two ids name two messages; those of two kinds, as AWS's and Meta's, tell nothing."""
    if not known or not told or known == told:
        return False
    return known.rpartition(":")[0] == told.rpartition(":")[0]


def fold_again() -> int:
    """Let receipts that were refused wait once more, after a restore was mended; return how many."""
    return StoredReceipt.objects.filter(refused=True).update(refused=False, folded_at=None)


def _store(rows: Sequence[tuple[Any, ...]]) -> None:
    # By hand: this is done for each message that was ever sent, several times.
    places = ", ".join(["(%s, %s, %s, %s, %s, %s, %s, %s)"] * len(rows))
    statement = (
        f"INSERT INTO {_TABLE}"  # noqa: S608  # fixed text of ours
        " (delivery_id, attempt, ref, word, state, reason, received_at, refused)"
        f" VALUES {places} ON CONFLICT DO NOTHING"
    )
    values = [value for row in rows for value in row]
    try:
        _execute_at_once(statement, values)
    except (InterfaceError, OperationalError):
        if connection.in_atomic_block:
            raise
        # A connection that was kept and has gone meanwhile: storing twice is storing once.
        connection.close()
        _execute_at_once(statement, values)


def _execute_at_once(statement: str, values: Sequence[Any]) -> None:
    # Without asking first whether the connection is still there, which costs as much as storing.
    connection.health_check_done = True  # type: ignore[attr-defined]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


_gathering: Gathering[tuple[Any, ...]] = Gathering(_store, most=_TOGETHER)


def _clean(text: str, longest: int) -> str:
    return text[:longest].replace("\0", "")


def _claim(heeded: Sequence[int], *, now: datetime) -> list[Told]:
    """Mark receipts as folded, in this transaction, and return them in the order they came."""
    # An opt-out that came in between waits for the next turn: its no goes first.
    places = ", ".join(["%s"] * len(heeded))
    heed = f" OR id IN ({places})" if heeded else ""
    lock = " FOR UPDATE SKIP LOCKED" if connection.vendor == "postgresql" else ""
    # Materialised, for otherwise more rows than the limit may be updated.
    statement = (
        "WITH due(pk) AS MATERIALIZED ("  # noqa: S608  # fixed text of ours
        f"SELECT id FROM {_TABLE} WHERE folded_at IS NULL AND (reason <> %s{heed})"
        f" ORDER BY id LIMIT %s{lock}) "
        f"UPDATE {_TABLE} SET folded_at = %s FROM due WHERE id = due.pk"
        " RETURNING id, delivery_id, ref, state, reason, received_at"
    )
    moment = connection.ops.adapt_datetimefield_value(now)
    with connection.cursor() as cursor:
        cursor.execute(statement, [OPTED_OUT, *heeded, _BATCH, moment])
        return sorted(Told(*row) for row in cursor.fetchall())


def _take_over_opt_outs(*, now: datetime) -> list[int]:
    """Record what receipts tell of opt-outs and return those receipts; call it in no transaction."""
    # Before the fold and in commits of their own: people are locked before their deliveries.
    # One page is looked at, for a long queue must not be read through at every step.
    unfolded = StoredReceipt.objects.filter(folded_at__isnull=True)
    page = unfolded.order_by("pk").values_list("pk", "delivery_id", "reason")[:_BATCH]
    told = {pk: delivery for pk, delivery, reason in page if reason == OPTED_OUT}
    if told:
        sent = Delivery.objects.filter(pk__in=told.values(), rank__gte=EVIDENCE_RANK)
        consent.take_over_opt_outs(list(sent.values_list("pk", flat=True)), now=now)
    return list(told)


class _Sent(NamedTuple):
    batch: int
    ref: str
    rank: int


def _lock_sent(ids: set[int]) -> dict[int, _Sent]:
    """Lock those deliveries that a provider may have and return how they stand, by id."""
    rows = (
        Delivery.objects.select_for_update()
        .filter(pk__in=ids, rank__gte=EVIDENCE_RANK)
        .order_by("pk")
        .values_list("pk", "batch_id", "provider_ref", "rank")
    )
    return {pk: _Sent(batch, ref, rank or 0) for pk, batch, ref, rank in rows}


def _write_events(events: Iterable[Told], sent: dict[int, _Sent]) -> None:
    """Add one event for each new state; the first that came is the one that stays."""
    laid, values = lay_rows(
        {
            "delivery": "bigint",
            "batch": "bigint",
            "state": "text",
            "reason": "text",
            "moment": "timestamptz",
        },
        [(one.delivery, sent[one.delivery].batch, one.state, one.reason, one.at) for one in events],
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO messaging_event (delivery_id, batch_id, state, reason, at)"  # noqa: S608
            f" SELECT delivery, batch, state, reason, moment FROM {laid} AS told"
            " WHERE true ON CONFLICT DO NOTHING",
            values,
        )


def _move_up(best: Iterable[Told]) -> None:
    """Move deliveries up, never down, and keep the provider's id where its answer was lost."""
    laid, values = lay_rows(
        {
            "delivery": "bigint",
            "state": "text",
            "rank": "smallint",
            "reason": "text",
            "ref": "text",
        },
        [(one.delivery, one.state, RANK[State(one.state)], one.reason, one.ref) for one in best],
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE messaging_delivery AS d SET"  # noqa: S608  # fixed text of ours
            " state = CASE WHEN d.rank < told.rank THEN told.state ELSE d.state END,"
            " reason = CASE WHEN d.rank < told.rank THEN told.reason ELSE d.reason END,"
            " rank = CASE WHEN d.rank < told.rank THEN told.rank ELSE d.rank END,"
            " lease_until = CASE WHEN d.rank < told.rank THEN NULL ELSE d.lease_until END,"
            " provider_ref = CASE WHEN d.provider_ref = '' THEN told.ref ELSE d.provider_ref END"
            f" FROM {laid} AS told WHERE d.id = told.delivery AND d.rank >= %s"
            " AND (d.rank < told.rank OR d.provider_ref = '')",
            [*values, EVIDENCE_RANK],
        )


def _refuse(receipts: Sequence[int]) -> None:
    """Keep some of what is about nothing that was sent; drop the rest."""
    if not receipts:
        return
    kept = max(0, _REFUSED_KEPT - StoredReceipt.objects.filter(refused=True).count())
    StoredReceipt.objects.filter(pk__in=receipts[:kept]).update(refused=True)
    StoredReceipt.objects.filter(pk__in=receipts[kept:]).delete()


def _say(seen: Seen, *, now: datetime) -> None:
    if seen.forged:
        log.error("%s receipts for deliveries that were not sent", seen.forged)
        watching.raise_alarm(Alarm.Kind.FORGED, now=now)
    if seen.doubled:
        log.error("%s receipts name a second message of one delivery", seen.doubled)
        watching.raise_alarm(Alarm.Kind.DOUBLED, now=now)
