"""`manage.py sweep_content`: what the content's clock does, once, with no broker."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from cms.sweeping import sweep
from cms.telling import tell_editors


class Command(BaseCommand):
    """Sweep once and tell the editors."""

    help = "Mark what has expired, take down what says so, and tell its editors by e-mail."

    def handle(self, *args: Any, **options: Any) -> None:
        swept = sweep(today=timezone.localdate())
        told = tell_editors(now=timezone.now())
        self.stdout.write(
            f"{swept.expired} expired, {swept.taken_down} taken down, {told} told about."
        )
