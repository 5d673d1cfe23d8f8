"""The first few in words: where they stand, why it stopped after them, and what to do."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext_lazy

from campaigns.going_out import canaries
from campaigns.going_out.canary_rules import FAILING, NOBODY, STOPS, read_fared
from campaigns.models import Broadcast, Canary

_State = Canary.State
_REASONS = {
    FAILING: gettext_lazy(
        "%(failed)s of %(tried)s messages failed, which is more than chance explains. See below why, "
        "and ask a programme lead about the sender."
    ),
    STOPS: gettext_lazy(
        "%(stopped)s of these people said STOP after it. Read the text as they do: is it what they "
        "asked for?"
    ),
    NOBODY: gettext_lazy("It could be handed over to none of them."),
    canaries.HELD: gettext_lazy(
        "The message may not go out any more: something in it has expired."
    ),
    canaries.CHANGED: gettext_lazy("Something is not as it was approved any more."),
    canaries.RESTORED: gettext_lazy(
        "The database was restored meanwhile, so the others may have got it already."
    ),
    canaries.UNPLANNED: gettext_lazy(
        "The others cannot be planned: a country was closed, or no sender serves it now."
    ),
    canaries.ENDED: gettext_lazy("It was ended before the others followed."),
}


@dataclass(frozen=True, slots=True)
class CanaryView:
    """Hold how the first few of a broadcast stand, as a page shows it."""

    state: str
    people: int
    why: tuple[str, ...]
    # When the others follow by themselves, if all is well.
    follows_at: datetime | None
    is_stopped: bool
    may_follow: bool
    was_released: bool


def view_canary(broadcast: Broadcast) -> CanaryView | None:
    """Return how the first few stand; None where all go at once."""
    canary = Canary.objects.filter(broadcast=broadcast).first()
    if canary is None:
        return None
    counts = read_fared(canary.figures).as_data()
    pause = timedelta(seconds=settings.CANARY_SECONDS)
    is_stopped = canary.state == _State.STOPPED and canaries.is_stopped(broadcast)
    return CanaryView(
        state=canary.state,
        people=canary.people,
        why=tuple(
            str(_REASONS[reason]) % counts for reason in canary.reasons if reason in _REASONS
        ),
        follows_at=canary.sent_at + pause if canary.sent_at else None,
        is_stopped=is_stopped,
        may_follow=is_stopped and canaries.is_releasable(canary),
        was_released=canary.released_by_id is not None,
    )
