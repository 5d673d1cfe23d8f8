"""What is out of date: the message itself, and what it rests on."""

from collections.abc import Iterator
from datetime import date

from django.utils.translation import gettext

from cms.freshness import TESTED_WITHIN, Age, age_of
from cms.linting.values import DraftMessage, Spot, Used

CONTACT = "contact_point"
# The box of the form in which each kind is chosen.
BOX_OF = {
    "fact": "facts",
    "pathway": "pathways",
    "claim": "claims",
    CONTACT: "contact_points",
    "story": "stories",
}


def box_of(use: Used) -> str:
    """Return the box in which a thing was chosen; none for what came with another thing."""
    return BOX_OF.get(use.kind, "") if use.direct else ""


def age_of_use(use: Used, today: date) -> Age:
    """Return how old a used thing is."""
    return age_of(use.review_by, today=today, expires=use.expires, has_expired=use.has_expired)


def find_expired_facts(draft: DraftMessage, today: date) -> Iterator[Spot]:
    """Give each fact, pathway, claim or story that serves nobody any more."""
    for use in draft.uses:
        if use.kind != CONTACT and age_of_use(use, today) == Age.EXPIRED:
            yield Spot(box_of(use), use.key, str(use.expires or use.review_by))


def find_stale_facts(draft: DraftMessage, today: date) -> Iterator[Spot]:
    """Give each fact, pathway, claim or story whose day of review has passed."""
    for use in draft.uses:
        if use.kind != CONTACT and age_of_use(use, today) == Age.STALE:
            yield Spot(box_of(use), use.key, str(use.review_by))


def find_expired_contacts(draft: DraftMessage, today: date) -> Iterator[Spot]:
    """Give each contact point that is out of date: a stale number harms as an expired one does."""
    for use in draft.uses:
        if use.kind == CONTACT and age_of_use(use, today) in {Age.STALE, Age.EXPIRED}:
            yield Spot(box_of(use), use.key, str(use.expires or use.review_by))


def find_untested_contacts(draft: DraftMessage, today: date) -> Iterator[Spot]:
    """Give each contact point that no test has reached of late."""
    for use in draft.uses:
        if use.kind != CONTACT:
            continue
        if use.reached_on is None or use.reached_on + TESTED_WITHIN <= today:
            yield Spot(box_of(use), use.key, str(use.reached_on or gettext("never")))


def find_expiry(draft: DraftMessage, today: date) -> Iterator[Spot]:
    """Say that the message itself has expired."""
    if draft.has_expired or (draft.expires is not None and draft.expires <= today):
        yield Spot("expires", str(draft.expires or "–"))


def find_long_life(draft: DraftMessage, today: date) -> Iterator[Spot]:
    """Say that the message would outlive what it rests on, and what the right day is."""
    ends = [(end, use.key) for use in draft.uses for end in (use.review_by, use.expires) if end]
    if not ends:
        return
    first, key = min(ends)
    if today < first and (draft.expires is None or first < draft.expires):
        yield Spot("expires", str(first), key)


def find_need_of_review(draft: DraftMessage, _today: date) -> Iterator[Spot]:
    """Say that the original, or something used, has changed since this text was right."""
    if draft.is_behind:
        yield Spot()


def find_withdrawn_consent(draft: DraftMessage, _today: date) -> Iterator[Spot]:
    """Give each story whose teller no longer agrees."""
    for use in draft.uses:
        if not use.consent_holds:
            yield Spot(box_of(use), use.key)
