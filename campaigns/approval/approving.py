"""Approving: by others than who wrote or asked; a change of what was shown voids it (promise 3)."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from campaigns import alarming, audit, editions, series
from campaigns.approval.limits import find_breaches, lock_limits
from campaigns.approval.meant import hold_meant
from campaigns.approval.quorum import Quorum, find_quorum
from campaigns.approval.snapshots import Change, Snapshot, find_new_texts, take_snapshot
from campaigns.models import Approval, Broadcast
from campaigns.models.broadcasts import CHANGEABLE
from campaigns.partners.efforts import hold_campaign
from campaigns.permissions import approvers_of, may_approve
from campaigns.reckoning import budgets
from campaigns.reckoning.sender_choice import hold_senders
from campaigns.reckoning.timing import hold_windows
from campaigns.wordings import explain_reason
from cms.freshness import Hold
from cms.holding import behind_languages, hold_reasons
from cms.models import MessagePage, Sensitivity
from messaging.models import Template
from messaging.notifying import templates

__all__ = [
    "ApprovalError",
    "Snapshot",
    "approve",
    "ask_approval",
    "find_holds",
    "hold_content",
    "hold_truth",
    "hold_wordings",
    "is_outdated",
    "is_too_late",
    "list_counting",
    "list_standing",
    "read_quorum",
    "return_to_author",
    "take_snapshot",
    "void_approvals",
    "void_changed",
]
_MAY_VOID = (Broadcast.State.ASKED, Broadcast.State.APPROVED)


class ApprovalError(Exception):
    """Say why an approval cannot be asked for or given, and what to do."""


def find_holds(broadcast: Broadcast, *, now: datetime) -> list[Hold]:
    """Return every reason for which this broadcast may not go out now."""
    return [
        *hold_truth(broadcast, now=now),
        *hold_wordings(broadcast),
        *hold_meant(broadcast),
        *hold_campaign(broadcast, now=now),
    ]


def hold_truth(broadcast: Broadcast, *, now: datetime) -> list[Hold]:
    """Return the reasons for which its texts may not be read by anybody, sent already or not."""
    return [*hold_content(broadcast, now=now), *_hold_editions(broadcast)]


def hold_content(broadcast: Broadcast, *, now: datetime) -> list[Hold]:
    """Return the reasons that lie in the message: stale, not for sending, or not for pushing."""
    message = broadcast.message
    holds = hold_reasons(message, today=now.date(), rehearsal=settings.REHEARSAL)
    if message.sensitivity != Sensitivity.PUSH_OK and not message.nudge_text:
        detail = _("This text is for people who ask for it; only a neutral nudge may be pushed.")
        holds.append(Hold(code="on_request_only", what=message.key, detail=detail))
    return holds


def _hold_editions(broadcast: Broadcast) -> list[Hold]:
    frozen = list(broadcast.editions.all())
    holds = []
    behind = behind_languages(broadcast.message) & {edition.language for edition in frozen}
    for language in sorted(behind):
        detail = _("This text is older than what it was made from, or than a fact in it.")
        holds.append(Hold(code="translation_outdated", what=language, detail=detail))
    if not frozen:
        detail = _("The message has no text for these channels. Publish one first.")
        holds.append(Hold(code="no_text", what=broadcast.message.key, detail=detail))
    return holds


def hold_wordings(broadcast: Broadcast) -> list[Hold]:
    """Return the reasons that lie with WhatsApp: a wording that it does not let us send now."""
    refs = broadcast.editions.values_list("template_ref", flat=True)
    return [_hold_wording(template) for template in templates.find_unsendable(refs)]


def _hold_wording(template: Template) -> Hold:
    details = {
        Template.State.REJECTED: _("WhatsApp refused this wording."),
        Template.State.PAUSED: _("WhatsApp has paused this wording."),
        Template.State.DISABLED: _("WhatsApp has switched this wording off."),
    }
    detail = details.get(Template.State(template.state), "")
    code = f"template_{template.state}" if detail else "template_not_approved"
    if detail and template.reason:
        detail = _("%(what)s Its reason: %(reason)s.") % {
            "what": detail,
            "reason": explain_reason(template.reason).rstrip("."),
        }
    return Hold(
        code=code,
        what=f"{template.name} ({template.language})",
        detail=detail or _("WhatsApp has not approved this wording yet."),
    )


def ask_approval(broadcast: Broadcast, *, by: int | None = None, now: datetime) -> Snapshot:
    """Freeze the texts and ask for approval; raise `ApprovalError` naming what holds it back.

    `by` is the person who asks: its author, where none is named.
    """
    if broadcast.state not in CHANGEABLE:
        raise ApprovalError(_("This broadcast has been asked about already."))
    if is_too_late(broadcast, now=now):
        raise ApprovalError(_("Its time has passed. Prepare it again with a later time."))
    # What may not go out is not shown to WhatsApp either.
    _refuse(hold_content(broadcast, now=now))
    editions.freeze(broadcast, now=now)
    _refuse(find_holds(broadcast, now=now))
    snapshot = take_snapshot(broadcast, now=now)
    if not snapshot.estimate.people:
        raise ApprovalError(_("Nobody is in this audience now. Choose another one."))
    if snapshot.estimate.unreadable:
        raise ApprovalError(_("Some people in this audience have no text they can read."))
    _refuse(find_breaches(broadcast, snapshot.estimate.people, now=now))
    _refuse(_hold_ways(broadcast, snapshot, now=now))
    asker = by or broadcast.author_id
    with transaction.atomic():
        # Freezing takes a while: in the meantime somebody may have cancelled it.
        changeable = Broadcast.objects.filter(pk=broadcast.pk, state__in=CHANGEABLE)
        if not changeable.update(state=Broadcast.State.ASKED, note="", held_by=[]):
            raise ApprovalError(_("This broadcast has been asked about already."))
        _void(broadcast, now=now)
        # After it: the database refuses another one while an approval stands.
        Broadcast.objects.filter(pk=broadcast.pk).update(asked_by=asker)
        _reserve(broadcast, snapshot, now=now)
        quorum = find_quorum(broadcast, people=snapshot.estimate.people)
        details: audit.Details = {"needed": quorum.needed, "digest": snapshot.digest}
        audit.note_broadcast("asked", broadcast, actor=asker, details=details, now=now)
    broadcast.state, broadcast.note, broadcast.held_by = Broadcast.State.ASKED, "", []
    broadcast.asked_by_id = asker
    return snapshot


def approve(broadcast: Broadcast, approver: User, *, shown: str, now: datetime) -> Approval:
    """Approve what was `shown` (`Snapshot.shown`); raise `ApprovalError` when it changed.

    The broadcast is approved once as many people have as are needed (`campaigns.approval.quorum`).
    """
    # Before anything is locked: WhatsApp may think, or bill, otherwise than an hour ago.
    editions.refresh_wordings(broadcast, now=now)
    with transaction.atomic():
        locked = Broadcast.objects.select_for_update(of=("self",)).get(pk=broadcast.pk)
        _refuse_approver(locked, approver, now=now)
        snapshot = take_snapshot(locked, now=now)
        figures = snapshot.read_figures(shown)
        if figures is None or snapshot.has_drifted(figures) or is_outdated(locked):
            raise ApprovalError(_("Something changed since this page was shown. Read it again."))
        _refuse(find_holds(locked, now=now))
        lock_limits(locked)
        _refuse(find_breaches(locked, snapshot.estimate.people, now=now))
        _refuse(_hold_ways(locked, snapshot, now=now))
        _reserve(locked, snapshot, now=now)
        _void_differing(locked, snapshot, now=now)
        approval = Approval.objects.create(
            broadcast=locked,
            approver_id=approver.pk,
            author_id=locked.author_id,
            # The figures she saw, or growth before and after her yes would add up.
            snapshot=snapshot.data | {"figures": figures},
            digest=snapshot.digest,
            people=figures["people"],
            at=now,
        )
        quorum = read_quorum(locked)
        standing = len(list_counting(locked))
        if standing >= quorum.needed:
            _set_going(locked, now=now)
        details: audit.Details = {
            "of": quorum.needed,
            "standing": standing,
            "digest": snapshot.digest,
        }
        audit.note_broadcast("approved", locked, actor=approver.pk, details=details, now=now)
        return approval


def return_to_author(broadcast: Broadcast, approver: User, *, reason: str, now: datetime) -> None:
    """Give a broadcast back with a reason; what others have approved of it counts no more."""
    if not may_approve(approver, broadcast):
        raise ApprovalError(_("You cannot return this. A second person has to."))
    if not reason.strip():
        raise ApprovalError(_("Say what should change."))
    with transaction.atomic():
        asked = Broadcast.objects.filter(pk=broadcast.pk, state=Broadcast.State.ASKED)
        if not asked.update(state=Broadcast.State.RETURNED, note=reason.strip()[:300]):
            raise ApprovalError(_("Nobody is asking for this approval now."))
        _void(broadcast, now=now)
        audit.note_broadcast("returned", broadcast, actor=approver.pk, now=now)


def list_standing(broadcast: Broadcast) -> list[Approval]:
    """Return the approvals that are not void, the latest first."""
    return list(broadcast.approvals.filter(void_at__isnull=True).select_related("approver"))


def list_counting(broadcast: Broadcast) -> list[Approval]:
    """Return of the approvals that are not void those of who may still approve for its partner."""
    mine = broadcast.approvals.filter(void_at__isnull=True)
    return list(mine.filter(approver__in=approvers_of(broadcast.partner_id).values("user")))


def read_quorum(broadcast: Broadcast, *, people: int = 0) -> Quorum:
    """Return how many have to approve it, by the people it goes to now or went to when it was approved."""
    approved = [approval.people for approval in list_standing(broadcast)]
    return find_quorum(broadcast, people=max([people, *approved]))


def void_approvals(
    broadcast: Broadcast, changes: Iterable[Change], *, actor: int | None, now: datetime
) -> bool:
    """Let no approval of a broadcast count any more, and say what changed; say whether any had to go.

    Whoever changes what was asked about or approved calls this in the same transaction, with the
    broadcast locked. It is a draft again in all but name (`VOID`), and its author asks anew.
    """
    changed = list(changes)
    holds = [asdict(Hold(code=f"changed_{one.code}", what=one.what, detail="")) for one in changed]
    rows = Broadcast.objects.filter(pk=broadcast.pk, state__in=_MAY_VOID)
    if not rows.update(state=Broadcast.State.VOID, note="", held_by=holds):
        return False
    broadcast.state, broadcast.note, broadcast.held_by = Broadcast.State.VOID, "", holds
    _void(broadcast, now=now)
    if actor is None:
        # Who changes it herself is told so on the spot.
        alarming.tell_of(broadcast.state, now=now)
    note_void(broadcast, changed, actor=actor, now=now)
    return True


def note_void(
    broadcast: Broadcast, changes: Sequence[Change], *, actor: int | None, now: datetime
) -> None:
    """Write down that an approval counts no more, and by which kinds of change."""
    kinds = ",".join(sorted({one.code for one in changes}))[:64]
    audit.note_broadcast("voided", broadcast, actor=actor, details={"changed": kinds}, now=now)


def void_changed(*, now: datetime) -> int:
    """Void what was approved before its message was published anew with other texts; return how many."""
    voided = 0
    for broadcast in _find_republished():
        if not is_outdated(broadcast):
            continue
        with transaction.atomic():
            rows = Broadcast.objects.select_for_update(of=("self",))
            locked = rows.get(pk=broadcast.pk)
            if locked.state == Broadcast.State.APPROVED:
                changes = find_new_texts(locked)
                voided += void_approvals(locked, changes, actor=None, now=now)
    return voided


def is_outdated(broadcast: Broadcast) -> bool:
    """Say whether the message was published anew since its editions were frozen."""
    return bool(find_new_texts(broadcast))


def is_too_late(broadcast: Broadcast, *, now: datetime) -> bool:
    """Say whether the time that was chosen has passed; what goes out at once is never late."""
    if broadcast.schedule:
        return broadcast.schedule.rhythm.first_day(now=now) is None
    return not broadcast.at_once and broadcast.send_at < now


def _refuse_approver(locked: Broadcast, approver: User, *, now: datetime) -> None:
    if locked.state != Broadcast.State.ASKED:
        raise ApprovalError(_("Nobody is asking for this approval now."))
    if not may_approve(approver, locked):
        raise ApprovalError(_("You cannot approve this. A second person has to."))
    if any(approval.approver_id == approver.pk for approval in list_standing(locked)):
        raise ApprovalError(_("You have approved this. One more person has to."))
    if is_too_late(locked, now=now):
        raise ApprovalError(_("Its time has passed. Return it, so that it gets a later one."))


def _void_differing(locked: Broadcast, snapshot: Snapshot, *, now: datetime) -> None:
    """Let what others have approved count no more where it is not what is shown now."""
    standing = list_standing(locked)
    changes = [change for one in standing for change in snapshot.find_changes(one.snapshot)]
    if changes:
        _void(locked, now=now)
        note_void(locked, changes, actor=None, now=now)


def _set_going(locked: Broadcast, *, now: datetime) -> None:
    locked.state = Broadcast.State.APPROVED
    if locked.at_once:
        locked.send_at = now
    elif locked.schedule:
        locked.send_at = series.begin(locked.schedule, now=now) or locked.send_at
    locked.save(update_fields=["state", "send_at"])


def _hold_ways(broadcast: Broadcast, snapshot: Snapshot, *, now: datetime) -> list[Hold]:
    countries = {line.country for line in snapshot.estimate.lines}
    return [
        *hold_windows(broadcast, countries, now=now),
        *hold_senders(broadcast, snapshot.estimate),
    ]


def _reserve(broadcast: Broadcast, snapshot: Snapshot, *, now: datetime) -> None:
    try:
        budgets.reserve(broadcast, snapshot.estimate, now=now)
    except budgets.OverBudgetError as error:
        raise ApprovalError(str(error)) from error


def _void(broadcast: Broadcast, *, now: datetime) -> None:
    broadcast.approvals.filter(void_at__isnull=True).update(void_at=now)


def _find_republished() -> QuerySet[Broadcast]:
    """Return what is approved and whose message, in any language, was published since."""
    approved = Approval.objects.filter(broadcast=OuterRef("pk")).order_by("-at").values("at")
    published = MessagePage.objects.filter(
        translation_key=OuterRef("message__translation_key"),
        last_published_at__gt=OuterRef("approved_at"),
    )
    waiting = Broadcast.objects.filter(state=Broadcast.State.APPROVED, pattern__isnull=True)
    return (
        waiting.annotate(approved_at=Subquery(approved[:1]))
        .filter(Exists(published))
        .select_related("message", "segment")
    )


def _refuse(holds: list[Hold]) -> None:
    if holds:
        reasons = "; ".join(f"{hold.what}: {hold.detail}" for hold in holds)
        raise ApprovalError(_("This message is held back. %(reasons)s") % {"reasons": reasons})
