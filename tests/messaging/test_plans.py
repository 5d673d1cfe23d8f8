"""What PostgreSQL does for questions that are asked again and again: an index, never the whole table."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from messaging.guarding import backlog
from messaging.models import Batch, Delivery, Sender
from messaging.senders import stalling
from messaging.sending import batches, recounting, repair
from messaging.states import State
from messaging.upkeep import purging
from tests.messaging.factories import make_batch

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

WHOLE = "Seq Scan on messaging_delivery"
MANY = """
    INSERT INTO messaging_delivery
        (batch_id, subscriber_id, person, sender_id, text_id, channel, country, language, state, rank,
         reason, attempts, not_before, send_before, owner, provider_ref, strikes)
    SELECT batch_id, 1000000 + n, n, sender_id, text_id, channel, country, language, %s, 70,
           '', 1, not_before, send_before, '', '', 0
      FROM messaging_delivery CROSS JOIN generate_series(1, %s) AS n WHERE batch_id = %s"""


@pytest.fixture
def batch() -> Batch:
    """Return a small running batch beside a large one that is over."""
    over = make_batch("broadcast:over", people=1)
    with connection.cursor() as cursor:
        cursor.execute(MANY, [State.DELIVERED, 20_000, over.pk])
        Delivery.objects.filter(batch=over).update(state=State.DELIVERED)
        Batch.objects.update(state=Batch.State.FINISHED, finished_at=timezone.now())
        batch = make_batch("broadcast:1")
        cursor.execute(MANY, [State.PLANNED, 200, batch.pk])
        cursor.execute("ANALYZE messaging_delivery, messaging_batch")
    return batch


def plans_of(do: Callable[[], Any]) -> list[str]:
    """Return the plan of every statement over deliveries that something sends."""
    with CaptureQueriesContext(
        connection,
    ) as captured:
        do()
    told = []
    for query in captured.captured_queries:
        if query["sql"].startswith(("SELECT", "UPDATE")) and "messaging_delivery" in query["sql"]:
            with connection.cursor() as cursor:
                cursor.execute("EXPLAIN " + query["sql"].replace("%", "%%"))
                told.append("\n".join(line for (line,) in cursor.fetchall()))
    return told


@pytest.mark.parametrize(
    "do",
    [
        lambda _: batches.finish_done(now=timezone.now()),
        lambda _: batches.cancel("broadcast:1", now=timezone.now()),
        lambda batch: recounting.count_rows(batch.pk),
        lambda _: batches.count_states("broadcast:1"),
        lambda _: recounting.look("broadcast:1", now=timezone.now()),
        lambda batch: purging.begin([batch.pk], now=timezone.now()),
        lambda _: list(purging.find_old(timezone.now() + timedelta(days=1))),
        lambda _: backlog.read_backlog(now=timezone.now()),
        lambda _: stalling.find_stuck(now=timezone.now() + timedelta(minutes=3)),
        lambda _: list(purging.RULES[2].find(timezone.now())),
        lambda _: repair.repair_leases(now=timezone.now()),
    ],
    ids=[
        *("finish", "cancel", "count", "count by reference", "look", "purge", "find what is old"),
        *("backlog", "stuck", "find texts that nobody needs", "repair"),
    ],
)
def test_whatever_is_asked_often_has_an_index(batch: Batch, do: Callable[[Batch], Any]) -> None:
    plans = plans_of(lambda: do(batch))
    assert plans
    assert [plan for plan in plans if WHOLE in plan] == []


def test_a_whole_table_would_be_seen(batch: Batch) -> None:
    plans = plans_of(lambda: Delivery.objects.filter(owner="nobody").count())
    assert WHOLE in plans[0]


def test_finishing_asks_each_running_batch_and_reads_no_list_of_all_that_moves(
    batch: Batch,
) -> None:
    (plan,) = plans_of(lambda: batches.finish_done(now=timezone.now()))
    assert "delivery_moving" in plan
    assert Sender.objects.exists()
