"""What is late, due or out of reach: querysets that agree with the rules of `cms.freshness`."""

from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from cms.freshness import DUE_WITHIN, TESTED_WITHIN, Age, Reach
from cms.models import (
    Alert,
    Claim,
    ContactPoint,
    Fact,
    MessagePage,
    Pathway,
    PlainPage,
    Story,
    TranslationState,
)

# Every kind of text that is reviewed, and what a row of it is called by.
TITLES: dict[Any, str] = {
    Fact: "statement",
    Pathway: "name",
    Claim: "statement",
    ContactPoint: "name",
    Story: "title",
    Alert: "title",
    MessagePage: "title",
    PlainPage: "title",
}
TEXTS: tuple[Any, ...] = tuple(TITLES)
DATED = tuple(model for model in TEXTS if model is not PlainPage)


def of_age(model: Any, age: Age, *, today: date) -> QuerySet[Any]:
    """Return the originals of a model that are of an age today, as `age_of` tells it."""
    rows: QuerySet[Any] = originals_of(model).filter(is_of_age(model, age, today))
    return rows


def dead_contacts(*, today: date) -> QuerySet[ContactPoint]:
    """Return the live contact points that no test has reached of late, as `reach_of` tells it."""
    rows: QuerySet[ContactPoint] = originals_of(ContactPoint).filter(_is_dead(today), live=True)
    return rows


def withdrawn_stories() -> QuerySet[Story]:
    """Return the stories without a consent that are still to be read, or chosen in a message."""
    chosen = MessagePage.objects.filter(stories=OuterRef("pk"))
    rows: QuerySet[Story] = originals_of(Story).filter(consent__withdrawn_at__isnull=False)
    return rows.filter(Q(live=True) | Exists(chosen))


def originals_of(model: Any) -> Any:
    """Return the originals of a model, in no order."""
    return model.objects.filter(translation_state=TranslationState.ORIGINAL).order_by()


def review_field(model: Any) -> str:
    """Return the name of the date on which a kind is to be reviewed."""
    # A message has one date only: on it, it ends.
    return "expires" if model is MessagePage else "review_by"


def is_of_age(model: Any, age: Age, today: date) -> Q:
    """Return the condition that a row is of an age today."""
    review = review_field(model)
    expired = Q(has_expired=True) | Q(expires__isnull=False, expires__lte=today)
    stale = Q(**{f"{review}__lte": today})
    soon = today + DUE_WITHIN
    due = Q(**{f"{review}__lte": soon}) | Q(expires__isnull=False, expires__lte=soon)
    return {
        Age.EXPIRED: expired,
        Age.STALE: ~expired & stale,
        Age.DUE: ~expired & ~stale & due,
        Age.FRESH: ~expired & ~stale & ~due,
    }[age]


def _is_dead(today: date) -> Q:
    untested = Q(last_tested_on=None) | Q(last_tested_on__lte=today - TESTED_WITHIN)
    return ~Q(result=Reach.REACHED) | untested
