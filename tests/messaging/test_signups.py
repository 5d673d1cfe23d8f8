"""A sign-up sends one code where it may, looks the same wherever it may not, and is live by the code."""

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from messaging.joining import signups
from messaging.models import (
    Alarm,
    Clearance,
    ConsentEntry,
    Notice,
    Sender,
    SignUp,
    Subscriber,
    Suppression,
)
from messaging.numbers import NumberError, make_fiction
from messaging.providers.memory import Memory
from tests.messaging.factories import make_subscriber, number_of, stop
from tests.messaging.joining import make_request, open_country, read_code, send_notices

pytestmark = [pytest.mark.django_db, pytest.mark.database]
NOW = timezone.now()


@pytest.fixture(autouse=True)
def senegal() -> None:
    open_country("SN")


def begin(serial: int = 1, *, now: datetime = NOW, **more: Any) -> uuid.UUID:
    return signups.begin(make_request(serial, **more), now=now)


class TestConfirming:
    def test_a_code_makes_it_live_with_what_was_asked(self, memory: Memory) -> None:
        uid = begin(language="ar", purposes=("messages", "urgent"), wording="messages-1.ar")
        assert not Subscriber.objects.exists()
        send_notices(memory)
        assert signups.confirm_by_code(uid, read_code(memory), now=NOW)
        row = Subscriber.objects.get()
        assert (row.language, row.country, row.state) == ("ar", "SN", "subscribed")
        assert (row.messages, row.survey, row.urgent) == (True, False, True)
        assert list(row.topics.values_list("name", flat=True)) == ["route:wafr-atl"]
        assert not SignUp.objects.exists()

    def test_the_ledger_has_the_yes_its_wording_and_the_proof(self, memory: Memory) -> None:
        uid = begin(evidence="page")
        send_notices(memory)
        signups.confirm_by_code(uid, read_code(memory), now=NOW)
        said = ConsentEntry.objects.order_by("pk").values_list("verdict", "wording", "evidence")
        assert list(said) == [
            ("granted", "messages-1.fr", "page"),
            ("confirmed", "messages-1.fr", "code"),
        ]

    def test_each_yes_is_written_down_with_its_own_words(self, memory: Memory) -> None:
        uid = begin(purposes=("messages", "urgent"), words={"urgent": "urgent-1.fr"})
        send_notices(memory)
        signups.confirm_by_code(uid, read_code(memory), now=NOW)
        said = ConsentEntry.objects.order_by("pk").values_list("verdict", "purpose", "wording")
        assert list(said) == [
            ("granted", "messages", "messages-1.fr"),
            ("granted", "urgent", "urgent-1.fr"),
            ("confirmed", "messages", "messages-1.fr"),
            ("confirmed", "urgent", "urgent-1.fr"),
        ]

    def test_a_code_is_read_in_any_script_and_with_gaps(self, memory: Memory) -> None:
        uid = begin()
        send_notices(memory)
        code = read_code(memory).translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
        assert signups.confirm_by_code(uid, f" {code[:3]} {code[3:]}.", now=NOW)

    def test_five_wrong_codes_spoil_the_right_one(self, memory: Memory) -> None:
        uid = begin()
        send_notices(memory)
        code = read_code(memory)
        wrong = [f"{(int(code) + step) % 1_000_000:06d}" for step in range(1, 6)]
        assert not any(signups.confirm_by_code(uid, one, now=NOW) for one in wrong)
        assert not signups.confirm_by_code(uid, code, now=NOW)
        assert not Subscriber.objects.exists()

    def test_four_wrong_codes_do_not(self, memory: Memory) -> None:
        uid = begin()
        send_notices(memory)
        for wrong in ("", "12345", "1234567", "abc"):
            assert not signups.confirm_by_code(uid, wrong, now=NOW)
        assert signups.confirm_by_code(uid, read_code(memory), now=NOW)

    def test_a_code_is_over_after_two_days(self, memory: Memory) -> None:
        uid = begin()
        send_notices(memory)
        late = NOW + timedelta(hours=48)
        assert not signups.confirm_by_code(uid, read_code(memory), now=late)

    def test_a_code_counts_once_and_for_its_own_sign_up_only(self, memory: Memory) -> None:
        first, second = begin(1), begin(2)
        send_notices(memory)
        assert not signups.confirm_by_code(second, read_code(memory, 1), now=NOW)
        assert not signups.confirm_by_code(uuid.uuid4(), read_code(memory, 1), now=NOW)
        assert signups.confirm_by_code(first, read_code(memory, 1), now=NOW)
        assert not signups.confirm_by_code(first, read_code(memory, 1), now=NOW)
        assert Subscriber.objects.count() == 1

    def test_who_comes_back_to_the_page_needs_number_and_code(self, memory: Memory) -> None:
        begin()
        send_notices(memory)
        code = read_code(memory)
        assert not signups.confirm_by_number("sms", number_of(2), code, now=NOW)
        assert signups.confirm_by_number("sms", f" {number_of(1)} ", code, now=NOW)

    def test_a_stop_after_the_beginning_wins_over_the_code(self, memory: Memory) -> None:
        uid = begin()
        send_notices(memory)
        code = read_code(memory)
        stop(1)
        assert not signups.confirm_by_code(uid, code, now=timezone.now())
        assert not Subscriber.objects.exclude(state="stopped").exists()
        assert Suppression.objects.exists()

    def test_the_code_is_nowhere_to_be_read(self, memory: Memory) -> None:
        begin()
        send_notices(memory)
        code = read_code(memory)
        rows = [*SignUp.objects.values_list(), *Notice.objects.values_list()]
        cells = [
            bytes(cell) if isinstance(cell, memoryview) else cell for row in rows for cell in row
        ]
        assert code not in str(cells)


class TestWhoIsHereAlready:
    def test_she_gets_the_same_words_and_the_code_brings_her_choice_up_to_date(
        self, memory: Memory
    ) -> None:
        make_subscriber(1, language="fr")
        uid, _other = begin(1, language="en"), begin(2, language="en")
        send_notices(memory)
        here, new = (read_code(memory, serial) for serial in (1, 2))
        bodies = [entry.outgoing.body for entry in memory.ledger]
        assert bodies[0].replace(here, "") == bodies[1].replace(new, "")
        assert Subscriber.objects.get().language == "fr", "nothing changes without the code"
        assert signups.confirm_by_code(uid, here, now=NOW)
        assert Subscriber.objects.get().language == "en"

    def test_who_stopped_stays_stopped_until_she_confirms(self, memory: Memory) -> None:
        make_subscriber(1)
        stop(1)
        uid = begin(now=timezone.now())
        assert Suppression.objects.exists()
        send_notices(memory)
        assert Suppression.objects.exists()
        assert signups.confirm_by_code(uid, read_code(memory), now=timezone.now())
        assert not Suppression.objects.exists()
        assert Subscriber.objects.get().state == "subscribed"

    def test_who_stopped_gets_one_code_a_day_whatever_the_limit_is(
        self, memory: Memory, settings: Settings
    ) -> None:
        settings.SIGN_UP_LIMITS = settings.SIGN_UP_LIMITS | {"address_day": 5, "address_month": 9}
        stop(1)
        for _ in range(3):
            begin(now=timezone.now())
        assert send_notices(memory) == 1


class TestLimits:
    def count_sent(self, memory: Memory) -> int:
        send_notices(memory)
        return len(memory.ledger)

    def test_one_a_day_to_one_address(self, memory: Memory) -> None:
        first = begin()
        again = begin(language="en")
        assert again == first, "the page still takes the code that was sent"
        assert self.count_sent(memory) == 1
        assert signups.confirm_by_code(first, read_code(memory), now=NOW)
        assert Subscriber.objects.get().language == "fr"

    def test_three_a_month_to_one_address(self, memory: Memory) -> None:
        for day in range(5):
            begin(now=NOW - timedelta(days=20 - day))
        assert Notice.objects.count() == 3

    def test_a_newer_code_takes_the_place_of_the_older(self, memory: Memory) -> None:
        older = begin(now=NOW - timedelta(hours=25))
        newer = begin()
        assert older != newer
        assert SignUp.objects.count() == 1
        assert Notice.objects.filter(state="planned").count() == 1

    def test_a_thousand_sign_ups_of_one_range_cost_twenty_messages(self, memory: Memory) -> None:
        for serial in range(1000):
            begin(serial)
        assert self.count_sent(memory) == 20
        alarm = Alarm.objects.get()
        assert (alarm.kind, alarm.country, alarm.times) == ("sign_ups", "SN", 980)
        assert ConsentEntry.objects.count() == 20

    @pytest.mark.parametrize("scope", ["country_day", "all_day"])
    def test_a_country_and_all_together_have_their_end(
        self, memory: Memory, settings: Settings, scope: str
    ) -> None:
        settings.SIGN_UP_LIMITS = settings.SIGN_UP_LIMITS | {scope: 3}
        for block in range(6):
            begin(block * 10_000 + 1)
        assert self.count_sent(memory) == 3
        assert Alarm.objects.exists()

    def test_a_network_on_the_web_has_its_end(self, memory: Memory, settings: Settings) -> None:
        settings.SIGN_UP_LIMITS = settings.SIGN_UP_LIMITS | {"network_day": 10}
        for block in range(12):
            begin(block * 10_000 + 1, network="192.0.2.0/24")
        begin(500_001, network="198.51.100.0/24")
        assert self.count_sent(memory) == 11

    def test_a_sheet_is_bound_by_its_own_cap_and_by_each_address(self, memory: Memory) -> None:
        for serial in range(30):
            begin(serial, method="import")
        with pytest.raises(signups.NotAskedError):
            begin(1, method="import")
        assert Notice.objects.count() == 30


class TestWhatLooksTheSame:
    @pytest.mark.parametrize(
        "more",
        [
            {"country": "ML"},
            {"number": make_fiction("223", 1)},
            {"number": make_fiction("221", 8_000_001)},
            {"number": make_fiction("221", 9_000_001)},
        ],
        ids=["closed country", "number of a closed country", "fixed line", "premium"],
    )
    def test_nothing_is_sent_and_an_id_comes_back(
        self, memory: Memory, more: dict[str, Any]
    ) -> None:
        assert isinstance(begin(**more), uuid.UUID)
        assert send_notices(memory) == 0
        assert not SignUp.objects.exists()
        assert not ConsentEntry.objects.exists()

    def test_a_country_that_was_closed_again_is_closed(self, memory: Memory) -> None:
        Clearance.objects.update(closed_at=NOW)
        begin()
        assert send_notices(memory) == 0

    def test_what_is_no_number_is_said_so_without_repeating_it(self) -> None:
        with pytest.raises(NumberError) as raised:
            begin(number="+9992210000001abc")
        assert "0000001" not in str(raised.value)
        assert not SignUp.objects.exists()

    def test_a_subscriber_costs_as_many_questions_as_a_stranger(self) -> None:
        begin(30_001)
        make_subscriber(1)
        counts = []
        for serial in (1, 10_001):
            with CaptureQueriesContext(connection) as captured:
                begin(serial)
            counts.append(len(captured))
        assert counts[0] == counts[1]


class TestWhatSheReads:
    def test_where_no_phone_can_answer_the_code_goes_to_a_page_and_so_does_a_no(
        self, memory: Memory
    ) -> None:
        begin(language="en")
        send_notices(memory)
        body = memory.ledger[0].outgoing.body
        assert "/en/join/code/" in body
        assert "/stop" in body
        assert "Reply" not in body

    def test_where_a_phone_can_answer_she_is_asked_to(self, memory: Memory) -> None:
        open_country("SN", two_way="yes")
        begin(language="en")
        send_notices(memory)
        assert "Reply 1 to agree, 0 to stop." in memory.ledger[0].outgoing.body

    def test_a_name_cannot_be_answered_whatever_the_country_allows(self, memory: Memory) -> None:
        open_country("SN", two_way="yes")
        from_name = {"address": "Waymark", "kind": "name", "two_way": False}
        Sender.objects.filter(channel="sms").update(**from_name)
        begin(language="en")
        send_notices(memory)
        assert "/en/join/code/" in memory.ledger[0].outgoing.body

    @pytest.mark.parametrize(
        ("sender", "answers"),
        [
            ({"two_way": False}, False),
            ({"kind": "short_code", "address": "32665", "two_way": True}, True),
            ({"kind": "pool", "address": "pool-1", "two_way": True}, True),
        ],
    )
    def test_whether_a_sender_can_be_answered_is_what_is_known_of_it(
        self, memory: Memory, sender: dict[str, object], answers: bool
    ) -> None:
        open_country("SN", two_way="yes")
        Sender.objects.filter(channel="sms").update(**sender)
        begin(language="en")
        send_notices(memory)
        assert ("Reply 1" in memory.ledger[0].outgoing.body) is answers

    @pytest.mark.parametrize("language", ["en", "fr", "ar", "es", "so", "ha", "am", "ti", "wo"])
    @pytest.mark.parametrize("two_way", ["yes", "no"])
    def test_it_says_who_and_a_code_within_two_parts_and_no_route(
        self, memory: Memory, settings: Settings, language: str, two_way: str
    ) -> None:
        settings.PUBLIC_URL = "https://waymark.example.org"
        open_country("SN", two_way=two_way)
        begin(language=language)
        assert Notice.objects.get().parts <= 2
        send_notices(memory)
        body = memory.ledger[0].outgoing.body
        assert "Waymark" in body
        assert read_code(memory)
        assert "wafr" not in body
        assert memory.ledger[0].outgoing.callback == ""

    def test_on_whatsapp_nothing_goes_out_before_she_wrote(self, memory: Memory) -> None:
        assert signups.must_write_first("whatsapp", "fr")
        assert not signups.must_write_first("sms", "fr")
        begin(channel="whatsapp")
        assert send_notices(memory) == 0
        assert SignUp.objects.get().step == "code"

    def test_a_sheet_wakes_nobody(self) -> None:
        night = NOW.replace(hour=2, minute=0, second=0, microsecond=0)
        begin(1, method="import", now=night)
        begin(2, method="web", now=night)
        due = dict(Notice.objects.values_list("pk", "due_at"))
        sheet, web = sorted(due)
        assert due[web] == night
        assert due[sheet] == night.replace(hour=8)
