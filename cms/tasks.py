"""Tasks: the content's clock. Everything it does can be done by `manage.py sweep_content`."""

from celery import shared_task
from django.utils import timezone

from cms.sweeping import sweep
from cms.telling import tell_editors


@shared_task(name="cms.sweep")
def sweep_content() -> None:
    """Take down what has outlived its date and tell its editors."""
    sweep(today=timezone.localdate())
    tell_editors(now=timezone.now())
