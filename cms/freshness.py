"""What is stale, expired, outdated or not to be sent, and why: pure rules over frozen values.

A day named as a review or expiry date is the first day on which the thing no longer holds.
`cms.holding` reads the models for these rules; `cms.overdue` and `cms.standing` ask the database.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from cms.models.translated import DRAFTS, TranslationState

TESTED_WITHIN = timedelta(days=30)
DUE_WITHIN = timedelta(days=7)


class Age(StrEnum):
    """How old a dated thing is."""

    FRESH = "fresh"
    DUE = "due"
    STALE = "stale"
    EXPIRED = "expired"


class Standing(StrEnum):
    """How far one language of a thing can be relied on."""

    MISSING = "missing"
    IN_TRANSLATION = "in_translation"
    OUTDATED = "outdated"
    MACHINE = "machine"
    NEEDS_REVIEW = "needs_review"
    UP_TO_DATE = "up_to_date"


@dataclass(frozen=True, slots=True)
class Text:
    """One language of a thing, and what it has to keep up with; None where there is no such change.

    `source_changed_at`: the original's last major change; `use_changed_at`: the latest major change
    of anything that it uses.
    """

    state: str
    live: bool
    current_as_of: datetime
    source_changed_at: datetime | None = None
    use_changed_at: datetime | None = None

    @property
    def is_outdated(self) -> bool:
        """Tell whether the original has changed its meaning since this was written or confirmed."""
        return self.state != TranslationState.ORIGINAL and _is_after(
            self.source_changed_at, self.current_as_of
        )

    @property
    def rests_on_changed(self) -> bool:
        """Tell whether something it uses has changed since this was written or confirmed."""
        return _is_after(self.use_changed_at, self.current_as_of)


def _is_after(change: datetime | None, moment: datetime) -> bool:
    return change is not None and change > moment


def standing_of(text: Text | None) -> Standing:
    """Tell how far one language of a thing can be relied on; None stands for no text at all."""
    if text is None:
        return Standing.MISSING
    return stand(
        text.state,
        live=text.live,
        is_outdated=text.is_outdated,
        rests_on_changed=text.rests_on_changed,
    )


def stand(state: str, *, live: bool, is_outdated: bool, rests_on_changed: bool) -> Standing:
    """Tell how far a text can be relied on that is there."""
    if is_outdated:
        return Standing.OUTDATED
    if state == TranslationState.MACHINE:
        return Standing.MACHINE
    if state == TranslationState.UNREVIEWED and not live:
        return Standing.IN_TRANSLATION
    if state == TranslationState.UNREVIEWED or rests_on_changed:
        return Standing.NEEDS_REVIEW
    return Standing.UP_TO_DATE


def age_of(
    review_by: date, *, today: date, expires: date | None = None, has_expired: bool = False
) -> Age:
    """Tell how old a dated thing is."""
    if has_expired or (expires is not None and expires <= today):
        return Age.EXPIRED
    if review_by <= today:
        return Age.STALE
    first = review_by if expires is None else min(review_by, expires)
    return Age.DUE if first - DUE_WITHIN <= today else Age.FRESH


class Reach(StrEnum):
    """What the last test of a contact point is worth."""

    REACHED = "reached"
    LONG_AGO = "long_ago"
    NEVER = "never"
    WRONG = "wrong"
    CLOSED = "closed"


def reach_of(result: str, *, last_tested_on: date | None, today: date) -> Reach:
    """Tell what the last test of a contact point is worth today."""
    if result in {Reach.WRONG, Reach.CLOSED}:
        return Reach(result)
    if result != Reach.REACHED or last_tested_on is None:
        return Reach.NEVER
    return Reach.LONG_AGO if last_tested_on + TESTED_WITHIN <= today else Reach.REACHED


# ---- Why a message is held ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Hold:
    """One reason why a message may not go out: the rule, the thing it is about, and the detail."""

    code: str
    what: str
    detail: str


@dataclass(frozen=True, slots=True)
class Use:
    """One thing that a message rests on."""

    kind: str
    key: str
    live: bool
    sendable: bool
    review_by: date
    expires: date | None = None
    has_expired: bool = False
    reached_on: date | None = None
    missing: tuple[str, ...] = ()
    consent_holds: bool = True


@dataclass(frozen=True, slots=True)
class Subject:
    """One message in one language with everything that it rests on."""

    key: str
    live: bool
    sendable: bool
    expires: date
    text: Text
    has_expired: bool = False
    uses: tuple[Use, ...] = ()


# Lifted in a rehearsal, where the only phones within reach are the sandbox's.
LIFTED_IN_REHEARSAL = frozenset(
    {
        "not_sendable",
        "translation_unreviewed",
        "contact_point_untested",
        "pathway_incomplete",
    }
)


def judge(subject: Subject, *, today: date, rehearsal: bool) -> list[Hold]:
    """Return every reason why this message may not go out today; an empty list lets it go."""
    holds = [*_judge_message(subject, today), *_judge_text(subject.key, subject.text)]
    for use in subject.uses:
        holds.extend(judge_use(use, today=today))
    return lift(holds, rehearsal=rehearsal)


def lift(holds: Iterable[Hold], *, rehearsal: bool) -> list[Hold]:
    """Leave out what does not count in a rehearsal."""
    return [hold for hold in holds if not (rehearsal and hold.code in LIFTED_IN_REHEARSAL)]


def _judge_message(subject: Subject, today: date) -> Iterator[Hold]:
    if not subject.live:
        yield Hold("not_published", subject.key, "the message is not live")
    if not subject.sendable:
        yield Hold("not_sendable", subject.key, "nobody has cleared it for real people")
    if subject.has_expired or subject.expires <= today:
        yield Hold("message_expired", subject.key, f"expired on {subject.expires}")


def _judge_text(key: str, text: Text) -> Iterator[Hold]:
    if text.state in DRAFTS:
        yield Hold("translation_unreviewed", key, "nobody has read this translation")
    if text.is_outdated:
        day = text.source_changed_at
        yield Hold("translation_outdated", key, f"its original was changed on {day:%Y-%m-%d}")
    if text.rests_on_changed:
        day = text.use_changed_at
        yield Hold("use_changed", key, f"something it uses was changed on {day:%Y-%m-%d}")


def judge_use(use: Use, *, today: date) -> Iterator[Hold]:
    """Give every reason why a message may not rest on this thing today."""
    if not use.live:
        yield Hold("not_published", use.key, f"the {use.kind} is not live")
    if not use.sendable:
        yield Hold("not_sendable", use.key, "nobody has cleared it for real people")
    if use.missing:
        yield Hold("pathway_incomplete", use.key, f"does not say: {', '.join(use.missing)}")
    if not use.consent_holds:
        yield Hold("consent_withdrawn", use.key, "the person no longer agrees")
    if use.kind == "contact_point":
        yield from _judge_contact(use, today)
    else:
        yield from _judge_dated(use, today)


def _judge_dated(use: Use, today: date) -> Iterator[Hold]:
    age = age_of(use.review_by, today=today, expires=use.expires, has_expired=use.has_expired)
    if age == Age.EXPIRED:
        yield Hold(f"{use.kind}_expired", use.key, f"expired on {use.expires or 'an earlier day'}")
    elif age == Age.STALE:
        yield Hold(f"{use.kind}_stale", use.key, f"was to be reviewed by {use.review_by}")


def _judge_contact(use: Use, today: date) -> Iterator[Hold]:
    # A stale number harms as an expired one does, so both hold a message back.
    age = age_of(use.review_by, today=today, expires=use.expires, has_expired=use.has_expired)
    if age in {Age.STALE, Age.EXPIRED}:
        yield Hold("contact_point_expired", use.key, f"{age}, its review date is {use.review_by}")
    if use.reached_on is None:
        yield Hold("contact_point_untested", use.key, "no test has reached it")
    elif use.reached_on + TESTED_WITHIN <= today:
        yield Hold("contact_point_untested", use.key, f"last reached on {use.reached_on}")


def end_of(subject: Subject) -> date:
    """Return the first day on which something in the message no longer holds."""
    return min([subject.expires, *_ends(subject.uses)])


def _ends(uses: Iterable[Use]) -> Iterator[date]:
    for use in uses:
        yield use.review_by
        if use.expires is not None:
            yield use.expires
        if use.reached_on is not None:
            yield use.reached_on + TESTED_WITHIN
