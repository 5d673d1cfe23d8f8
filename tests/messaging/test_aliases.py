"""A WhatsApp user id and a number are one person: a no by either is a no by both."""

from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from messaging.consenting import aliases, consent
from messaging.joining import signups
from messaging.models import Alias, ConsentEntry, Delivery, Subscriber, Suppression
from messaging.numbers import FICTION_ID
from messaging.providers.memory import Memory
from messaging.providers.twilio import Twilio
from messaging.sealing.crypto import hash_number, hashes_of
from messaging.wire import OptedOut
from tests.messaging.factories import drain_all, make_batch, make_subscriber, number_of, states
from tests.messaging.joining import make_request, open_country, send_notices
from tests.messaging.key_rings import NEW, OLD
from tests.messaging.posting import say

pytestmark = [pytest.mark.django_db, pytest.mark.database]
USER_ID = f"{FICTION_ID}abc123"


@pytest.fixture(autouse=True)
def echo_questions(settings: Settings) -> None:
    settings.MESSAGING_INBOUND_HANDLER = "tests.messaging.factories.echo"


def say_on_whatsapp(body: str, **more: Any) -> str:
    return say(body, channel="whatsapp", **more)


def say_with_both(body: str) -> str:
    return say_on_whatsapp(body, ExternalUserId=f"whatsapp:{USER_ID}")


def say_by_id(body: str) -> str:
    return say_on_whatsapp(body, From=f"whatsapp:{USER_ID}", ExternalUserId=f"whatsapp:{USER_ID}")


@pytest.mark.parametrize("channel", ["sms", "whatsapp"])
def test_a_stop_that_shows_the_user_id_only_finds_the_number(channel: str) -> None:
    make_subscriber(1, channel="whatsapp")
    make_subscriber(1, channel=channel)
    say_with_both("hello")
    make_batch(audience={"channels": ("whatsapp", "sms")})
    say_by_id("STOP")
    assert set(states()) == {"suppressed"}
    assert Suppression.objects.filter(number_hash=hash_number(number_of(1))).exists()
    assert not Subscriber.objects.exclude(state="stopped").exists()


def test_a_stop_by_number_stops_the_user_id_too() -> None:
    make_subscriber(1, channel="whatsapp")
    say_with_both("hello")
    say("STOP")
    stopped = {bytes(row.number_hash) for row in Suppression.objects.all()}
    assert stopped == {hash_number(number_of(1)), hash_number(USER_ID)}


def test_a_first_stop_that_has_both_ties_them() -> None:
    say_with_both("STOP")
    assert Suppression.objects.count() == 2
    assert Alias.objects.count() == 1


def test_a_stranger_leaves_no_tie() -> None:
    say_with_both("hello")
    assert not Alias.objects.exists()


def test_who_joined_by_user_id_is_found_once_her_number_shows() -> None:
    open_country("SN")
    signups.begin(make_request(channel="whatsapp", number=USER_ID), now=timezone.now())
    say_by_id("1")
    assert say_with_both("hello") == "answer in fr"
    say("STOP")
    assert Subscriber.objects.get().state == "stopped"


def test_a_user_id_that_has_a_new_number_follows_it() -> None:
    make_subscriber(1, channel="whatsapp")
    make_subscriber(2, channel="whatsapp")
    say_with_both("hello")
    say_on_whatsapp("hello", serial=2, ExternalUserId=f"whatsapp:{USER_ID}")
    assert bytes(Alias.objects.get().number_hash) == hash_number(number_of(2))


def test_only_hashes_are_kept() -> None:
    make_subscriber(1, channel="whatsapp")
    say_with_both("hello")
    row = str([bytes(cell) for cell in Alias.objects.values_list("alias_hash", "number_hash")[0]])
    assert "abc123" not in row
    assert number_of(1)[1:] not in row


def test_a_tie_goes_with_the_last_thing_that_is_known_of_her() -> None:
    subscriber = make_subscriber(1, channel="whatsapp")
    say_with_both("hello")
    assert not aliases.find_unused().exists()
    Subscriber.objects.filter(pk=subscriber.pk).delete()
    assert aliases.find_unused().count() == 1


def test_who_shows_no_number_joins_by_her_user_id() -> None:
    open_country("SN")
    signups.begin(make_request(channel="whatsapp", number=USER_ID), now=timezone.now())
    say_by_id("1")
    row = Subscriber.objects.get()
    assert (row.channel, row.state) == ("whatsapp", "subscribed")
    assert "echo" not in say_by_id("hello")
    assert say_by_id("hello") == "answer in fr"


@pytest.mark.parametrize(
    ("form", "number", "user_id"),
    [
        ({"From": "whatsapp:+9992210000001"}, "+9992210000001", ""),
        (
            {"From": "whatsapp:+9992210000001", "ExternalUserId": "whatsapp:ZZ.a"},
            "+9992210000001",
            "ZZ.a",
        ),
        ({"From": "whatsapp:ZZ.a"}, "ZZ.a", "ZZ.a"),
        ({"From": "whatsapp:", "ExternalUserId": "whatsapp:ZZ.a"}, "ZZ.a", "ZZ.a"),
        ({"From": "+9992210000001", "ExternalUserId": "whatsapp:ZZ.a"}, "+9992210000001", ""),
    ],
)
def test_an_inbound_form_is_read_with_and_without_a_number(
    form: dict[str, str], number: str, user_id: str
) -> None:
    provider = Twilio("AC" + "0" * 32, ("token",), "http://127.0.0.1:1", "http://127.0.0.1:1")
    message = provider.read_inbound(form)
    assert (message.number, message.user_id) == (number, user_id)
    assert number not in repr(message)


def tie(serial: int = 1) -> None:
    """Let somebody be known under her user id on WhatsApp and under her number by SMS."""
    make_subscriber(serial, channel="whatsapp", number=USER_ID)
    make_subscriber(serial)
    Alias.objects.create(
        alias_hash=hash_number(USER_ID),
        number_hash=hash_number(number_of(serial)),
        seen_on=timezone.now().date(),
    )


@pytest.mark.parametrize("openable", [True, False])
def test_a_stop_that_whatsapp_tells_of_stops_the_number_too(
    memory: Memory, *, openable: bool
) -> None:
    tie()
    make_batch(audience={"channels": ("whatsapp", "sms")})
    if not openable:
        Subscriber.objects.update(number_sealed=b"spoiled")
    consent.take_over_opt_outs([Delivery.objects.get(channel="whatsapp").pk], now=timezone.now())
    assert set(states()) == {"suppressed"}
    assert drain_all(memory) == 0
    assert not Subscriber.objects.exclude(state="stopped").exists()
    assert {bytes(row.number_hash) for row in Suppression.objects.all()} == {
        hash_number(USER_ID),
        hash_number(number_of(1)),
    }


def test_a_stop_by_refused_notice_stops_the_number_too(memory: Memory) -> None:
    open_country("SN")
    tie()
    signups.begin(make_request(), now=timezone.now())
    memory.script(number_of(1), OptedOut("opted_out"))
    send_notices(memory)
    assert not Subscriber.objects.exclude(state="stopped").exists()
    assert Suppression.objects.count() == 2


def test_a_stop_of_the_provider_holds_while_an_index_key_is_changed(settings: Settings) -> None:
    settings.INDEX_KEYS = {1: OLD}
    make_subscriber(1)
    make_batch()
    settings.INDEX_KEYS = {2: NEW, 1: OLD}
    make_subscriber(1, channel="whatsapp")
    for _again in range(2):
        consent.take_over_opt_outs([Delivery.objects.get().pk], now=timezone.now())
    assert not Subscriber.objects.exclude(state="stopped").exists()
    stopped = {bytes(row.number_hash) for row in Suppression.objects.all()}
    assert stopped == set(hashes_of(number_of(1)))
    assert ConsentEntry.objects.filter(verdict="withdrawn").count() == 2, "once for each row"
