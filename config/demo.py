"""The main job, shown: a message broadcast to 2,000 fictional people through the real adapter.

Every step goes the way it goes by hand: the partner prepares and asks, as many others approve as have
to, the worker sends to the first few and then to all, receipts come back signed. An interrupted run is
carried on, not begun anew.
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

from campaigns.approval import approving
from campaigns.drafting import preparing
from campaigns.going_out.launching import GRACE
from campaigns.models import Broadcast, Canary, Membership, Partner, Segment
from cms.models import MessagePage
from config.fiction import ROUTES, find_numbers
from config.loopback import open_local
from config.people import PARTNER, PARTNER_EMAIL
from messaging.models import Delivery
from messaging.sending import batches
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
    # Only the first few are planned; the others follow once these fared well.
    is_first: bool = False

    @property
    def moving(self) -> int:
        """Return how many have not been handed over or ended yet."""
        return sum(self.counts[state] for state in MOVING)

    @property
    def total(self) -> int:
        """Return the audience."""
        return self.counts.total()


def find_unfinished(*, now: datetime) -> Broadcast | None:
    """Return the demonstration that was cut short; ask before a worker starts that may end it."""
    # Told by its token: a partner may have chosen the same audience at the desk.
    mine = Broadcast.objects.filter(partner__name=PARTNER, form_token__startswith=_MARK)
    last = mine.first()
    return last if last is not None and _is_unfinished(last, now=now) else None


def open_broadcast(left: Broadcast | None, *, now: datetime) -> Broadcast:
    """Return the demonstration that is left, or prepare a new one; have it approved."""
    broadcast = left or _prepare(Partner.objects.get(name=PARTNER), now=now)
    # A worker may have launched it meanwhile.
    broadcast.refresh_from_db()
    if broadcast.state == Broadcast.State.DRAFT:
        approving.ask_approval(broadcast, now=now)
    if broadcast.state == Broadcast.State.ASKED:
        _approve(broadcast, now=now)
    return broadcast


def follow(
    broadcast: Broadcast, *, tell: Callable[[Step], None], check: Callable[[], None]
) -> Step:
    """Watch a broadcast until nothing changes any more and return its last states."""
    started = changed = time.monotonic()
    step = Step(Counter())
    while True:
        check()
        # Asked before and after: the others may be planned at this very moment.
        was_first = _is_first(broadcast)
        counts = batches.count_states(broadcast.reference)
        is_first = was_first or _is_first(broadcast)
        if counts != step.counts or is_first:
            changed = time.monotonic()
        stops = step.stops or (reply_stop(broadcast) if counts and not is_first else 0)
        step = Step(counts, stops, is_first)
        tell(step)
        _refuse_stopped(broadcast)
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
        open_local(request, timeout=30).close()
    except OSError as error:
        raise DemoError("The sandbox does not answer. Run `make demo` again.") from error


def _approve(broadcast: Broadcast, *, now: datetime) -> None:
    """Let one after another approve who may, until enough have."""
    approvers = Membership.objects.filter(
        partner=broadcast.partner_id, role=Membership.Role.APPROVER
    ).exclude(user=broadcast.author_id)
    given = {approval.approver_id for approval in approving.list_standing(broadcast)}
    for membership in approvers.exclude(user__in=given).select_related("user").order_by("pk"):
        shown = approving.take_snapshot(broadcast, now=now).shown
        approving.approve(broadcast, membership.user, shown=shown, now=now)
        broadcast.refresh_from_db()
        if broadcast.state != Broadcast.State.ASKED:
            return
    needed = approving.read_quorum(broadcast).needed
    raise DemoError(
        f"{needed} people have to approve it, and fewer of the rehearsal's may. "
        "Run `manage.py setup`, which makes them."
    )


def _is_first(broadcast: Broadcast) -> bool:
    going = (Canary.State.SENDING, Canary.State.WATCHED)
    return Canary.objects.filter(broadcast=broadcast, state__in=going).exists()


def _refuse_stopped(broadcast: Broadcast) -> None:
    if Canary.objects.filter(broadcast=broadcast, state=Canary.State.STOPPED).exists():
        raise DemoError(
            "The first few fared too badly, so nobody else was sent to. "
            f"{settings.PUBLIC_URL}/desk/broadcasts/{broadcast.code}/ says why; `make run` shows it."
        )


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
    return _is_first(broadcast) or any(counts[state] for state in MOVING)


def _will_not_begin(broadcast: Broadcast, step: Step) -> bool:
    if step.total:
        return False
    broadcast.refresh_from_db()
    return broadcast.state not in {Broadcast.State.APPROVED, Broadcast.State.LAUNCHED}


def _is_settled(step: Step, *, quiet_for: float) -> bool:
    if not step.total or step.moving or step.is_first:
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
