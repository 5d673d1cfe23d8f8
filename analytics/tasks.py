"""Tasks: a wake-up to count. Lost or doubled, it does no harm."""

from celery import shared_task
from django.utils import timezone

from analytics.counting import recount_changed


@shared_task(name="analytics.recount")
def recount() -> None:
    """Count again what has changed."""
    recount_changed(now=timezone.now())
