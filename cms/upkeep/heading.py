"""What the head of an editing page says: how old the thing is, what has changed below it, who uses it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.contenttypes.models import ContentType

from cms.comparing import ChangedUse, list_changed_uses
from cms.freshness import Age, age_of, reach_of
from cms.models import Act, ContactPoint, Entry, HarmClass, Review, TranslationState
from cms.overdue import review_field
from cms.upkeep.acts import may_test
from cms.upkeep.addresses import edit_address
from cms.upkeep.confirming import Offer, offer_for, why_not
from cms.upkeep.words import AGES, HARMS, REACHES, Sign
from cms.uses import UsedIn, uses_of
from locales.languages import Language, get_language

TESTS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Head:
    """How a text stands today, and what can be done with one tap."""

    harm: Sign
    age: Sign | None
    review_by: date | None
    changes: tuple[ChangedUse, ...]
    offer: Offer | None
    why_not: str


@dataclass(frozen=True, slots=True)
class Tests:
    """What came of testing a contact point, the last tests first."""

    sign: Sign
    last: date | None
    reviews: tuple[Review, ...]
    may_test: bool


@dataclass(frozen=True, slots=True)
class Use:
    """One thing that uses the one being edited."""

    used: UsedIn
    languages: tuple[Language, ...]
    address: str


@dataclass(frozen=True, slots=True)
class Follower:
    """What asks for review after a major change: so many of a kind, in so many languages."""

    kind: str
    count: int
    languages: int


@dataclass(frozen=True, slots=True)
class Uses:
    """Where a thing is used, and what a major change of it would ask of others."""

    uses: tuple[Use, ...]
    followers: tuple[Follower, ...]
    translations: int


def read_head(row: Any, user: Any, *, today: date) -> Head:
    """Read how a text stands today."""
    # The form holds a draft; what is confirmed is what is live.
    live = type(row)._base_manager.select_related("locale").get(pk=row.pk)
    offer = offer_for(live, today=today)
    age, review_by = read_age(live, today=today)
    return Head(
        harm=HARMS[HarmClass(live.harm_class)],
        age=None if age is None else AGES[age],
        review_by=review_by,
        changes=tuple(list_changed_uses(live, live)),
        offer=offer,
        why_not=why_not(live, user) if offer is not None else "",
    )


def read_age(row: Any, *, today: date) -> tuple[Age | None, date | None]:
    """Return how old a thing is, and its review date; neither where its kind has no dates."""
    day = getattr(row, review_field(type(row)), None)
    if day is None:
        return None, None
    return age_of(day, today=today, expires=row.expires, has_expired=row.has_expired), day


def read_tests(point: ContactPoint, user: Any, *, today: date) -> Tests:
    """Read the tests of a contact point, in whichever language they were recorded."""
    rows = ContactPoint.objects.filter(translation_key=point.translation_key)
    reviews = Review.objects.filter(
        content_type=ContentType.objects.get_for_model(ContactPoint),
        object_id__in=rows.values("pk"),
        act=Act.TESTED,
    ).select_related("by")
    reach = reach_of(point.result, last_tested_on=point.last_tested_on, today=today)
    return Tests(
        sign=REACHES[reach],
        last=point.last_tested_on,
        reviews=tuple(reviews[:TESTS_SHOWN]),
        may_test=may_test(user),
    )


def read_uses(entry: Entry) -> Uses:
    """Read where an entry is used, in any language of it."""
    uses = uses_of(entry)
    siblings = type(entry).objects.filter(translation_key=entry.translation_key)
    translations = siblings.exclude(translation_state=TranslationState.ORIGINAL).count()
    return Uses(
        uses=tuple(_describe(used) for used in uses),
        followers=_follow(uses),
        translations=translations,
    )


def _describe(used: UsedIn) -> Use:
    languages = tuple(get_language(code) for code in used.languages)
    return Use(used, languages, edit_address(type(used.row), used.row.pk))


def _follow(uses: Sequence[UsedIn]) -> tuple[Follower, ...]:
    kinds: dict[Any, list[UsedIn]] = {}
    for used in uses:
        kinds.setdefault(type(used.row), []).append(used)
    return tuple(
        Follower(
            kind=str(model._meta.verbose_name_plural),
            count=len(found),
            languages=len({code for used in found for code in used.languages}),
        )
        for model, found in kinds.items()
    )
