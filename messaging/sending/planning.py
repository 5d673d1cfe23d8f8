"""Planning: one batch becomes planned deliveries in one INSERT … SELECT, whose repeats are harmless.

A plan may begin with a few, drawn by chance, and leave all others for later (`plan_rest`).

Who is eligible is asked once, into a table of this transaction: it says which texts and senders are
needed, who is left out by chance, and whom the one INSERT takes. No row of it comes here. All is one
transaction: of a crash nothing is left, and whoever plans again begins anew.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Min, QuerySet, Value, Window
from django.db.models.expressions import Combinable

from messaging.consenting.clearances import find_closed
from messaging.models import Batch, BatchChoice, BatchLane, BatchText, Subscriber
from messaging.sealing.crypto import keyed_hash
from messaging.senders.choosing import Choice
from messaging.senders.roster import NoSenderError, find_homes, keep_knowing, load_market
from messaging.sending.eligibility import Audience, adding_up, find_eligible, is_wide
from messaging.sending.holdout import Draw, is_held_out
from messaging.wire import SMS, WHATSAPP

Times = tuple[datetime, datetime]
_PICKED = "messaging_picked"
_COLUMNS = ("id", "number_hash", "person", "channel", "country", "language", "held", "lot")
# Whoever is on her first channel gets nothing on the other one, also where she has had enough.
_DROP_SECOND = f"""
    DELETE FROM {_PICKED}
     WHERE channel <> %s
       AND number_hash IN (SELECT number_hash FROM {_PICKED} WHERE channel = %s)"""  # noqa: S608
_DROP_SATED = f"""
    DELETE FROM {_PICKED}
     WHERE id IN (
           SELECT d.subscriber_id
             FROM {_PICKED} p JOIN messaging_delivery d ON d.subscriber_id = p.id
            WHERE d.submitting_at > %s
            GROUP BY d.subscriber_id HAVING COUNT(*) >= %s)"""  # noqa: S608
# A person, on whatever channel she was reached.
_DROP_REACHED = f"""
    DELETE FROM {_PICKED}
     WHERE number_hash IN (
           SELECT s.number_hash
             FROM messaging_delivery d JOIN messaging_subscriber s ON s.id = d.subscriber_id
            WHERE d.submitting_at > %s)"""  # noqa: S608
# Nobody whom the first ones were, on whatever channel.
_DROP_PLANNED = f"""
    DELETE FROM {_PICKED}
     WHERE number_hash IN (
           SELECT s.number_hash
             FROM messaging_delivery d JOIN messaging_subscriber s ON s.id = d.subscriber_id
            WHERE d.batch_id = %s)"""  # noqa: S608
# Whole identities, in the order of their lots.
_FIRST = f"""
    AND s.number_hash IN (
        SELECT number_hash FROM {_PICKED} WHERE NOT held ORDER BY lot, number_hash LIMIT %s)"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class FrozenText:
    """Hold one approved text of a batch in one language and channel."""

    channel: str
    language: str
    body: str
    parts: int
    template_ref: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """Hold everything that makes a batch: its texts, who gets which, when, and until when it is true.

    `holdout` of ten thousand people are left out by chance, the same ones for one `holdout_key`.
    With `first`, only so many are planned now, drawn by chance for each reference anew. `senders` are
    the ids of those chosen by channel: nobody takes over from them.
    """

    reference: str
    audience: Audience
    texts: tuple[FrozenText, ...]
    choose_language: Callable[[str, set[str]], str | None]
    window_of: Callable[[str], Times]
    text_valid_until: datetime
    holdout: int = 0
    holdout_key: str = ""
    first: int = 0
    senders: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Picked:
    """Count who was picked of one channel, country and language, and how many of them are left out."""

    channel: str
    country: str
    language: str
    people: int
    held_out: int


class PlanningError(Exception):
    """Say why a batch cannot be planned; nothing of it was kept."""


def plan(wanted: Plan, *, now: datetime) -> Batch:
    """Create the batch of a reference and plan its deliveries; return the one that is there already."""
    if not wanted.audience.topics:
        raise PlanningError("The audience names no topic that people could have asked for.")
    if wanted.holdout and not wanted.holdout_key:
        raise PlanningError("A hold-out needs a key: without one it would be others each time.")
    with transaction.atomic():
        batch, made = Batch.objects.get_or_create(
            reference=wanted.reference,
            defaults={
                "audience": wanted.audience.as_data(),
                "purpose": wanted.audience.purpose,
                "text_valid_until": wanted.text_valid_until,
                "created_at": now,
                "holdout": wanted.holdout,
            },
        )
        if not made:
            return batch
        _pick(wanted, now=now)
        groups = _keep_open(_count_picked(), wanted.audience)
        groups += _add_spare(groups, wanted)
        _write_texts(batch, wanted)
        _write_choices(batch, wanted, groups)
        _write_lanes(batch, wanted, groups)
        batch.size = _insert_deliveries(batch, most=wanted.first)
        batch.held_out = sum(group.held_out for group in groups)
        left = sum(group.people for group in groups) - batch.held_out - batch.size
        batch.first = batch.size if wanted.first and left else 0
        batch.state = Batch.State.RUNNING
        batch.save()
    return batch


def plan_rest(wanted: Plan, *, now: datetime) -> int | None:
    """Plan everybody but the first ones of a running batch, from who is eligible now; return how many.

    Return None where there is nothing to be done: all are planned, or it is paused or ended.
    """
    with transaction.atomic():
        waiting = Batch.objects.select_for_update().filter(first__gt=0, state=Batch.State.RUNNING)
        batch = waiting.filter(reference=wanted.reference).first()
        if batch is None:
            return None
        _pick(wanted, now=now)
        with connection.cursor() as cursor:
            cursor.execute(_DROP_PLANNED, [batch.pk])
        groups = _keep_open(_count_picked(), wanted.audience)
        groups += _add_spare(groups, wanted)
        _write_choices(batch, wanted, groups)
        _write_lanes(batch, wanted, groups)
        more = _insert_deliveries(batch)
        batch.size += more
        batch.held_out = sum(group.held_out for group in groups)
        batch.first = 0
        batch.save(update_fields=["size", "held_out", "first"])
    return more


def _pick(wanted: Plan, *, now: datetime) -> None:
    """Write who is eligible into a table of this transaction, in the order of their rows.

    The same people as `find_eligible` returns. What compares many with many is done in that table,
    which is small and analysed: one pass each, whatever the planner believes of the others.
    """
    # A channel without a text is nobody's first.
    audience = wanted.audience.prefer({text.channel for text in wanted.texts})
    chosen, params = _choose_people(wanted, audience).query.sql_with_params()
    is_postgres = connection.vendor == "postgresql"
    # Of everybody who ever joined, those who got a batch: the one comparison that cannot come after.
    wide = bool(audience.received) and is_wide(audience)
    with adding_up(wide=wide), connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {_PICKED}")
        cursor.execute(f"CREATE TEMPORARY TABLE {_PICKED} AS {chosen}", params)
        if is_postgres:
            cursor.execute(f"ANALYZE {_PICKED}")
    with adding_up(wide=is_postgres), connection.cursor() as cursor:
        if len(audience.channels) > 1 and not audience.every_channel:
            cursor.execute(_DROP_SECOND, [audience.channels[0]] * 2)
        if audience.most:
            cursor.execute(_DROP_SATED, [_since(audience.within_days, now=now), audience.most])
        if audience.not_reached_days:
            cursor.execute(_DROP_REACHED, [_since(audience.not_reached_days, now=now)])


def _since(days: int, *, now: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(now - timedelta(days=days))


def _choose_people(wanted: Plan, audience: Audience) -> QuerySet[Subscriber, tuple[Any, ...]]:
    person: Combinable = F("id")
    if audience.every_channel:
        person = Window(Min("id"), partition_by=F("number_hash"))
    lot: Combinable = Value(0)
    if wanted.first:
        lot = Draw(keyed_hash("first", wanted.reference))
    # What compares many with many comes after.
    simple = replace(audience, most=0, not_reached_days=0, every_channel=True)
    # Django names each column as it was asked for; the statements below read these names.
    return (
        find_eligible(simple)
        .annotate(person=person, held=is_held_out(wanted.holdout, wanted.holdout_key), lot=lot)
        .order_by("id")
        .values_list(*_COLUMNS)
    )


def _count_picked() -> list[Picked]:
    statement = f"""
        SELECT channel, country, language, COUNT(*), SUM(CASE WHEN held THEN 1 ELSE 0 END)
          FROM {_PICKED}
         GROUP BY channel, country, language
         ORDER BY channel, country, language"""  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return [Picked(*row) for row in cursor.fetchall()]


def _add_spare(groups: list[Picked], wanted: Plan) -> list[Picked]:
    """Return groups of nobody by which an SMS can go to somebody whom WhatsApp refuses."""
    audience = wanted.audience
    has_text = any(text.channel == SMS for text in wanted.texts)
    if audience.every_channel or SMS not in audience.channels or not has_text:
        return []
    there = {(g.country, g.language) for g in groups if g.channel == SMS}
    pairs = {(g.country, g.language) for g in groups if g.channel == WHATSAPP} - there
    return [Picked(SMS, country, language, 0, 0) for country, language in sorted(pairs)]


def _keep_open(groups: list[Picked], audience: Audience) -> list[Picked]:
    """Return the groups of open countries; refuse one that is closed and has to be served."""
    closed = find_closed({group.country for group in groups})
    refused = [country for country in closed if not audience.spares(country)]
    if refused:
        raise PlanningError(f"Closed, so that nothing may be sent there: {', '.join(refused)}.")
    return [group for group in groups if group.country not in closed]


def _write_texts(batch: Batch, wanted: Plan) -> None:
    BatchText.objects.bulk_create(
        [
            BatchText(
                batch=batch,
                channel=text.channel,
                language=text.language,
                body=text.body,
                parts=text.parts,
                template_ref=text.template_ref,
            )
            for text in wanted.texts
        ]
    )


def _write_choices(batch: Batch, wanted: Plan, groups: list[Picked]) -> None:
    by_key = {(text.channel, text.language): text for text in batch.texts.all()}
    choices = []
    needed = {(group.channel, group.language) for group in groups if group.people}
    for channel, language in sorted({(group.channel, group.language) for group in groups}):
        there = {key[1] for key in by_key if key[0] == channel}
        chosen = wanted.choose_language(language, there)
        if chosen is None and (channel, language) not in needed:
            continue
        if chosen is None:
            raise PlanningError(f"There is no {channel} text for readers of {language}.")
        choices.append(
            BatchChoice(
                batch=batch, channel=channel, language=language, text=by_key[channel, chosen]
            )
        )
    # Of a rest, most were chosen already.
    BatchChoice.objects.bulk_create(choices, ignore_conflicts=True)


def _write_lanes(batch: Batch, wanted: Plan, groups: list[Picked]) -> None:
    lanes = []
    needed = {
        (group.channel, group.country)
        for group in groups
        if group.people and not wanted.audience.spares(group.country)
    }
    homes = find_homes([text.template_ref for text in wanted.texts if text.template_ref])
    for channel in sorted({group.channel for group in groups}):
        countries = sorted({group.country for group in groups if group.channel == channel})
        market, chosen = load_market(channel, countries), wanted.senders.get(channel)
        for country in countries:
            try:
                ranked = keep_knowing(market.rank(country, chosen=chosen), channel, homes)
            except NoSenderError as error:
                if (channel, country) in needed:
                    raise PlanningError(str(error)) from error
            else:
                opens, closes = wanted.window_of(country)
                lanes.append(
                    BatchLane(
                        batch=batch,
                        country=country,
                        not_before=opens,
                        send_before=closes,
                        **_describe(channel, ranked),
                    )
                )
    # Of a rest, the windows are those of now.
    BatchLane.objects.bulk_create(
        lanes,
        update_conflicts=True,
        unique_fields=["batch", "channel", "country"],
        update_fields=["sender", "reason", "fallbacks", "not_before", "send_before"],
    )


def _describe(channel: str, ranked: list[Choice]) -> dict[str, Any]:
    best, *others = ranked
    # A wording was approved at one provider: another one does not know it.
    spare = [o.sender for o in others if channel != WHATSAPP or o.provider == best.provider]
    return {
        "channel": channel,
        "sender_id": best.sender,
        "reason": best.reason,
        "fallbacks": spare,
    }


def _insert_deliveries(batch: Batch, *, most: int = 0) -> int:
    """Plan whoever was picked and not left out, or the first so many of them; return how many."""
    # The WHERE before ON CONFLICT is needed: without it SQLite reads ON as part of the join.
    statement = f"""
        INSERT INTO messaging_delivery (
            batch_id, subscriber_id, person, sender_id, text_id, channel, country, language, state,
            rank, reason, attempts, strikes, not_before, send_before, owner, provider_ref)
        SELECT %s, s.id, s.person, lane.sender_id, choice.text_id, s.channel, s.country, s.language,
               'planned', 0, '', 0, 0, lane.not_before, lane.send_before, '', ''
          FROM {_PICKED} s
          JOIN messaging_batchlane lane
            ON lane.batch_id = %s AND lane.channel = s.channel AND lane.country = s.country
          JOIN messaging_batchchoice choice
            ON choice.batch_id = %s AND choice.channel = s.channel AND choice.language = s.language
         WHERE NOT s.held {_FIRST if most else ""}
        ON CONFLICT (batch_id, subscriber_id) DO NOTHING"""  # noqa: S608
    # Lanes and choices were written just now, so the planner believes that there are hardly any.
    with adding_up(wide=connection.vendor == "postgresql"), connection.cursor() as cursor:
        cursor.execute(statement, [batch.pk] * 3 + ([most] if most else []))
        planned = int(cursor.rowcount)
        cursor.execute(f"DROP TABLE {_PICKED}")
    return planned
