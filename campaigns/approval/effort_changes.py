"""Changing a campaign: what is fixed stays, and what was approved under other limits is void."""

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.approval import approving
from campaigns.approval.snapshots import Change
from campaigns.models import Campaign
from campaigns.partners.efforts import EffortError, is_fixed, lock_sendings, note_campaign

_LIMITS = ("holdout_percent", "most_per_week", "quiet_from", "quiet_until")
_STEPS = ("activated_at", "activated_by_id", "purged_at")


def save_campaign(campaign: Campaign, *, by: User, now: datetime) -> int:
    """Save a new or changed campaign and return how many approvals that voids.

    Raise `EffortError` where it would leave out others after something was sent.
    """
    if campaign.pk is None:
        with transaction.atomic():
            campaign.save()
            note_campaign("added", campaign, actor=by, now=now)
        return 0
    with transaction.atomic():
        before = Campaign.objects.select_for_update(of=("self",)).get(pk=campaign.pk)
        waiting = lock_sendings(campaign)
        if campaign.holdout_percent != before.holdout_percent and is_fixed(before):
            raise EffortError(
                _("Something of it was sent, so whom it leaves out by chance can no longer change.")
            )
        # Not what was read before it was locked: it may have begun, or be gone, since.
        for name in _STEPS:
            setattr(campaign, name, getattr(before, name))
        campaign.save()
        note_campaign("changed", campaign, actor=by, now=now)
        if all(getattr(before, name) == getattr(campaign, name) for name in _LIMITS):
            return 0
        return sum(
            approving.void_approvals(one, [Change("campaign")], actor=by.pk, now=now)
            for one in waiting
        )
