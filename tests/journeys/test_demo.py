"""`make demo` as it is: cut short by Ctrl-C in the middle, and carried on by the next one."""

import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from campaigns.models import Broadcast
from cms.models import MessagePage
from config.demo import MESSAGE
from config.rehearsal import SENDERS
from messaging.models import Batch, Delivery, Sender, Subscriber
from tests.harness.house import BASE_DIR, house_environment
from tests.harness.waiting import wait_until

PEOPLE = 150
SLOW, FAST = 5, 500


def start_demo(environment: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "manage.py", "demo", "--people", str(PEOPLE)],
        env=environment,
        cwd=BASE_DIR,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def read_ledger(folder: Path) -> list[tuple[str, str, str]]:
    """Return (channel, number, template or text) of every message that the sandbox accepted."""
    store = folder / "sandbox.sqlite3"
    if not store.exists():
        return []
    with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True, timeout=10)) as ledger:
        try:
            rows = ledger.execute(
                "SELECT channel, number, template || body FROM message WHERE direction = 'outbound-api'"
            )
            return list(rows)
        except sqlite3.OperationalError:
            return []  # its tables are being made


def renew_message() -> None:
    """Let the starter pack's nudge hold for another month, as an editor would."""
    expires = timezone.localdate() + timedelta(days=30)
    MessagePage.objects.filter(key=MESSAGE).update(expires=expires)


def set_rate(parts_per_second: int) -> None:
    """Let both senders send at this rate, now or as soon as the house is set up."""
    for name, channel, address in SENDERS:
        Sender.objects.update_or_create(
            name=name,
            defaults={
                "channel": channel,
                "provider": "twilio",
                "address": address,
                "parts_per_second": parts_per_second,
            },
        )


# Only as `make demo` is, on SQLite: PostgreSQL, Redis and a real worker are tests/faults/test_services.py.
@pytest.mark.usefixtures("transactional_db", "starter")
def test_demo_that_is_cut_short_is_carried_on_and_nobody_is_sent_to_twice(
    child_environment: dict[str, str], tmp_path: Path
) -> None:
    environment = house_environment(child_environment)
    renew_message()
    set_rate(SLOW)
    first = start_demo(environment)
    wait_until(
        lambda: first.poll() is not None or len(read_ledger(tmp_path)) >= 10,
        seconds=150,
        what="the demonstration sends",
    )
    sent_before = len(read_ledger(tmp_path))
    first.send_signal(signal.SIGINT)
    words = first.communicate(timeout=40)[0]
    assert first.returncode == 0, words
    assert "carries on from here" in words
    assert "Traceback" not in words
    # At most what was on the wire still went out.
    sent_at_last = len(read_ledger(tmp_path))
    assert sent_at_last - sent_before <= len(SENDERS) * 2 * SLOW
    audience = Batch.objects.get().size
    assert sent_at_last < audience

    set_rate(FAST)
    second = start_demo(environment)
    words = second.communicate(timeout=90)[0]
    assert second.returncode == 0, words
    assert "Traceback" not in words
    assert f"{audience} planned" in words

    ledger = read_ledger(tmp_path)
    assert len(ledger) > sent_at_last
    doubled = [text for (_, _, text), times in Counter(ledger).items() if times > 1]
    assert not doubled, f"{len(doubled)} of {len(ledger)}: {set(doubled)}"
    assert Broadcast.objects.count() == Batch.objects.count() == 1
    assert Delivery.objects.count() == audience
    assert len(ledger) <= audience
    assert not Delivery.objects.filter(state__in=["planned", "claimed", "submitting"]).exists()
    assert Subscriber.objects.filter(state="stopped").exists()
