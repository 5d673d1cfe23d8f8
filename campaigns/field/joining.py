"""Joining: which word stands for which routes in a country, and what routes are called.

Messaging asks this through its settings; it knows words and topics, but no route.
"""

from datetime import UTC, datetime, time, timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from campaigns.models import Campaign, JoinWord
from campaigns.models.segments import topic_of
from cms.models import Route, RoutePage
from locales.folding import fold
from messaging.receiving.inbound import Invitation

LONGEST_WORD = 40


def find_word(text: str, country: str) -> Invitation | None:
    """Return what a word stands for in a country, or its default word's for an empty text, or None.

    Where the country has no such word, that of the one country which has: many carry a SIM from home.
    """
    words = JoinWord.objects.filter(is_active=True).select_related("campaign")
    words = words.filter(Q(campaign__isnull=True) | Q(campaign__purged_at__isnull=True))
    if not text.strip():
        default = words.filter(country=country, is_default=True)
        return _invite(default.order_by("pk").first())
    folded = fold_word(text)
    if not folded:
        return None
    # By the constraint each is of another country.
    spelled = list(words.filter(folded=folded))
    here = [word for word in spelled if word.country == country]
    found = here or spelled
    return _invite(found[0]) if len(found) == 1 else None


def fold_word(text: str) -> str:
    """Return a word as it is compared: however it is written, in whichever script; "" if too long."""
    return fold(text) if len(text) <= 2 * LONGEST_WORD else ""


def name_topics(topics: list[str], language: str) -> list[str]:
    """Return what topics are called: a route by the title of its page in a language, else its name."""
    names = {topic_of(code): name for code, name in Route.objects.values_list("code", "name")}
    pages = RoutePage.objects.live().filter(locale__language_code=language)
    titles = pages.values_list("migration_route__code", "title")
    names |= {topic_of(code): title for code, title in titles}
    return [names.get(topic, topic) for topic in topics]


def find_end(campaign: Campaign | None) -> datetime | None:
    """Return until when a yes holds that was said within a campaign; None means without end."""
    if campaign is None or campaign.ends_on is None:
        return None
    kept = timedelta(days=settings.RETENTION["campaigns"])
    return datetime.combine(campaign.ends_on, time.max, tzinfo=UTC) + kept


def _invite(word: JoinWord | None) -> Invitation | None:
    if word is None or not word.routes or _is_over(word):
        return None
    return Invitation(
        topics=tuple(topic_of(code) for code in word.routes),
        country=word.country,
        languages=tuple(word.languages),
        until=find_end(word.campaign),
    )


def _is_over(word: JoinWord) -> bool:
    """Say whether the word's campaign has ended: who has joined stays a while, nobody joins any more."""
    ends_on = word.campaign.ends_on if word.campaign else None
    return ends_on is not None and ends_on < timezone.now().date()
