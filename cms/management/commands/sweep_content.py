"""`manage.py sweep_content`: what the content's clock does, once, with no broker."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils import timezone

from cms.going_live import take_due_live
from cms.sweeping import sweep
from cms.telling import tell_editors


class Command(BaseCommand):
    """Sweep once and tell the editors."""

    help = (
        "Take live what is due, mark what has expired, take down what says so, and tell its editors"
        " by e-mail."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        take_due_live(now=timezone.now())
        call_command("publish_scheduled", verbosity=0)
        swept = sweep(today=timezone.localdate())
        told = tell_editors(now=timezone.now())
        self.stdout.write(
            f"{swept.expired} expired, {swept.taken_down} taken down, {told} told about."
        )
