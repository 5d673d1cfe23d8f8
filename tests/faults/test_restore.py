"""Yesterday's dump, restored beside a provider that has everything already: nothing is sent again."""

from collections.abc import Iterator

import pytest
from django.db import connection

from messaging.guarding import fencing
from messaging.models import Sender
from messaging.sending import batches
from tests.faults.ledger import count_taken
from tests.faults.rig import Ground, Rig, create_database, drop_database
from tests.faults.servers import copy_database
from tests.harness import services
from tests.messaging.factories import make_batch

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

PEOPLE = 30


@pytest.fixture
def restored(rig: Rig, ground: Ground) -> Iterator[Rig]:
    """Plan a broadcast, back up, send it; yield a rig that stands on the backup, as a server's restore."""
    make_batch(people=PEOPLE)
    Sender.objects.update(provider="twilio", parts_per_second=200)
    assert fencing.bind()
    binaries = services.find_postgres()
    assert binaries is not None
    backup = create_database(ground.server, "template0")
    copy_database(binaries, rig.database, backup)
    assert run(rig, "drain")[0] == 0
    assert batches.count_states("broadcast:1") == {"accepted": PEOPLE}
    connection.close()
    rig.database = backup
    yield rig
    rig.nursery.end_all()
    drop_database(backup)


def run(rig: Rig, *words: str) -> tuple[int, str]:
    """Run a command of ours in a process of its own; return its code and what it said."""
    code, said = rig.run("command", words=list(words))
    return code, said


def test_restored_dump_sends_nothing_before_and_nothing_twice_after_the_runbook(
    restored: Rig,
) -> None:
    rig, provider = restored, restored.provider
    since = rig.ask("SELECT created_at FROM messaging_batch")[0][0]
    assert rig.states() == {"planned": PEOPLE}
    assert provider.count() == PEOPLE

    code, said = run(rig, "drain")
    assert code == 1
    assert "still due" in said
    rig.run("drain")
    assert provider.count() == PEOPLE, "workers on the restored database sent something"
    assert "restored or promoted" in run(rig, "fence")[1]

    code, said = run(rig, "fence", "restored", f"--since={since.isoformat()}")
    assert code == 0, said
    assert f"{PEOPLE} found at their provider, 0 stay unknown" in said
    assert run(rig, "fence", "raise")[0] == 1, "not before a person has confirmed"
    by_hand = ("--how", "two of us read the provider's pages")
    assert run(rig, "fence", "confirm", "opt_outs", *by_hand)[0] == 0
    code, said = run(rig, "fence", "raise")
    assert "WAYMARK_EPOCH=2" in said

    rig.tell("UPDATE messaging_batch SET state = 'running'")
    for rig.settings["EPOCH"] in (1, 2):
        run(rig, "drain")
    assert "is open" in run(rig, "fence")[1]
    assert provider.count() == PEOPLE
    assert set(count_taken(provider.entries()).values()) == {1}
    assert not rig.states().keys() & {"planned", "claimed", "submitting"}
