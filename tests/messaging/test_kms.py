"""Keys from a key service: wrapped in the database, unwrapped for ten minutes, and gone when it is away."""

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from io import StringIO

import boto3
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from pytest_django import Settings

from messaging.models import WrappedKey
from messaging.sealing import keyring
from messaging.sealing.crypto import KeysAway, hash_number, hashes_of, open_sealed, seal
from messaging.sealing.keys.kms import LASTS, PAUSE, SETTLES, Service, WrappedRings, Wrapper
from messaging.sealing.keys.ring import INDEX, NUMBER, PRACTICE_KEY, Ring, make_ring
from messaging.sealing.keys.wrapping import WrappingError, retire, take_over, wrap_next
from tests.harness.ports import free_port
from tests.messaging.key_rings import NEW, OLD, key_service
from tests.publishing.buckets import name_keys

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
PLACE, ROW = "subscriber.number", uuid.UUID(int=7)
NUMBER_OF_HER = "+9992210000042"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch, key_service() as address:
        name_keys(patch)
        yield address


@pytest.fixture
def service(address: str, settings: Settings) -> Iterator[Service]:
    """Return a key of the service that the settings name, and no keys in the settings."""
    client = boto3.client("kms", endpoint_url=address)
    key = client.create_key()["KeyMetadata"]["KeyId"]
    settings.KMS_KEY, settings.KMS_ENDPOINT_URL = key, address
    settings.NUMBER_KEYS, settings.INDEX_KEYS = {}, {}
    yield keyring.name_service()
    keyring.forget()


@pytest.fixture
def wrapper(service: Service) -> Wrapper:
    return Wrapper(service)


class Clocks:
    """A clock of the day and one of the process, moved together."""

    def __init__(self) -> None:
        self.passed = 0.0

    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.passed)

    def clock(self) -> float:
        return self.passed


class Counting:
    """Unwrap by turning bytes around, count how often, and fail when told to."""

    def __init__(self) -> None:
        self.asked, self.away = 0, False

    def __call__(self, wrapped: bytes, _purpose: str) -> bytes:
        self.asked += 1
        if self.away:
            raise KeysAway("The key service cannot be reached.")
        return wrapped[::-1]


def keep(key_id: int, key: bytes, *, purpose: str = NUMBER, made_at: datetime = NOW) -> None:
    WrappedKey.objects.create(purpose=purpose, key_id=key_id, wrapped=key[::-1], made_at=made_at)


@pytest.fixture
def clocks() -> Clocks:
    return Clocks()


@pytest.fixture
def unwrap() -> Counting:
    return Counting()


@pytest.fixture
def rings(clocks: Clocks, unwrap: Counting, settings: Settings) -> WrappedRings:
    """Return rings with an old key of each purpose, and no keys in the settings."""
    settings.NUMBER_KEYS, settings.INDEX_KEYS = {}, {}
    for purpose in (NUMBER, INDEX):
        keep(1, OLD, purpose=purpose, made_at=NOW - timedelta(days=90))
    return WrappedRings(unwrap, now=clocks.now, clock=clocks.clock)


def test_keys_made_at_the_service_seal_open_and_find(service: Service) -> None:
    call_command("wrap_keys", stdout=StringIO())

    sealed = seal(NUMBER_OF_HER, place=PLACE, row=ROW)
    found = hash_number(NUMBER_OF_HER)
    keyring.forget()

    assert open_sealed(sealed, place=PLACE, row=ROW) == NUMBER_OF_HER
    assert hash_number(NUMBER_OF_HER) == found
    assert sorted(WrappedKey.objects.values_list("purpose", "key_id")) == [(INDEX, 1), (NUMBER, 1)]


def test_the_database_alone_holds_no_key(service: Service, wrapper: Wrapper) -> None:
    row = wrap_next(NUMBER, wrapper=wrapper, now=NOW)
    assert keyring.ring_of(NUMBER).keys[1] not in bytes(row.wrapped)


def test_a_key_that_was_wrapped_for_one_purpose_is_not_unwrapped_for_another(
    wrapper: Wrapper,
) -> None:
    wrapped = wrapper.make(NUMBER)
    assert len(wrapper.unwrap(wrapped, NUMBER)) == 32
    with pytest.raises(KeysAway, match="refused"):
        wrapper.unwrap(wrapped, INDEX)


def test_without_a_wrapped_key_the_error_says_how_to_make_one(service: Service) -> None:
    with pytest.raises(KeysAway, match="wrap_keys"):
        hash_number(NUMBER_OF_HER)


def test_a_service_that_is_away_fails_closed_and_quickly(settings: Settings) -> None:
    keep(1, OLD)
    settings.KMS_KEY = "alias/away"
    settings.KMS_ENDPOINT_URL = f"http://127.0.0.1:{free_port()}"
    settings.NUMBER_KEYS, settings.INDEX_KEYS = {}, {}
    for act in (keyring.warm, lambda: seal("x", place=PLACE, row=ROW)):
        with pytest.raises(KeysAway, match="cannot be reached") as caught:
            act()
        assert "127.0.0.1" not in str(caught.value)


def test_an_unwrapped_key_is_used_for_ten_minutes_and_no_longer(
    rings: WrappedRings, clocks: Clocks, unwrap: Counting
) -> None:
    for passed in (0, 1, LASTS - 1):
        clocks.passed = passed
        assert rings.read_ring(NUMBER).keys[1] == OLD
    assert unwrap.asked == 2
    unwrap.away = True
    clocks.passed = LASTS
    with pytest.raises(KeysAway):
        rings.read_ring(NUMBER)
    with pytest.raises(KeysAway):
        rings.read_ring(INDEX)


def test_after_a_failure_nobody_asks_for_some_seconds_and_then_all_is_well(
    rings: WrappedRings, clocks: Clocks, unwrap: Counting
) -> None:
    unwrap.away = True
    for _turn in range(24):
        with pytest.raises(KeysAway):
            rings.read_ring(NUMBER)
    assert unwrap.asked == 1
    unwrap.away, clocks.passed = False, PAUSE + 1
    assert rings.read_ring(NUMBER).active == 1


def test_a_warm_ring_is_asked_for_early_and_still_serves_when_the_service_is_away(
    rings: WrappedRings, clocks: Clocks, unwrap: Counting
) -> None:
    rings.read_ring(NUMBER)
    clocks.passed, unwrap.away = LASTS - 30, True
    with pytest.raises(KeysAway):
        rings.read_ring(NUMBER, left=60)
    assert rings.read_ring(NUMBER).active == 1


def test_a_new_key_reads_at_once_and_writes_when_every_process_knows_it(
    rings: WrappedRings, clocks: Clocks
) -> None:
    keep(2, NEW)
    assert rings.read_ring(NUMBER).active == 1
    assert list(rings.read_ring(NUMBER).keys) == [1, 2]
    clocks.passed = SETTLES.total_seconds()
    assert rings.read_ring(NUMBER).active == 2
    assert list(rings.read_ring(NUMBER).keys) == [2, 1]


def test_a_process_that_has_just_looked_knows_a_key_before_another_writes_with_it() -> None:
    assert SETTLES.total_seconds() > LASTS


def test_keys_of_the_settings_are_active_until_a_wrapped_one_is(
    rings: WrappedRings, clocks: Clocks, settings: Settings
) -> None:
    WrappedKey.objects.filter(purpose=NUMBER).update(key_id=9, made_at=NOW)
    settings.NUMBER_KEYS = {3: NEW}
    assert rings.read_ring(NUMBER).active == 3
    clocks.passed = SETTLES.total_seconds()
    assert rings.read_ring(NUMBER).active == 9
    assert rings.read_ring(NUMBER).keys == {9: OLD, 3: NEW}


def test_one_id_for_two_keys_is_refused(rings: WrappedRings, settings: Settings) -> None:
    settings.NUMBER_KEYS = {1: NEW}
    with pytest.raises(KeysAway, match="One id stands for two"):
        rings.read_ring(NUMBER)


def test_a_live_deployment_refuses_the_public_key_among_wrapped_ones(
    rings: WrappedRings, settings: Settings
) -> None:
    keep(2, PRACTICE_KEY)
    settings.REHEARSAL = False
    with pytest.raises(KeysAway, match="public key"):
        rings.read_ring(INDEX)


def test_a_retired_key_is_not_unwrapped_any_more(rings: WrappedRings) -> None:
    keep(2, NEW, made_at=NOW - timedelta(days=1))
    retire(NUMBER, 1, now=NOW)
    assert rings.read_ring(NUMBER).keys == {2: NEW}
    with pytest.raises(WrappingError):
        retire(NUMBER, 1, now=NOW)


def test_threads_that_need_keys_at_once_ask_once(wrapper: Wrapper, clocks: Clocks) -> None:
    asked: list[str] = []

    class Held(WrappedRings):
        def _make_ring(self, purpose: str) -> Ring:
            asked.append(purpose)
            return make_ring({1: OLD})

    rings = Held(wrapper.unwrap, now=clocks.now, clock=clocks.clock)
    with ThreadPoolExecutor(16) as threads:
        found = set(threads.map(lambda _turn: rings.read_ring(NUMBER), range(200)))
    assert len(found) == 1
    assert asked == [NUMBER, INDEX]


def test_keys_of_the_settings_are_taken_over_as_they_are(
    service: Service, wrapper: Wrapper, settings: Settings
) -> None:
    settings.INDEX_KEYS = {4: NEW, 2: OLD}
    before = hashes_of(NUMBER_OF_HER)
    call_command("wrap_keys", "index", "--take-over", stdout=StringIO())
    settings.INDEX_KEYS = {}

    assert hashes_of(NUMBER_OF_HER) == before
    assert take_over(INDEX, wrapper=wrapper, now=NOW) == []


def test_the_public_key_is_not_taken_over(wrapper: Wrapper, settings: Settings) -> None:
    settings.NUMBER_KEYS = {1: PRACTICE_KEY}
    with pytest.raises(WrappingError, match="public"):
        take_over(NUMBER, wrapper=wrapper, now=NOW)
    assert not WrappedKey.objects.exists()


def test_an_id_is_never_used_twice(wrapper: Wrapper, settings: Settings) -> None:
    settings.NUMBER_KEYS = {5: OLD}
    assert wrap_next(NUMBER, wrapper=wrapper, now=NOW).key_id == 6
    retire(NUMBER, 6, now=NOW)
    assert wrap_next(NUMBER, wrapper=wrapper, now=NOW).key_id == 7


@pytest.mark.parametrize("words", [[], ["--take-over"], ["number"]])
def test_without_a_key_service_nothing_is_wrapped(words: list[str]) -> None:
    with pytest.raises(CommandError, match="WAYMARK_KMS_KEY"):
        call_command("wrap_keys", *words, stdout=StringIO())


def test_with_keys_in_the_settings_the_command_asks_what_to_do(
    service: Service, settings: Settings
) -> None:
    settings.NUMBER_KEYS = {1: OLD}
    with pytest.raises(CommandError, match="--take-over"):
        call_command("wrap_keys", stdout=StringIO())
    assert not WrappedKey.objects.exists()
