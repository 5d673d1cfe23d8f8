"""Approving: two people, one snapshot; a change of what was shown voids the approval (promise 3)."""

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from campaigns import editions
from campaigns.estimating import Estimate, estimate
from campaigns.models import Approval, Broadcast, Edition
from campaigns.models.broadcasts import CHANGEABLE
from campaigns.permissions import Person, may_approve
from cms.freshness import Hold
from cms.holding import behind_languages, hold_reasons
from cms.models import Sensitivity
from messaging.crypto import SealError, open_sealed, seal
from messaging.models import Template

# People may join meanwhile; more than this share of people or money is another broadcast.
_GROWTH = Decimal("1.05")
_SEALED_PLACE = "approval.shown"


class ApprovalError(Exception):
    """Say why an approval cannot be asked for or given, and what to do."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Hold what an approver sees: the frozen texts, the rule, the time, the people and the price."""

    data: dict[str, Any]
    estimate: Estimate

    @property
    def digest(self) -> str:
        """Return the SHA-256 of what must not change between approval and sending."""
        fixed = {name: value for name, value in self.data.items() if name != "figures"}
        return hashlib.sha256(json.dumps(fixed, sort_keys=True).encode()).hexdigest()

    @property
    def shown(self) -> str:
        """Return what an approver hands back: the digest, and the figures of this moment, sealed."""
        # Sealed, since the page rounds people so that nobody can be found by narrowing.
        digest = self.digest
        figures = json.dumps(self.data["figures"])
        return f"{digest}.{seal(figures, place=_SEALED_PLACE, row=_row(digest)).hex()}"

    def read_figures(self, shown: str) -> dict[str, Any] | None:
        """Return the figures in `shown`, or None where it shows something else than this."""
        digest, _dot, sealed = shown.partition(".")
        if digest != self.digest:
            return None
        try:
            plain = open_sealed(bytes.fromhex(sealed), place=_SEALED_PLACE, row=_row(digest))
        except (ValueError, SealError):
            return None
        figures: dict[str, Any] = json.loads(plain)
        return figures

    def has_outgrown(self, figures: Mapping[str, Any]) -> bool:
        """Say whether more people, or more money, are at stake than in these figures."""
        people, cost = figures["people"], Decimal(figures["cost"])
        now = self.estimate
        return now.people > people * _GROWTH or now.cost > cost * _GROWTH


def take_snapshot(broadcast: Broadcast, *, now: datetime) -> Snapshot:
    """Return the snapshot of a broadcast from its frozen editions."""
    frozen = list(broadcast.editions.all())
    figures = estimate(broadcast, frozen, today=now.date())
    return Snapshot(
        data={
            "message": broadcast.message.key,
            "editions": [_edition_data(edition) for edition in frozen],
            "audience": broadcast.segment.as_data(),
            "send_at": "at once" if broadcast.at_once else broadcast.send_at.isoformat(),
            "in_quiet_hours": broadcast.in_quiet_hours,
            "figures": {
                "people": figures.people,
                "parts": figures.parts,
                "cost": str(figures.cost),
                "currency": figures.currency,
            },
        },
        estimate=figures,
    )


def find_holds(broadcast: Broadcast, *, now: datetime) -> list[Hold]:
    """Return every reason for which this broadcast may not go out now."""
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
    refs = [edition.template_ref for edition in frozen if edition.template_ref]
    waiting = Template.objects.filter(ref__in=refs).exclude(state=Template.State.APPROVED)
    holds = [_hold_wording(template) for template in waiting]
    behind = behind_languages(broadcast.message) & {edition.language for edition in frozen}
    for language in sorted(behind):
        detail = _("This text is older than what it was made from, or than a fact in it.")
        holds.append(Hold(code="translation_outdated", what=language, detail=detail))
    if not frozen:
        detail = _("The message has no text for these channels. Publish one first.")
        holds.append(Hold(code="no_text", what=broadcast.message.key, detail=detail))
    return holds


def _hold_wording(template: Template) -> Hold:
    if template.state == Template.State.REJECTED:
        detail = _("WhatsApp refused this wording.")
        return Hold(code="template_rejected", what=template.name, detail=detail)
    detail = _("WhatsApp has not approved this wording yet.")
    return Hold(code="template_not_approved", what=template.name, detail=detail)


def ask_approval(broadcast: Broadcast, *, now: datetime) -> Snapshot:
    """Freeze the texts and ask for approval; raise `ApprovalError` naming what holds it back."""
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
    # Freezing takes a while: in the meantime somebody may have cancelled it.
    changeable = Broadcast.objects.filter(pk=broadcast.pk, state__in=CHANGEABLE)
    if not changeable.update(state=Broadcast.State.ASKED, note=""):
        raise ApprovalError(_("This broadcast has been asked about already."))
    broadcast.state, broadcast.note = Broadcast.State.ASKED, ""
    return snapshot


def approve(broadcast: Broadcast, approver: User, *, shown: str, now: datetime) -> Approval:
    """Approve what was `shown` (`Snapshot.shown`); raise `ApprovalError` when it changed or grew."""
    with transaction.atomic():
        locked = Broadcast.objects.select_for_update(of=("self",)).get(pk=broadcast.pk)
        if locked.state != Broadcast.State.ASKED:
            raise ApprovalError(_("Nobody is asking for this approval now."))
        if not may_approve(approver, locked):
            raise ApprovalError(_("You cannot approve this. A second person has to."))
        if is_too_late(locked, now=now):
            raise ApprovalError(_("Its time has passed. Return it, so that it gets a later one."))
        snapshot = take_snapshot(locked, now=now)
        figures = snapshot.read_figures(shown)
        if figures is None or snapshot.has_outgrown(figures) or is_outdated(locked):
            raise ApprovalError(_("Something changed since this page was shown. Read it again."))
        _refuse(find_holds(locked, now=now))
        locked.state = Broadcast.State.APPROVED
        if locked.at_once:
            locked.send_at = now
        locked.save(update_fields=["state", "send_at"])
        return Approval.objects.create(
            broadcast=locked,
            approver_id=approver.pk,
            # The figures she saw, or growth before and after her yes would add up.
            snapshot=snapshot.data | {"figures": figures},
            digest=snapshot.digest,
            people=figures["people"],
            at=now,
        )


def return_to_author(broadcast: Broadcast, approver: Person, *, reason: str) -> None:
    """Give a broadcast back with a reason."""
    if not may_approve(approver, broadcast):
        raise ApprovalError(_("You cannot return this. A second person has to."))
    if not reason.strip():
        raise ApprovalError(_("Say what should change."))
    asked = Broadcast.objects.filter(pk=broadcast.pk, state=Broadcast.State.ASKED)
    if not asked.update(state=Broadcast.State.RETURNED, note=reason.strip()[:300]):
        raise ApprovalError(_("Nobody is asking for this approval now."))


def is_outdated(broadcast: Broadcast) -> bool:
    """Say whether the message was published anew since its editions were frozen."""
    fresh = editions.render_again(broadcast)
    frozen = {(e.channel, e.language): e.text for e in broadcast.editions.all()}
    return fresh != frozen


def is_too_late(broadcast: Broadcast, *, now: datetime) -> bool:
    """Say whether the time that was chosen has passed; what goes out at once is never late."""
    return not broadcast.at_once and broadcast.send_at < now


def _row(digest: str) -> uuid.UUID:
    return uuid.UUID(digest[:32])


def _refuse(holds: list[Hold]) -> None:
    if holds:
        reasons = "; ".join(f"{hold.what}: {hold.detail}" for hold in holds)
        raise ApprovalError(_("This message is held back. %(reasons)s") % {"reasons": reasons})


def _edition_data(edition: Edition) -> dict[str, Any]:
    return {
        "channel": edition.channel,
        "language": edition.language,
        "text": edition.text,
        "parts": edition.parts,
        "template": edition.template_ref,
        "revision": edition.revision,
    }
