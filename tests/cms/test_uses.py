"""Where a thing is used, and which texts are behind after a major change."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from hypothesis import given
from hypothesis import strategies as st

from cms.freshness import Standing, Text, standing_of
from cms.holding import behind_languages, hold_reasons, is_behind
from cms.models import Act, Fact, MessagePage, Pathway, Review
from cms.reviewing import confirm
from cms.standing import flagged, outdated
from cms.starter.reading import Pack
from cms.uses import InUse, refuse_if_used, uses_of
from tests.cms.finding import find_message
from tests.conftest import PACK_DAY

pytestmark = pytest.mark.database

NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)
moments = st.datetimes(
    min_value=datetime(2026, 1, 1), max_value=datetime(2028, 1, 1), timezones=st.just(UTC)
)


def fact(key: str, language: str = "en") -> Fact:
    return Fact.objects.get(key=key, locale__language_code=language)


def change(key: str) -> None:
    """Do to a fact what publishing a major change does."""
    Fact.objects.filter(key=key, translation_state="original").update(changed_at=NOW)


@pytest.fixture
def reviewer(db: None) -> User:
    return User.objects.create_user("reader", "reader@waymark.example")


def test_uses_name_everything_that_rests_on_a_fact_with_its_languages(starter: Pack) -> None:
    uses = uses_of(fact("WA-R2"))
    found = {(use.kind, use.key): use.languages for use in uses}
    assert ("message", "MSG-WA-1") in found
    assert found["message", "MSG-WA-1"][0] == "en"
    assert set(found["message", "MSG-WA-1"]) == {"en", "fr", "ar", "es", "so", "ha", "am", "ti"}


def test_use_through_a_claim_is_found_too(starter: Pack) -> None:
    claim = find_message("MSG-WA-1").claims.get()
    only_in_claim = fact("WA-R1")
    claim.facts = [only_in_claim]
    claim.save()
    kinds = {use.kind for use in uses_of(only_in_claim)}
    assert {"claim", "message"} <= kinds


def test_used_fact_is_not_deleted_and_says_where(starter: Pack) -> None:
    with pytest.raises(InUse) as caught:
        refuse_if_used(fact("WA-R2"))
    assert "MSG-WA-1" in str(caught.value)


def test_translation_and_unused_fact_may_go(starter: Pack) -> None:
    refuse_if_used(fact("WA-R2", "fr"))
    unused = Fact.objects.filter(
        translation_state="original", messages=None, claims=None, pathways=None, stories=None
    ).first()
    assert unused is not None
    refuse_if_used(unused)


def test_changed_fact_leaves_its_translations_and_all_uses_behind(starter: Pack) -> None:
    assert not outdated(Fact).exists()
    assert not flagged(MessagePage).exists()
    change("WA-R2")
    behind = set(outdated(Fact).values_list("key", "locale__language_code"))
    assert behind == {("WA-R2", code) for code in ("fr", "ar", "es", "so", "ha", "am", "ti")}
    assert flagged(MessagePage).filter(key="MSG-WA-1").count() == 8
    assert behind_languages(find_message("MSG-WA-1")) >= {"en", "fr", "ar"}


def test_message_that_rests_on_a_changed_fact_is_held_until_somebody_confirms(
    starter: Pack, reviewer: User
) -> None:
    change("WA-R2")
    message = find_message("MSG-WA-1")
    codes = {hold.code for hold in hold_reasons(message, today=PACK_DAY, rehearsal=True)}
    assert "use_changed" in codes
    confirm(message, by=reviewer, now=NOW + timedelta(minutes=1))
    message.refresh_from_db()
    codes = {hold.code for hold in hold_reasons(message, today=PACK_DAY, rehearsal=True)}
    assert "use_changed" not in codes
    assert not flagged(MessagePage).filter(pk=message.pk).exists()
    review = Review.objects.get(act=Act.CONFIRMED)
    assert (review.key, review.language, review.by) == ("MSG-WA-1", "en", reviewer)


def test_confirming_one_language_leaves_the_others_flagged(starter: Pack, reviewer: User) -> None:
    change("WA-R2")
    confirm(find_message("MSG-WA-1"), by=reviewer, now=NOW + timedelta(minutes=1))
    assert is_behind(find_message("MSG-WA-1", "ar"))
    assert "ar" in behind_languages(find_message("MSG-WA-1"))


def test_pathway_and_claim_that_use_the_fact_are_flagged(starter: Pack) -> None:
    used = Fact.objects.filter(translation_state="original", pathways__isnull=False).first()
    assert used is not None
    change(used.key)
    assert flagged(Pathway).exists()


def test_review_is_never_changed(starter: Pack, reviewer: User) -> None:
    review = confirm(find_message("MSG-WA-1"), by=reviewer, now=NOW)
    review.note = "another"
    with pytest.raises(ValueError, match="record"):
        review.save()


# ---- The rule and the query say the same -------------------------------------------------------


@given(
    state=st.sampled_from(["original", "machine", "unreviewed", "reviewed"]),
    live=st.booleans(),
    written=moments,
    source=st.none() | moments,
    use=st.none() | moments,
)
def test_standing_is_up_to_date_only_when_nothing_came_after(
    state: str, live: bool, written: datetime, source: datetime | None, use: datetime | None
) -> None:
    text = Text(state, live, written, source, use)
    standing = standing_of(text)
    is_translation = state != "original"
    assert (standing is Standing.OUTDATED) == (
        is_translation and source is not None and source > written
    )
    if standing is Standing.UP_TO_DATE:
        assert state in {"original", "reviewed"}
        assert use is None or use <= written


def test_nothing_is_missing() -> None:
    assert standing_of(None) is Standing.MISSING


@pytest.mark.parametrize("hours", [-1, 0, 1])
def test_query_and_rule_agree_on_the_moment(starter: Pack, hours: int) -> None:
    change("WA-R2")
    row = fact("WA-R2", "fr")
    Fact.objects.filter(pk=row.pk).update(current_as_of=NOW + timedelta(hours=hours))
    row.refresh_from_db()
    assert outdated(Fact).filter(pk=row.pk).exists() == is_behind(row) == (hours < 0)
