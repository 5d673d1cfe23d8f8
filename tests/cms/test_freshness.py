"""What holds a message back, as rules and on the real content."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from cms.freshness import (
    Age,
    Subject,
    Text,
    Use,
    age_of,
    end_of,
    judge,
)
from cms.holding import hold_reasons, may_be_given, read_subject, valid_until
from cms.models import Claim, ContactPoint, Fact, MessagePage, Pathway, TestResult
from cms.starter.reading import Pack
from tests.cms.finding import find_message

pytestmark = pytest.mark.database

TODAY = date(2026, 11, 21)
LATER = date(2027, 5, 20)
FACT = Use("fact", "F1", live=True, sendable=True, review_by=LATER)
CONTACT = Use("contact_point", "K1", live=True, sendable=True, review_by=LATER, reached_on=TODAY)
AFTER = datetime(2026, 11, 2, tzinfo=UTC)
WRITTEN = datetime(2026, 11, 1, tzinfo=UTC)
TEXT = Text("original", live=True, current_as_of=WRITTEN)
GOOD = Subject(
    "M1",
    live=True,
    sendable=True,
    text=TEXT,
    expires=LATER,
    uses=(FACT, CONTACT),
)


def codes(subject: Subject, *, rehearsal: bool = False, today: date = TODAY) -> set[str]:
    return {hold.code for hold in judge(subject, today=today, rehearsal=rehearsal)}


def using(use: Use) -> Subject:
    return replace(GOOD, uses=(use,))


def test_good_message_is_not_held() -> None:
    assert codes(GOOD) == set()


@pytest.mark.parametrize(
    ("subject", "code"),
    [
        (replace(GOOD, live=False), "not_published"),
        (
            replace(GOOD, text=replace(TEXT, state="reviewed", source_changed_at=AFTER)),
            "translation_outdated",
        ),
        (replace(GOOD, text=replace(TEXT, use_changed_at=AFTER)), "use_changed"),
        (using(replace(FACT, has_expired=True)), "fact_expired"),
        (using(replace(FACT, kind="story", consent_holds=False)), "consent_withdrawn"),
        (replace(GOOD, expires=TODAY), "message_expired"),
        (using(replace(FACT, live=False)), "not_published"),
        (using(replace(FACT, review_by=TODAY)), "fact_stale"),
        (using(replace(FACT, kind="pathway", review_by=TODAY)), "pathway_stale"),
        (using(replace(FACT, kind="claim", review_by=TODAY)), "claim_stale"),
        (using(replace(CONTACT, has_expired=True)), "contact_point_expired"),
        (using(replace(CONTACT, expires=TODAY)), "contact_point_expired"),
        (using(replace(CONTACT, review_by=TODAY)), "contact_point_expired"),
    ],
)
def test_rehearsal_never_lifts_what_is_stale_expired_or_unpublished(
    subject: Subject, code: str
) -> None:
    assert codes(subject) == {code}
    assert codes(subject, rehearsal=True) == {code}


@pytest.mark.parametrize(
    ("subject", "code"),
    [
        (replace(GOOD, sendable=False), "not_sendable"),
        (using(replace(FACT, sendable=False)), "not_sendable"),
        (
            replace(GOOD, text=replace(TEXT, state="unreviewed")),
            "translation_unreviewed",
        ),
        (replace(GOOD, text=replace(TEXT, state="machine")), "translation_unreviewed"),
        (using(replace(FACT, kind="pathway", missing=("cost",))), "pathway_incomplete"),
        (using(replace(CONTACT, reached_on=None)), "contact_point_untested"),
        (
            using(replace(CONTACT, reached_on=TODAY - timedelta(days=30))),
            "contact_point_untested",
        ),
    ],
)
def test_rehearsal_lifts_only_what_a_person_has_yet_to_do(subject: Subject, code: str) -> None:
    assert codes(subject) == {code}
    assert codes(subject, rehearsal=True) == set()


def test_reviewed_translation_is_not_held() -> None:
    assert codes(replace(GOOD, text=replace(TEXT, state="reviewed"))) == set()


def test_message_ends_with_the_first_thing_that_ends() -> None:
    tested = replace(CONTACT, reached_on=date(2026, 11, 1))
    assert end_of(GOOD) == TODAY + timedelta(days=30)
    assert end_of(replace(GOOD, uses=(FACT, tested))) == date(2026, 12, 1)
    assert end_of(replace(GOOD, uses=())) == LATER


def test_message_is_free_until_the_day_it_ends_and_held_from_then_on() -> None:
    last = end_of(GOOD)
    assert codes(GOOD, today=last - timedelta(days=1)) == set()
    assert codes(GOOD, today=last)


def test_age_follows_the_review_date() -> None:
    assert age_of(LATER, today=TODAY) is Age.FRESH
    assert age_of(TODAY + timedelta(days=7), today=TODAY) is Age.DUE
    assert age_of(TODAY, today=TODAY) is Age.STALE
    assert age_of(LATER, today=TODAY, has_expired=True) is Age.EXPIRED


TESTED = {
    "key": "K1",
    "live": True,
    "sendable": True,
    "review_by": LATER,
    "last_tested_on": TODAY,
    "result": TestResult.REACHED,
}


@pytest.mark.parametrize(
    ("change", "live", "rehearsal"),
    [
        ({}, True, True),
        ({"last_tested_on": TODAY - timedelta(days=29)}, True, True),
        ({"last_tested_on": TODAY - timedelta(days=30)}, False, True),
        ({"last_tested_on": None}, False, True),
        ({"result": TestResult.CLOSED}, False, True),
        ({"sendable": False}, False, True),
        ({"live": False}, False, False),
        ({"has_expired": True}, False, False),
        ({"expires": TODAY}, False, False),
        ({"review_by": TODAY}, False, False),
    ],
    ids=str,
)
def test_contact_point_may_be_given_where_it_might_be_pushed(
    change: dict[str, Any], live: bool, rehearsal: bool
) -> None:
    point = ContactPoint(**(TESTED | change))
    assert may_be_given(point, today=TODAY, rehearsal=False) is live
    assert may_be_given(point, today=TODAY, rehearsal=True) is rehearsal


# ---- On the starter pack -----------------------------------------------------------------------


def reasons(message: MessagePage, *, rehearsal: bool) -> set[str]:
    return {hold.code for hold in hold_reasons(message, today=TODAY, rehearsal=rehearsal)}


def test_negative_example_is_held_in_a_rehearsal_for_exactly_its_two_reasons(
    starter: Pack,
) -> None:
    expected = set(starter.record("messages", "MSG-CM-X1").notes["expect_reasons"])
    assert expected == {"contact_point_expired", "message_expired"}
    for language in ("en", "fr", "ar"):
        assert reasons(find_message("MSG-CM-X1", language), rehearsal=True) == expected


@pytest.mark.once
def test_every_other_message_is_held_live_and_free_in_a_rehearsal(starter: Pack) -> None:
    for message in MessagePage.objects.sendable_sources().exclude(key="MSG-CM-X1"):
        assert "not_sendable" in reasons(message, rehearsal=False), message.key
        assert reasons(message, rehearsal=True) == set(), message.key


def test_unreviewed_translation_is_held_live(starter: Pack) -> None:
    assert "translation_unreviewed" in reasons(find_message("MSG-GEN-1", "ar"), rehearsal=False)
    assert "translation_unreviewed" not in reasons(find_message("MSG-GEN-1"), rehearsal=False)


@pytest.mark.once
def test_valid_until_agrees_with_the_packs_own_reckoning(starter: Pack) -> None:
    for record in starter.records["messages"]:
        assert valid_until(find_message(record.id)) == record.fields["expires"], record.id


def test_uses_are_followed_through_claims_and_pathways(starter: Pack) -> None:
    keys = {use.key for use in read_subject(find_message("MSG-CM-1")).uses}
    assert {"CM-P2", "CM-P4", "CM-C1", "CM-R1", "GEN-F1", "CM-K1"} <= keys
    pathway = Pathway.objects.get(key="CM-P4", locale__language_code="en")
    assert set(pathway.contact_points.values_list("key", flat=True)) <= keys


@pytest.mark.parametrize("language", ["en", "ar"])
def test_fact_behind_a_claim_going_stale_holds_every_language(starter: Pack, language: str) -> None:
    claim = Claim.objects.get(key="WA-C1", locale__language_code="en")
    fact = claim.facts.first()
    Fact.objects.filter(pk=fact.pk).update(review_by=TODAY)
    assert "fact_stale" in reasons(find_message("MSG-WA-1", language), rehearsal=True)


def test_unpublished_contact_point_holds_the_message(starter: Pack) -> None:
    ContactPoint.objects.filter(key="CM-K1", locale__language_code="en").update(live=False)
    assert reasons(find_message("MSG-CM-2"), rehearsal=True) == {"not_published"}


def test_judging_takes_as_many_queries_for_one_use_as_for_many(
    starter: Pack, django_assert_num_queries: object
) -> None:
    for key in ("MSG-GEN-1", "MSG-CM-1"):
        message = find_message(key)
        with django_assert_num_queries(6):  # type: ignore[operator]
            hold_reasons(message, today=TODAY, rehearsal=True)
