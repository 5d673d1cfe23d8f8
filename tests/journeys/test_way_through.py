"""The main job in one process and without a broker: from a published message to a delivered one."""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.utils import timezone

from analytics.models import DeliveryCount
from analytics.reports import COLUMNS, Row, state_table
from campaigns.approval import approving
from campaigns.drafting import preparing
from campaigns.models import Broadcast, Membership, Partner
from campaigns.reckoning import segmenting
from cms.models import MessagePage
from cms.starter.reading import Pack
from config.clock import list_ticks
from config.fiction import ROUTES, count_people, fill_audience, find_numbers, scale_crowds
from config.people import PARTNER, PARTNER_EMAIL
from locales.languages import READER_LANGUAGES, choose_language
from messaging.models import Batch, Delivery, Event, Fence, InboundMessage, Sender, Subscriber
from messaging.providers.memory import Entry
from messaging.sending.dispatch import drain
from messaging.states import State
from tests.journeys.conftest import Wire

pytestmark = pytest.mark.database
CROWDS = scale_crowds(150)
CANARY = "canary 7731 in a cage"
SENT_FIRST = 20
# The provider's last words, the strongest first, and the states they prove.
ENDS = {"read": State.READ, "delivered": State.DELIVERED, "undelivered": State.FAILED}


@pytest.fixture
def house(starter: Pack, data_dir: Any, wire: Wire) -> None:
    """Set the house up, with a small audience on three routes."""
    call_command("setup", verbosity=0)
    # The pack's dates are those of the day it was written; the database's clock is today's.
    MessagePage.objects.filter(key="MSG-GEN-1").update(
        expires=(timezone.now() + timedelta(days=30)).date()
    )
    fill_audience(CROWDS, now=timezone.now(), tell=lambda _done: None)


def prepare_and_approve() -> Broadcast:
    """Go from a published message to an approved broadcast: by as many people as have to."""
    now = timezone.now()
    rule = segmenting.Rule(routes=tuple(ROUTES), channels=("sms", "whatsapp"))
    segment = segmenting.find_segment(Partner.objects.get(name=PARTNER), rule)
    broadcast = preparing.prepare(
        author=User.objects.get(email=PARTNER_EMAIL),
        message=MessagePage.objects.sendable_sources().get(key="MSG-GEN-1"),
        segment=segment,
        now=now,
        wish=preparing.Wish(in_quiet_hours=True),
    )
    approving.ask_approval(broadcast, now=now)
    approvers = User.objects.filter(
        memberships__partner__name=PARTNER, memberships__role=Membership.Role.APPROVER
    )
    assert approvers.count() == 2
    for approver in approvers:
        shown = approving.take_snapshot(broadcast, now=now).shown
        approving.approve(broadcast, approver, shown=shown, now=now)
    broadcast.refresh_from_db()
    assert broadcast.state == Broadcast.State.APPROVED
    return broadcast


def work() -> None:
    """Let the clock tick once, but for readers' pages: they take most of a tick, and are not looked at."""
    ticks = [name for name in list_ticks() if name != "cms.render_pages"]
    call_command("tick", *ticks, verbosity=0)


def launch_only(broadcast: Broadcast) -> None:
    """Launch, and let no worker send yet."""
    Fence.objects.update(send_enabled=False)
    work()
    Fence.objects.update(send_enabled=True)
    broadcast.refresh_from_db()
    assert broadcast.state == Broadcast.State.LAUNCHED


def send_some(wire: Wire) -> None:
    """Send the first messages of each channel, as a worker that is then interrupted."""
    for sender in Sender.objects.all():
        drain(sender, "first", provider=wire, now=timezone.now(), most=SENT_FIRST // 2)


def numbers_of(people: Iterable[Subscriber]) -> list[str]:
    return list(find_numbers({bytes(person.number_hash) for person in people}).values())


def write(wire: Wire, number: str, body: str, *, channel: str) -> str:
    """Let somebody write to us through the signed webhook, and return the answer."""
    prefix = "whatsapp:" if channel == "whatsapp" else ""
    answer = wire.call_back(
        "http://127.0.0.1:8000/hooks/twilio/inbound/",
        MessageSid=f"SM{InboundMessage.objects.count():032d}",
        From=prefix + number,
        To=prefix + Sender.objects.get(channel=channel).address,
        Body=body,
    )
    assert answer.status_code == 200
    return str(answer.content.decode())


def words_for(position: int, channel: str) -> list[str]:
    """Return the words of the receipts of one message: doubled, out of order, some of them bad."""
    if position % 10 == 3:
        return ["sent", "undelivered"]
    if position % 10 == 7:
        return []  # the receipt is lost
    if channel == "whatsapp" and position % 3 == 0:
        return ["read", "sent", "delivered"]
    return ["delivered", "sent", "delivered"]


def send_receipts(wire: Wire, ledger: list[Entry]) -> Counter[str]:
    """Send every receipt through the signed webhook; return how many end in which state."""
    expected: Counter[str] = Counter()
    for position, entry in enumerate(ledger):
        words = words_for(position, entry.outgoing.channel)
        for word in words:
            form = {"MessageSid": entry.ref, "MessageStatus": word}
            if word == "undelivered":
                form["ErrorCode"] = "30003"
            assert wire.call_back(entry.outgoing.callback, **form).status_code == 204
        best = next((word for word in ENDS if word in words), "")
        expected[ENDS.get(best, State.ACCEPTED)] += 1
    return expected


def count_states(broadcast: Broadcast) -> Counter[str]:
    rows = Delivery.objects.filter(batch__reference=broadcast.reference)
    return Counter(rows.values_list("state", flat=True))


def column(row: Row, name: str) -> int:
    return row.counts[list(COLUMNS).index(name)]


@pytest.mark.usefixtures("house")
def test_from_a_published_message_to_a_table_that_sums_to_the_audience(
    wire: Wire, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("DEBUG")
    everybody = count_people(CROWDS)
    broadcast = prepare_and_approve()
    launch_only(broadcast)
    assert Batch.objects.get().size == everybody

    # Some are served, some reply STOP before they are.
    send_some(wire)
    assert len(wire.memory.ledger) == SENT_FIRST
    waiting = Delivery.objects.filter(state=State.PLANNED).order_by("-pk")[:6]
    stopping = [delivery.subscriber for delivery in waiting]
    for person, number in zip(stopping, numbers_of(stopping), strict=True):
        write(wire, number, "STOP", channel=person.channel)
    work()

    ledger = wire.memory.ledger
    assert len(ledger) == everybody - len(stopping)
    assert_each_got_one_in_her_language(broadcast, ledger)
    assert not {entry.outgoing.to for entry in ledger} & set(numbers_of(stopping))

    # Receipts come back signed, doubled and out of order.
    expected = send_receipts(wire, ledger)
    write(wire, ledger[0].outgoing.to, CANARY, channel=ledger[0].outgoing.channel)
    work()
    assert count_states(broadcast) == expected + Counter({State.SUPPRESSED: len(stopping)})
    assert_table_sums(broadcast, everybody, count_states(broadcast))

    # Nothing of it happens twice.
    before = (len(ledger), Event.objects.count(), count_states(broadcast))
    send_receipts(wire, list(ledger))
    for _run in range(2):
        work()
    assert (len(wire.memory.ledger), Event.objects.count(), count_states(broadcast)) == before
    assert_nothing_was_told(caplog.text + "".join(capsys.readouterr()), broadcast)


def assert_each_got_one_in_her_language(broadcast: Broadcast, ledger: list[Entry]) -> None:
    received = Counter((entry.outgoing.channel, entry.outgoing.to) for entry in ledger)
    assert set(received.values()) == {1}
    bodies = {entry.outgoing.to: entry.outgoing.body for entry in ledger}
    texts = {(e.channel, e.language): e.text for e in broadcast.editions.all()}
    hashed = {bytes(x.number_hash): x for x in Subscriber.objects.all()}
    numbers = find_numbers(set(hashed))
    countries, languages, fallbacks = set(), set(), 0
    for known, person in hashed.items():
        if (body := bodies.get(numbers[known])) is None:
            continue
        chosen = choose_language(person.language, READER_LANGUAGES)
        assert chosen is not None
        assert body == texts[person.channel, chosen]
        countries.add(person.country)
        languages.add(person.language)
        fallbacks += chosen != person.language
    assert len(countries) >= 8
    assert len(languages) >= 6
    assert fallbacks > 20


def assert_table_sums(broadcast: Broadcast, everybody: int, states: Counter[str]) -> None:
    table = state_table(broadcast.reference)
    assert table.total.audience == everybody
    assert table.total.own + table.total.fallback == everybody
    assert table.total.fallback > 20
    for rows in (table.countries, table.languages, table.channels):
        assert sum(row.audience for row in rows) == everybody
        for name, members in COLUMNS.items():
            found = sum(column(row, name) for row in rows)
            assert found == column(table.total, name) == sum(states[state] for state in members)
    assert sum(DeliveryCount.objects.values_list("count", flat=True)) == everybody


def assert_nothing_was_told(said: str, broadcast: Broadcast) -> None:
    assert "canary" not in said
    for number in numbers_of(Subscriber.objects.all()):
        assert number.removeprefix("+") not in said
    for edition in broadcast.editions.all():
        assert edition.text not in said


@pytest.mark.usefixtures("house")
def test_who_answers_the_nudge_gets_content_and_who_stops_gets_nothing(wire: Wire) -> None:
    prepare_and_approve()
    work()
    reader = Subscriber.objects.filter(language="fr", country="SN", channel="sms")[0]
    (number,) = numbers_of([reader])
    assert "<Message>" in write(wire, number, "1", channel="sms")
    assert "stop list" not in write(wire, number, "bonjour", channel="sms")
    goodbye = write(wire, number, "ARRÊT", channel="sms")
    assert "<Message>" in goodbye
    assert "<Message>" not in write(wire, number, "1", channel="sms")
    sent = len(wire.memory.ledger)
    prepare_and_approve()
    work()
    later = wire.memory.ledger[sent:]
    assert later
    assert number not in {entry.outgoing.to for entry in later}
