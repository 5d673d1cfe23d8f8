"""`kill -9` of a rotation of keys: whoever comes after it finds every number, and goes on."""

import uuid
from collections.abc import Callable

import pytest
from django.utils import timezone
from pytest_django import Settings

from messaging.consenting.consent import open_number
from messaging.models import Alias, ConsentEntry, Subscriber, Suppression
from messaging.sealing.crypto import hash_number, key_id_of, seal
from messaging.upkeep.rotating import count_under
from tests.faults.rig import Rig
from tests.harness.waiting import wait_until
from tests.messaging.factories import number_of
from tests.messaging.key_rings import NEW

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]

PEOPLE, STOPPED, PAGE = 3000, 300, 50


def kill_when(rig: Rig, count: Callable[[], int], *, reaches: int) -> int:
    """Kill a rotation once a count is so high; return how high it is then."""
    rotation = rig.start("rotate", page=PAGE)
    wait_until(lambda: count() >= reaches, seconds=60, what="the rotation goes on")
    rotation.kill()
    return count()


def make_people() -> dict[uuid.UUID, str]:
    """Let people stand under the old keys, some of them on the stop list; return their numbers."""
    numbers = {uuid.uuid4(): number_of(serial) for serial in range(PEOPLE)}
    now, rows = timezone.now(), []
    for uid, number in numbers.items():
        sealed = seal(number, place="subscriber.number", row=uid)
        rows.append(
            Subscriber(
                uid=uid,
                channel="sms",
                number_hash=hash_number(number),
                number_sealed=sealed,
                key_id=key_id_of(sealed),
                language="fr",
                country="SN",
                joined_at=now,
            )
        )
    Subscriber.objects.bulk_create(rows, batch_size=500)
    method = ConsentEntry.Method.KEYWORD
    Suppression.objects.bulk_create(
        Suppression(number_hash=row.number_hash, source=method, at=now)
        for row in rows[:: PEOPLE // STOPPED]
    )
    Alias.objects.create(alias_hash=b"a" * 16, number_hash=rows[7].number_hash, seen_on=now.date())
    return numbers


def test_a_rotation_that_is_killed_and_taken_up_again_loses_nobody(
    rig: Rig, settings: Settings
) -> None:
    numbers = make_people()
    rig.manner["rings"] = ["NUMBER_KEYS", "INDEX_KEYS"]
    resealed = Subscriber.objects.filter(key_id=2)
    stops = Suppression.objects.all()

    first = kill_when(rig, resealed.count, reaches=4 * PAGE)
    second = kill_when(rig, resealed.count, reaches=first + 4 * PAGE)
    assert first < second < PEOPLE, "a kill came after the end"
    third = kill_when(rig, stops.count, reaches=STOPPED + STOPPED // 10)
    assert third < 2 * STOPPED, "the last kill came after the end"
    assert resealed.count() == PEOPLE
    rig.run("rotate", page=PAGE)

    assert count_under(1) == 0
    settings.NUMBER_KEYS = settings.INDEX_KEYS = {2: NEW}
    stopped = {bytes(stop.number_hash) for stop in stops}
    assert len(stopped) == 2 * STOPPED, "the old hashes stay, the new ones stand beside them"
    found: list[bool] = []
    for row in Subscriber.objects.order_by("pk"):
        number = numbers.pop(row.uid)
        assert open_number(row.uid, bytes(row.number_sealed), purpose="rotating") == number
        assert bytes(row.number_hash) == hash_number(number)
        found.append(bytes(row.number_hash) in stopped)
    assert not numbers, "nobody is missing"
    assert sum(found) == STOPPED, "whoever was on the stop list still is, and nobody else"
    assert Subscriber.objects.filter(number_hash=Alias.objects.get().number_hash).exists()
