"""Tasks: the campaign's clock. Everything it does can be done by hand as well."""

from celery import shared_task
from django.utils import timezone

from campaigns.launching import hold_stale
from campaigns.scheduling import fire_due, launch_waiting


@shared_task(name="campaigns.tick")
def tick() -> None:
    """Launch what is due and hold back what is no longer true."""
    now = timezone.now()
    fire_due(now=now)
    launch_waiting(now=now)
    hold_stale(now=now)
