"""Where somebody stands, from what was said, in order."""

from datetime import UTC, datetime, timedelta

import pytest

from messaging.consenting.standing import Said, Standing, Word, judge

START = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def stand(*verdicts: str | tuple[str, int], after: int = 1000) -> Standing:
    """Judge verdicts an hour apart; a pair also says for how many hours from the start it holds."""
    said = []
    for number, verdict in enumerate(verdicts):
        word, hours = verdict if isinstance(verdict, tuple) else (verdict, None)
        until = None if hours is None else START + hours * HOUR
        said.append(Said(word, START + number * HOUR, until))
    return judge(said, now=START + after * HOUR)


@pytest.mark.parametrize(
    ("verdicts", "word"),
    [
        ([], Word.NONE),
        (["granted"], Word.ASKED),
        (["granted", "granted"], Word.ASKED),
        (["granted", "confirmed"], Word.LIVE),
        (["granted", "refused"], Word.NONE),
        (["granted", "confirmed", "refused"], Word.NONE),
        (["granted", "confirmed", "expired"], Word.LAPSED),
        (["granted", "confirmed", "withdrawn"], Word.STOPPED),
        (["granted", "confirmed", "expired", "granted"], Word.ASKED),
        (["granted", "confirmed", "expired", "granted", "confirmed"], Word.LIVE),
        (["granted", "confirmed", "withdrawn", "granted", "confirmed"], Word.LIVE),
        (["withdrawn"], Word.STOPPED),
    ],
)
def test_the_latest_word_decides(verdicts: list[str], word: Word) -> None:
    assert stand(*verdicts).word is word


def test_a_yes_that_is_not_confirmed_takes_nothing_away_and_gives_nothing_back() -> None:
    assert stand("confirmed", "granted").word is Word.LIVE
    assert stand("confirmed", "withdrawn", "granted").word is Word.STOPPED


@pytest.mark.parametrize("verdict", ["granted", "refused", "expired"])
def test_a_stop_outlasts_all_but_a_confirmation(verdict: str) -> None:
    assert stand("confirmed", "withdrawn", verdict).word is Word.STOPPED


def test_a_consent_with_an_end_is_live_until_then_and_not_at_that_moment() -> None:
    assert stand(("confirmed", 10), after=9) == Standing(Word.LIVE, START + 10 * HOUR)
    assert stand(("confirmed", 10), after=10).word is Word.LAPSED


def test_who_agreed_for_longer_keeps_that() -> None:
    assert stand("confirmed", ("confirmed", 10)).until is None
    assert stand(("confirmed", 2000), ("confirmed", 1500)).until == START + 2000 * HOUR
    assert stand(("confirmed", 1500), ("confirmed", 2000)).until == START + 2000 * HOUR
    assert stand(("confirmed", 10), "confirmed").until is None


def test_what_had_ended_by_then_counts_for_nothing() -> None:
    # The first was over when the second was said, so that its end is its own.
    assert (
        stand("granted", ("confirmed", 2), "granted", ("confirmed", 4), after=3).word is Word.LIVE
    )
    assert stand("granted", ("confirmed", 2), "granted", "granted", after=900).word is Word.ASKED


def test_a_verdict_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="no verdict"):
        stand("perhaps")
