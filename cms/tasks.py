"""Tasks: the content's clock. Everything it does can be done by `manage.py sweep_content` and
`manage.py render_site`.
"""

from celery import shared_task
from django.core.management import call_command
from django.utils import timezone

from cms.going_live import take_due_live
from cms.publishing.rendering import render_missing
from cms.sweeping import sweep
from cms.telling import tell_editors

# Some seconds of work: nothing else waits for long.
AT_ONCE, SECONDS = 40, 20.0


@shared_task(name="cms.sweep")
def sweep_content() -> None:
    """Take live what is due, take down what has outlived its date, and tell its editors."""
    take_due_live(now=timezone.now())
    call_command("publish_scheduled", verbosity=0)
    sweep(today=timezone.localdate())
    tell_editors(now=timezone.now())


@shared_task(name="cms.render_pages")
def render_pages() -> None:
    """Make some of what readers would otherwise wait for; the next tick makes more."""
    render_missing(now=timezone.now(), limit=AT_ONCE, seconds=SECONDS)
