"""The states of a delivery, their ranks and their groups. Evidence only moves a rank up."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class State(TextChoices):
    """Name every state a delivery can be in."""

    PLANNED = "planned", _("planned")
    CLAIMED = "claimed", _("being prepared")
    SUBMITTING = "submitting", _("being handed over")
    UNKNOWN = "unknown", _("unknown")
    ACCEPTED = "accepted", _("handed to provider")
    SENT = "sent", _("sent to network")
    FAILED = "failed", _("failed")
    DELIVERED = "delivered", _("delivered (receipt)")
    READ = "read", _("read (receipt)")
    SUPPRESSED = "suppressed", _("stopped by the person")
    CANCELLED = "cancelled", _("cancelled")
    EXPIRED = "expired", _("too late to send")
    HELD = "held", _("held back")


# Ends without sending have no rank: no evidence may move them.
RANK: dict[State, int] = {
    State.PLANNED: 0,
    State.CLAIMED: 10,
    State.SUBMITTING: 20,
    State.UNKNOWN: 30,
    State.ACCEPTED: 40,
    State.SENT: 50,
    State.FAILED: 60,
    State.DELIVERED: 70,
    State.READ: 80,
}
UNSENT = (State.PLANNED, State.CLAIMED)
MOVING = (State.PLANNED, State.CLAIMED, State.SUBMITTING)
EVIDENCE_RANK = RANK[State.SUBMITTING]
# She has it, may have it, or is about to.
HANDED_OVER = (
    *(State.SUBMITTING, State.UNKNOWN, State.ACCEPTED),
    *(State.SENT, State.DELIVERED, State.READ),
)
