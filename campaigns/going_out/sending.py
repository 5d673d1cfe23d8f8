"""Sending as staff see it: what each sender does and may do, and the switch that stops everything."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from messaging.guarding import fencing
from messaging.models import Batch, CountryRule, Fence, Sender, SenderCountry
from messaging.senders import breaker, capacity
from messaging.states import State

# What a provider has accepted may wait there for so long.
_LONGEST_ON_THE_WAY = timedelta(days=3)
_REASONS = {
    breaker.TRANSPORT: gettext_lazy(
        "It halted itself: its provider does not answer. One message a minute tries again. Once one "
        "has arrived this page says so, and somebody lets it go on."
    ),
    breaker.FREE: gettext_lazy(
        "It halted itself because its provider did not answer. A message has arrived since, so the "
        "way is free again: let it go on."
    ),
    breaker.ACCOUNT: gettext_lazy(
        "It halted itself: its provider refuses our account. Find out why there, then let it go on."
    ),
    breaker.PERSON: gettext_lazy("Somebody halted it here."),
}


@dataclass(frozen=True, slots=True)
class SenderLine:
    """Hold one sender: its limits of a day with what was used, and where it may send."""

    sender: Sender
    used: int
    used_by_all: int
    active: int
    waiting: int

    @property
    def badge(self) -> tuple[str, Promise]:
        """Return its state in a few words, and their kind for the eye."""
        if not self.sender.active:
            return "ended", gettext_lazy("switched off")
        if self.sender.halted_at:
            return "trouble", gettext_lazy("halted")
        return "done", gettext_lazy("sends")

    @property
    def why(self) -> Promise | str:
        """Return why it is halted; empty where it is not."""
        if not self.sender.halted_at:
            return ""
        return _REASONS.get(self.sender.halted_reason, self.sender.halted_reason)


@dataclass(frozen=True, slots=True)
class Place:
    """Hold where a sender stands in one country, and what is known of that country."""

    row: SenderCountry
    rule: CountryRule | None


@dataclass(frozen=True, slots=True)
class Switch:
    """Hold whether anything is sent, what waits, and what is on its way already."""

    standing: fencing.Standing
    changed_at: datetime | None
    waiting: int
    in_hand: int
    on_the_way: int


def list_senders() -> list[SenderLine]:
    """Return all senders, those in trouble first."""
    senders = Sender.objects.annotate(
        used=capacity.used_by(), used_by_all=capacity.used_by(portfolio=True)
    ).prefetch_related("countries")
    lines = [_make_line(sender) for sender in senders]
    return sorted(
        lines,
        key=lambda line: (
            line.sender.halted_at is None,
            not line.sender.active,
            line.sender.channel,
            line.sender.priority,
            line.sender.name,
        ),
    )


def list_places(sender: Sender) -> list[Place]:
    """Return the countries in which a sender stands anywhere, those where it may not send first."""
    rows = list(sender.countries.order_by("country"))
    rows.sort(key=lambda row: row.state == SenderCountry.State.ACTIVE)
    rules = CountryRule.objects.in_bulk([row.country for row in rows], field_name="country")
    return [Place(row, rules.get(row.country)) for row in rows]


def read_switch(*, now: datetime) -> Switch:
    """Return whether anything is sent, from the counts that were last taken of each broadcast."""
    recent = Batch.objects.filter(
        created_at__gt=now - _LONGEST_ON_THE_WAY, purged_at__isnull=True
    ).only("state", "counts", "size")
    batches = list(recent)
    going = [batch for batch in batches if batch.state == Batch.State.RUNNING]
    return Switch(
        standing=fencing.read_standing(),
        changed_at=Fence.objects.values_list("changed_at", flat=True).order_by("pk").first(),
        # Not counted yet, so nothing of it has gone.
        waiting=sum(
            _sum(batch, State.PLANNED, State.CLAIMED) if batch.counts else batch.size
            for batch in going
        ),
        in_hand=sum(_sum(batch, State.SUBMITTING) for batch in batches),
        on_the_way=sum(_sum(batch, State.ACCEPTED, State.SENT) for batch in batches),
    )


def _make_line(sender: Sender) -> SenderLine:
    states = [row.state for row in sender.countries.all()]
    used = sender.used or 0  # type: ignore[attr-defined]
    active = states.count(SenderCountry.State.ACTIVE)
    return SenderLine(
        sender=sender,
        used=used,
        used_by_all=max(used, sender.used_by_all or 0),  # type: ignore[attr-defined]
        active=active,
        waiting=len(states) - active,
    )


def _sum(batch: Batch, *states: State) -> int:
    return sum(batch.counts.get(state, 0) for state in states)
