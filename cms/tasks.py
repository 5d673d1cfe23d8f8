"""Tasks: the content's clock. Everything it does can be done by `manage.py sweep_content`."""

from celery import shared_task
from django.core.management import call_command
from django.utils import timezone

from cms.going_live import take_due_live
from cms.sweeping import sweep
from cms.telling import tell_editors


@shared_task(name="cms.sweep")
def sweep_content() -> None:
    """Take live what is due, take down what has outlived its date, and tell its editors."""
    take_due_live(now=timezone.now())
    call_command("publish_scheduled", verbosity=0)
    sweep(today=timezone.localdate())
    tell_editors(now=timezone.now())
