"""Webhooks: only what the provider signed is read; STOP commits before the answer goes out."""

from urllib.parse import urlencode

import pytest
from django.conf import settings as deployed
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone, translation
from pytest_django import Settings
from twilio.request_validator import RequestValidator

from locales.alphabets import count_parts
from messaging import webhooks
from messaging.guarding import fencing
from messaging.models import (
    ConsentEntry,
    InboundMessage,
    SignUp,
    StoredReceipt,
    Subscriber,
    Suppression,
)
from messaging.notifying import telling
from messaging.receiving.inbound import Question
from messaging.sealing.crypto import hash_number, open_sealed
from messaging.sealing.tokens import make_token
from tests.messaging import factories
from tests.messaging.factories import (
    make_batch,
    make_sender,
    make_subscriber,
    number_of,
    states,
    stop,
    the_delivery,
)
from tests.messaging.joining import open_country
from tests.messaging.posting import FORM, INBOUND, post, say, sign, text_of, write

everything = pytest.mark.parametrize("path", [INBOUND, f"/hooks/twilio/status/{make_token(1, 1)}/"])


@pytest.fixture(autouse=True)
def echo_questions(settings: Settings) -> None:
    settings.MESSAGING_INBOUND_HANDLER = "tests.messaging.factories.echo"


# ---- Who may call --------------------------------------------------------------------------------


@everything
@pytest.mark.parametrize("method", ["get", "put", "delete", "head", "options", "patch"])
def test_another_method_is_refused_before_anything_is_read(path: str, method: str) -> None:
    # This test has no database, so a query would fail it.
    response = getattr(Client(), method)(path)
    assert response.status_code == 405
    assert response.headers["Allow"] == "POST"


@everything
@pytest.mark.parametrize("signature", ["", "wrong", "ünreadable", "A" * 5000])
def test_a_call_that_was_not_signed_is_refused(path: str, signature: str) -> None:
    assert post(path, {"Body": "STOP"}, signature=signature).status_code == 403


@everything
def test_a_call_without_a_signature_header_is_refused(path: str) -> None:
    assert Client().post(path, "Body=STOP", content_type=FORM).status_code == 403


@everything
def test_a_signature_of_another_address_is_refused(path: str) -> None:
    form = {"Body": "STOP"}
    assert post(path, form, signature=sign("/hooks/twilio/other/", form)).status_code == 403


def test_a_signature_of_another_text_is_refused() -> None:
    signature = sign(INBOUND, {"Body": "hello"})
    assert post(INBOUND, {"Body": "STOP"}, signature=signature).status_code == 403


def test_a_field_that_stands_twice_is_refused() -> None:
    body = "Body=hello&Body=STOP"
    for signed in ({"Body": "hello"}, {"Body": "STOP"}, {"Body": "helloSTOP"}):
        headers = {"X-Twilio-Signature": sign(INBOUND, signed)}
        response = Client().post(INBOUND, body, content_type=FORM, headers=headers)
        assert response.status_code == 403


def test_a_forwarded_host_has_no_say_in_what_was_signed(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    form = {"Body": "STOP"}
    evil = RequestValidator(deployed.TWILIO_AUTH_TOKENS[0])
    headers = {
        "X-Twilio-Signature": evil.compute_signature(f"http://evil.test{INBOUND}", form),
        "X-Forwarded-Host": "evil.test",
        "Host": "evil.test",
    }
    response = Client().post(INBOUND, urlencode(form), content_type=FORM, headers=headers)
    assert response.status_code == 403


@everything
def test_a_call_that_is_too_long_is_refused(path: str) -> None:
    assert post(path, {"Body": "x" * 70_000}).status_code == 413


@everything
@pytest.mark.parametrize("length", ["", "abc", "-5", "1e9", "٣", "9" * 5000])
def test_a_length_that_is_no_number_is_no_error_of_ours(path: str, length: str) -> None:
    client = Client(CONTENT_LENGTH=length)
    assert client.generic("POST", path, b"", FORM).status_code in {403, 413}


@everything
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"\xff\xfe=%ff&a=%00", FORM),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
        (b"[" * 10_000, "application/json"),
        (b"a=1", f"{FORM}; charset=no-such"),
        (b"&" * 2000 + b"=" * 2000, FORM),
        ("&".join(f"a{i}=1" for i in range(1500)).encode(), FORM),
    ],
)
def test_garbage_is_refused_and_no_error_of_ours(path: str, body: bytes, kind: str) -> None:
    headers = {"X-Twilio-Signature": "x"}
    response = Client().generic("POST", path, body, kind, headers=headers)
    assert 400 <= response.status_code < 500


# ---- Receipts ------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.database
def test_a_signed_receipt_is_kept_without_the_number() -> None:
    make_batch(people=1)
    path = f"/hooks/twilio/status/{make_token(the_delivery().pk, 1)}/"
    form = {"MessageSid": "SM00000001", "MessageStatus": "delivered", "To": number_of(1)}
    assert post(path, form).status_code == 204
    assert post(path, form).status_code == 204
    row = StoredReceipt.objects.values().get()
    assert (row["state"], row["ref"]) == ("delivered", "SM00000001")
    assert number_of(1) not in str(row)


@pytest.mark.django_db
@pytest.mark.database
@pytest.mark.parametrize("token", ["1.1.0", "x", make_token(1, 1)[:-1] + "z", "1.1." + "0" * 24])
def test_a_receipt_with_a_forged_token_is_not_found(token: str) -> None:
    path = f"/hooks/twilio/status/{token}/"
    assert post(path, {"MessageSid": "SM1", "MessageStatus": "sent"}).status_code == 404
    assert not StoredReceipt.objects.exists()


# ---- Messages from people ------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.database
class TestInbound:
    @pytest.mark.parametrize(
        "word",
        [
            "STOP",
            " stop. ",
            "Stop please",
            "ARRÊT",
            "arret",
            "توقف",
            "قف",
            "አቁም",
            "jooji",
            "0",
            "٠",
        ],
    )
    def test_stop_in_any_language_suppresses_every_channel(self, word: str) -> None:
        make_subscriber(1, channel="whatsapp")
        make_batch(people=1)
        response = write(word)
        assert response.status_code == 200
        assert "<Message>" in text_of(response)
        assert states() == ["suppressed"]
        assert set(Subscriber.objects.values_list("state", flat=True)) == {"stopped"}
        assert InboundMessage.objects.get().kind == "stop"

    def test_stop_on_whatsapp_suppresses_sms(self) -> None:
        make_batch(people=1)
        write("STOP", channel="whatsapp")
        assert states() == ["suppressed"]

    def test_stop_on_whatsapp_from_mexico_is_known_without_its_old_1(self) -> None:
        # Nobody's: 5555 numbers are kept for films there. It joins and is kept without the 1.
        write("STOP", channel="whatsapp", From="whatsapp:+5215555550123")
        assert bytes(Suppression.objects.get().number_hash) == hash_number("+525555550123")

    def test_stop_without_an_id_is_never_taken_for_a_replay(self) -> None:
        write("hello", MessageSid="")
        write("STOP", MessageSid="")
        assert Suppression.objects.count() == 1

    @pytest.mark.parametrize("channel", ["sms", "whatsapp"])
    def test_stop_from_a_stranger_is_kept_with_a_line_in_the_ledger(self, channel: str) -> None:
        write("STOP", serial=77, channel=channel)
        assert Suppression.objects.count() == 1
        entry = ConsentEntry.objects.get()
        method = {"sms": "keyword", "whatsapp": "whatsapp"}[channel]
        assert (entry.verdict, entry.method, entry.channel) == ("withdrawn", method, channel)

    def test_stop_on_a_channel_she_never_joined_is_a_line_for_the_one_she_did(self) -> None:
        make_subscriber(1, channel="sms")
        write("STOP", channel="whatsapp")
        lines = ConsentEntry.objects.filter(verdict="withdrawn")
        assert list(lines.values_list("channel", flat=True)) == ["sms"]

    def test_a_stop_word_that_only_the_provider_knows_counts(self) -> None:
        make_batch(people=1)
        write("basta ya de esto", OptOutType="STOP")
        assert states() == ["suppressed"]

    def test_the_same_message_again_changes_nothing_and_is_not_answered(self) -> None:
        make_batch(people=1)
        first, again = write("STOP"), write("STOP")
        assert "<Message>" in text_of(first)
        assert "<Message>" not in text_of(again)
        assert again.status_code == 200
        assert InboundMessage.objects.count() == Suppression.objects.count() == 1

    def test_a_stop_whose_withdrawal_failed_counts_when_it_is_sent_again(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        make_batch(people=1)

        def fail(*args: object, **kwargs: object) -> int:
            raise RuntimeError

        with monkeypatch.context() as patch:
            patch.setattr("messaging.consenting.consent.withdraw", fail)
            with pytest.raises(RuntimeError):
                write("STOP")
        assert "<Message>" in text_of(write("STOP"))
        assert states() == ["suppressed"]


@pytest.mark.django_db
@pytest.mark.database
class TestAnswers:
    @pytest.fixture(autouse=True)
    def fence_is_open(self) -> None:
        make_sender()

    @pytest.mark.parametrize("word", ["START", "start", "UNSTOP", "ابدأ"])
    def test_start_alone_never_lifts_a_stop(self, word: str) -> None:
        make_subscriber(1, language="en")
        stop(1)
        assert "/en/join/" in text_of(write(word))
        assert Suppression.objects.count() == 1
        assert Subscriber.objects.get().state == Subscriber.State.STOPPED
        assert make_batch().size == 0

    @pytest.mark.parametrize("channel", ["sms", "whatsapp"])
    def test_a_subscriber_is_told_that_she_gets_messages_on_whichever_channel_she_asks(
        self, channel: str
    ) -> None:
        make_subscriber(1, language="en")
        answer = text_of(write("START", channel=channel))
        assert "You already get" in answer
        assert "Reply 0" in answer

    @pytest.mark.parametrize("serial", [1, 2, 3])
    @pytest.mark.parametrize(("word", "parts"), [("STOP", 1), ("START", 1), ("HELP", 2)])
    def test_an_answer_to_a_keyword_is_short_and_plain(
        self, word: str, parts: int, serial: int
    ) -> None:
        make_subscriber(1, language="en")
        make_subscriber(2, language="en")
        stop(2)
        answer = text_of(write(word, serial=serial)).partition("<Message>")[2].partition("<")[0]
        count = count_parts(answer)
        assert answer
        assert (count.alphabet, count.parts) == ("gsm7", parts)

    @pytest.mark.parametrize("serial", [1, 2, 77])
    def test_help_says_who_we_are_and_how_to_leave_and_promises_no_rescue(
        self, serial: int
    ) -> None:
        make_subscriber(1, language="en")
        stop(2)
        answer = text_of(write("HELP", serial=serial))
        for said in ("Waymark", "cannot rescue", "/help/", "0", "/stop", "MY DATA"):
            assert said in answer
        assert InboundMessage.objects.get().kind == "help"

    @pytest.mark.parametrize(
        ("reads", "answered_in"), [("ar", "ar"), ("wo", "fr"), ("mey", "ar"), ("tr", "en")]
    )
    @pytest.mark.parametrize("word", ["STOP", "HELP", "START", "MY DATA"])
    def test_a_keyword_is_answered_in_the_readers_language(
        self, monkeypatch: pytest.MonkeyPatch, reads: str, answered_in: str, word: str
    ) -> None:
        make_subscriber(1, language=reads)
        for name in ("say_stopped", "say_here", "say_who_we_are"):
            monkeypatch.setattr(telling, name, lambda: f"said in {translation.get_language()}")
        monkeypatch.setattr(
            telling, "tell_kept", lambda *_given: f"said in {translation.get_language()}"
        )
        assert f"said in {answered_in}" in text_of(write(word))

    @pytest.mark.parametrize(
        ("text", "language"), [("HELP", "en"), ("aidez-moi", "fr"), ("caawimaad", "so")]
    )
    def test_a_stranger_is_answered_in_the_language_of_the_word_she_used(
        self, monkeypatch: pytest.MonkeyPatch, text: str, language: str
    ) -> None:
        monkeypatch.setattr(telling, "say_who_we_are", lambda: f"in {translation.get_language()}")
        assert f"in {language}" in text_of(write(text, serial=77))

    def test_anything_else_goes_to_the_named_handler(self) -> None:
        make_subscriber(1, language="ar")
        assert "answer in ar" in text_of(write("1"))
        assert InboundMessage.objects.get().kind == "other"

    @pytest.mark.parametrize("serial", [1, 77])
    def test_nobody_who_stopped_and_no_stranger_gets_an_answer(self, serial: int) -> None:
        make_subscriber(1)
        stop(1)
        response = write("hello", serial=serial)
        assert response.status_code == 200
        assert "<Message>" not in text_of(response)

    def test_a_text_is_kept_sealed(self) -> None:
        make_subscriber(1)
        write("the boat leaves at night")
        row = InboundMessage.objects.get()
        sealed = bytes(row.text_sealed)
        assert b"boat" not in sealed
        assert open_sealed(sealed, place="inbound.text", row=row.uid) == "the boat leaves at night"

    def test_a_text_of_odd_characters_is_taken(self) -> None:
        make_subscriber(1)
        assert write("a\x00b \u202e🧭 " + "ع" * 1600).status_code == 200


@pytest.mark.django_db
@pytest.mark.database
class TestWhileNothingGoesOut:
    @pytest.fixture(autouse=True)
    def fence_is_closed(self, settings: Settings) -> None:
        open_country("SN", two_way="yes")
        settings.MESSAGING_JOIN_WORDS = "tests.messaging.test_dialogue.find_short_word"
        fencing.close(now=timezone.now())

    @pytest.mark.parametrize("body", ["1", "HELP", "START", "MY DATA", "hello"])
    def test_nobody_is_answered_and_what_she_writes_is_kept(self, body: str) -> None:
        make_subscriber(1)
        assert say(body) == ""
        assert InboundMessage.objects.count() == 1
        assert Subscriber.objects.get().heard_on is not None

    def test_a_stop_counts_and_is_confirmed(self) -> None:
        make_subscriber(1, language="en")
        assert say("STOP") == telling.say_stopped()
        assert Suppression.objects.exists()

    @pytest.mark.parametrize("serial", [1, 77])
    def test_who_is_in_danger_is_answered(self, serial: int) -> None:
        make_subscriber(1)
        assert "answer in" in say("help they shoot us, he is dying", serial)

    def test_who_was_asked_whether_she_goes_on_goes_on(self) -> None:
        make_subscriber(1)
        Subscriber.objects.update(state="asked", asked_on=timezone.now().date())
        assert say("yes") == ""
        assert Subscriber.objects.get().state == "subscribed"

    def test_nobody_joins_for_she_would_not_see_the_words(self) -> None:
        for body in ("teranga", "1", "1"):
            assert say(body, 5) == ""
        assert not SignUp.objects.exists()
        assert not Subscriber.objects.exists()

    def test_a_person_reads_what_was_asked_meanwhile(
        self, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        handed: list[Question] = []

        def note(question: Question) -> str:
            handed.append(question)
            return "said"

        monkeypatch.setattr(factories, "echo", note)
        make_subscriber(1)
        assert say("when is the office open?") == ""
        assert [question.body for question in handed] == ["when is the office open?"]

    def test_a_database_that_cannot_be_told_stops_no_stop(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail() -> bool:
            raise DatabaseError

        monkeypatch.setattr(webhooks, "may_send", fail)
        assert "<Message>" in text_of(write("STOP"))
