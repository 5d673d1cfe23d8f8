"""Tasks: a wake-up to count. Lost or doubled, it does no harm."""

import time
from typing import Any

from celery import shared_task
from django.utils import timezone

from analytics.counting import recount_changed

# Cells of a million deliveries take seconds to count: a process spends a tenth of its time on it.
_REST = 9.0


class Rest:
    """Hold until when this process leaves the counting be."""

    until = float("-inf")


@shared_task(name="analytics.recount", bind=True)
def recount(task: Any) -> None:
    """Count again what has changed; for the clock, where the last count was long enough ago for that."""
    began = time.monotonic()
    if began < Rest.until and not task.request.called_directly:
        return
    # Whoever comes meanwhile, in another thread, finds it begun.
    Rest.until = float("inf")
    took = 0.0
    try:
        recount_changed(now=timezone.now())
        took = time.monotonic() - began
    finally:
        Rest.until = time.monotonic() + _REST * took
