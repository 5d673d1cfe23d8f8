"""`kill -9` of a worker with codes on the wire: none is sent twice, and none that waits is lost."""

from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from messaging.joining import signups
from messaging.models import Notice, Sender, SignUp
from messaging.notifying import notices
from messaging.providers.twilio import Twilio
from tests.faults.rig import Rig
from tests.harness.waiting import wait_until
from tests.messaging.joining import make_request, open_country

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
PEOPLE = 16


def sign_up_all() -> None:
    open_country("SN")
    Sender.objects.update(provider="twilio")
    for serial in range(PEOPLE):
        signups.begin(make_request(serial), now=timezone.now())


def send_the_rest(rig: Rig, *, later: timedelta) -> None:
    url = rig.provider.url
    adapter = Twilio("AC" + "0" * 32, ("rehearsal-token",), url, url)
    notices.send_due(
        clock=lambda: timezone.now() + later, seconds=30, provider_of=lambda _name: adapter
    )


def count_states() -> Counter[str]:
    return Counter(Notice.objects.values_list("state", flat=True))


def test_a_killed_worker_leaves_unknown_what_it_had_on_the_wire_and_no_code_goes_out_twice(
    rig: Rig,
) -> None:
    sign_up_all()
    rig.provider.behave(hold="before")
    worker = rig.start("send_notices")
    on_wire = notices.CALLS_AT_ONCE
    wait_until(lambda: rig.provider.count("waiting") >= on_wire, what="they are on the wire")
    worker.kill()
    assert count_states() == {"submitting": on_wire, "planned": PEOPLE - on_wire}
    rig.provider.say("let_through")
    wait_until(lambda: rig.provider.count() == on_wire, what="the provider takes what it heard")
    send_the_rest(rig, later=timedelta())
    send_the_rest(rig, later=timedelta(seconds=90))
    assert count_states() == {"unknown": on_wire, "accepted": PEOPLE - on_wire}
    taken = Counter(entry.to for entry in rig.provider.entries() if entry.taken)
    assert len(taken) == PEOPLE
    assert set(taken.values()) == {1}
    assert SignUp.objects.count() == PEOPLE, "who has the code may still use it"
