"""The main job, shown: a message broadcast to 2,000 fictional people through the real adapter.

Every step goes the way it goes by hand: the partner prepares and asks, a second person approves, the
worker sends, receipts come back signed. An interrupted run is carried on, not begun anew.
"""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlencode
from urllib.request import Request

from django.conf import settings
from django.contrib.auth.models import User

from campaigns import approving, preparing
from campaigns.launching import GRACE
from campaigns.models import Broadcast, Partner, Segment
from cms.models import MessagePage
from config.fiction import ROUTES, find_numbers
from config.loopback import open_local
from config.people import EDITOR_EMAIL, PARTNER, PARTNER_EMAIL
from messaging import batches
from messaging.models import Delivery
from messaging.states import MOVING, State

MESSAGE = "MSG-GEN-1"
SEGMENT = "Everybody on the three demo routes"
STOPS = 15
_MARK = "demo-"
# Receipts may come late; after so long without a new one the picture is taken as it is.
_QUIET_SECONDS = 8.0
_LONGEST_SECONDS = 240.0


class DemoError(Exception):
    """Say why the demonstration cannot go on, and what to do."""


@dataclass(frozen=True, slots=True)
class Step:
    """Hold the states of the broadcast at one moment, and how many people replied STOP so far."""

    counts: Counter[str]
    stops: int = 0

    @property
    def moving(self) -> int:
        """Return how many have not been handed over or ended yet."""
        return sum(self.counts[state] for state in MOVING)

    @property
    def total(self) -> int:
        """Return the audience."""
        return self.counts.total()


def open_broadcast(*, now: datetime) -> Broadcast:
    """Return the demonstration that was cut short, or prepare a new one and have it approved."""
    partner = Partner.objects.get(name=PARTNER)
    # Told by its token: a partner may have chosen the same audience at the desk.
    mine = Broadcast.objects.filter(partner=partner, form_token__startswith=_MARK)
    last = mine.first()
    carries_on = last is not None and _is_unfinished(last, now=now)
    broadcast = last if last and carries_on else _prepare(partner, now=now)
    if broadcast.state == Broadcast.State.DRAFT:
        approving.ask_approval(broadcast, now=now)
    if broadcast.state == Broadcast.State.ASKED:
        editor = User.objects.get(email=EDITOR_EMAIL)
        shown = approving.take_snapshot(broadcast, now=now).shown
        approving.approve(broadcast, editor, shown=shown, now=now)
    return broadcast


def follow(
    broadcast: Broadcast, *, tell: Callable[[Step], None], check: Callable[[], None]
) -> Step:
    """Watch a broadcast until nothing changes any more and return its last states."""
    started = changed = time.monotonic()
    step = Step(Counter())
    while True:
        check()
        counts = batches.count_states(broadcast.reference)
        if counts != step.counts:
            changed = time.monotonic()
        step = Step(counts, step.stops or (reply_stop(broadcast) if counts else 0))
        tell(step)
        if _is_settled(step, quiet_for=time.monotonic() - changed):
            return step
        if _will_not_begin(broadcast, step) or time.monotonic() - started > _LONGEST_SECONDS:
            _explain(broadcast, seconds=time.monotonic() - started)
        time.sleep(0.25)


def reply_stop(broadcast: Broadcast) -> int:
    """Let some of the people who are served last reply STOP on their phones, and return how many."""
    waiting = (
        Delivery.objects.filter(batch__reference=broadcast.reference, state=State.PLANNED)
        .order_by("-pk")
        .values_list("subscriber__number_hash", "channel", "sender__address")[:STOPS]
    )
    numbers = find_numbers({bytes(found) for found, _channel, _sender in waiting})
    replies = [
        (numbers[bytes(found)], channel, sender)
        for found, channel, sender in waiting
        if bytes(found) in numbers  # somebody may have joined by hand
    ]
    for number, channel, sender in replies:
        _reply(number, {"body": "STOP", "channel": channel, "to": sender})
    return len(replies)


def _reply(number: str, form: dict[str, str]) -> None:
    request = Request(  # noqa: S310 (the sandbox: `open_local` takes no other host)
        f"{settings.SANDBOX_URL}/phones/{quote(number)}/reply",
        data=urlencode(form).encode(),
        headers={"Accept": "application/json"},
    )
    try:
        open_local(request, timeout=10).close()
    except OSError as error:
        raise DemoError("The sandbox does not answer. Run `make demo` again.") from error


def _prepare(partner: Partner, *, now: datetime) -> Broadcast:
    message = MessagePage.objects.sendable_sources().filter(key=MESSAGE).first()
    if message is None:
        raise DemoError(f"The message {MESSAGE} is not published. Publish it in the CMS again.")
    segment, _made = Segment.objects.get_or_create(
        partner=partner,
        name=SEGMENT,
        defaults={"routes": list(ROUTES), "channels": ["sms", "whatsapp"]},
    )
    return preparing.prepare(
        author=User.objects.get(email=PARTNER_EMAIL),
        message=message,
        segment=segment,
        now=now,
        # A rehearsal at any hour: no phone is beside anybody's bed.
        wish=preparing.Wish(in_quiet_hours=True, form_token=_MARK + preparing.make_token()),
    )


def _is_unfinished(broadcast: Broadcast, *, now: datetime) -> bool:
    if broadcast.state == Broadcast.State.DRAFT:
        return True
    if broadcast.state == Broadcast.State.ASKED:
        return not approving.is_outdated(broadcast)
    if broadcast.state == Broadcast.State.APPROVED:
        return now - broadcast.send_at < GRACE
    counts = batches.count_states(broadcast.reference)
    return any(counts[state] for state in MOVING)


def _will_not_begin(broadcast: Broadcast, step: Step) -> bool:
    if step.total:
        return False
    broadcast.refresh_from_db()
    return broadcast.state not in {Broadcast.State.APPROVED, Broadcast.State.LAUNCHED}


def _is_settled(step: Step, *, quiet_for: float) -> bool:
    if not step.total or step.moving:
        return False
    waiting = step.counts[State.ACCEPTED] + step.counts[State.SENT]
    return not waiting or quiet_for > _QUIET_SECONDS


def _explain(broadcast: Broadcast, *, seconds: float) -> None:
    broadcast.refresh_from_db()
    note = f" ({broadcast.note})" if broadcast.note else ""
    raise DemoError(
        f"The broadcast is '{broadcast.get_state_display()}'{note} after {seconds:.0f} s. "
        f"The logs are in {settings.DATA_DIR}/logs. Run `make demo` again: it carries on."
    )
