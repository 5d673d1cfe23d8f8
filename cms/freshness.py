"""What is stale, expired or not to be sent, and why: rules over frozen values, and what reads them.

A day named as a review or expiry date is the first day on which the thing no longer holds.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from django.db.models import Q

from cms.models import (
    Claim,
    ContactPoint,
    Entry,
    Fact,
    MessagePage,
    Pathway,
    TestResult,
    TranslationState,
)

TESTED_WITHIN = timedelta(days=30)
DUE_WITHIN = timedelta(days=7)


class Age(StrEnum):
    """How old a dated thing is."""

    FRESH = "fresh"
    DUE = "due"
    STALE = "stale"
    EXPIRED = "expired"


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


@dataclass(frozen=True, slots=True)
class Subject:
    """One message in one language with everything that it rests on."""

    key: str
    live: bool
    sendable: bool
    translation_state: str
    expires: date
    uses: tuple[Use, ...] = ()


# Lifted in a rehearsal, where the only phones within reach are the sandbox's.
LIFTED_IN_REHEARSAL = frozenset(
    {"not_sendable", "translation_unreviewed", "contact_point_untested"}
)


def judge(subject: Subject, *, today: date, rehearsal: bool) -> list[Hold]:
    """Return every reason why this message may not go out today; an empty list lets it go."""
    holds = [*_judge_message(subject, today)]
    for use in subject.uses:
        holds.extend(_judge_use(use, today))
    return _lift(holds, rehearsal=rehearsal)


def _lift(holds: Iterable[Hold], *, rehearsal: bool) -> list[Hold]:
    return [hold for hold in holds if not (rehearsal and hold.code in LIFTED_IN_REHEARSAL)]


def _judge_message(subject: Subject, today: date) -> Iterator[Hold]:
    if not subject.live:
        yield Hold("not_published", subject.key, "the message is not live")
    if not subject.sendable:
        yield Hold("not_sendable", subject.key, "nobody has cleared it for real people")
    if subject.translation_state == TranslationState.UNREVIEWED:
        yield Hold("translation_unreviewed", subject.key, "nobody has read this translation")
    if subject.expires <= today:
        yield Hold("message_expired", subject.key, f"expired on {subject.expires}")


def _judge_use(use: Use, today: date) -> Iterator[Hold]:
    if not use.live:
        yield Hold("not_published", use.key, f"the {use.kind} is not live")
    if not use.sendable:
        yield Hold("not_sendable", use.key, "nobody has cleared it for real people")
    if use.kind == "contact_point":
        yield from _judge_contact(use, today)
    elif use.review_by <= today:
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


def age_of(
    review_by: date, *, today: date, expires: date | None = None, has_expired: bool = False
) -> Age:
    """Tell how old a dated thing is."""
    if has_expired or (expires is not None and expires <= today):
        return Age.EXPIRED
    if review_by <= today:
        return Age.STALE
    return Age.DUE if review_by - DUE_WITHIN <= today else Age.FRESH


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


# ---- Reading the models ------------------------------------------------------------------------


def hold_reasons(message: MessagePage, *, today: date, rehearsal: bool) -> list[Hold]:
    """Return every reason why this message, in its language, may not go out today."""
    return judge(read_subject(message), today=today, rehearsal=rehearsal)


def may_be_given(contact_point: ContactPoint, *, today: date, rehearsal: bool) -> bool:
    """Say whether this contact point may be told today to somebody who asks: the rule of pushing."""
    use = _read_use("contact_point", contact_point)
    return not _lift(_judge_use(use, today), rehearsal=rehearsal)


def valid_until(message: MessagePage) -> date | None:
    """Return the first day on which the message may no longer go out."""
    return end_of(read_subject(message))


def age_of_entry(entry: Entry, *, today: date) -> Age:
    """Tell how old a fact, pathway, claim or contact point is."""
    if isinstance(entry, ContactPoint):
        return age_of(
            entry.review_by, today=today, expires=entry.expires, has_expired=entry.has_expired
        )
    return age_of(entry.review_by, today=today)


def read_subject(message: MessagePage) -> Subject:
    """Read a message with all that it rests on, also through its claims and pathways."""
    source = message.source
    # A translation's own copies of flags and dates could lag behind: its source is what counts.
    return Subject(
        key=source.key,
        live=message.live and source.live,
        sendable=message.sendable and source.sendable,
        translation_state=message.translation_state,
        expires=min(message.expires, source.expires),
        uses=tuple(_read_uses(source)),
    )


def _read_uses(source: MessagePage) -> Iterator[Use]:
    claims = Claim.objects.filter(messages=source)
    pathways = Pathway.objects.filter(Q(messages=source) | Q(claims__in=claims))
    reached = Q(messages=source) | Q(claims__in=claims) | Q(pathways__in=pathways)
    for kind, entries in (
        ("claim", claims),
        ("pathway", pathways),
        ("fact", Fact.objects.filter(reached)),
        ("contact_point", ContactPoint.objects.filter(reached)),
    ):
        for entry in entries.distinct().order_by("key"):
            yield _read_use(kind, entry)


def _read_use(kind: str, entry: Entry) -> Use:
    use = Use(kind, entry.key, entry.live, entry.sendable, entry.review_by)
    if not isinstance(entry, ContactPoint):
        return use
    return replace(
        use,
        expires=entry.expires,
        has_expired=entry.has_expired,
        reached_on=entry.last_tested_on if entry.result == TestResult.REACHED else None,
    )
