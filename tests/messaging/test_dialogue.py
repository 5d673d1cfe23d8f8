"""The dialogue of joining, as phones have it with us: every line a signed call of the provider."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone, translation
from pytest_django import Settings

from messaging.joining import signups
from messaging.models import (
    Alarm,
    Allowance,
    Clearance,
    ConsentEntry,
    InboundMessage,
    Notice,
    SignUp,
    Subscriber,
    Suppression,
    Wording,
)
from messaging.notifying import telling
from messaging.numbers import make_fiction
from messaging.providers.memory import Memory
from messaging.receiving.inbound import Invitation, receive
from messaging.upkeep.rehashing import rehash_subscribers
from messaging.wire import Inbound
from tests.messaging.factories import TOPIC, make_subscriber, number_of, stop
from tests.messaging.joining import make_request, open_country, read_code, send_notices
from tests.messaging.posting import say, text_of, write

pytestmark = [pytest.mark.django_db, pytest.mark.database]
channels = pytest.mark.parametrize("channel", ["sms", "whatsapp"])


def find_word(text: str, country: str) -> Invitation | None:
    """Know one word in one country, with three languages; it is the default there too."""
    if country == "SN" and text.strip().casefold() in {"", "teranga"}:
        return Invitation(topics=(TOPIC,), country="SN", languages=("en", "fr", "ar"))
    return None


def find_short_word(text: str, country: str) -> Invitation | None:
    """Know one word that offers one language only, and until when its yes holds."""
    found = find_word(text, country)
    until = timezone.now() + timedelta(days=30)
    return found and Invitation(found.topics, found.country, ("fr",), until)


def find_word_anywhere(text: str, country: str) -> Invitation | None:
    """Know that word in whichever country it is sent from."""
    return find_word(text, "SN")


def find_nothing(text: str, country: str) -> Invitation | None:
    """Know no word."""
    return None


def name_topics(topics: list[str], language: str) -> list[str]:
    """Name topics by their code and the language that was asked for."""
    return [f"{topic.partition(':')[2]} in {language}" for topic in topics]


@pytest.fixture(autouse=True)
def words(settings: Settings) -> None:
    settings.MESSAGING_INBOUND_HANDLER = "tests.messaging.factories.echo"
    settings.MESSAGING_JOIN_WORDS = "tests.messaging.test_dialogue.find_word"
    settings.MESSAGING_TOPIC_NAMES = "tests.messaging.test_dialogue.name_topics"
    open_country("SN", two_way="yes")


def text_of_wording(language: str) -> str:
    return Wording.objects.filter(purpose="messages", language=language).latest("version").text


def verdicts() -> list[str]:
    return list(ConsentEntry.objects.order_by("pk").values_list("verdict", flat=True))


def kinds() -> list[str]:
    return list(InboundMessage.objects.order_by("pk").values_list("kind", flat=True))


class TestJoining:
    @channels
    def test_a_word_a_number_and_a_yes_make_a_subscriber(self, channel: str) -> None:
        assert say("Teranga", channel=channel) == "1 English\n2 Français\n3 العربية"
        shown = say("٣", channel=channel)
        assert shown.startswith(text_of_wording("ar"))
        assert not Subscriber.objects.exists()
        assert "0" in say("نعم", channel=channel)
        row = Subscriber.objects.get()
        assert (row.language, row.country, row.state, row.channel) == (
            "ar",
            "SN",
            "subscribed",
            channel,
        )
        assert list(row.topics.values_list("name", flat=True)) == [TOPIC]
        assert not SignUp.objects.exists()
        assert kinds() == ["join"] * 3

    def test_the_ledger_holds_the_words_shown_and_the_message_that_said_yes(self) -> None:
        say("teranga")
        say("2")
        text_of(write("1", ref="SMyes"))
        rows = ConsentEntry.objects.order_by("pk")
        assert [(row.verdict, row.method, row.evidence) for row in rows] == [
            ("granted", "keyword", "SMyes"),
            ("confirmed", "keyword", "SMyes"),
        ]
        assert {row.wording for row in rows} == {
            Wording.objects.filter(purpose="messages", language="fr").latest("version").reference
        }

    @pytest.mark.parametrize("said", ["Français", " FRANCAIS ", "2.", "２"])
    def test_a_language_is_chosen_by_its_number_or_its_own_name(self, said: str) -> None:
        say("teranga")
        assert say(said).startswith(text_of_wording("fr"))

    def test_one_language_is_not_asked_for_and_an_end_is_kept(self, settings: Settings) -> None:
        settings.MESSAGING_JOIN_WORDS = "tests.messaging.test_dialogue.find_short_word"
        assert say("teranga").startswith(text_of_wording("fr"))
        say("oui")
        until = Subscriber.objects.get().consent_until
        assert until is not None
        assert until > timezone.now() + timedelta(days=29)

    def test_what_is_no_answer_is_asked_again_but_not_for_ever(self) -> None:
        say("teranga")
        answers = [say("what?") for _ in range(8)]
        assert answers[0] == "1 English\n2 Français\n3 العربية"
        assert answers[-1] == ""
        assert not Subscriber.objects.exists()

    @pytest.mark.parametrize("said", ["4", "0 1", "11", "1 2"])
    def test_a_number_that_was_not_offered_chooses_nothing(self, said: str) -> None:
        say("teranga")
        say(said)
        assert SignUp.objects.get().step == "language"

    def test_a_no_keeps_nothing_but_the_no(self) -> None:
        say("teranga")
        say("1")
        assert say("no") == telling.say_nothing_kept()
        assert not SignUp.objects.exists()
        assert not Subscriber.objects.exists()
        assert verdicts() == ["refused"]

    def test_a_no_of_a_subscriber_takes_nothing_from_her(self) -> None:
        make_subscriber(1)
        say("teranga")
        say("1")
        say("no")
        assert Subscriber.objects.get().state == "subscribed"

    def test_a_zero_stops_whatever_is_open(self) -> None:
        say("teranga")
        say("1")
        assert "stop list" in say("0")
        assert not SignUp.objects.exists()
        assert Suppression.objects.exists()

    def test_a_country_that_is_not_open_is_not_answered(self) -> None:
        Clearance.objects.update(closed_at=timezone.now())
        assert say("teranga") == ""
        assert not SignUp.objects.exists()

    def test_a_number_that_costs_whoever_writes_to_it_is_not_answered(self) -> None:
        costly = make_fiction("221", 9_000_001)
        assert say("teranga", From=costly) == ""
        assert say("START", From=costly) == ""
        assert not SignUp.objects.exists()

    def test_three_beginnings_a_day_are_enough(self) -> None:
        assert [bool(say("teranga")) for _ in range(5)] == [True] * 3 + [False] * 2

    @pytest.mark.parametrize("scope", ["range_day", "country_day", "all_day"])
    def test_many_beginnings_have_the_same_end_as_on_the_web(
        self, settings: Settings, scope: str
    ) -> None:
        settings.SIGN_UP_LIMITS = settings.SIGN_UP_LIMITS | {scope: 2}
        signups.begin(make_request(50), now=timezone.now())
        assert [bool(say("teranga", serial)) for serial in (51, 52)] == [True, False]
        assert SignUp.objects.count() == 2
        assert Alarm.objects.get().kind == "sign_ups"

    def test_a_sign_up_is_over_after_two_days(self) -> None:
        say("teranga")
        SignUp.objects.update(expires_at=timezone.now())
        assert say("1") == ""

    def test_a_word_of_a_subscriber_adds_to_what_she_gets(self) -> None:
        make_subscriber(1, language="ar", topics=("route:other",))
        say("teranga")
        say("2")
        say("1")
        row = Subscriber.objects.get()
        assert row.language == "fr"
        assert set(row.topics.values_list("name", flat=True)) == {TOPIC, "route:other"}

    def test_what_is_no_number_of_this_deployment_begins_nothing(self) -> None:
        assert say("teranga", From="+221770000001") == ""
        assert say("teranga", From="Operator") == ""
        assert not SignUp.objects.exists()


class TestAForeignSim:
    """A phone of one open country sends the word of another."""

    def test_it_joins_where_the_word_is_from(self, settings: Settings) -> None:
        settings.MESSAGING_JOIN_WORDS = "tests.messaging.test_dialogue.find_word_anywhere"
        open_country("NG", two_way="yes")
        abroad = make_fiction("234", 1)
        assert say("teranga", From=abroad).startswith("1 English")
        say("1", From=abroad)
        say("1", From=abroad)
        assert Subscriber.objects.get().country == "SN"

    def test_a_phone_of_a_country_that_is_not_open_is_not_answered(
        self, settings: Settings
    ) -> None:
        settings.MESSAGING_JOIN_WORDS = "tests.messaging.test_dialogue.find_word_anywhere"
        assert say("teranga", From=make_fiction("234", 1)) == ""
        assert not SignUp.objects.exists()


class TestStart:
    def test_who_stopped_begins_anew_and_is_stopped_until_her_yes(self) -> None:
        make_subscriber(1)
        stop(1)
        assert say("START").startswith("1 English")
        assert Suppression.objects.exists()
        say("2")
        assert Suppression.objects.exists()
        say("oui")
        assert not Suppression.objects.exists()
        assert Subscriber.objects.get().state == "subscribed"

    def test_a_replayed_start_of_long_ago_does_nothing(self) -> None:
        first = text_of(write("START", ref="SMold"))
        assert "1 English" in first
        say("1")
        say("1")
        say("STOP")
        before = (verdicts(), SignUp.objects.count())
        assert "<Message>" not in text_of(write("START", ref="SMold"))
        assert (verdicts(), SignUp.objects.count()) == before

    def test_every_line_of_a_dialogue_replayed_after_a_stop_brings_nobody_back(self) -> None:
        lines = [("SMa", "teranga"), ("SMb", "1"), ("SMc", "yes")]
        for ref, body in lines:
            write(body, ref=ref)
        assert Subscriber.objects.get().state == "subscribed"
        say("STOP")
        for ref, body in lines:
            assert "<Message>" not in text_of(write(body, ref=ref))
        assert not Subscriber.objects.filter(state="subscribed").exists()
        assert Suppression.objects.exists()

    def test_a_stranger_without_a_word_in_her_country_hears_of_the_page(
        self, settings: Settings
    ) -> None:
        settings.MESSAGING_JOIN_WORDS = "tests.messaging.test_dialogue.find_nothing"
        assert "/en/join/" in say("START")


class TestCodeByMessage:
    def begin(self, **more: Any) -> None:
        signups.begin(make_request(1, **more), now=timezone.now())

    @pytest.mark.parametrize("said", ["1", "yes", "oui", "نعم", "እወ", "haa", "١", "👍"])
    def test_a_yes_in_any_language_confirms(self, said: str) -> None:
        self.begin()
        say(said)
        assert Subscriber.objects.get().state == "subscribed"
        assert verdicts() == ["granted", "confirmed"]
        assert Notice.objects.get().state == "expired", "a code that waits is not sent any more"

    def test_the_code_itself_confirms(self, memory: Memory) -> None:
        self.begin()
        send_notices(memory)
        say(f"my code is {read_code(memory)}")
        assert Subscriber.objects.exists()

    def test_a_wrong_code_is_a_try(self, memory: Memory) -> None:
        self.begin()
        send_notices(memory)
        wrong = f"{(int(read_code(memory)) + 1) % 1_000_000:06d}"
        for _ in range(5):
            say(wrong)
        assert SignUp.objects.get().tries == 5
        say(read_code(memory))
        assert not Subscriber.objects.exists()

    @pytest.mark.parametrize("said", ["no", "non", "لا"])
    def test_a_no_refuses_and_nobody_can_confirm_it_any_more(
        self, memory: Memory, said: str
    ) -> None:
        self.begin(language="en")
        assert say(said) == telling.say_nothing_kept()
        assert verdicts() == ["granted", "refused"]
        assert send_notices(memory) == 0
        say("1")
        assert not Subscriber.objects.exists()

    def test_a_no_of_a_subscriber_to_a_code_takes_nothing_from_her(self) -> None:
        make_subscriber(1, language="en")
        self.begin(language="en")
        assert say("no") == telling.say_here()
        assert Subscriber.objects.get().state == "subscribed"
        assert not SignUp.objects.exists()

    @pytest.mark.parametrize(
        ("hours", "joins"),
        [(-0.5, False), (0, True), (0.2, True)],
        ids=["before it began", "as it began", "since"],
    )
    def test_a_yes_that_comes_late_confirms_only_what_had_begun_when_it_was_written(
        self, hours: float, joins: bool
    ) -> None:
        begun = timezone.now()
        signups.begin(make_request(1), now=begun)
        late = Inbound(
            ref="SMlate",
            channel="sms",
            sender="+9990000001",
            number=number_of(1),
            body="1",
            written_at=begun + timedelta(hours=hours),
        )
        receive(late, now=begun + timedelta(hours=1))
        assert Subscriber.objects.exists() is joins

    def test_a_yes_of_another_phone_or_on_another_channel_confirms_nothing(self) -> None:
        self.begin()
        say("1", serial=2)
        say("1", channel="whatsapp")
        assert not Subscriber.objects.exists()

    def test_on_whatsapp_she_writes_first_and_is_asked(self) -> None:
        self.begin(channel="whatsapp", language="en")
        assert say("hello", channel="whatsapp") == "Reply 1 to agree, 0 to stop."
        say("1", channel="whatsapp")
        assert Subscriber.objects.get().channel == "whatsapp"

    def test_a_stop_of_who_was_signed_up_by_another_ends_it(self, memory: Memory) -> None:
        self.begin()
        say("STOP")
        assert send_notices(memory) == 0
        say("1")
        assert not Subscriber.objects.exists()


class TestStop:
    def test_it_is_confirmed_once_in_her_language_and_once_more_a_day(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(telling, "say_stopped", lambda: f"[{translation.get_language()}]")
        make_subscriber(1, language="ar")
        assert say("STOP") == "[ar]"
        Subscriber.objects.all().delete()
        assert [bool(say("STOP")) for _ in range(4)] == [True, False, False, False]

    def test_the_ledger_names_the_message_that_said_it(self) -> None:
        make_subscriber(1)
        write("توقف", ref="SMstop")
        entry = ConsentEntry.objects.get(verdict="withdrawn")
        assert (entry.evidence, entry.wording) == ("SMstop", "STOP")


class TestMine:
    def test_a_subscriber_is_told_all_that_is_kept(self) -> None:
        make_subscriber(1, language="en")
        told = say("What do you know about me?")
        for said in ("SMS", "English", "Senegal", "wafr-atl in en", "30 days", "180", "0"):
            assert said in told
        assert number_of(1) not in told
        assert kinds() == ["mine"]

    def test_how_she_joined_is_told_after_a_change_of_keys(self, settings: Settings) -> None:
        make_subscriber(1, language="en")
        settings.INDEX_KEYS = {2: b"2" * 32} | settings.INDEX_KEYS
        rehash_subscribers(tell=lambda _tally: None)
        assert "(made up for a rehearsal)" in say("MY DATA")

    def test_she_may_ask_on_another_channel_than_she_joined_on(self) -> None:
        make_subscriber(1, language="en", channel="whatsapp")
        told = say("MY DATA")
        assert "Channel: WhatsApp" in told
        assert "scrambled" not in told

    def test_of_each_channel_that_she_joined_on_she_is_told(self) -> None:
        make_subscriber(1, language="en", channel="whatsapp")
        make_subscriber(1, language="en", topics=("route:other",))
        told = say("MY DATA", channel="whatsapp")
        assert told.index("Channel: WhatsApp") < told.index("Channel: SMS")
        assert "other in en" in told

    def test_in_her_own_language(self) -> None:
        make_subscriber(1, language="ar")
        assert "wafr-atl in ar" in say("بياناتي")

    def test_a_stranger_is_told_that_nothing_is_kept(self) -> None:
        assert "nothing" in say("MY DATA")

    @pytest.mark.parametrize("lines", [["teranga"], ["teranga", "1", "no"]])
    def test_who_has_not_joined_is_told_of_the_mark_that_is_kept(self, lines: list[str]) -> None:
        for line in lines:
            say(line)
        told = say("MY DATA")
        assert "scrambled mark of your number" in told
        assert "nothing" not in told

    def test_who_stopped_is_told_of_the_stop_list_and_of_the_ledger(self) -> None:
        make_subscriber(1, language="en")
        stop(1)
        told = say("MY DATA")
        assert "stop list" in told
        assert "said yes or no to" in told

    @pytest.mark.parametrize("serial", [1, 77])
    @pytest.mark.parametrize("word", ["MY DATA", "HELP"])
    def test_three_answers_a_day_are_enough(self, serial: int, word: str) -> None:
        make_subscriber(1)
        assert [bool(say(word, serial)) for _ in range(5)] == [True] * 3 + [False] * 2


class TestWhoIsHeard:
    def test_every_message_of_a_subscriber_is_heard(self) -> None:
        make_subscriber(1)
        Subscriber.objects.update(heard_on=None, unanswered=4)
        say("hello")
        row = Subscriber.objects.get()
        assert (row.heard_on, row.unanswered) == (timezone.now().date(), 0)

    @pytest.mark.parametrize("said", ["1", "yes", "hello", "HELP"])
    def test_who_was_asked_whether_to_go_on_stays_by_any_answer_but_a_no(self, said: str) -> None:
        make_subscriber(1, language="en")
        Subscriber.objects.update(state="asked", asked_on=timezone.now().date())
        answer = say(said)
        row = Subscriber.objects.get()
        assert (row.state, row.asked_on) == ("subscribed", None)
        assert ("go on" in answer) is (said in {"1", "yes"})

    @pytest.mark.parametrize("said", ["no", "No thanks!", "non", "لا", "na"])
    @channels
    def test_who_was_asked_whether_to_go_on_and_says_no_leaves(
        self, said: str, channel: str
    ) -> None:
        make_subscriber(1, language="en", channel=channel)
        Subscriber.objects.update(state="asked", asked_on=timezone.now().date())
        assert say(said, channel=channel) == telling.say_stopped()
        assert Subscriber.objects.get().state == "stopped"
        assert Suppression.objects.exists()
        assert kinds() == ["stop"]
        last = ConsentEntry.objects.latest("pk")
        assert (last.verdict, last.wording) == ("withdrawn", "no")

    def test_a_no_of_who_was_not_asked_stops_nothing(self) -> None:
        make_subscriber(1)
        say("no")
        assert Subscriber.objects.get().state == "subscribed"

    @pytest.mark.parametrize(("said", "is_yes"), [("yes", True), ("hello", False)])
    def test_an_end_that_a_campaign_set_outlasts_an_answer_and_only_a_yes_is_written_down(
        self, said: str, is_yes: bool
    ) -> None:
        until = timezone.now() + timedelta(days=60)
        make_subscriber(1, until=until)
        Subscriber.objects.update(state="asked", asked_on=timezone.now().date())
        before = len(verdicts())
        say(said)
        row = Subscriber.objects.get()
        assert (row.state, row.consent_until) == ("subscribed", until)
        assert verdicts()[before:] == (["confirmed"] if is_yes else [])

    def test_who_was_asked_and_says_stop_leaves(self) -> None:
        make_subscriber(1)
        Subscriber.objects.update(state="asked")
        say("0")
        assert not Subscriber.objects.exclude(state="stopped").exists()


def test_no_counter_of_a_dialogue_holds_a_number() -> None:
    say("teranga")
    say("HELP")
    assert number_of(1)[1:] not in str(list(Allowance.objects.values()))
