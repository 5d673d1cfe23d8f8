"""Segments: rules that a partner saves under a name, and those that one broadcast was made with.

A broadcast never shares its rule with a saved one: that may change, and what was approved may not.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from campaigns.models import Partner, Segment
from campaigns.reckoning.rounding import SMALL
from messaging.sending.eligibility import count_eligible

_LISTS = ("languages", "countries")
_LIMITS = ("not_reached_days", "joined_from", "joined_until", *_LISTS)


@dataclass(frozen=True, slots=True)
class Rule:
    """Hold whom: routes asked for, and limits on what people have told of themselves; empty sets none."""

    routes: tuple[str, ...]
    channels: tuple[str, ...]
    countries: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    joined_from: date | None = None
    joined_until: date | None = None
    not_reached_days: int | None = None

    def as_fields(self) -> dict[str, Any]:
        """Return the rule as a segment holds it."""
        fields = asdict(self)
        return {k: sorted(v) if isinstance(v, tuple) else v for k, v in fields.items()}


class SegmentError(Exception):
    """Say why a rule cannot be saved, and what to do."""


def read_rule(segment: Segment) -> Rule:
    """Return the rule of a segment."""
    return Rule(
        routes=tuple(segment.routes),
        channels=tuple(segment.channels),
        countries=tuple(segment.countries),
        languages=tuple(segment.languages),
        joined_from=segment.joined_from,
        joined_until=segment.joined_until,
        not_reached_days=segment.not_reached_days,
    )


def find_segment(partner: Partner, rule: Rule) -> Segment:
    """Return the partner's segment of exactly this rule for broadcasts, made when it is new."""
    wanted = rule.as_fields()
    known = Segment.objects.filter(partner=partner, is_saved=False, received="")
    for segment in known:
        if read_rule(segment).as_fields() == wanted:
            return segment
    digest = hashlib.sha256(json.dumps(wanted, sort_keys=True, default=str).encode()).hexdigest()
    # The digest makes the name unique, so two forms at once make one segment.
    name = f"{', '.join(wanted['routes'])[:100]} ({digest[:8]})"
    segment, _made = Segment.objects.get_or_create(
        partner=partner, name=name, defaults=wanted | {"is_saved": False}
    )
    return segment


def save_segment(partner: Partner, name: str, rule: Rule, *, segment: Segment | None) -> Segment:
    """Save a rule under a name, or change one; raise `SegmentError` where the name is taken."""
    saved = segment or Segment(partner=partner, is_saved=True)
    saved.name = name
    for field, value in rule.as_fields().items():
        setattr(saved, field, value)
    try:
        with transaction.atomic():
            saved.save()
    except IntegrityError as error:
        raise SegmentError(_("There is one of this name already. Choose another name.")) from error
    return saved


def discard_segment(segment: Segment) -> None:
    """Take a saved rule away."""
    # Some broadcast may have been made with this very one, and stays what it is.
    if segment.broadcast_set.exists():
        segment.name = f"{segment.name[:100]} ({segment.pk})"
        segment.is_saved = False
        segment.save(update_fields=["name", "is_saved"])
    else:
        segment.delete()


def count_alike(rule: Rule) -> int:
    """Return how many people a rule yields, or a wider one that yields only a few more.

    Whoever narrows a rule step by step so never sees the number change by a handful of people.
    """
    shown = _count(rule)
    is_widened = True
    while is_widened:
        is_widened = False
        for name in [name for name in _LIMITS if getattr(rule, name)]:
            nothing: Any = () if name in _LISTS else None
            wider = replace(rule, **{name: nothing})
            people = _count(wider)
            if people - shown < SMALL:
                rule, shown, is_widened = wider, people, True
                break
    return shown


def _count(rule: Rule) -> int:
    audience = Segment(**rule.as_fields()).audience
    return sum(group.people for group in count_eligible(audience))
