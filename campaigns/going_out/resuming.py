"""Resuming: whether what was paused, or is to be sent after all, may go out now.

Meanwhile a limit may have been set lower, a budget too, and others may have taken its hour; what is sent
after all must also still be true.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime

from django.db.models import Count

from campaigns.approval.approving import find_holds
from campaigns.approval.limits import find_breaches
from campaigns.corrected import is_corrected
from campaigns.going_out.canaries import count_others
from campaigns.models import Broadcast, Budget
from campaigns.reckoning import budgets
from campaigns.reckoning.costs import count_costs, count_waiting_costs
from campaigns.reckoning.estimating import estimate
from campaigns.reckoning.pricing import read_prices
from campaigns.reckoning.rounding import round_cost
from campaigns.words import explain_hold
from cms.freshness import Hold
from messaging.models import Batch, Delivery
from messaging.states import HANDED_OVER, UNSENT


def find_obstacles(broadcast: Broadcast, *, now: datetime) -> list[str]:
    """Return why a paused broadcast, or series, may not go on now, in sentences; empty where it may."""
    if schedule := broadcast.schedule:
        if schedule.paused_at is None:
            return []
        figures = estimate(broadcast, broadcast.editions.all(), today=now.date())
        shares = budgets.find_shares(broadcast, figures, now=now)
        holds = find_breaches(broadcast, figures.people, now=now)
        return _explain(holds, shares)
    batch = Batch.objects.filter(reference=broadcast.reference, state=Batch.State.PAUSED).first()
    return [] if batch is None else _judge_waiting(broadcast, batch, now=now)


def find_doubts(broadcast: Broadcast, *, now: datetime) -> list[str]:
    """Return why what waits of a launched broadcast may not be sent after all; empty where it may."""
    batch = Batch.objects.filter(reference=broadcast.reference).first()
    if batch is None:
        return []
    holds = find_holds(broadcast, now=now)
    if is_corrected(broadcast, since=batch.created_at):
        holds.append(Hold("text_corrected", broadcast.message.title, ""))
    return [*_explain(holds, []), *_judge_waiting(broadcast, batch, now=now)]


def _judge_waiting(broadcast: Broadcast, batch: Batch, *, now: datetime) -> list[str]:
    # What has gone out is no question any more; the rest goes out from now on.
    waiting = Delivery.objects.filter(batch=batch, state__in=UNSENT).count()
    holds = find_breaches(broadcast, waiting + count_others(broadcast), now=now)
    return _explain(holds, _find_shares(broadcast, batch, today=now.date()))


def _find_shares(broadcast: Broadcast, batch: Batch, *, today: date) -> list[budgets.Share]:
    """Return what it takes in all of the budgets of the month in which it began, which bear all of it."""
    waiting = count_waiting_costs(broadcast, today=today)
    spent = count_costs(broadcast, today=today)
    began = batch.created_at.astimezone(UTC).date()
    rows = Budget.objects.filter(
        partner_id=broadcast.partner_id, month=began.replace(day=1), country__in=waiting
    )
    currency = read_prices(today).currency
    people = _count_people(batch)
    shares = []
    for use in budgets.read_use(rows, without=broadcast):
        country = use.budget.country
        cost = waiting[country]
        if cost is not None:
            # Rounded like what is reserved: the exact sum would tell how many people there are.
            cost = round_cost(cost + spent.get(country, 0), people[country])
        shares.append(budgets.Share(use.budget, cost, use.left, currency))
    return shares


def _count_people(batch: Batch) -> dict[str, int]:
    rows = Delivery.objects.filter(batch=batch, state__in=(*UNSENT, *HANDED_OVER))
    return dict(rows.values_list("country").annotate(Count("pk")).order_by())


def _explain(holds: Iterable[Hold], shares: Iterable[budgets.Share]) -> list[str]:
    said = [explain_hold(hold) for hold in holds]
    told = [f"{one.what}: {one.why} {one.remedy}" for one in said]
    return [*told, *filter(None, map(budgets.describe_fault, shares))]
