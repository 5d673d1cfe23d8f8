"""Tasks: what is kept of sign-ins goes. And whatever tick the worker ends leaves its beat."""

import time
from datetime import timedelta
from typing import Any

from celery import shared_task
from celery.signals import task_postrun, task_prerun
from django.utils import timezone

from config.celery import TICKS
from config.forgetting import forget_sign_ins
from messaging.guarding import heartbeats

_began: dict[str, float] = {}


@shared_task(name="config.forget")
def forget() -> None:
    """Remove sessions that are over, with what was kept of them, and tries of long ago."""
    forget_sign_ins(now=timezone.now())


@task_prerun.connect
def start_watch(task_id: str, **_: Any) -> None:
    """Note when a task began."""
    _began[task_id] = time.monotonic()


@task_postrun.connect
def note_beat(task_id: str, task: Any, state: str, retval: Any, **_: Any) -> None:
    """Write down that a tick ended, and the kind of its error where it failed."""
    took = timedelta(seconds=time.monotonic() - _began.pop(task_id, time.monotonic()))
    if task.name in TICKS:
        error = "" if state == "SUCCESS" else type(retval).__name__
        heartbeats.note(task.name, took=took, now=timezone.now(), error=error)
