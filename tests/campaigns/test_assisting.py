"""Assisted sign-ups as the server takes them in: opened once, checked, begun, and never read back."""

import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from campaigns.field import assisting
from campaigns.field.assisting import OLDEST, RecordRefused, RecordWaits
from messaging.consenting import consent
from messaging.consenting.wordings import current
from messaging.joining import signups
from messaging.models import Alarm, ConsentEntry, Notice, SignUp, Subscriber
from messaging.numbers import make_fiction
from messaging.sealing import crypto
from messaging.sealing.boxes import current_lock
from messaging.upkeep import retention
from tests.campaigns.reading_site import NUMBER, make_sender, make_site, open_country
from tests.cms.making import make_recording
from tests.messaging.test_boxes import close_box

SOON = timedelta(minutes=5)


def record(**changes: Any) -> dict[str, Any]:
    return {
        "language": "ar",
        "country": "SN",
        "routes": ["cmed"],
        "channel": "sms",
        "number": NUMBER,
        "wording": "messages-1.ar",
        "survey": "",
        "urgent": "",
        "spoken": True,
        "adult": True,
    } | changes


def shut(uid: uuid.UUID, **changes: Any) -> dict[str, Any]:
    return close_box(json.dumps(record(**changes)), uid=uid, lock=current_lock())


@pytest.fixture
def uid() -> uuid.UUID:
    return uuid.uuid4()


@pytest.fixture
def site(page_root: None) -> None:
    make_site("ar")
    open_country("SN")
    make_sender()


def take(
    uid: uuid.UUID, *, age: timedelta = SOON, at: datetime | None = None, **changes: Any
) -> None:
    assisting.take(uid, shut(uid, **changes), age=age, now=at or timezone.now())


def test_record_begins_a_sign_up_that_the_person_confirms_herself(
    site: None, uid: uuid.UUID
) -> None:
    take(uid, urgent="urgent-1.ar")
    row = SignUp.objects.get()
    assert (row.method, row.wording, row.evidence) == ("assisted", "messages-1.ar", uid.hex)
    assert (row.language, row.country, row.topics) == ("ar", "SN", ["route:cmed"])
    assert row.purposes == ["messages", "urgent"]
    said = ConsentEntry.objects.order_by("pk").values_list("purpose", "wording")
    assert list(said) == [("messages", "messages-1.ar"), ("urgent", "urgent-1.ar")]
    assert Notice.objects.get().kind == "confirm"
    assert not Subscriber.objects.exists()


@pytest.mark.database
def test_record_that_comes_again_changes_nothing(site: None, uid: uuid.UUID) -> None:
    now = datetime(2026, 11, 22, 9, tzinfo=UTC)
    take(uid, at=now)
    SignUp.objects.all().delete()
    take(uid, at=now)
    take(uid, at=now + timedelta(days=3))
    assert ConsentEntry.objects.count() == 1
    assert Notice.objects.count() == 1


def test_record_that_comes_again_after_retention_is_still_known(site: None, uid: uuid.UUID) -> None:
    now = datetime(2026, 11, 22, 9, tzinfo=UTC)
    take(uid, at=now)
    later = now + timedelta(days=13)
    retention.run(now=later)
    take(uid, at=later, age=OLDEST)
    assert ConsentEntry.objects.count() == 1


@pytest.mark.database
def test_record_that_could_not_be_begun_is_not_lost(
    site: None, uid: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(signups, "begin", lambda *_a, **_k: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            take(uid)
    take(uid)
    assert SignUp.objects.exists()


@pytest.mark.database
@pytest.mark.parametrize("scope", ["range_day", "country_day", "all_day"])
def test_record_over_a_limit_waits_on_its_phone_and_is_taken_another_day(
    site: None, uid: uuid.UUID, settings: Any, scope: str
) -> None:
    settings.SIGN_UP_LIMITS = settings.SIGN_UP_LIMITS | {scope: 1}
    now = datetime(2026, 11, 22, 9, tzinfo=UTC)
    take(uuid.uuid4(), number=make_fiction("221", 7_000_041), at=now)
    for _time in range(3):
        with pytest.raises(RecordWaits):
            take(uid, at=now)
    assert SignUp.objects.count() == 1
    alarm = Alarm.objects.get()
    assert (alarm.kind, alarm.country, alarm.times) == ("sign_ups", "SN", 3)
    take(uid, at=now + timedelta(days=1))
    assert SignUp.objects.filter(evidence=uid.hex).exists()


def test_stop_that_was_said_after_the_yes_wins(site: None, uid: uuid.UUID) -> None:
    now = timezone.now()
    consent.withdraw(
        crypto.hashes_of(NUMBER), method="stop_page", wording="x", now=now, channel="sms"
    )
    take(uid, age=timedelta(days=1), at=now + timedelta(minutes=1))
    assert not SignUp.objects.exists()
    take(uuid.uuid4(), age=timedelta(0), at=now + timedelta(minutes=1))
    assert SignUp.objects.exists()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"number": "1"}, "number is not right"),
        ({"number": make_fiction("221", 8_000_000)}, "not that of a mobile phone"),
        ({"country": "LY"}, "cannot join from this country"),
        ({"number": make_fiction("218", 7_000_041)}, "of a country that people cannot join from"),
        ({"routes": []}, "missing"),
        ({"routes": ["cmed", "nowhere"]}, "missing"),
        ({"channel": "pigeon"}, "missing"),
        ({"language": "xx"}, "missing"),
        ({"wording": "messages-9.ar"}, "missing"),
        ({"wording": "survey-1.ar"}, "missing"),
        ({"survey": "messages-1.ar"}, "missing"),
        ({"spoken": False}, "missing"),
        ({"adult": "yes"}, "missing"),
    ],
)
def test_what_cannot_be_used_is_said_without_the_number(
    site: None, uid: uuid.UUID, changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(RecordRefused, match=words) as refusal:
        take(uid, **changes)
    assert "999" not in str(refusal.value)
    assert not SignUp.objects.exists()


@pytest.mark.parametrize(
    "text", ["", "[]", "1", '"x"', "{}", '{"routes": 1}', "not json", "[" * 5000]
)
def test_box_with_something_else_in_it_is_refused(site: None, uid: uuid.UUID, text: str) -> None:
    box = close_box(text, uid=uid, lock=current_lock())
    with pytest.raises(RecordRefused, match="missing"):
        assisting.take(uid, box, age=SOON, now=timezone.now())


def test_box_of_another_record_is_refused(site: None, uid: uuid.UUID) -> None:
    with pytest.raises(RecordRefused, match="cannot be opened"):
        assisting.take(uid, shut(uuid.uuid4()), age=SOON, now=timezone.now())


def test_yes_that_is_too_old_is_refused(site: None, uid: uuid.UUID) -> None:
    with pytest.raises(RecordRefused, match="two weeks"):
        take(uid, age=OLDEST + SOON)


def test_words_of_an_earlier_version_count_for_who_heard_them(site: None, uid: uuid.UUID) -> None:
    wording = current("messages", "ar")
    wording.pk, wording.version, wording.reference = None, 2, "messages-2.ar"
    wording.save()
    take(uid)
    assert SignUp.objects.get().wording == "messages-1.ar"


def test_voice_is_one_that_reads_the_words_exactly(page_root: None) -> None:
    wording = current("messages", "ar")
    make_recording(language="ar", transcript="Other words.")
    make_recording(language="fr", transcript=wording.text)
    assert assisting.find_voice(wording) is None
    voice = make_recording(language="ar", transcript=wording.text.replace(" ", "\n", 1))
    assert assisting.find_voice(wording) == voice
