"""Rotating keys: everything sealed moves, nothing is overwritten, and whoever said stop stays stopped."""

import threading
import uuid
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.core.checks import run_checks
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, models, transaction
from django.utils import timezone
from pytest_django import Settings

from messaging.consenting import consent
from messaging.joining import importing, signups
from messaging.models import (
    Alias,
    ConsentEntry,
    InboundMessage,
    Notice,
    Sheet,
    SheetRow,
    SignUp,
    Subscriber,
    Suppression,
    TestPhone,
    WrappedKey,
)
from messaging.notifying import notices, testing
from messaging.receiving import inbound
from messaging.sealing.crypto import hash_number, hashes_of, key_id_of, open_sealed, seal
from messaging.sealing.keeping import keep_secret
from messaging.sealing.keys.ring import PRACTICE_KEY
from messaging.sealing.tokens import make_token, read_token
from messaging.sending.eligibility import Audience, find_eligible
from messaging.upkeep import rotating
from messaging.upkeep.rehashing import rehash_sign_ups, rehash_subscribers
from messaging.upkeep.rotating import TABLES, Tally, count_under, find_left, reseal
from messaging.wire import Inbound
from tests.messaging.factories import (
    drain_all,
    make_batch,
    make_subscriber,
    number_of,
    states,
    stop,
)
from tests.messaging.key_rings import NEW

pytestmark = pytest.mark.django_db

BODY = "where is the office"
TABLES_BY_NAME = {table.name: table for table in TABLES}


def say_nothing(_tally: Tally) -> None:
    pass


def rotate(*words: str) -> str:
    said = StringIO()
    call_command("rotate_keys", *words, stdout=said)
    return said.getvalue()


def turn_number_key(settings: Settings) -> None:
    settings.NUMBER_KEYS = {2: NEW, 1: PRACTICE_KEY}


def turn_index_key(settings: Settings) -> None:
    settings.INDEX_KEYS = {2: NEW, 1: PRACTICE_KEY}


def sealed_now(place: str, plain: str) -> dict[str, Any]:
    uid = uuid.uuid4()
    sealed = seal(plain, place=place, row=uid)
    return {"uid": uid, "number_sealed": sealed, "key_id": key_id_of(sealed)}


def make_sign_up(serial: int) -> SignUp:
    now = timezone.now()
    return SignUp.objects.create(
        **sealed_now(signups.NUMBER_PLACE, number_of(serial)),
        number_hash=hash_number(number_of(serial)),
        channel="sms",
        country="SN",
        method=ConsentEntry.Method.WEB,
        step=SignUp.Step.CODE,
        begun_at=now,
        expires_at=now + timedelta(days=2),
    )


def make_notice(serial: int) -> Notice:
    now = timezone.now()
    held = sealed_now(notices.NUMBER_PLACE, number_of(serial))
    return Notice.objects.create(
        **held,
        body_sealed=seal(BODY, place=notices.BODY_PLACE, row=held["uid"]),
        number_hash=hash_number(number_of(serial)),
        kind=Notice.Kind.CONFIRM,
        channel="sms",
        country="SN",
        due_at=now,
        expires_at=now + timedelta(hours=1),
    )


def make_sheet_row(serial: int) -> SheetRow:
    now = timezone.now()
    sheet, _made = Sheet.objects.get_or_create(
        reference="sheet:1", defaults={"checked_at": now, "expires_at": now}
    )
    held = sealed_now(importing.PLACE, number_of(serial))
    return SheetRow.objects.create(**held, sheet=sheet, line=serial, verdict="new", channel="sms")


def make_inbound(serial: int) -> InboundMessage:
    message = Inbound(
        ref=f"SM{serial}", channel="sms", number=number_of(serial), sender="+9990000001", body=BODY
    )
    inbound.receive(message, now=timezone.now())
    return InboundMessage.objects.get(ref=f"SM{serial}")


def make_test_phone(serial: int) -> TestPhone:
    held = sealed_now(testing.NUMBER_PLACE, number_of(serial))
    return TestPhone.objects.create(
        **held, owner="user:1", channel="sms", country="SN", made_at=timezone.now()
    )


def make_one_of_each() -> None:
    """Let what people gave stand in every table; who writes to us is one of them."""
    make_subscriber(1)
    make_inbound(2)
    make_sign_up(3)
    make_notice(4)
    make_sheet_row(5)
    keep_secret(BODY)
    make_test_phone(6)


def test_every_sealed_column_is_registered_and_every_registered_one_exists() -> None:
    columns = {
        (model, field.name)
        for model in apps.get_app_config("messaging").get_models()
        for field in model._meta.get_fields()
        if isinstance(field, models.BinaryField) and field.name.endswith("_sealed")
    }
    assert columns
    assert columns == {(table.model, column) for table in TABLES for column in table.places}
    for table in TABLES:
        assert {"uid", "key_id"} <= {field.name for field in table.model._meta.get_fields()}


def test_what_every_writer_seals_is_sealed_anew_and_says_the_same(settings: Settings) -> None:
    make_one_of_each()
    turn_number_key(settings)
    assert {table.name: find_left(table).count() for table in TABLES} == dict.fromkeys(
        TABLES_BY_NAME, 1
    )

    said = rotate()

    assert f"{len(TABLES)} rows moved" in said
    assert "Number key 1 seals nothing any more" in said
    assert count_under(1) == 0
    settings.NUMBER_KEYS = {2: NEW}
    for table in TABLES:
        row: Any = table.model._default_manager.get()
        assert row.key_id == 2
        for column, place in table.places.items():
            plain = open_sealed(getattr(row, column), place=place, row=row.uid)
            assert plain == BODY or plain.startswith("+999")


def test_a_writer_notes_the_key_it_sealed_with(settings: Settings) -> None:
    turn_number_key(settings)
    make_subscriber(1)
    make_inbound(2)
    assert Subscriber.objects.get().key_id == 2
    assert InboundMessage.objects.get().key_id == 2


def test_what_is_empty_is_not_left_over(settings: Settings) -> None:
    make_one_of_each()
    InboundMessage.objects.update(text_sealed=b"")
    SheetRow.objects.update(number_sealed=b"")
    Notice.objects.update(number_sealed=b"", body_sealed=b"")
    turn_number_key(settings)
    assert f"{len(TABLES) - 3} rows moved" in rotate()


def test_a_dry_run_counts_and_changes_nothing(settings: Settings) -> None:
    make_one_of_each()
    before = bytes(Subscriber.objects.get().number_sealed)
    turn_number_key(settings)
    turn_index_key(settings)

    said = rotate("--dry-run")

    assert "Notice: 1 rows to seal anew." in said
    assert "Subscriber: 1 rows to hash anew." in said
    row = Subscriber.objects.get()
    assert bytes(row.number_sealed) == before
    assert bytes(row.number_hash) == hashes_of(number_of(1))[1]


def test_a_rotation_goes_page_by_page_and_a_second_one_finds_nothing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotating, "PAGE", 3)
    for serial in range(8):
        make_subscriber(serial)
    turn_number_key(settings)
    told: list[int] = []

    tally = reseal(TABLES_BY_NAME["Subscriber"], tell=lambda so_far: told.append(so_far.moved))

    assert told == [3, 6, 8]
    assert tally.moved == 8
    assert reseal(TABLES_BY_NAME["Subscriber"], tell=say_nothing) == Tally()


def test_what_cannot_be_opened_stays_as_it_is_and_stops_nothing_else(settings: Settings) -> None:
    make_subscriber(1)
    make_subscriber(2)
    broken = bytes(Subscriber.objects.order_by("pk")[1].number_sealed)
    Subscriber.objects.filter(pk=Subscriber.objects.order_by("pk")[0].pk).update(
        number_sealed=broken
    )
    turn_number_key(settings)

    with pytest.raises(CommandError, match="1 rows cannot be opened") as caught:
        rotate()

    assert "+999" not in str(caught.value)
    first, second = Subscriber.objects.order_by("pk")
    assert (first.key_id, second.key_id) == (1, 2)
    assert bytes(first.number_sealed) == broken


def test_a_row_that_was_changed_meanwhile_is_not_overwritten(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = make_subscriber(1)
    written = seal(number_of(2), place="subscriber.number", row=person.uid)
    turn_number_key(settings)

    def write_first(plain: str, *, place: str, row: uuid.UUID) -> bytes:
        Subscriber.objects.update(number_sealed=written)
        return seal(plain, place=place, row=row)

    monkeypatch.setattr(rotating, "seal", write_first)
    tally = reseal(TABLES_BY_NAME["Subscriber"], tell=say_nothing)

    assert (tally.moved, tally.left) == (0, 1)
    assert bytes(Subscriber.objects.get().number_sealed) == written


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_a_rotation_waits_for_a_writer_and_seals_what_it_wrote(settings: Settings) -> None:
    person = make_subscriber(1)
    turn_number_key(settings)
    written, go_on = threading.Event(), threading.Event()

    def write() -> None:
        with transaction.atomic():
            anew = seal(number_of(2), place="subscriber.number", row=person.uid)
            Subscriber.objects.update(number_sealed=anew, key_id=2)
            Subscriber.objects.update(number_sealed=anew, key_id=1)
            written.set()
            go_on.wait(60)
        connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    written.wait(60)
    threading.Timer(0.2, go_on.set).start()
    reseal(TABLES_BY_NAME["Subscriber"], tell=say_nothing)
    writer.join()

    row = Subscriber.objects.get()
    assert row.key_id == 2
    number = consent.open_number(row.uid, bytes(row.number_sealed), purpose="rotating")
    assert number == number_of(2)


@pytest.mark.database
def test_people_are_found_under_the_new_index_key_and_stopped_by_it(settings: Settings) -> None:
    make_subscriber(1)
    turn_index_key(settings)
    assert "1 rows moved" in rotate()

    row = Subscriber.objects.get()
    assert bytes(row.number_hash) == hash_number(number_of(1))
    stop(1)
    assert Subscriber.objects.get().state == Subscriber.State.STOPPED
    assert "0 rows moved" in rotate()


@pytest.mark.database
def test_whoever_said_stop_before_is_not_sent_to_after_a_rotation(
    settings: Settings, memory: Any
) -> None:
    make_batch(people=3)
    Suppression.objects.create(
        number_hash=hash_number(number_of(2)), source="provider", at=timezone.now()
    )
    turn_index_key(settings)
    rehash_subscribers(tell=say_nothing)

    assert Suppression.objects.filter(number_hash=hash_number(number_of(2))).exists()
    drain_all(memory)
    assert sorted(states()) == ["accepted", "accepted", "suppressed"]
    assert find_eligible(Audience(topics=("route:wafr-atl",))).count() == 2


def test_a_stop_is_carried_with_its_date_and_its_end(settings: Settings) -> None:
    make_subscriber(1)
    stop(1)
    before = Suppression.objects.get()
    turn_index_key(settings)
    rehash_subscribers(tell=say_nothing)

    carried = Suppression.objects.get(number_hash=hash_number(number_of(1)))
    assert (carried.source, carried.at, carried.expires_at) == (
        before.source,
        before.at,
        before.expires_at,
    )
    assert Suppression.objects.filter(pk=before.pk).exists(), "whoever looks there still finds it"


def test_a_word_of_hers_is_carried_before_a_lapse(settings: Settings) -> None:
    settings.INDEX_KEYS = {3: b"3" * 32, 1: PRACTICE_KEY}
    make_subscriber(1)
    now = timezone.now()
    for number_hash, source in zip(hashes_of(number_of(1)), ("keyword", "lapse"), strict=True):
        Suppression.objects.create(number_hash=number_hash, source=source, at=now)
    settings.INDEX_KEYS = {2: NEW} | settings.INDEX_KEYS
    rehash_subscribers(tell=say_nothing)
    carried = Suppression.objects.get(number_hash=hash_number(number_of(1)))
    assert carried.source == "keyword"


def test_the_ledger_is_found_under_the_older_key_and_is_not_touched(settings: Settings) -> None:
    make_subscriber(1)
    before = list(ConsentEntry.objects.order_by("pk").values())
    turn_index_key(settings)
    rotate()
    assert list(ConsentEntry.objects.order_by("pk").values()) == before
    assert ConsentEntry.objects.filter(number_hash__in=hashes_of(number_of(1))).exists()


def test_aliases_and_notices_go_with_the_number(settings: Settings) -> None:
    make_subscriber(1)
    make_notice(1)
    old = hash_number(number_of(1))
    Alias.objects.create(alias_hash=b"a" * 16, number_hash=old, seen_on=timezone.now().date())
    Alias.objects.create(alias_hash=old, number_hash=b"b" * 16, seen_on=timezone.now().date())
    turn_index_key(settings)
    rehash_subscribers(tell=say_nothing)

    new = hash_number(number_of(1))
    assert bytes(Notice.objects.get().number_hash) == new
    assert Alias.objects.filter(alias_hash=b"a" * 16, number_hash=new).exists()
    assert Alias.objects.filter(alias_hash=new, number_hash=b"b" * 16).exists()


def test_a_sign_up_is_found_under_the_new_key_and_a_newer_one_wins(settings: Settings) -> None:
    make_sign_up(1)
    make_sign_up(2)
    turn_index_key(settings)
    newer = make_sign_up(2)
    rehash_sign_ups(tell=say_nothing)

    kept = {bytes(row.number_hash): row.pk for row in SignUp.objects.all()}
    assert set(kept) == {hash_number(number_of(1)), hash_number(number_of(2))}
    assert kept[hash_number(number_of(2))] == newer.pk


def test_one_number_that_stands_twice_stands_once_afterwards(settings: Settings) -> None:
    older = make_subscriber(1)
    settings.INDEX_KEYS = {2: NEW}
    newer = make_subscriber(1)
    assert older.pk != newer.pk
    turn_index_key(settings)
    rehash_subscribers(tell=say_nothing)
    assert Subscriber.objects.get().pk == newer.pk


def test_a_number_is_opened_for_named_purposes_only() -> None:
    person = make_subscriber(1)
    with pytest.raises(PermissionError):
        consent.open_number(person.uid, bytes(person.number_sealed), purpose="looking")


def test_a_receipt_for_an_older_token_is_still_taken(settings: Settings) -> None:
    token = make_token(7, 1)
    turn_index_key(settings)
    assert read_token(token) == read_token(make_token(7, 1)) == (7, 1)
    settings.INDEX_KEYS = {2: NEW}
    assert read_token(token) is None


def test_a_key_is_retired_when_it_seals_nothing_and_not_before(settings: Settings) -> None:
    now = timezone.now()
    WrappedKey.objects.create(purpose="number", key_id=1, wrapped=b"w", made_at=now)
    make_subscriber(1)
    turn_number_key(settings)
    with pytest.raises(CommandError, match="still seals 1 values"):
        rotate("--retire", "1")
    rotate()
    rotate("--retire", "1")
    assert WrappedKey.objects.get().retired_at is not None
    with pytest.raises(CommandError, match="active"):
        rotate("--retire", "2")


def test_a_wrong_note_beside_a_value_does_not_hide_it_from_retiring(settings: Settings) -> None:
    make_subscriber(1)
    Subscriber.objects.update(key_id=2)
    turn_number_key(settings)
    assert find_left(TABLES_BY_NAME["Subscriber"]).count() == 0
    assert count_under(1) == 1


def check() -> list[str]:
    found = run_checks(tags=["database"], databases=["default"])
    return [str(one.id) for one in found if str(one.id).startswith("waymark.")]


def test_the_check_names_rows_that_no_key_opens(settings: Settings) -> None:
    make_one_of_each()
    assert check() == []
    settings.NUMBER_KEYS = {2: NEW}
    assert check() == ["waymark.E002"] * len(TABLES)


def test_the_check_says_that_keys_cannot_be_had(settings: Settings) -> None:
    settings.INDEX_KEYS = {}
    assert check() == ["waymark.E001"]


def test_without_keys_nothing_is_claimed_and_nothing_fails(settings: Settings, memory: Any) -> None:
    make_batch(people=2)
    settings.NUMBER_KEYS = {}
    assert drain_all(memory) == 0
    assert states() == ["planned", "planned"]
