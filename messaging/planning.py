"""Planning: one batch becomes planned deliveries in one INSERT … SELECT, whose repeats are harmless."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import QuerySet

from messaging.eligibility import Audience, Group, count_eligible, find_eligible
from messaging.models import (
    Batch,
    BatchChoice,
    BatchLane,
    BatchText,
    Subscriber,
)
from messaging.senders import NoSenderError, choose_sender

Window = tuple[datetime, datetime]


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
    """Hold everything that makes a batch: its texts, who gets which, when, and until when it is true."""

    reference: str
    audience: Audience
    texts: tuple[FrozenText, ...]
    choose_language: Callable[[str, set[str]], str | None]
    window_of: Callable[[str], Window]
    text_valid_until: datetime


class PlanningError(Exception):
    """Say why a batch cannot be planned; nothing of it was kept."""


def plan(wanted: Plan, *, now: datetime) -> Batch:
    """Create the batch of a reference and plan its deliveries; return the one that is there already."""
    if not wanted.audience.topics:
        raise PlanningError("The audience names no topic that people could have asked for.")
    with transaction.atomic():
        batch, made = Batch.objects.get_or_create(
            reference=wanted.reference,
            defaults={
                "audience": wanted.audience.as_data(),
                "text_valid_until": wanted.text_valid_until,
                "created_at": now,
            },
        )
        if not made:
            return batch
        groups = count_eligible(wanted.audience)
        _write_texts(batch, wanted, groups)
        _write_lanes(batch, wanted, groups)
        _insert_deliveries(batch)
        batch.size = batch.deliveries.count()
        batch.state = Batch.State.RUNNING
        batch.save()
    return batch


def _write_texts(batch: Batch, wanted: Plan, groups: list[Group]) -> None:
    texts = BatchText.objects.bulk_create(
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
    by_key = {(text.channel, text.language): text for text in texts}
    choices = []
    for channel, language in sorted({(group.channel, group.language) for group in groups}):
        there = {key[1] for key in by_key if key[0] == channel}
        chosen = wanted.choose_language(language, there)
        if chosen is None:
            raise PlanningError(f"There is no {channel} text for readers of {language}.")
        choices.append(
            BatchChoice(
                batch=batch, channel=channel, language=language, text=by_key[channel, chosen]
            )
        )
    BatchChoice.objects.bulk_create(choices)


def _write_lanes(batch: Batch, wanted: Plan, groups: list[Group]) -> None:
    pairs = sorted({(group.channel, group.country) for group in groups})
    BatchLane.objects.bulk_create(_make_lane(batch, pair, wanted) for pair in pairs)


def _make_lane(batch: Batch, pair: tuple[str, str], wanted: Plan) -> BatchLane:
    channel, country = pair
    try:
        sender = choose_sender(channel, country)
    except NoSenderError as error:
        raise PlanningError(str(error)) from error
    not_before, send_before = wanted.window_of(country)
    return BatchLane(
        batch=batch,
        channel=channel,
        country=country,
        sender=sender,
        not_before=not_before,
        send_before=send_before,
    )


def _audience_rows(batch: Batch) -> QuerySet[Subscriber, tuple[int, str, str, str]]:
    # Django names each column as it was asked for; the statement below reads `id`, never `pk`.
    people = find_eligible(Audience.from_data(batch.audience))
    return people.values_list("id", "channel", "country", "language")


def _insert_deliveries(batch: Batch) -> None:
    eligible, params = _audience_rows(batch).query.sql_with_params()
    # The WHERE before ON CONFLICT is needed: without it SQLite reads ON as part of the join.
    statement = f"""
        INSERT INTO messaging_delivery (
            batch_id, subscriber_id, sender_id, text_id, channel, country, language, state, rank,
            reason, attempts, not_before, send_before, owner, provider_ref)
        SELECT %s, s.id, lane.sender_id, choice.text_id, s.channel, s.country, s.language,
               'planned', 0, '', 0, lane.not_before, lane.send_before, '', ''
          FROM ({eligible}) s
          JOIN messaging_batchlane lane
            ON lane.batch_id = %s AND lane.channel = s.channel AND lane.country = s.country
          JOIN messaging_batchchoice choice
            ON choice.batch_id = %s AND choice.channel = s.channel AND choice.language = s.language
         WHERE 1 = 1
         ORDER BY s.id
        ON CONFLICT (batch_id, subscriber_id) DO NOTHING"""  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, [batch.pk, *params, batch.pk, batch.pk])
