"""Test phones on WhatsApp: a code by the wording for codes, a test by its template or inside the window."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from messaging.models import Notice, Subscriber, Template, TestPhone
from messaging.notifying import notices, testing
from messaging.notifying.testing import TestingError
from messaging.providers.memory import Memory
from messaging.wire import WHATSAPP, Outgoing
from tests.messaging.factories import make_sender, make_subscriber, number_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]
OWNER = "user:1"
CODES, TEXT = "HX" + "1" * 32, "HX" + "2" * 32


def make_template(name: str, ref: str, *, state: str = "approved") -> Template:
    return Template.objects.create(
        sender=make_sender(WHATSAPP),
        name=name,
        language="en",
        category="utility",
        body="Any.",
        digest=name,
        ref=ref,
        state=state,
    )


def send_all(memory: Memory) -> Outgoing:
    """Send what is due and return the last message."""
    notices.send_due(clock=timezone.now, seconds=5, provider_of=lambda _name: memory)
    return memory.ledger[-1].outgoing


def register(memory: Memory) -> None:
    """Register a phone on WhatsApp and confirm it by the code that came."""
    make_template("waymark_confirm", CODES)
    testing.register(OWNER, number_of(1), channel=WHATSAPP, now=timezone.now())
    outgoing = send_all(memory)
    assert (outgoing.channel, outgoing.template, outgoing.body) == (WHATSAPP, CODES, "")
    ((_gap, code),) = outgoing.variables
    testing.confirm(OWNER, code, channel=WHATSAPP, now=timezone.now())


def try_text(*, template: str = TEXT, now: datetime | None = None) -> None:
    testing.send_test(
        OWNER, "Good morning.", channel=WHATSAPP, template=template, now=now or timezone.now()
    )


def test_a_code_comes_by_the_wording_for_codes_and_a_test_by_its_own(memory: Memory) -> None:
    register(memory)
    make_template("morning", TEXT)
    try_text()
    outgoing = send_all(memory)
    assert (outgoing.template, outgoing.body, outgoing.variables) == (TEXT, "", ())
    assert outgoing.to == number_of(1)
    assert not Subscriber.objects.exists()


def test_whoever_wrote_within_a_day_gets_it_as_free_text(memory: Memory) -> None:
    register(memory)
    template = make_template("morning", TEXT)
    make_subscriber(1, channel=WHATSAPP)
    Subscriber.objects.update(window_until=timezone.now() + timedelta(hours=1))
    # Inside the window it matters to nobody what WhatsApp thinks of the wording.
    Template.objects.filter(pk=template.pk).update(state="paused")
    try_text()
    outgoing = send_all(memory)
    assert (outgoing.template, outgoing.body) == ("", "Good morning.")
    with pytest.raises(TestingError, match="does not let us send this wording"):
        try_text(now=timezone.now() + timedelta(hours=2))


@pytest.mark.parametrize("state", ["pending", "paused", "rejected"])
def test_a_wording_that_is_not_approved_is_refused_with_the_reason(
    memory: Memory, state: str
) -> None:
    register(memory)
    make_template("morning", TEXT, state=state)
    with pytest.raises(TestingError, match="does not let us send this wording"):
        try_text()
    with pytest.raises(TestingError, match="does not let us send this wording"):
        try_text(template="")
    assert Notice.objects.count() == 1


def test_without_an_approved_wording_for_codes_none_is_sent() -> None:
    make_template("waymark_confirm", CODES, state="pending")
    with pytest.raises(TestingError, match="use SMS"):
        testing.register(OWNER, number_of(1), channel=WHATSAPP, now=timezone.now())
    assert not TestPhone.objects.exists()
    assert not Notice.objects.exists()


def test_a_phone_on_one_channel_is_none_on_the_other(memory: Memory) -> None:
    register(memory)
    with pytest.raises(TestingError, match="Register your own phone"):
        testing.send_test(OWNER, "Good morning.", now=timezone.now())
    testing.register(OWNER, number_of(1), now=timezone.now())
    assert TestPhone.objects.count() == 2
    testing.forget(OWNER, channel=WHATSAPP)
    assert TestPhone.objects.get().channel == "sms"
