"""The last gate: what was claimed is judged again under lock, and what may go is committed to go.

One short transaction: the people are locked, which waits for an opt-out under way; then, in later
statements that see it, consent, stop list, weekly cap, batch, text and window are read; then the
sender's time is reserved and `submitting` is written, with an attempt, before any call. After the
commit the provider may have the message. Order of locks: people by id, the sender, deliveries.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from django.conf import settings
from django.db import transaction

from messaging import dialect, ledger
from messaging.consenting.projecting import COLUMNS
from messaging.guarding import fencing
from messaging.models import Batch, BatchText, Delivery, Sender
from messaging.rowsets import lay_rows
from messaging.senders import capacity, pacing
from messaging.senders.calls import Call
from messaging.sending.claiming import give_back
from messaging.sending.eligibility import Audience, is_sated
from messaging.sending.flight import read_clock
from messaging.states import RANK, State

LEASE_SECONDS = 30
_SHORTEST, _LONGEST = 6, 36_000
_REASONS = {
    State.SUPPRESSED: "opted_out",
    State.HELD: "text_expired",
    State.EXPIRED: "window_over",
    State.CANCELLED: "cancelled",
}
_SATED = "too_many"


class _Row(NamedTuple):
    """Hold one claimed delivery as the gate reads it; `verdict` is the state it ends in, or nothing."""

    delivery: int
    batch: int
    sender: int
    text: int
    channel: str
    country: str
    attempts: int
    left: float
    verdict: str
    uid: Any
    sealed: Any
    # Whether WhatsApp takes free text from us now.
    window: Any

    def __repr__(self) -> str:
        return f"_Row({self.delivery})"


@dataclass(frozen=True, slots=True)
class Submitted:
    """Hold the calls to be made now, how many claims were given back, and when the sender is free."""

    calls: tuple[Call, ...]
    given_back: int
    free_in: float


class _Kept:
    """Hold the frozen texts and the caps of batches that a worker has read: neither ever changes."""

    def __init__(self) -> None:
        self._texts: dict[int, BatchText] = {}
        self._caps: dict[int, Audience | None] = {}

    def read_texts(self, wanted: set[int]) -> dict[int, BatchText]:
        if missing := wanted.difference(self._texts):
            self._texts |= BatchText.objects.in_bulk(missing)
        return self._texts

    def read_caps(self, wanted: set[int]) -> dict[int, Audience | None]:
        """Return the rule that caps each batch, or None where none does."""
        if missing := wanted.difference(self._caps):
            rules = Batch.objects.filter(pk__in=missing).values_list("pk", "audience")
            self._caps |= {
                pk: Audience.from_data(rule) if rule.get("most") else None for pk, rule in rules
            }
        return self._caps


class Gate:
    """Let claimed deliveries of one worker through."""

    def __init__(self, sender: int, owner: str) -> None:
        self._sender, self._owner = sender, owner
        self._place: str | None = None
        self._kept = _Kept()

    def submit(self, ids: Sequence[int], *, now: datetime, probing: bool = False) -> Submitted:
        """Re-check claimed deliveries, commit those that may go, and return their calls.

        `probing` lets them through although the sender is halted.
        """
        with transaction.atomic():
            if not self._is_in_place():
                give_back(ids, self._owner)
                return Submitted((), len(ids), 0.0)
            rows, pace = self._read(ids)
            # Before the commit: a process stopped right after it must find its calls too old.
            committed = read_clock()
            fresh = self._end(rows, now=now)
            calls: list[Call] = []
            free_in = 0.0
            if fresh and pace is not None and (pace.open or probing):
                going = self._take_turns(fresh)
                calls, free_in = self._commit(going, pace, committed=committed, now=now)
            back = {row.delivery for row in fresh}.difference(call.delivery for call in calls)
            # What is left was paused, fenced, claimed too long ago, or has to wait for its turn.
            give_back(back, self._owner)
        return Submitted(tuple(calls), len(back), free_in)

    def _is_in_place(self) -> bool:
        """Say whether the server that this transaction is on is still the one that was meant.

        A pooler may have led its connections to a replica, which is behind, since these were claimed.
        """
        if self._place is None:
            self._place = fencing.read_bound()
        return fencing.is_at(self._place)

    def _read(self, ids: Sequence[int]) -> tuple[list[_Row], pacing.Pace | None]:
        """Lock the people, judge their deliveries, lock the sender; in this order, one after the other."""
        lock = (
            """SELECT COUNT(*) FROM (
                   SELECT s.id FROM messaging_subscriber s
                    WHERE s.id IN (SELECT d.subscriber_id FROM messaging_delivery d
                                    WHERE d.id = ANY(%s::bigint[]) AND d.state = 'claimed'
                                      AND d.owner = %s)
                    ORDER BY s.id FOR NO KEY UPDATE) locked""",
            [dialect.as_list(ids), self._owner],
        )
        # SQLite has one writer: its transaction has waited already.
        first = [lock] if dialect.is_postgres() else []
        pace = pacing.reading(self._sender, locked=True)
        *_locked, judged, paced = dialect.fetch_each([*first, _judging(ids, self._owner), pace])
        return [_Row(*row) for row in judged], pacing.as_pace(self._sender, paced)

    def _end(self, rows: Sequence[_Row], *, now: datetime) -> list[_Row]:
        """End without sending what must not go, and return the rest."""
        ended = [
            (row, State(row.verdict), _REASONS[State(row.verdict)]) for row in rows if row.verdict
        ]
        sated = self._find_sated([row for row in rows if not row.verdict])
        ended += [(row, State.HELD, _SATED) for row in rows if row.delivery in sated]
        for (state, reason), group in groupby(sorted(ended, key=_by_end), key=_by_end):
            pairs = [(row.delivery, row.batch) for row, _state, _reason in group]
            mine = Delivery.objects.filter(state=State.CLAIMED, owner=self._owner)
            mine.filter(pk__in=[delivery for delivery, _batch in pairs]).update(
                state=state, rank=None, reason=reason, owner="", lease_until=None
            )
            ledger.note(pairs, State(state), now=now, reason=reason)
        gone = {row.delivery for row, _state, _reason in ended}
        return [row for row in rows if row.delivery not in gone]

    def _find_sated(self, rows: Sequence[_Row]) -> set[int]:
        """Return who would get more than is right in a week, whoever planned the rest of it."""
        found: set[int] = set()
        for batch, audience in self._kept.read_caps({row.batch for row in rows}).items():
            if audience is not None:
                mine = [row.delivery for row in rows if row.batch == batch and not row.attempts]
                asked = Delivery.objects.filter(is_sated(audience, subscriber="subscriber_id"))
                found.update(asked.filter(pk__in=mine).values_list("pk", flat=True))
        return found

    def _take_turns(self, rows: Sequence[_Row]) -> list[_Row]:
        """Leave out whose cap must be asked again, for another message to the same person goes now."""
        caps = self._kept.read_caps({row.batch for row in rows})
        reached: set[Any] = set()
        going = []
        for row in rows:
            # Tried before, it was counted then.
            if row.uid not in reached or row.attempts or caps[row.batch] is None:
                going.append(row)
            reached.add(row.uid)
        return going

    def _commit(
        self, rows: Sequence[_Row], pace: pacing.Pace, *, committed: float, now: datetime
    ) -> tuple[list[Call], float]:
        texts = self._kept.read_texts({row.text for row in rows})
        rows = rows[: _count_left(pace)]
        parts = [texts[row.text].parts for row in rows]
        slots = pacing.fit(parts, rate=pace.rate, free_in=pace.free_in)
        going = [row.delivery for row in rows[: len(slots.starts)]]
        attempts = dict(self._write(going, pace, slots, now=now))
        calls = [
            _describe(
                row,
                texts[row.text],
                attempt=attempts[row.delivery],
                slot=(committed, start, texts[row.text].parts / pace.rate),
                owner=self._owner,
            )
            for row, start in zip(rows, slots.starts, strict=False)
            if row.delivery in attempts
        ]
        if not calls:
            return [], pace.free_in
        if pace.limited:
            # While its row is locked, so that no two workers take the last of a day.
            capacity.note_used(pace.sender, len(calls), sum(call.parts for call in calls), now)
        return calls, slots.free_in

    def _write(
        self, ids: Sequence[int], pace: pacing.Pace, slots: pacing.Slots, *, now: datetime
    ) -> list[tuple[int, int]]:
        """Commit these to go, each with an attempt, and return those that still may, with its number."""
        going = f"""
            UPDATE messaging_delivery
               SET state = 'submitting', rank = {RANK[State.SUBMITTING]}, attempts = attempts + 1,
                   submitting_at = {dialect.now()}, lease_until = {dialect.later(str(LEASE_SECONDS))}
             WHERE {dialect.among("id")} AND state = 'claimed' AND owner = %s
               AND lease_until > {dialect.now()} AND send_before > {dialect.now()}
               AND batch_id IN (SELECT b.id FROM messaging_batch b
                                 WHERE b.state = 'running' AND b.text_valid_until > {dialect.now()})
               AND EXISTS (SELECT 1 FROM messaging_fence f WHERE f.send_enabled AND f.epoch = %s)
            RETURNING id, attempts"""  # noqa: S608 (our own text)
        params = [dialect.as_list(ids), self._owner, settings.EPOCH]
        if dialect.is_postgres():
            return _write_at_once(going, params, [now, slots.free_in, pace.sender])
        pacing.reserve(pace, slots.free_in)
        gone = [(row[0], row[1]) for row in dialect.fetch(going, params)]
        laid, values = lay_rows({"id": "bigint", "number": "int"}, gone)
        dialect.run(
            f"""INSERT INTO messaging_attempt (delivery_id, number, started_at)
                SELECT id, number, %s FROM {laid} laid""",  # noqa: S608
            [dialect.as_parameter(now), *values],
        )
        return gone


def submit(ids: Sequence[int], owner: str, *, now: datetime) -> list[Call]:
    """Re-check claimed deliveries of one sender, commit those that may go, and return their calls."""
    sender = Delivery.objects.filter(pk__in=ids).values_list("sender_id", flat=True).first()
    return list(Gate(sender or 0, owner).submit(ids, now=now).calls)


def _judging(ids: Sequence[int], owner: str) -> tuple[str, list[Any]]:
    """Return the statement that reads and judges claimed deliveries, with its parameters."""
    # A statement after the lock: under READ COMMITTED it sees the opt-out that was waited for.
    # Whoever was erased since is nobody any more, and so has not agreed.
    statement = f"""
        SELECT d.id, d.batch_id, d.sender_id, d.text_id, d.channel, d.country,
               d.attempts, {dialect.seconds_until("d.send_before")},
               CASE WHEN s.id IS NULL OR s.state <> 'subscribed' OR NOT ({_agreed()})
                      OR EXISTS (SELECT 1 FROM messaging_suppression x
                                  WHERE x.number_hash = s.number_hash) THEN 'suppressed'
                    WHEN b.state = 'cancelled' THEN 'cancelled'
                    WHEN b.text_valid_until <= {dialect.now()} THEN 'held'
                    WHEN d.send_before <= {dialect.now()} THEN 'expired'
                    ELSE '' END,
               s.uid, s.number_sealed, COALESCE(s.window_until > {dialect.now()}, 1 = 0)
          FROM messaging_delivery d
          JOIN messaging_batch b ON b.id = d.batch_id
          LEFT JOIN messaging_subscriber s ON s.id = d.subscriber_id
         WHERE {dialect.among("d.id")} AND d.state = 'claimed' AND d.owner = %s
         ORDER BY b.priority DESC, d.id"""  # noqa: S608 (our own text)
    return statement, [dialect.as_list(ids), owner]


def _write_at_once(going: str, params: list[Any], more: list[Any]) -> list[tuple[int, int]]:
    statement = f"""
        WITH going AS ({going}),
             tried AS (INSERT INTO messaging_attempt (delivery_id, number, started_at)
                       SELECT id, attempts, %s FROM going),
             paced AS ({pacing.reserving()} AND EXISTS (SELECT 1 FROM going))
        SELECT id, attempts FROM going"""  # noqa: S608 (our own text)
    return [(row[0], row[1]) for row in dialect.fetch(statement, [*params, *more])]


def _agreed() -> str:
    """Return the condition that a subscriber's yes to her batch's purpose stands now."""
    cases = " ".join(
        f"WHEN '{purpose}' THEN s.{flag} AND (s.{until} IS NULL OR s.{until} > {dialect.now()})"
        for purpose, (flag, until) in COLUMNS.items()
    )
    return f"CASE b.purpose {cases} ELSE 1 = 0 END"


def _by_end(ended: tuple[_Row, State, str]) -> tuple[str, str]:
    return ended[1].value, ended[2]


def _count_left(pace: pacing.Pace) -> int | None:
    return capacity.left_today(Sender.objects.get(pk=pace.sender)) if pace.limited else None


def _describe(
    row: _Row, text: BatchText, *, attempt: int, slot: tuple[float, float, float], owner: str
) -> Call:
    committed, start, hold = slot
    return Call(
        delivery=row.delivery,
        batch=row.batch,
        attempt=attempt,
        owner=owner,
        channel=row.channel,
        country=row.country,
        subscriber_uid=row.uid if isinstance(row.uid, uuid.UUID) else uuid.UUID(row.uid),
        sealed=bytes(row.sealed),
        body=text.body,
        # To somebody who wrote within a day WhatsApp carries the text as it is.
        template="" if row.window else text.template_ref,
        parts=text.parts,
        validity=max(_SHORTEST, min(_LONGEST, int(row.left))),
        committed=committed,
        start=start,
        hold=hold,
    )
