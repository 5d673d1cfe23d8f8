"""Ending: 90 days after its end everything of a campaign goes; its counts and its name stay.

Its people need no rule here: who joined through it alone agreed until that day (`campaigns.field.joining`),
and messaging forgets whose consent has ended.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns import audit
from campaigns.models import Approval, Broadcast, Campaign, Edition, JoinWord
from campaigns.models.broadcasts import NOT_LAUNCHED
from messaging.models import Batch
from messaging.sending import batches
from messaging.upkeep import purging
from messaging.upkeep.time_limits import Rule, from_settings


def find_over(before: datetime) -> QuerySet[Campaign]:
    """Return the campaigns that ended before then and are still kept whole."""
    return Campaign.objects.filter(
        ends_on__lt=before.astimezone(UTC).date(), purged_at__isnull=True
    )


def end(campaigns: Sequence[int], now: datetime) -> int:
    """Remove what is kept of some campaigns and return how many are done; a busy one waits."""
    return sum(_end_one(pk, now=now) for pk in campaigns)


def _end_one(pk: int, *, now: datetime) -> int:
    _cancel_waiting(pk, now=now)
    with transaction.atomic():
        campaign = Campaign.objects.select_for_update().get(pk=pk)
        mine = Broadcast.objects.filter(campaign=campaign)
        references = [broadcast.reference for broadcast in mine]
        open_ones = Batch.objects.filter(reference__in=references, finished_at__isnull=True)
        running = list(open_ones.values_list("reference", flat=True))
        for reference in running:
            batches.cancel(reference, now=now)
        if running:
            # Until the next run, so that its end is counted before its rows go.
            return 0
        standing = Batch.objects.filter(reference__in=references, purged_at__isnull=True)
        waiting = list(standing.values_list("pk", flat=True))
        if purging.begin(waiting, now=now) < len(waiting):
            # Something is on the wire at this moment; the next run finds it settled.
            return 0
        _empty_texts(mine)
        JoinWord.objects.filter(campaign=campaign).update(is_active=False)
        campaign.purged_at = now
        campaign.save(update_fields=["purged_at"])
    return 1


def _cancel_waiting(pk: int, *, now: datetime) -> None:
    with transaction.atomic():
        rows = Broadcast.objects.select_for_update(of=("self",)).order_by("pk")
        for broadcast in rows.filter(campaign_id=pk, state__in=NOT_LAUNCHED):
            broadcast.state = Broadcast.State.CANCELLED
            broadcast.note = _("Its campaign is over.")
            broadcast.save(update_fields=["state", "note"])
            audit.note_broadcast("cancelled", broadcast, actor=None, now=now)


def _empty_texts(broadcasts: QuerySet[Broadcast]) -> None:
    Edition.objects.filter(broadcast__in=broadcasts).update(text="")
    for approval in Approval.objects.filter(broadcast__in=broadcasts):
        # The digest stays, and says what the text was to whoever has it.
        for edition in approval.snapshot.get("editions", []):
            edition["text"] = ""
        approval.save(update_fields=["snapshot"])


RULES = (
    Rule(
        "campaigns",
        gettext_lazy("Campaigns that are over: deliveries and texts of their broadcasts"),
        from_settings("campaigns"),
        find_over,
        end,
    ),
)
