"""SQLite lets one writer in at a time: transactions that read and then write queue, and none fails."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.utils import timezone

from messaging.models import Allowance

pytestmark = pytest.mark.django_db(transaction=True)
THREADS, ROUNDS = 4, 15


def test_transactions_that_read_and_then_write_queue() -> None:
    row = Allowance.objects.create(scope="test", key=b"k", day=timezone.now().date())
    start = threading.Barrier(THREADS)

    def count_on() -> None:
        try:
            start.wait(60)
            for _ in range(ROUNDS):
                with transaction.atomic():
                    used = Allowance.objects.select_for_update().get(pk=row.pk).used
                    Allowance.objects.filter(pk=row.pk).update(used=used + 1)
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        for future in [pool.submit(count_on) for _ in range(THREADS)]:
            future.result(60)
    row.refresh_from_db()
    assert row.used == THREADS * ROUNDS, "no write was lost, and none was refused"
