"""The menu: 1 gives content on request, 3 gives contacts; in her language, and never what is stale."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from campaigns.field import conversation, inbox
from campaigns.models import Question as Waiting
from cms.models import ContactPoint, MessagePage, Sensitivity, TestResult, TranslationState
from cms.starter.reading import Pack
from messaging.consenting import consent
from messaging.models import Alarm, InboundMessage, Subscriber, Suppression
from messaging.numbers import make_fiction
from messaging.receiving import inbound
from messaging.receiving.inbound import Question
from messaging.upkeep import retention
from messaging.wire import Inbound
from tests.campaigns import factories
from tests.conftest import PACK_DAY

NOON = datetime(PACK_DAY.year, PACK_DAY.month, PACK_DAY.day, 12, tzinfo=UTC)
MENU = "Reply 1 to read, 3 for help, 0 to stop."
NO_CONTACT = "We have no checked contact for your country yet."
NOTHING_NEW = "There is nothing new for you now. Reply 3 for help, 0 to stop."


@pytest.fixture(autouse=True)
def on_the_day_of_the_pack(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the conversation take place on the day for which the pack was written."""
    monkeypatch.setattr(timezone, "now", lambda: NOON)


@pytest.fixture
def route(db: None) -> None:
    factories.make_route()


def join(language: str = "en", *, country: str = "TN", channel: str = "sms") -> Subscriber:
    (subscriber,) = factories.subscribe(1, country=country, channel=channel, language=language)
    return subscriber


def waiting_questions() -> list[Waiting]:
    return list(Waiting.objects.order_by("pk"))


def ask(subscriber: Subscriber, body: str) -> str:
    """Write through the real door, and return the answer."""
    serial = f"SM{InboundMessage.objects.count():032d}"
    number = consent.open_number(subscriber.uid, bytes(subscriber.number_sealed), purpose="sending")
    message = Inbound(
        ref=serial, channel=subscriber.channel, sender="+9990000001", number=number, body=body
    )
    return inbound.receive(message, now=NOON)


def publish(text: str, **changes: Any) -> MessagePage:
    """Publish a message for those on the route who ask."""
    page = factories.make_message(
        sensitivity=Sensitivity.ON_REQUEST,
        sms_text=text,
        whatsapp_text=f"{text} (WhatsApp)",
        expires=PACK_DAY + timedelta(days=30),
        **changes,
    )
    factories.publish_again(page, routes=[factories.make_route()])
    return page


# ---- 1: read -------------------------------------------------------------------------------------


def test_one_gives_each_message_in_turn_and_begins_again(route: None) -> None:
    for name in ("b", "a", "c"):
        publish(f"text {name}", key=f"MSG-{name}")
    reader = join()
    answers = [ask(reader, "1") for _time in range(4)]
    assert answers == ["text a", "text b", "text c", "text a"]


def test_each_message_she_writes_moves_on_by_one(route: None) -> None:
    for name in ("a", "b", "c"):
        publish(f"text {name}", key=f"MSG-{name}")
    reader = join()
    assert [ask(reader, body) for body in ("1", "3", "1", "hello", "1")] == [
        "text a",
        NO_CONTACT,
        "text c",
        MENU,
        "text b",
    ]


@pytest.mark.parametrize(
    "body", ["1", " 1 ", "١", "۱", "1\n", "১", "1.", "(1)", "1\ufe0f\u20e3", "၁", "१", "１"]
)
def test_one_is_read_in_the_digits_she_writes(route: None, body: str) -> None:
    publish("the text")
    assert ask(join(), body) == "the text"


@pytest.mark.parametrize("body", ["", "7", "11", "hello?", "1 or 3", "一"])
def test_anything_else_gets_the_menu(route: None, body: str) -> None:
    publish("the text")
    assert ask(join(), body) == MENU


def test_channel_decides_which_text_she_gets(route: None) -> None:
    publish("the text")
    assert ask(join(channel="whatsapp"), "1") == "the text (WhatsApp)"


def test_message_is_for_those_who_asked_for_its_route_in_its_countries(route: None) -> None:
    publish("for Libya", key="MSG-1", audience_countries=["LY"])
    publish("for all", key="MSG-2")
    other = publish("another route", key="MSG-0")
    factories.publish_again(other, routes=[factories.make_route("hoa-east")])
    assert {ask(join(), "1") for _time in range(3)} == {"for all"}
    libyan = join(country="LY")
    assert [ask(libyan, "1"), ask(libyan, "1")] == ["for Libya", "for all"]


@pytest.mark.parametrize(
    "change",
    [{"expires": PACK_DAY}, {"live": False}, {"sensitivity": Sensitivity.PUSH_OK}],
    ids=["expired", "taken down", "not for those who ask"],
)
def test_message_that_may_not_go_out_is_not_given(route: None, change: dict[str, Any]) -> None:
    page = publish("the text")
    MessagePage.objects.filter(pk=page.pk).update(**change)
    assert ask(join(), "1") == NOTHING_NEW


def test_live_deployment_gives_only_what_is_cleared(route: None, settings: Any) -> None:
    page = publish("the text")
    reader = join()
    settings.REHEARSAL = False
    assert ask(reader, "1") == NOTHING_NEW
    MessagePage.objects.filter(pk=page.pk).update(sendable=True)
    assert ask(reader, "1") == "the text"


# ---- 3: help -------------------------------------------------------------------------------------


def test_three_gives_contacts_that_can_be_reached_from_her_country(route: None) -> None:
    factories.make_contact("K-1", number="1001", reach_from=["TN", "LY"])
    factories.make_contact("K-2", number="1002", reach_from=["IT"])
    factories.make_contact("K-3", number="", reach_from=["TN"])
    assert ask(join(), "3") == "Line K-1: 1001"
    assert ask(join(), "٣") == "Line K-1: 1001"
    assert ask(join(), "၃") == "Line K-1: 1001"
    assert ask(join(country="IT"), "3") == "Line K-2: 1002"
    assert ask(join(country="SN"), "3") == NO_CONTACT


@pytest.mark.parametrize(
    "change",
    [
        {"has_expired": True},
        {"expires": PACK_DAY},
        {"review_by": PACK_DAY},
        {"live": False},
        {"translation_state": TranslationState.UNREVIEWED},
    ],
    ids=lambda change: next(iter(change)),
)
def test_three_never_gives_a_contact_that_has_ended(route: None, change: dict[str, Any]) -> None:
    factories.make_contact(**change)
    assert ask(join(), "3") == NO_CONTACT


def test_three_gives_at_most_three(route: None) -> None:
    for serial in range(5):
        factories.make_contact(f"K-{serial}")
    assert ask(join(), "3").count("\n") == 2


def test_live_deployment_gives_only_contacts_that_are_cleared(route: None, settings: Any) -> None:
    tested: dict[str, Any] = {"last_tested_on": PACK_DAY, "result": TestResult.REACHED}
    factories.make_contact("K-1", **tested)
    factories.make_contact("K-2", sendable=True, **tested)
    reader = join()
    settings.REHEARSAL = False
    assert ask(reader, "3") == "Line K-2: 1000"


@pytest.mark.parametrize(
    "change",
    [
        {"last_tested_on": None},
        {"last_tested_on": PACK_DAY - timedelta(days=30)},
        {"result": TestResult.WRONG},
        {"review_by": PACK_DAY},
        {"has_expired": True},
    ],
    ids=["never tested", "tested long ago", "did not answer", "stale", "expired"],
)
def test_live_deployment_gives_only_contacts_that_it_would_push(
    route: None, settings: Any, change: dict[str, Any]
) -> None:
    tested: dict[str, Any] = {
        "sendable": True,
        "last_tested_on": PACK_DAY,
        "result": TestResult.REACHED,
    }
    factories.make_contact(**(tested | change))
    reader = join()
    settings.REHEARSAL = False
    assert ask(reader, "3") == NO_CONTACT


# ---- As often as a person writes, and not as a machine does --------------------------------------


def test_a_phone_that_answers_by_itself_hears_the_menu_once_an_hour(
    route: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = join()
    assert [ask(reader, "hello") for _time in range(40)] == [MENU] + [""] * 39
    monkeypatch.setattr(timezone, "now", lambda: NOON + timedelta(hours=1))
    assert [ask(reader, "hello"), ask(reader, "hello")] == [MENU, ""]
    assert len(waiting_questions()) == 1, "a person may read it all the same"


def test_the_menu_answers_thirty_times_a_day_and_danger_all_the_same(route: None) -> None:
    publish("the text")
    reader = join()
    answers = [ask(reader, "1") for _time in range(40)]
    assert answers == ["the text"] * 30 + [""] * 10
    assert "We cannot rescue anyone" in ask(reader, "help they are shooting")
    assert waiting_questions()[-1].urgent
    assert ask(join(), "1") == "the text"


# ---- A STOP in danger ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    ["STOP they kill us", "stop they rape me", "STOP, police beating us", "STOP help me"],
)
def test_a_stop_in_danger_stops_names_whom_to_call_and_waits_for_a_person(
    route: None, body: str, django_capture_on_commit_callbacks: Any
) -> None:
    factories.make_contact("K-1", number="1001", reach_from=["TN"])
    reader = join()
    with django_capture_on_commit_callbacks(execute=True):
        answer = ask(reader, body)
    assert Suppression.objects.exists()
    for said in ("We cannot rescue anyone", "Line K-1: 1001", "You will get no more messages"):
        assert said in answer
    waiting = waiting_questions()
    assert [(one.urgent, one.country, one.language) for one in waiting] == [(True, "TN", "en")]
    assert Alarm.objects.get().kind == "urgent"


def test_a_stop_in_danger_waits_apart_from_what_she_asked_before(route: None) -> None:
    reader = join()
    ask(reader, "When is the office open?")
    ask(reader, "STOP they kill us")
    assert [one.urgent for one in waiting_questions()] == [False, True]


def test_a_stop_in_danger_is_answered_a_few_times_a_day_and_counts_each_time(route: None) -> None:
    reader = join()
    answers = [ask(reader, "STOP they kill us") for _time in range(6)]
    assert [("cannot rescue" in answer) for answer in answers] == [True] * 3 + [False] * 3


def test_what_she_wrote_is_erased_as_she_leaves_but_not_the_cry_for_help_that_nobody_has_read(
    route: None,
) -> None:
    reader = join()
    for body in ("When is the office open?", "STOP they kill us", "they are shooting"):
        ask(reader, body)
    retention.run(now=NOON)
    assert not Subscriber.objects.exists()
    asked, *cries = waiting_questions()
    assert (asked.state, asked.outcome) == ("closed", "lapsed")
    assert [one.state for one in cries] == ["open", "open"]
    told = [said.text for one in cries for said in inbox.read(one)]
    assert told == ["STOP they kill us", "they are shooting"]
    retention.run(now=NOON + timedelta(days=31))
    assert not InboundMessage.objects.exclude(text_sealed=b"").exists()


def test_a_plain_stop_waits_for_nobody(route: None) -> None:
    assert "cannot rescue" not in ask(join(), "STOP please")
    assert not waiting_questions()


# ---- Her language --------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["fr", "wo", "bm"])
def test_menu_comes_in_her_language_or_in_her_fallback(route: None, language: str) -> None:
    assert ask(join(language), "?").startswith("Répondez 1")


def test_two_says_that_there_is_no_audio_yet(route: None) -> None:
    assert ask(join(), "2").startswith("There is no audio yet.")


# ---- On the starter pack -------------------------------------------------------------------------


def text_of(key: str, language: str) -> str:
    page = MessagePage.objects.get(key=key, locale__language_code=language)
    return str(page.sms_text).partition("{link}")[0]


@pytest.mark.parametrize(
    ("asked", "read"), [("ar", "ar"), ("fr", "fr"), ("bm", "fr"), ("so", "so"), ("bn", "en")]
)
def test_pack_answers_in_her_own_language_or_her_fallback(
    starter: Pack, asked: str, read: str
) -> None:
    reader = join(asked, country="LY")
    answers = [ask(reader, "1") for _time in range(4)]
    keys = [
        record.id
        for record in starter.records["messages"]
        if "LY" in (record.fields["audience_countries"] or ["LY"])
        and "cmed" in record.links["routes"]
        and record.fields["sensitivity"] == Sensitivity.ON_REQUEST
    ]
    expected = sorted(key for key in keys if key != "MSG-CM-X1")
    told = [key for answer in answers for key in expected if answer.startswith(text_of(key, read))]
    assert told == [expected[index % len(expected)] for index in range(4)]


def test_pack_never_gives_its_negative_example(starter: Pack) -> None:
    reader = join(country="TN")
    blocked = text_of("MSG-CM-X1", "en")
    assert all(blocked not in ask(reader, body) for body in ("1", "1", "1", "1", "3"))


def test_pack_names_contacts_for_every_country_that_has_one(starter: Pack) -> None:
    for country in ("LY", "TN", "IT", "ES", "ET", "DJ"):
        lines = ask(join(country=country), "3").splitlines()
        for line in lines:
            name, _colon, number = line.rpartition(": ")
            point = ContactPoint.objects.get(name=name, number=number, locale__language_code="en")
            assert country in point.reach_from
            assert not point.has_expired


def test_live_deployment_gives_nothing_of_the_pack(starter: Pack, settings: Any) -> None:
    reader = join(country="LY")
    settings.REHEARSAL = False
    assert [ask(reader, "1"), ask(reader, "3")] == [NOTHING_NEW, NO_CONTACT]


def test_answer_holds_no_number_of_hers(starter: Pack) -> None:
    question = Question(
        subscriber=join().pk, channel="sms", language="en", country="TN", body="my 2 cents"
    )
    assert make_fiction("216", 0)[:7] not in conversation.answer(question)
    assert "cents" not in repr(question)
