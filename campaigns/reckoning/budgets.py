"""Budgets: what a broadcast takes of a partner's money, by country and month, and when that is too much.

Reserved when approval is asked for, and anew when it is given and when it goes out: a budget may be set
or lowered in between. Settled with what it came to when it is over. A country without a budget has none
to keep to. What is reserved is the price of the rounded number of people: the exact one would tell it.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency
from django.db import transaction
from django.db.models import Q, QuerySet, Sum
from django.utils.translation import get_language, to_locale

from campaigns.models import Broadcast, Budget, Reservation
from campaigns.reckoning.budget_words import CURRENCY, FAULTS, OVER, UNPRICED
from campaigns.reckoning.costs import count_costs
from campaigns.reckoning.estimating import Estimate, Line
from campaigns.reckoning.rounding import round_cost
from campaigns.reckoning.timing import find_start
from locales.countries import country_name
from messaging.models import Batch

# In these states it may still cost what was reserved; of all others nothing is due.
_HOLDING = (Broadcast.State.ASKED, Broadcast.State.APPROVED, Broadcast.State.LAUNCHED)
_OVER = (Batch.State.FINISHED, Batch.State.CANCELLED)
# A series lasts a year at most.
_MOST_MOMENTS = 400
# By then a provider has said what each message came to, or never will.
_BILLED_AFTER = timedelta(days=8)


@dataclass(frozen=True, slots=True)
class Share:
    """Hold what a broadcast would take of one budget; `needed` is None where there is no price."""

    budget: Budget
    needed: Decimal | None
    left: Decimal
    priced_in: str

    @property
    def fault(self) -> str:
        """Return why it cannot be taken, in a word; nothing where it can."""
        if self.needed is None:
            return UNPRICED
        if self.priced_in != self.budget.currency:
            return CURRENCY
        return OVER if self.needed > self.left else ""


@dataclass(frozen=True, slots=True)
class Use:
    """Hold a budget, what was spent of it, and what is reserved beside that."""

    budget: Budget
    spent: Decimal
    reserved: Decimal

    @property
    def left(self) -> Decimal:
        """Return what may still be reserved."""
        return self.budget.amount - self.spent - self.reserved


class OverBudgetError(Exception):
    """Say of which budgets a broadcast would take too much, and what to do."""

    def __init__(self, shares: Iterable[Share]) -> None:
        super().__init__(" ".join(describe_fault(share) for share in shares))


def describe_fault(share: Share) -> str:
    """Return why a share cannot be taken, with the way out; nothing where it can."""
    if not share.fault:
        return ""
    language, budget = get_language() or "en", share.budget
    locale = Locale.parse(to_locale(language))
    needed, left = (
        format_currency(value, budget.currency, "#,##0.00\u00a0¤¤", locale=locale)
        for value in (share.needed or 0, max(share.left, Decimal(0)))
    )
    return str(FAULTS[share.fault]) % {
        "country": country_name(budget.country, language),
        "month": format_date(budget.month, "LLLL y", locale=locale),
        "currency": budget.currency,
        "priced_in": share.priced_in,
        "needed": needed,
        "left": left,
    }


def find_shares(broadcast: Broadcast, estimate: Estimate, *, now: datetime) -> list[Share]:
    """Return what a broadcast would take of each budget that it falls under."""
    budgets = _find_budgets(broadcast, estimate, now=now)
    return _compute_shares(broadcast, estimate, list(budgets), now=now)


def reserve(broadcast: Broadcast, estimate: Estimate, *, now: datetime) -> None:
    """Reserve what a broadcast takes, in the place of what it had; raise `OverBudgetError` beyond."""
    with transaction.atomic():
        # In one order, so that two that ask at once wait for each other and both see what is left.
        rows = _find_budgets(broadcast, estimate, now=now).order_by("pk")
        locked = list(rows.select_for_update())
        shares = _compute_shares(broadcast, estimate, locked, now=now)
        if faulty := [share for share in shares if share.fault]:
            raise OverBudgetError(faulty)
        mine = Reservation.objects.filter(broadcast=broadcast, settled_at__isnull=True)
        mine.exclude(budget__in=locked).delete()
        for share in shares:
            Reservation.objects.update_or_create(
                budget=share.budget,
                broadcast=broadcast,
                defaults={"amount": share.needed or 0, "reserved_at": now, "settled_at": None},
            )


def take_share(sending: Broadcast, *, unmade: Iterable[datetime], now: datetime) -> None:
    """Take what one time of a series is to cost out of what is reserved for all that are `unmade`.

    So each time holds its own, also when the series is over, and gives it back where it does not go out.
    """
    month = _month_of(sending.send_at)
    times = sum(_month_of(moment) == month for moment in unmade)
    rows = Reservation.objects.select_for_update(of=("self",)).filter(
        broadcast=sending.pattern_id, budget__month=month
    )
    for row in rows.order_by("budget"):
        share = row.amount / max(1, times)
        Reservation.objects.create(
            budget_id=row.budget_id, broadcast=sending, amount=share, reserved_at=now
        )
        row.amount -= share
        row.save(update_fields=["amount"])


def read_use(budgets: Iterable[Budget], *, without: Broadcast | None = None) -> list[Use]:
    """Return what is spent and reserved of some budgets, one broadcast left aside.

    Of a time of a series so is what the series holds for those that follow: this one comes first.
    """
    held = Reservation.objects.filter(
        Q(settled_at__isnull=False) | Q(broadcast__state__in=_HOLDING), budget__in=budgets
    )
    if without is not None:
        held = held.exclude(broadcast__in=[without.pk, without.pattern_id or without.pk])
    spent, reserved = (
        dict(rows.values_list("budget").annotate(Sum("amount")).order_by())
        for rows in (held.filter(settled_at__isnull=False), held.filter(settled_at__isnull=True))
    )
    none = Decimal(0)
    return [Use(one, spent.get(one.pk, none), reserved.get(one.pk, none)) for one in budgets]


def settle_over(*, now: datetime) -> int:
    """Put what it came to in the place of what was expected, where a batch is over; return how many."""
    waiting = Reservation.objects.filter(
        Q(settled_at__isnull=True) | Q(settled_at__gt=now - 2 * _BILLED_AFTER),
        broadcast__state=Broadcast.State.LAUNCHED,
    )
    found = {one.broadcast.reference: one for one in waiting.select_related("broadcast")}
    batches = Batch.objects.filter(reference__in=found, state__in=_OVER, purged_at__isnull=True)
    settled = 0
    for batch in batches.order_by("pk"):
        last = found[batch.reference]
        if batch.finished_at and _is_due(last, batch.finished_at, now=now):
            settled += _settle(last.broadcast, now=now)
    return settled


def _is_due(last: Reservation, finished: datetime, *, now: datetime) -> bool:
    """Say whether to settle now: at its end, and once more when all is billed."""
    if last.settled_at is None:
        return True
    return last.settled_at < finished + _BILLED_AFTER <= now


def _settle(broadcast: Broadcast, *, now: datetime) -> int:
    costs = count_costs(broadcast, today=now.date())
    with transaction.atomic():
        rows = Reservation.objects.select_for_update(of=("self",)).filter(broadcast=broadcast)
        settled = 0
        for row in rows.select_related("budget").order_by("budget"):
            row.amount, row.settled_at = costs.get(row.budget.country, Decimal(0)), now
            row.save(update_fields=["amount", "settled_at"])
            settled += 1
    return settled


def _find_budgets(
    broadcast: Broadcast, estimate: Estimate, *, now: datetime
) -> QuerySet[Budget, Budget]:
    return Budget.objects.filter(
        partner_id=broadcast.partner_id,
        month__in=_count_times(broadcast, now=now),
        country__in={line.country for line in estimate.lines},
    )


def _compute_shares(
    broadcast: Broadcast, estimate: Estimate, budgets: list[Budget], *, now: datetime
) -> list[Share]:
    times = _count_times(broadcast, now=now)
    shares = []
    for use in read_use(budgets, without=broadcast):
        lines = [line for line in estimate.lines if line.country == use.budget.country]
        each = _add_up(lines)
        needed = None if each is None else each * times[use.budget.month]
        shares.append(Share(use.budget, needed, use.left, estimate.currency))
    return sorted(shares, key=lambda share: (share.budget.month, share.budget.country))


def _add_up(lines: Iterable[Line]) -> Decimal | None:
    total = Decimal(0)
    for line in lines:
        if line.cost is None:
            return None
        total += round_cost(line.cost, line.people)
    return total


def _count_times(broadcast: Broadcast, *, now: datetime) -> Counter[date]:
    """Return how often it goes out in each month, by the first of it."""
    if broadcast.schedule:
        moments = broadcast.schedule.rhythm.moments(after=now, most=_MOST_MOMENTS)
        return Counter(_month_of(moment) for moment in moments)
    return Counter([_month_of(find_start(broadcast, now=now))])


def _month_of(moment: datetime) -> date:
    return moment.astimezone(UTC).date().replace(day=1)
