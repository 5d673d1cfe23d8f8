"""`manage.py mirror_opt_outs`: read AWS's own list of those who left, to its end."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from messaging.receiving import mirroring


class Command(BaseCommand):
    help = (
        "Read AWS's list of those who left, a hundred numbers a second, and stop whoever is on it. "
        "Goes on where the last reading stopped, and does nothing where it was read today."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--seconds", type=float, default=3600.0, help="go on for so long at most (an hour)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        told = mirroring.read_list(clock=timezone.now, seconds=options["seconds"])
        if options["verbosity"]:
            self.stdout.write(f"{told} stops that were not known here.")
