"""Tasks: the campaign's clock. Everything it does can be done by hand as well."""

from celery import shared_task
from django.utils import timezone

from campaigns import alarming
from campaigns.approval.approving import void_changed
from campaigns.drafting import unfinished
from campaigns.field import importing
from campaigns.going_out import canaries
from campaigns.going_out.launching import hold_stale
from campaigns.going_out.scheduling import fire_due, launch_waiting
from campaigns.reckoning import budgets, pricing

_SECONDS = 20.0


@shared_task(name="campaigns.tick")
def tick() -> None:
    """Launch what is due, look after the first few, and hold back what is no longer true."""
    now = timezone.now()
    fire_due(now=now)
    launch_waiting(now=now)
    canaries.watch(now=now)
    hold_stale(now=now)
    budgets.settle_over(now=now)


@shared_task(name="campaigns.void")
def void() -> None:
    """Void approvals of messages published anew; keep prices, alarms and forms as they should be."""
    now = timezone.now()
    unfinished.drop_old(now=now)
    pricing.apply_due(today=now.date())
    void_changed(now=now)
    alarming.keep_up(now=now)


@shared_task(name="campaigns.imports")
def take_lists() -> None:
    """Ask the next people of approved lists, and end what nobody decided on."""
    importing.carry_on(clock=timezone.now, seconds=_SECONDS)
    importing.lapse(now=timezone.now())
