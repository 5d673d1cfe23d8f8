"""Efforts: when a campaign may begin, what of it is fixed, and what it changes in a sending.

Who is left out by chance is settled before the first message goes out and never after; contact points
and corrections are never kept from anybody (R-C1, R-C10 and R-C12 of the domain's rules).
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns import audit
from campaigns.models import Broadcast, Campaign
from campaigns.partners.limit_words import LIMITS
from cms.freshness import Hold
from cms.models import Pattern
from messaging.sending.holdout import WHOLE

Quiet = tuple[time, time]
GAPS: dict[str, Promise] = {
    "objective": gettext_lazy("An objective: what should be different afterwards."),
    "audience": gettext_lazy("The audience in words: whom it is for."),
    "routes": gettext_lazy("At least one route."),
    "indicators": gettext_lazy("At least one indicator: how you will know its effect."),
    "ends_on": gettext_lazy("A last day that is still to come."),
}


class EffortError(Exception):
    """Say why a campaign cannot begin or be changed, and what to do."""


def list_gaps(campaign: Campaign, *, today: date) -> list[str]:
    """Return what a campaign still needs before it may begin, as keys of `GAPS`."""
    there = {
        "objective": bool(campaign.objective.strip()),
        "audience": bool(campaign.audience.strip()),
        "routes": bool(campaign.routes),
        "indicators": any(str(one).strip() for one in campaign.indicators),
        "ends_on": campaign.ends_on is not None and campaign.ends_on >= today,
    }
    return [name for name, is_there in there.items() if not is_there]


def activate(campaign: Campaign, by: User, *, now: datetime) -> None:
    """Let a campaign begin; raise `EffortError` where something is missing. Again changes nothing."""
    with transaction.atomic():
        locked = Campaign.objects.select_for_update(of=("self",)).get(pk=campaign.pk)
        if locked.activated_at is not None:
            return
        if gaps := list_gaps(locked, today=now.date()):
            missing = " ".join(str(GAPS[gap]) for gap in gaps)
            raise EffortError(_("It cannot begin yet. Missing: %(missing)s") % {"missing": missing})
        locked.activated_at, locked.activated_by = now, by
        locked.save(update_fields=["activated_at", "activated_by"])
        note_campaign("activated", locked, actor=by, now=now)


def lock_sendings(campaign: Campaign) -> list[Broadcast]:
    """Lock a campaign's broadcasts that may still go out, and return them."""
    # Whoever launches one holds it: after this, it was sent, or it sees what is changed here.
    waiting = campaign.broadcasts.filter(
        state__in=[Broadcast.State.ASKED, Broadcast.State.APPROVED], pattern__isnull=True
    )
    return list(waiting.select_for_update(of=("self",)).order_by("pk"))


def is_fixed(campaign: Campaign) -> bool:
    """Say whether something of a campaign was sent, so that whom it leaves out may not change."""
    # Of a series each time is launched as a broadcast of its own.
    return campaign.broadcasts.filter(state=Broadcast.State.LAUNCHED).exists()


def hold_campaign(broadcast: Broadcast, *, now: datetime) -> list[Hold]:
    """Return the reasons for which the campaign of a broadcast does not let it go out.

    A correction is put right also when its campaign is over.
    """
    campaign = broadcast.campaign
    if campaign is None or broadcast.corrects_id is not None:
        return []
    if campaign.activated_at is None or campaign.purged_at is not None:
        return [_hold("campaign_inactive", campaign)]
    day = max(now, broadcast.send_at).astimezone(UTC).date()
    if day < campaign.starts_on or (campaign.ends_on is not None and day > campaign.ends_on):
        return [_hold("campaign_days", campaign)]
    return []


def find_holdout(broadcast: Broadcast) -> int:
    """Return how many of ten thousand are left out by chance: nobody of contacts and corrections."""
    campaign = broadcast.campaign
    never = broadcast.corrects_id is not None or broadcast.message.pattern == Pattern.HELP_NEAR_YOU
    if campaign is None or never:
        return 0
    return campaign.holdout_percent * WHOLE // 100


def holdout_key(broadcast: Broadcast) -> str:
    """Return the name under which lots are drawn: the same people in each broadcast of a campaign."""
    return f"campaign:{broadcast.campaign_id}"


def find_quiet(broadcast: Broadcast) -> Iterable[Quiet]:
    """Return the hours in which its campaign sends nothing, on top of those of each country."""
    campaign = broadcast.campaign
    if campaign is None or campaign.quiet_from is None or campaign.quiet_until is None:
        return ()
    return ((campaign.quiet_from, campaign.quiet_until),)


def note_campaign(verb: str, campaign: Campaign, *, actor: User, now: datetime) -> None:
    """Write down a deed on a campaign."""
    audit.note(
        verb,
        kind="campaign",
        code=str(campaign.pk),
        actor=actor.pk,
        partner=campaign.partner_id,
        now=now,
    )


def _hold(code: str, campaign: Campaign) -> Hold:
    why, _remedy = LIMITS[code]
    return Hold(code=code, what=campaign.name, detail=str(why))
