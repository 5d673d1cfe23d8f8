"""Limits of a partner: where it may send, in which languages, and to how many people in which time.

What would pass one is refused before anything is sent, with the reason. These are the limits that were
agreed with a partner; what a country allows, and how often a person is written to, is asked elsewhere.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max, Q
from django.utils.translation import get_language

from campaigns import series
from campaigns.models import Broadcast, Partner
from campaigns.partners.limit_words import LIMITS
from campaigns.reckoning.timing import find_start
from campaigns.recurring import is_near
from cms.freshness import Hold
from locales.countries import country_name
from messaging.models import Batch

COUNTRIES, ROUTES, LANGUAGES = "limit_countries", "limit_routes", "limit_languages"
A_BROADCAST, AN_HOUR, A_DAY = "limit_broadcast", "limit_hour", "limit_day"
# A rule that names none goes to any.
ANY = "*"
_HOUR = timedelta(hours=1)
# What goes out at nine every day must not meet itself in the night when a day has 23 hours.
_DAY = timedelta(hours=23)
# More often than this nothing recurs within a day and a day.
_MOST_MOMENTS = 4
_COUNTED = (Broadcast.State.APPROVED, Broadcast.State.LAUNCHED)


@dataclass(frozen=True, slots=True)
class Sending:
    """Hold when something goes out, and to how many people."""

    at: datetime
    people: int


def find_breaches(broadcast: Broadcast, people: int, *, now: datetime) -> list[Hold]:
    """Return which limits of its partner a broadcast to so many people would pass."""
    outside = _find_outside(broadcast, broadcast.partner)
    if broadcast.corrects_id is not None:
        # They were told what is wrong already: no limit of people lets them wait for what is right.
        return outside
    return [*outside, *_find_too_many(broadcast, people, now=now)]


def lock_limits(broadcast: Broadcast) -> None:
    """Let no other broadcast of the partner be approved until this transaction ends."""
    # Two that fit alone may be too many together.
    Partner.objects.select_for_update().get(pk=broadcast.partner_id)


def count_most(own: Sending, others: Iterable[Sending], span: timedelta) -> int:
    """Return how many people get something in the fullest stretch of this length with `own` in it."""
    near = [own, *(one for one in others if abs(one.at - own.at) < span)]
    # The fullest stretch may begin with one of them.
    begins = [one.at for one in near if one.at <= own.at]
    return max(sum(one.people for one in near if at <= one.at < at + span) for at in begins)


def _find_outside(broadcast: Broadcast, partner: Partner) -> list[Hold]:
    rule, language = broadcast.segment, get_language() or "en"
    countries = _outside(rule.countries, partner.countries)
    named = [code if code == ANY else country_name(code, language) for code in countries]
    routes = _outside(rule.routes, partner.routes)
    languages = _outside(rule.languages, partner.languages)
    found = [(COUNTRIES, named), (ROUTES, routes), (LANGUAGES, languages)]
    return [_hold(code, partner, ", ".join(outside)) for code, outside in found if outside]


def _outside(wanted: list[str], allowed: list[str]) -> list[str]:
    if not allowed:
        return []
    return sorted(set(wanted) - set(allowed)) if wanted else [ANY]


def _find_too_many(broadcast: Broadcast, people: int, *, now: datetime) -> list[Hold]:
    partner = broadcast.partner
    rates = ((AN_HOUR, partner.people_an_hour, _HOUR), (A_DAY, partner.people_a_day, _DAY))
    holds = []
    most = partner.people_a_broadcast
    if most is not None and people > most:
        holds.append(_hold(A_BROADCAST, partner, most))
    if all(limit is None for _code, limit, _span in rates):
        return holds
    own = Sending(_find_time(broadcast, now=now), people)
    others = list(_find_others(broadcast, own.at, now=now))
    for code, limit, span in rates:
        if limit is not None and count_most(own, others, span) > limit:
            holds.append(_hold(code, partner, limit))
    return holds


def _find_time(broadcast: Broadcast, *, now: datetime) -> datetime:
    if broadcast.schedule:
        return next(iter(broadcast.schedule.rhythm.moments(after=now, most=1)), now)
    return find_start(broadcast, now=now)


def _find_others(broadcast: Broadcast, at: datetime, *, now: datetime) -> Iterable[Sending]:
    """Yield what else of the partner goes out within a day of a moment, or went out."""
    standing = Max("approvals__people", filter=Q(approvals__void_at__isnull=True))
    mine = Broadcast.objects.filter(partner_id=broadcast.partner_id, state__in=_COUNTED)
    mine = mine.exclude(pk=broadcast.pk).annotate(approved=standing)
    once = list(mine.filter(schedule=None, send_at__gt=at - _DAY, send_at__lt=at + _DAY))
    references = [one.reference for one in once]
    sizes = dict(Batch.objects.filter(reference__in=references).values_list("reference", "size"))
    for one in once:
        yield Sending(one.send_at, max(one.approved or 0, sizes.get(one.reference, 0)))
    # Those that recur, as far as they are still to come.
    rows = mine.filter(schedule__paused_at=None, schedule__next_at__lt=at + _DAY)
    recurring = list(rows.exclude(schedule=None).select_related("schedule"))
    known = [one.schedule_id for one in recurring if one.schedule_id]
    moved = series.find_moved(known, after=min(now, at - _DAY))
    for one in recurring:
        begin = max(now, at) if one.pk == broadcast.pattern_id else max(now, at - _DAY)
        if one.schedule:
            times = one.schedule.rhythm.moments(after=begin, most=_MOST_MOMENTS)
            yield from (
                Sending(time, one.approved or 0)
                for time in times
                if not is_near(time, moved[one.schedule.pk])
            )


def _hold(code: str, partner: Partner, limit: int | str) -> Hold:
    why, _remedy = LIMITS[code]
    return Hold(code=code, what=f"{partner.name} · {limit}", detail=str(why))
