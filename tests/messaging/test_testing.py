"""Test phones: one's own, proven by a code, with limits; a number is opened to send and never shown."""

from datetime import timedelta

import pytest
from django.utils import timezone

from messaging.guarding import limits
from messaging.models import Clearance, Delivery, Notice, Subscriber, TestPhone
from messaging.notifying import notices, testing
from messaging.notifying.testing import TestingError
from messaging.providers.memory import Memory
from messaging.sealing.crypto import open_sealed
from messaging.upkeep import expiring
from tests.messaging.factories import make_sender, make_subscriber, number_of, stop

pytestmark = [pytest.mark.django_db, pytest.mark.database]
OWNER = "user:1"


def register(serial: int = 1, *, owner: str = OWNER) -> str:
    """Register a phone and return the code that was sent there."""
    testing.register(owner, number_of(serial), now=timezone.now())
    notice = Notice.objects.order_by("-pk")[0]
    body = open_sealed(bytes(notice.body_sealed), place=notices.BODY_PLACE, row=notice.uid)
    return body[:6]


def confirm(code: str, *, owner: str = OWNER, after: timedelta = timedelta()) -> None:
    testing.confirm(owner, code, now=timezone.now() + after)


def test_a_phone_that_is_proven_by_its_code_gets_a_test_as_others_would(memory: Memory) -> None:
    make_sender()
    confirm(register())
    testing.send_test(OWNER, "Good morning.", now=timezone.now())
    notices.send_due(clock=timezone.now, seconds=5, provider_of=lambda _name: memory)
    assert [one.outgoing.body for one in memory.ledger][-1] == "Good morning."
    assert {one.outgoing.to for one in memory.ledger} == {number_of(1)}
    # It makes nobody a subscriber and is no delivery.
    assert not Subscriber.objects.exists()
    assert not Delivery.objects.exists()


def test_nothing_is_sent_to_a_phone_that_is_not_confirmed() -> None:
    with pytest.raises(TestingError):
        testing.send_test(OWNER, "Good morning.", now=timezone.now())
    register()
    with pytest.raises(TestingError):
        testing.send_test(OWNER, "Good morning.", now=timezone.now())
    assert Notice.objects.count() == 1


def test_a_code_is_tried_five_times_and_for_a_quarter_of_an_hour() -> None:
    code = register()
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for _try in range(5):
        with pytest.raises(TestingError):
            confirm(wrong)
    with pytest.raises(TestingError, match="too often"):
        confirm(code)
    code = register()
    with pytest.raises(TestingError, match="too old"):
        confirm(code, after=timedelta(minutes=16))
    confirm(code)
    assert TestPhone.objects.get().confirmed_at is not None


def test_a_code_confirms_its_owners_phone_only() -> None:
    code = register()
    confirm(code, owner="user:2")
    assert TestPhone.objects.get().confirmed_at is None


def test_another_phone_takes_the_place_of_the_first_and_has_to_be_proven_itself() -> None:
    confirm(register())
    register(2)
    phone = TestPhone.objects.get()
    assert phone.confirmed_at is None


@pytest.mark.parametrize("typed", ["", "12", "+221771234567", "not a number"])
def test_a_rehearsal_takes_fictional_numbers_only_and_never_repeats_what_was_typed(
    typed: str,
) -> None:
    with pytest.raises(TestingError) as caught:
        testing.register(OWNER, typed, now=timezone.now())
    assert not typed or typed not in str(caught.value)
    assert not TestPhone.objects.exists()


def test_codes_and_tests_of_a_day_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    code = [register() for _code in range(5)][-1]
    with pytest.raises(TestingError, match="tomorrow"):
        register()
    # Nor can several people trouble one phone.
    with pytest.raises(TestingError, match="tomorrow"):
        register(owner="user:2")
    confirm(code)
    monkeypatch.setattr(limits, "take", lambda *_a, **_k: False)
    with pytest.raises(TestingError, match="tomorrow"):
        testing.send_test(OWNER, "Good morning.", now=timezone.now())


def test_stop_holds_for_tests_too() -> None:
    confirm(register())
    make_subscriber(1)
    stop(1)
    with pytest.raises(TestingError, match="STOP"):
        testing.send_test(OWNER, "Good morning.", now=timezone.now())
    with pytest.raises(TestingError, match="STOP"):
        register(owner="user:2")


def test_nobody_goes_through_numbers_to_learn_who_said_stop() -> None:
    for serial in range(2, 9):
        stop(serial)
    for serial in range(2, 7):
        with pytest.raises(TestingError, match="STOP"):
            register(serial)
    for serial in (7, 8):
        with pytest.raises(TestingError, match="tomorrow"):
            register(serial)


def test_nothing_is_sent_to_a_country_that_is_closed() -> None:
    confirm(register())
    Clearance.objects.create(country="SN", closed_at=timezone.now())
    with pytest.raises(TestingError, match="country"):
        testing.send_test(OWNER, "Good morning.", now=timezone.now())
    with pytest.raises(TestingError, match="country"):
        register()


def test_a_phone_is_forgotten_by_its_owner_and_after_half_a_year_without_a_test() -> None:
    confirm(register())
    testing.forget("user:2")
    assert TestPhone.objects.exists()
    (rule,) = (one for one in expiring.RULES if one.name == "test_phones")
    before = timezone.now() - timedelta(days=1)
    assert not rule.find(before).exists()
    TestPhone.objects.update(made_at=before, tested_at=before)
    assert rule.find(before).exists()
    testing.forget(OWNER)
    assert not TestPhone.objects.exists()


def test_no_number_and_no_code_stands_in_the_row() -> None:
    code = register()
    held = repr(TestPhone.objects.values().get())
    assert number_of(1)[4:] not in held
    assert code not in held
