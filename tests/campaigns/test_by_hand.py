"""A whole broadcast with Celery off and no broker to be reached: one command, and it is done."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from campaigns.going_out.progress import read_progress
from campaigns.models import Broadcast
from messaging.models import Batch, Delivery, Fence, Sender
from messaging.receiving import receipts
from messaging.sealing.tokens import make_token
from messaging.sending import batches
from messaging.wire import Receipt
from tests.campaigns import factories
from tests.campaigns.factories import Team
from tests.faults.ledger import count_taken
from tests.faults.rig import StandIn

# On PostgreSQL commands drain beside a worker in tests/faults/test_content.py.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[StandIn]:
    provider = StandIn(tmp_path / "provider")
    yield provider
    provider.close()


def run(command: str, environment: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", command],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_broadcast_is_launched_sent_and_accounted_for_by_one_command(
    transactional_db: None,
    team: Team,
    child_environment: dict[str, str],
    provider: StandIn,
) -> None:
    Fence.objects.get_or_create(pk=1, defaults={"send_enabled": True})
    broadcast = factories.make_broadcast(team)
    factories.approve(team, broadcast, at=factories.now())
    Sender.objects.update(provider="twilio", parts_per_second=100)
    nowhere = {"WAYMARK_BROKER_URL": "redis://127.0.0.1:1/0", "WAYMARK_TWILIO_URL": provider.url}
    # As these tests have it: what is approved here holds for the command too.
    environment = child_environment | nowhere | {"WAYMARK_TWO_APPROVERS": "none"}

    assert "Nothing is due any more" in run("drain", environment)
    broadcast.refresh_from_db()
    assert broadcast.state == Broadcast.State.LAUNCHED
    assert provider.count() == 12
    assert set(count_taken(provider.entries()).values()) == {1}
    assert batches.count_states(broadcast.reference) == {"accepted": 12}

    for row in Delivery.objects.all():
        told = Receipt(row.provider_ref, "delivered", word="delivered")
        receipts.keep(make_token(row.pk, 1), told, now=timezone.now())
    run("drain", environment)
    batch = Batch.objects.get()
    assert (batch.state, batch.counts) == (Batch.State.FINISHED, {"delivered": 12})
    assert read_progress(broadcast, now=timezone.now()).is_settled
