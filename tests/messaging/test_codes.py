"""Codes: ours are shipped, a person's word goes first, and what nobody knows is told and listed."""

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from messaging.models import Alarm, ProviderCode
from messaging.providers import aws_words, settling, twilio_words
from messaging.providers.twilio_answers import settle_reason
from messaging.receiving import codes
from messaging.wire import CONTENT, FILTERED, TEMPORARY, UNRECOGNISED, UNUSABLE

pytestmark = [pytest.mark.django_db]


def keep_up() -> None:
    codes.keep_up(now=timezone.now())


def row_of(code: str) -> ProviderCode:
    return ProviderCode.objects.get(provider="twilio", code=code)


# ---- What is shipped -----------------------------------------------------------------------------


def test_the_data_says_what_the_providers_own_tables_say() -> None:
    shipped = {(one.provider, one.code): one.reason for one in codes.read_shipped()}
    known = {("twilio", code): reason for code, reason in twilio_words.REASONS.items()}
    known |= {("aws", code): reason for code, reason in aws_words.EXCEPTIONS.items()}
    known |= {("aws", code): reason for code, reason in aws_words.SMS_REASONS.items()}
    known |= {("meta", code): reason for code, reason in aws_words.META_REASONS.items()}
    assert shipped == known


def test_every_line_of_the_data_can_be_stored_and_shown() -> None:
    lines = codes.read_shipped()
    assert len({(one.provider, one.code) for one in lines}) == len(lines)
    assert {one.provider for one in lines} == set(codes.PROVIDERS)
    assert {one.reason for one in lines} <= set(codes.REASONS)
    assert max(len(one.code) for one in lines) <= 80
    assert all(one.note for one in lines)


def test_migrating_wrote_all_of_them_and_doing_it_again_changes_nothing() -> None:
    before = list(ProviderCode.objects.order_by("pk").values())
    assert len(before) == len(codes.read_shipped())
    codes.ensure_codes()
    assert list(ProviderCode.objects.order_by("pk").values()) == before


def test_a_line_that_changed_or_is_new_is_renewed() -> None:
    ProviderCode.objects.filter(code="30007").update(reason=TEMPORARY)
    ProviderCode.objects.filter(code="30008").delete()
    codes.ensure_codes()
    assert (row_of("30007").reason, row_of("30008").reason) == (FILTERED, TEMPORARY)


def test_a_persons_own_row_stays_in_a_later_version() -> None:
    codes.save("twilio", "30007", reason=CONTENT, note="our own finding")
    codes.ensure_codes()
    assert (row_of("30007").reason, row_of("30007").shipped) == (CONTENT, False)


def test_what_nobody_had_explained_is_explained_by_a_later_version() -> None:
    row_of("30007").delete()
    ProviderCode.objects.create(provider="twilio", code="30007", reason=UNRECOGNISED)
    codes.ensure_codes()
    assert (row_of("30007").reason, row_of("30007").shipped) == (FILTERED, True)


# ---- What a provider reads -----------------------------------------------------------------------


def test_a_provider_heeds_a_persons_word_from_the_next_reading_on() -> None:
    assert settle_reason("30007") == FILTERED
    codes.save("twilio", "30007", reason=CONTENT, note="")
    codes.save("twilio", "99999", reason=UNUSABLE, note="")
    assert settle_reason("30007") == CONTENT
    assert settle_reason("99999") == UNUSABLE
    assert settle_reason("") == ""


def test_the_same_number_of_another_provider_is_another_code() -> None:
    codes.save("meta", "30007", reason=CONTENT, note="")
    assert settle_reason("30007") == FILTERED


def test_reading_a_code_asks_no_database(django_assert_num_queries: object) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert settle_reason("99999") == UNRECOGNISED


def test_the_memory_is_kept_for_a_minute(django_assert_num_queries: object) -> None:
    keep_up()
    with django_assert_num_queries(0):  # type: ignore[operator]
        keep_up()


@pytest.mark.database
def test_an_unknown_code_fails_is_told_once_and_listed() -> None:
    keep_up()
    for _ in range(3):
        assert settle_reason("99999") == UNRECOGNISED
        keep_up()
    assert Alarm.objects.get().kind == Alarm.Kind.CODES
    assert Alarm.objects.get().times == 1
    assert (row_of("99999").reason, row_of("99999").shipped) == (UNRECOGNISED, False)


def test_an_unknown_word_for_a_state_is_told_and_is_no_code() -> None:
    codes.hear_word("teleported\n\0 \u202e")
    keep_up()
    assert Alarm.objects.get().kind == Alarm.Kind.CODES
    assert ProviderCode.objects.count() == len(codes.read_shipped())


def test_unknown_codes_fill_no_table() -> None:
    for number in range(400):
        settle_reason(str(900_000 + number))
        keep_up()
    assert ProviderCode.objects.filter(reason=UNRECOGNISED).count() <= 200


@given(code=st.text(max_size=100))
def test_any_text_for_a_code_is_read(code: str) -> None:
    assert settle_reason(code) in {"", *codes.REASONS}


def test_a_reason_that_is_none_of_ours_is_refused() -> None:
    for provider, reason in (("twilio", "bad luck"), ("pigeon", CONTENT)):
        with pytest.raises(codes.UnknownReason):
            codes.save(provider, "1", reason=reason, note="")


def test_without_anybody_plugged_in_the_tables_stand() -> None:
    codes.save("twilio", "30007", reason=CONTENT, note="")
    settling.heed(None)
    try:
        assert settle_reason("30007") == FILTERED
    finally:
        settling.heed(codes.settle)
